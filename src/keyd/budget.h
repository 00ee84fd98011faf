/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget - how much a caller may ask for in a workspace: a token bucket for each caller, workspace
 * and kind of request, so that a process that was taken over can neither have everything decrypted
 * nor try out values in bulk.
 */
#pragma once

#include <stdbool.h>

#include "ipc/ipc.h"

enum budget_kind {
	BUDGET_UNSEAL,    /* plaintext */
	BUDGET_SEAL,      /* records */
	BUDGET_PSEUDONYM, /* values, each an attempt to guess one that was replaced */
	BUDGET_DIGEST,    /* digests of messages, which are not guessed */
	BUDGET_REWRAP,    /* records; no plaintext leaves */
	BUDGET_N_KINDS
};

struct budget;

/* Tokens a minute of each kind; so many may be taken at once, too. */
MUST_CHECK enum err budget_new(const int64_t a_minute[static BUDGET_N_KINDS],
    struct budget **ret_budget);
void budget_free(struct budget *b);
CLEANUP_DEFINE(budget);

struct budget_of {
	enum ipc_role caller;
	enum budget_kind kind;
	struct uuid workspace;
};

/* Takes n; false, and takes none, when there are fewer at now_ms (a monotonic time). */
bool budget_take(struct budget *b, const struct budget_of *of, uint32_t n, int64_t now_ms);
