/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_lines - an export's lines (lib/audit/export.h), from the database to whoever takes them.
 */
#pragma once

#include "audit/export.h"
#include "store/store.h"

struct audit_lines {
	struct store *store;          /* of the operator's role */
	const struct uuid *workspace; /* NULL: the whole log */
	/* line ends in a newline and is gone after the call. */
	enum err (*take)(void *to, struct str line);
	void *to;
};

/* Everything under the last checkpoint.  ERR_NOT_FOUND: none is signed yet. */
MUST_CHECK enum err audit_lines_tell(const struct audit_lines *lines,
    struct merkle_checkpoint *ret_at);
