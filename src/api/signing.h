/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signing - log-in tokens by the keys that keyd has now.
 *
 * keyd may exchange the key that signs at any time (`rendfly keys rotate-tokens`).  So the public
 * keys are asked for again when they are older than SIGNING_FRESH_MS, when a token names another
 * key, and when keyd signs with another one.  Locks itself.
 */
#pragma once

#include "auth/auth.h"

#define SIGNING_FRESH_MS 5000
#define SIGNING_LEAST_MS 100 /* tokens with keys that nobody has ask keyd no more often */

struct signing;

/* keyd is borrowed, with its lock. */
MUST_CHECK enum err signing_new(struct auth_keyd *keyd, struct signing **ret_signing);
void signing_free(struct signing *s);

/* ret_is_old: it was signed by the key before the newest, so its session wants another token. */
MUST_CHECK enum err signing_verify(struct signing *s, struct str token, int64_t now_ms,
    struct auth_claims *ret_claims, bool *ret_is_old);

MUST_CHECK enum err signing_issue(struct signing *s, const struct auth_claims *claims,
    struct buf *token);
