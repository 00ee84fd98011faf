/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uuid - version 7 of RFC 9562: 48 bits of Unix milliseconds, then 74 random bits, so that keys
 * made later sort later.  Text is the lower-case form with hyphens.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"

#define UUID_BYTES 16
#define UUID_TEXT_BYTES 37 /* with the NUL */

struct uuid {
	uint8_t bytes[UUID_BYTES];
};

struct uuid uuid_new(void); /* ends the process when the kernel gives no random bytes */
struct uuid uuid_new_at(int64_t unix_ms, const uint8_t random[static 10]);
void uuid_format(const struct uuid *id, char ret_text[static UUID_TEXT_BYTES]);
bool uuid_parse(struct str text, struct uuid *ret_id); /* any version, either case */
bool uuid_equals(const struct uuid *a, const struct uuid *b);
bool uuid_is_zero(const struct uuid *id);
int64_t uuid_unix_ms(const struct uuid *id); /* of a version 7 id */
