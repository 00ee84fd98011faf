/* SPDX-License-Identifier: Apache-2.0 */
/* budget - see budget.h. */
#include "keyd/budget.h"

#include <stdlib.h>
#include <string.h>

/* What meets in a slot shares a budget, which errs on the safe side. */
#define BUDGET_SLOTS 16384
#define MINUTE_MS 60000

struct slot {
	int64_t milli; /* tokens left, times MINUTE_MS */
	int64_t at_ms;
	bool is_used;
};

struct budget {
	int64_t a_minute[BUDGET_N_KINDS];
	struct slot slots[BUDGET_N_KINDS][BUDGET_SLOTS];
};

enum err
budget_new(const int64_t a_minute[static BUDGET_N_KINDS], struct budget **ret_budget)
{
	struct budget *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return ERR_NOMEM;
	memcpy(b->a_minute, a_minute, sizeof(b->a_minute));
	*ret_budget = b;
	return ERR_OK;
}

void
budget_free(struct budget *b)
{
	free(b);
}

static size_t
slot_of(const struct budget_of *of)
{
	size_t hash = (size_t)of->caller * 31;

	for (size_t i = 8; i < UUID_BYTES; i++)
		hash = hash * 31 + of->workspace.bytes[i];
	return hash % BUDGET_SLOTS;
}

bool
budget_take(struct budget *b, const struct budget_of *of, uint32_t n, int64_t now_ms)
{
	const int64_t a_minute = b->a_minute[of->kind], full = a_minute * MINUTE_MS;
	struct slot *slot = &b->slots[of->kind][slot_of(of)];

	if (!slot->is_used)
		*slot = (struct slot){ .milli = full, .at_ms = now_ms, .is_used = true };
	if (now_ms > slot->at_ms) {
		int64_t passed_ms =
		    now_ms - slot->at_ms < MINUTE_MS ? now_ms - slot->at_ms : MINUTE_MS;

		slot->milli += passed_ms * a_minute;
		slot->milli = slot->milli > full ? full : slot->milli;
		slot->at_ms = now_ms;
	}
	if (slot->milli < (int64_t)n * MINUTE_MS)
		return false;
	slot->milli -= (int64_t)n * MINUTE_MS;
	return true;
}
