/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal - authenticated encryption of what is stored, and the few other primitives that we use, all
 * of them OpenSSL's.
 *
 * A sealed record is
 *
 *   version u8 (1) | key id 16 | commitment 32 | nonce 24 | ciphertext | tag 16
 *
 * XAES-256-GCM (C2SP: AES-256-GCM under a key derived per nonce by CMAC-AES-256, so a random nonce
 * never runs out) with a key commitment: HKDF-SHA-256 of the key with the nonce as salt, compared
 * in constant time before anything is decrypted.  The associated data binds the format version,
 * table, column, workspace, row and key id, each behind its length.  Opening fails with ERR_DENIED
 * for every cause alike.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

#define SEAL_KEY_BYTES 32
#define SEAL_NONCE_BYTES 24
#define SEAL_TAG_BYTES 16
#define SEAL_COMMITMENT_BYTES 32
#define SEAL_HEAD_BYTES (1 + UUID_BYTES + SEAL_COMMITMENT_BYTES + SEAL_NONCE_BYTES)
#define SEAL_OVERHEAD_BYTES (SEAL_HEAD_BYTES + SEAL_TAG_BYTES)
#define SEAL_VERSION 1

/* Where a record lives; it opens nowhere else. */
struct seal_place {
	struct str table;
	struct str column;
	struct uuid workspace;
	struct uuid row;
};

/* Appends the record of plaintext to out. */
MUST_CHECK enum err seal_record(const uint8_t key[static SEAL_KEY_BYTES], const struct uuid *key_id,
    const struct seal_place *place, struct str plaintext, struct buf *out);

/* Appends the plaintext to out; ERR_DENIED leaves out as it was. */
MUST_CHECK enum err seal_open(const uint8_t key[static SEAL_KEY_BYTES],
    const struct seal_place *place, struct str record, struct buf *out);

/* The key that a record names; false when it is not of a record's shape. */
bool seal_record_key_id(struct str record, struct uuid *ret_key_id);

/* ---- primitives */

/* XAES-256-GCM: appends ciphertext and tag; for opening, ciphertext ends in the tag. */
MUST_CHECK enum err xaes_seal(const uint8_t key[static SEAL_KEY_BYTES],
    const uint8_t nonce[static SEAL_NONCE_BYTES], struct str aad, struct str plaintext,
    struct buf *out);
MUST_CHECK enum err xaes_open(const uint8_t key[static SEAL_KEY_BYTES],
    const uint8_t nonce[static SEAL_NONCE_BYTES], struct str aad, struct str ciphertext,
    struct buf *out);

/* HKDF-SHA-256 (RFC 5869); ret_key has len bytes, at most 255 * 32. */
MUST_CHECK enum err seal_hkdf(struct str secret, struct str salt, struct str info, uint8_t *ret_key,
    size_t len);

MUST_CHECK enum err seal_hmac_sha256(struct str key, struct str message,
    uint8_t ret_mac[static 32]);
MUST_CHECK enum err seal_sha256(struct str message, uint8_t ret_digest[static 32]);

/* Ed25519 (RFC 8032). */
MUST_CHECK enum err seal_sign(const uint8_t seed[static 32], struct str message,
    uint8_t ret_signature[static 64]);
MUST_CHECK enum err seal_public_key(const uint8_t seed[static 32], uint8_t ret_public[static 32]);
bool seal_verify(const uint8_t public_key[static 32], struct str message,
    const uint8_t signature[static 64]);

MUST_CHECK enum err seal_random(uint8_t *ret_bytes, size_t len);

/* base64url without padding (RFC 4648, section 5); decoding refuses padding, white space and bits
 * left over, so that each value has one spelling. */
MUST_CHECK enum err seal_base64url_encode(struct str bytes, struct buf *out);
MUST_CHECK enum err seal_base64url_decode(struct str text, struct buf *out);

/* Known answers of every primitive above; a process that holds keys calls it before it serves. */
MUST_CHECK enum err seal_self_test(void);
