/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys_operator - what root asks of the running keyd, each recorded in the audit log before it is
 * asked for.  They print what they did.
 */
#pragma once

#include "base/err.h"
#include "base/uuid.h"

/* Refuses an id that no workspace has. */
MUST_CHECK enum err keys_operator_create(const char *dir, const struct uuid *workspace,
    struct err_detail *reterr);
MUST_CHECK enum err keys_operator_rotate(const char *dir, const struct uuid *workspace,
    struct err_detail *reterr);

/* Returns when no record of a workspace that has keys names another than the newest. */
MUST_CHECK enum err keys_operator_rewrap(const char *dir, struct err_detail *reterr);

/* Refuses while a record in the database names the key. */
MUST_CHECK enum err keys_operator_retire(const char *dir, const struct uuid *workspace,
    const struct uuid *key_id, struct err_detail *reterr);
MUST_CHECK enum err keys_operator_destroy(const char *dir, const struct uuid *workspace,
    struct err_detail *reterr);

/* One person's: what was sealed for it in the workspace opens no more, in no event of the audit
 * log either. */
MUST_CHECK enum err keys_operator_erase(const char *dir, const struct uuid *workspace,
    const struct uuid *subject, struct err_detail *reterr);

/* Another key of log-in tokens; keyd makes it, and what the old one signed counts for a token's
 * life more, or no longer at all. */
MUST_CHECK enum err keys_operator_rotate_tokens(const char *dir, bool is_at_once,
    struct err_detail *reterr);

/* Another root key, made by keyd at a start that it is asked for; returns when that is done. */
MUST_CHECK enum err keys_operator_rotate_root(const char *dir, struct err_detail *reterr);
