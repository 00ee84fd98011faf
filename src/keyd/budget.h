/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget - how many unseals a caller may ask for in a workspace: a token bucket for each pair, so
 * that a process that was taken over cannot have everything decrypted.
 */
#pragma once

#include <stdbool.h>

#include "ipc/ipc.h"

#define BUDGET_UNSEALS_A_MINUTE 1000

struct budget;

MUST_CHECK enum err budget_new(struct budget **ret_budget);
void budget_free(struct budget *b);
CLEANUP_DEFINE(budget);

/* Takes one; false when the pair has none left at now_ms (a monotonic time). */
bool budget_take(struct budget *b, enum ipc_role caller, const struct uuid *workspace,
    int64_t now_ms);
