/* SPDX-License-Identifier: Apache-2.0 */
/* refusals - see refusals.h. */
#include "collector/refusals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "trail/trail.h"

#define AGAIN_MS 1000
#define DETAIL_BYTES 256

struct place {
	struct refused counted; /* since the last event */
	int64_t due_ms;         /* the next event, not before */
};

struct refusals {
	struct place places[REFUSALS_WORKSPACES];
	size_t n;
};

enum err
refusals_new(struct refusals **ret_refusals)
{
	struct refusals *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_NOMEM;
	*ret_refusals = r;
	return ERR_OK;
}

void
refusals_free(struct refusals *r)
{
	free(r);
}

static void
describe(const struct refused *refused, char detail[static DETAIL_BYTES])
{
	static const char *const texts[REFUSAL_N] = { [REFUSAL_UNPARSED] = "not parsed",
		[REFUSAL_UNFIT] = "too large or not redacted",
		[REFUSAL_OVER_BUDGET] = "over the workspace's budget",
		[REFUSAL_LOCKED] = "behind a lock in the database",
		[REFUSAL_DESTROYED] = "after the workspace's keys were destroyed" };
	size_t at = 0;

	detail[0] = '\0';
	for (size_t i = 0; i < REFUSAL_N; i++)
		if (refused->counts[i] > 0)
			at += (size_t)snprintf(detail + at, DETAIL_BYTES - at, "%s%" PRIu32 " %s",
			    at == 0 ? "" : ", ", refused->counts[i], texts[i]);
}

/* A destroyed workspace has no context any more: what came for it is the installation's event. */
static enum err
write_event(struct store *store, const struct refused *refused)
{
	char detail[DETAIL_BYTES];
	struct trail_act act = { .by = AUDIT_BY_COLLECTOR,
		.name = AUDIT_CAPTURE_REFUSED,
		.outcome = AUDIT_DENIED,
		.workspace = refused->workspace,
		.object_kind = "capture",
		.object = refused->capture,
		.detail = detail };
	enum err e;

	describe(refused, detail);
	e = trail_add_alone(store, &act);
	if (e != ERR_GONE)
		return e;
	act.workspace = (struct uuid){ { 0 } };
	return trail_add_alone(store, &act);
}

static enum err
record(struct refusals *r, size_t i, struct store *store, int64_t now_ms)
{
	struct place *p = &r->places[i];
	enum err e = write_event(store, &p->counted);

	p->due_ms = now_ms + (e == ERR_OK ? REFUSALS_EVERY_MS : AGAIN_MS);
	if (e == ERR_OK)
		memset(p->counted.counts, 0, sizeof(p->counted.counts));
	else
		log_error("audit_failed", LOG_ERR(e), LOG_STR("database", store_last_error(store)));
	return e;
}

static bool
is_counting(const struct place *p)
{
	for (size_t i = 0; i < REFUSAL_N; i++)
		if (p->counted.counts[i] > 0)
			return true;
	return false;
}

static void
drop(struct refusals *r, size_t i)
{
	r->places[i] = r->places[--r->n];
}

/* Of the first that is due, which is recorded before another takes its place. */
static enum err
make_room(struct refusals *r, struct store *store, int64_t now_ms)
{
	size_t first = 0;
	enum err e = ERR_OK;

	if (r->n < REFUSALS_WORKSPACES)
		return ERR_OK;
	for (size_t i = 1; i < r->n; i++)
		if (r->places[i].due_ms < r->places[first].due_ms)
			first = i;
	if (is_counting(&r->places[first]))
		e = record(r, first, store, now_ms);
	if (e == ERR_OK)
		drop(r, first);
	return e;
}

enum err
refusals_add(struct refusals *r, struct store *store, const struct refused *refused, int64_t now_ms)
{
	size_t i = 0;
	enum err e;

	while (i < r->n && !uuid_equals(&r->places[i].counted.workspace, &refused->workspace))
		i++;
	/* Nothing came for a minute: it begins anew, with an event. */
	if (i < r->n && r->places[i].due_ms <= now_ms && !is_counting(&r->places[i])) {
		drop(r, i);
		i = r->n;
	}
	if (i < r->n) {
		r->places[i].counted.capture = refused->capture;
		for (size_t k = 0; k < REFUSAL_N; k++)
			r->places[i].counted.counts[k] += refused->counts[k];
		return ERR_OK;
	}
	e = make_room(r, store, now_ms);
	if (e != ERR_OK)
		return e;
	r->places[r->n++] = (struct place){ .counted = *refused };
	e = record(r, r->n - 1, store, now_ms);
	if (e != ERR_OK)
		r->n--;
	return e;
}

void
refusals_record_due(struct refusals *r, struct store *store, int64_t now_ms)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->places[i].due_ms <= now_ms && is_counting(&r->places[i]) &&
		    record(r, i, store, now_ms) != ERR_OK)
			return;
}

int64_t
refusals_due_ms(const struct refusals *r)
{
	int64_t due_ms = INT64_MAX;

	for (size_t i = 0; i < r->n; i++)
		if (is_counting(&r->places[i]) && r->places[i].due_ms < due_ms)
			due_ms = r->places[i].due_ms;
	return due_ms;
}
