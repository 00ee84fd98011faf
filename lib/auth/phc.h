/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phc - the stored form of a password's hash, in the PHC string format:
 *
 *   $argon2id-hmac-sha256$v=19$m=65536,t=3,p=1$SALT$MAC
 *
 * SALT and MAC are base64 without padding.  One value has one spelling.
 */
#pragma once

#include <stdint.h>

#include "auth/auth.h"

#define PHC_SALT_BYTES 16
#define PHC_MAC_BYTES 32

struct phc {
	uint32_t memory_kib;
	uint32_t passes;
	uint32_t lanes;
	uint8_t salt[PHC_SALT_BYTES];
	uint8_t mac[PHC_MAC_BYTES];
};

MUST_CHECK enum err phc_write(const struct phc *phc,
    char ret_text[static AUTH_PASSWORD_HASH_BYTES]);

/* ERR_MALFORMED for another shape, and for parameters that would take this machine down. */
MUST_CHECK enum err phc_parse(struct str text, struct phc *ret_phc);
