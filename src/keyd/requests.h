/* SPDX-License-Identifier: Apache-2.0 */
/* requests - what keyd does for whom: a table of handlers over the keys. */
#pragma once

#include "ipc/ipc.h"
#include "keyd/audit_sign.h"
#include "keyd/budget.h"
#include "keyd/globals.h"
#include "keyd/keyring.h"
#include "keyd/token_keys.h"

/* How many unseals a caller was refused, and when the log last said so. */
struct refusals {
	int64_t count;
	int64_t logged_ms;
};

struct keyd {
	struct keyring *keyring;
	struct secret *globals; /* by enum global_key */
	struct budget *budget;
	struct audit_signer *audit;
	struct token_keys *tokens;
	struct refusals refusals[IPC_N_ROLES];
	bool is_ending; /* an operator asked for another start */
};

/* With the globals, before the sandbox. */
MUST_CHECK enum err keyd_open_audit(struct keyd *k, const char *dir, struct err_detail *reterr);
MUST_CHECK enum err keyd_open_tokens(struct keyd *k, const char *dir, const struct secret *root,
    struct err_detail *reterr);

/* Answers one request; the answer's body goes to reply.  ERR_MALFORMED means that the peer must be
 * ended; every other error is the answer. */
MUST_CHECK enum err keyd_handle(struct keyd *k, enum ipc_role from, enum ipc_type type,
    struct str body, struct buf *reply);
