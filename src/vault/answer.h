/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer - what Vault or OpenBao answers, read into types.  Members that we do not know are theirs
 * to add; what we need must be there, of its type and within its bounds, else ERR_MALFORMED.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define VAULT_ANSWER_MAX_BYTES 65536
#define VAULT_TEXT_MAX_BYTES 4096

struct vault_auth {
	char token[512];
	int64_t lease_s; /* of the token; 0: it never ends */
	bool is_renewable;
};

/* Of auth/approle/login and auth/token/renew-self. */
MUST_CHECK enum err vault_read_auth(struct str json, struct vault_auth *ret_auth);

/* A string of "data": secret_id of a response that was wrapped, plaintext, ciphertext. */
MUST_CHECK enum err vault_read_text(struct str json, const char *name, struct buf *out);

/* What a status means: ERR_DENIED for a token or secret that is not good (any more), ERR_BUSY for
 * what may be better later (sealed, rate limit, standby, write conflict), ERR_MALFORMED for a
 * request that will never be right. */
MUST_CHECK enum err vault_status(long status);
