/* SPDX-License-Identifier: Apache-2.0 */
/* How many model calls a workspace may still make; see budget.h. */
#include "judge/model_budget.h"

#define HOUR_MS 3600000
#define MAX_WORKSPACES 100000

/* One call is HOUR_MS parts, so that each millisecond refills per_hour parts without rounding. */
struct bucket {
	struct uuid workspace;
	int64_t parts;
	int64_t filled_at_ms;
};

struct model_budget {
	int64_t per_hour;
	struct bucket *buckets;
	size_t n;
	size_t room;
};

enum err
model_budget_new(int64_t per_hour, struct model_budget **ret_budget)
{
	struct model_budget *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return ERR_NOMEM;
	b->per_hour = per_hour;
	*ret_budget = b;
	return ERR_OK;
}

void
model_budget_free(struct model_budget *b)
{
	if (b == NULL)
		return;
	free(b->buckets);
	free(b);
}

static struct bucket *
add_bucket(struct model_budget *b, const struct uuid *workspace, int64_t now_ms)
{
	if (b->n == b->room) {
		size_t room = b->room == 0 ? 16 : b->room * 2;
		struct bucket *more =
		    room > MAX_WORKSPACES ? NULL : realloc(b->buckets, room * sizeof(*more));

		if (more == NULL)
			return NULL;
		b->buckets = more;
		b->room = room;
	}
	b->buckets[b->n] = (struct bucket){ *workspace, b->per_hour * HOUR_MS, now_ms };
	return &b->buckets[b->n++];
}

static struct bucket *
find_bucket(struct model_budget *b, const struct uuid *workspace)
{
	for (size_t i = 0; i < b->n; i++)
		if (uuid_equals(&b->buckets[i].workspace, workspace))
			return &b->buckets[i];
	return NULL;
}

static void
refill(const struct model_budget *b, struct bucket *bucket, int64_t now_ms)
{
	int64_t elapsed_ms = now_ms - bucket->filled_at_ms;

	bucket->filled_at_ms = now_ms;
	bucket->parts += (elapsed_ms < HOUR_MS ? elapsed_ms : HOUR_MS) * b->per_hour;
	if (bucket->parts > b->per_hour * HOUR_MS)
		bucket->parts = b->per_hour * HOUR_MS;
}

bool
model_budget_take(struct model_budget *b, const struct uuid *workspace, int64_t now_ms)
{
	struct bucket *bucket = find_bucket(b, workspace);

	if (bucket == NULL)
		bucket = add_bucket(b, workspace, now_ms);
	if (bucket == NULL)
		return false;
	refill(b, bucket, now_ms);
	if (bucket->parts < HOUR_MS)
		return false;
	bucket->parts -= HOUR_MS;
	return true;
}
