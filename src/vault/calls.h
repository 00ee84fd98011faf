/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls - the few calls of Vault's and OpenBao's API that we make: log in by AppRole, unwrap,
 * renew and revoke our token, transit encrypt and decrypt.  TLS 1.3, no proxy, no redirect, answers
 * of a bounded size.
 *
 * What may be better later is tried again with pauses that grow and differ by chance, until the
 * patience given at the start of each call has run out: then ERR_BUSY.
 */
#pragma once

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "vault/answer.h"

struct vault;

/* Reads the role id and the authorities; before the sandbox. */
MUST_CHECK enum err vault_new(const struct conf *conf, struct vault **ret_vault,
    struct err_detail *reterr);
void vault_free(struct vault *v);
CLEANUP_DEFINE(vault);

/* The secret id that a one-time token wraps. */
MUST_CHECK enum err vault_unwrap(struct vault *v, struct str token, int64_t patience_ms,
    struct buf *secret_id);

/* The token that it gives is used by the calls below. */
MUST_CHECK enum err vault_log_in(struct vault *v, struct str secret_id, int64_t patience_ms);
MUST_CHECK enum err vault_renew(struct vault *v, int64_t patience_ms);

/* The token is good for nothing any more, for us too. */
MUST_CHECK enum err vault_revoke(struct vault *v, int64_t patience_ms);

/* When the token ends by the monotonic clock; INT64_MAX: never. */
int64_t vault_lease_end_ms(const struct vault *v);
int64_t vault_renew_at_ms(const struct vault *v);

MUST_CHECK enum err vault_encrypt(struct vault *v, struct str bytes, int64_t patience_ms,
    struct buf *ciphertext);
MUST_CHECK enum err vault_decrypt(struct vault *v, struct str ciphertext, int64_t patience_ms,
    struct buf *bytes);

/* Of the last failure; holds no secret. */
const char *vault_last_error(const struct vault *v);
