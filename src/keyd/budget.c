/* SPDX-License-Identifier: Apache-2.0 */
/* budget - see budget.h. */
#include "keyd/budget.h"

#include <stdlib.h>

/* Pairs share a slot when their hashes meet; then they share a budget, which errs on the safe side.
 */
#define BUDGET_SLOTS 4096
#define MILLI_A_TOKEN 60000

struct slot {
	int64_t milli; /* tokens left, times MILLI_A_TOKEN */
	int64_t at_ms;
	bool is_used;
};

struct budget {
	struct slot slots[BUDGET_SLOTS];
};

enum err
budget_new(struct budget **ret_budget)
{
	*ret_budget = calloc(1, sizeof(**ret_budget));
	return *ret_budget == NULL ? ERR_NOMEM : ERR_OK;
}

void
budget_free(struct budget *b)
{
	free(b);
}

static size_t
slot_of(enum ipc_role caller, const struct uuid *workspace)
{
	size_t hash = (size_t)caller * 31;

	for (size_t i = 8; i < UUID_BYTES; i++)
		hash = hash * 31 + workspace->bytes[i];
	return hash % BUDGET_SLOTS;
}

bool
budget_take(struct budget *b, enum ipc_role caller, const struct uuid *workspace, int64_t now_ms)
{
	const int64_t full = (int64_t)BUDGET_UNSEALS_A_MINUTE * MILLI_A_TOKEN;
	struct slot *slot = &b->slots[slot_of(caller, workspace)];

	if (!slot->is_used)
		*slot = (struct slot){ .milli = full, .at_ms = now_ms, .is_used = true };
	if (now_ms > slot->at_ms) {
		int64_t passed_ms =
		    now_ms - slot->at_ms < MILLI_A_TOKEN ? now_ms - slot->at_ms : MILLI_A_TOKEN;

		slot->milli += passed_ms * BUDGET_UNSEALS_A_MINUTE;
		slot->milli = slot->milli > full ? full : slot->milli;
		slot->at_ms = now_ms;
	}
	if (slot->milli < MILLI_A_TOKEN)
		return false;
	slot->milli -= MILLI_A_TOKEN;
	return true;
}
