/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token_keys - the key that signs log-in tokens, and the public one of the key before it.
 *
 * They stand in dir/keys/tokens, which has two slots, each
 *
 *   "RT" | version u8 (1) | 0 u8 | generation u64 | created Unix ms u64 | sealed record | SHA-256
 * of it all
 *
 * under the root key and bound to its head.  The record holds
 *
 *   seed 32 | public key before it 32 | Unix ms until that one verifies u64, 0: it does not
 *
 * The first generation's seed is derived from the first root key (globals.h), later ones are
 * random. A new key signs at once and its predecessor's seed is overwritten; what that one signed
 * verifies for TOKEN_KEY_OVERLAP_MS more, which is as long as a token lives.  A crash at any point
 * leaves the keys from before the change or after it.  The file is opened at the start: the sandbox
 * opens none.
 */
#pragma once

#include "ipc/keyd_client.h"
#include "keyd/root.h"

#define TOKEN_KEY_FILE "tokens"
#define TOKEN_KEY_OVERLAP_MS (900LL * 1000)

struct token_keys;

/* root is borrowed; first is the seed of a folder that has none yet. */
MUST_CHECK enum err token_keys_open(const char *dir, const struct secret *root,
    const uint8_t first[static 32], struct token_keys **ret_keys, struct err_detail *reterr);
void token_keys_free(struct token_keys *t);
CLEANUP_DEFINE(token_keys);

/* A copy under the root key that is the next, into dir/keys/next; nothing when there is no file. */
MUST_CHECK enum err token_keys_write_next(const char *dir, const struct secret *root,
    const struct secret *next_root, struct err_detail *reterr);

MUST_CHECK enum err token_keys_sign(const struct token_keys *t, struct str input,
    uint8_t ret_signature[static 64]);

/* Those that verify.  The one before is forgotten when its time has come, and when the clock was
 * set back; it does not come again. */
MUST_CHECK enum err token_keys_public(struct token_keys *t, int64_t now_ms,
    struct keyd_token_keys *ret_keys);

/* Another key signs from now on.  ERR_BUSY while the one before still verifies.  is_at_once:
 * nothing that was signed until now verifies any more, and nothing is too soon. */
MUST_CHECK enum err token_keys_rotate(struct token_keys *t, bool is_at_once, int64_t now_ms);

/* When the key that signs was made; needs no key to read.  ERR_NOT_FOUND: keyd never started. */
MUST_CHECK enum err token_keys_created(const char *dir, int64_t *ret_created_ms);
