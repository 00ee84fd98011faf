/* SPDX-License-Identifier: Apache-2.0 */
/* hex - lower-case hexadecimal, both ways. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Writes 2 * len digits and a NUL. */
void hex_encode(const uint8_t *bytes, size_t len, char *ret_text);

/* Exactly 2 * len digits, either case; anything else is false and ret_bytes is undefined. */
bool hex_decode(struct str text, uint8_t *ret_bytes, size_t len);
