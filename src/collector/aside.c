/* SPDX-License-Identifier: Apache-2.0 */
/* aside - see aside.h. */
#include "collector/aside.h"

#include <stdlib.h>

#include "collector/keep.h"

struct place {
	struct uuid workspace;
	struct held held;
	enum aside_why why;
	int64_t tried_ms, due_ms, pause_ms;
	size_t at_once; /* that are tried the next time */
	bool is_tried;  /* what was released is not decided yet */
};

struct aside {
	struct place places[ASIDE_PLACES];
	size_t n;
	int64_t others_ms; /* when one that does not stand aside was last kept */
};

static const size_t max_bytes[] = {
	[ASIDE_FOR_BUDGET] = ASIDE_MAX_BYTES, [ASIDE_FOR_A_MOMENT] = ASIDE_MAX_LOCKED_BYTES
};

#define N_WHYS (sizeof(max_bytes) / sizeof(max_bytes[0]))

enum err
aside_new(struct aside **ret_aside)
{
	struct aside *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return ERR_NOMEM;
	a->others_ms = INT64_MIN;
	*ret_aside = a;
	return ERR_OK;
}

void
aside_free(struct aside *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->n; i++)
		held_free_all(&a->places[i].held);
	free(a);
}

static size_t
index_of(const struct aside *a, const struct uuid *workspace)
{
	size_t i = 0;

	while (i < a->n && !uuid_equals(&a->places[i].workspace, workspace))
		i++;
	return i;
}

static struct place *
find(struct aside *a, const struct uuid *workspace)
{
	size_t i = index_of(a, workspace);

	return i < a->n ? &a->places[i] : NULL;
}

bool
aside_has(const struct aside *a, const struct uuid *workspace)
{
	return index_of(a, workspace) < a->n;
}

static struct place *
take_place(struct aside *a, const struct uuid *workspace)
{
	struct place *p;

	if (a->n == ASIDE_PLACES)
		return NULL;
	p = &a->places[a->n++];
	*p = (struct place){ .workspace = *workspace, .pause_ms = ASIDE_FIRST_MS / 2 };
	return p;
}

bool
aside_put_off(struct aside *a, const struct uuid *workspace, enum aside_why why, int64_t now_ms)
{
	struct place *p = find(a, workspace);

	if (p == NULL)
		p = take_place(a, workspace);
	if (p == NULL)
		return false;
	p->why = why;
	p->pause_ms = p->pause_ms * 2 < ASIDE_MOST_MS ? p->pause_ms * 2 : ASIDE_MOST_MS;
	p->tried_ms = now_ms;
	p->due_ms = now_ms + p->pause_ms;
	p->at_once = 1;
	p->is_tried = false;
	return true;
}

void
aside_went_well(struct aside *a, const struct uuid *workspace, int64_t now_ms)
{
	struct place *p = find(a, workspace);

	if (p == NULL) {
		a->others_ms = now_ms;
		return;
	}
	if (p->held.first == NULL) {
		*p = a->places[--a->n];
		return;
	}
	p->pause_ms = ASIDE_FIRST_MS / 2;
	p->due_ms = now_ms + ASIDE_GOES_WELL_MS;
	p->at_once = p->at_once * 2 < KEEP_AT_ONCE ? p->at_once * 2 : KEEP_AT_ONCE;
	p->is_tried = false;
}

bool
aside_take(struct aside *a, struct capture *c)
{
	struct place *p = find(a, &c->head.workspace);

	if (p == NULL)
		return false;
	held_add(&p->held, c);
	return true;
}

bool
aside_takes_again(struct aside *a, struct capture *c)
{
	struct place *p = find(a, &c->head.workspace);

	return p != NULL && held_takes_again(&p->held, c);
}

void
aside_release(struct aside *a, int64_t now_ms, struct held *ready)
{
	struct capture *captures[KEEP_AT_ONCE];

	for (size_t i = 0; i < a->n; i++) {
		struct place *p = &a->places[i];
		size_t n;

		if (p->is_tried || p->due_ms > now_ms)
			continue;
		n = held_take_some(&p->held, captures, p->at_once);
		for (size_t j = 0; j < n; j++)
			held_add(ready, captures[j]);
		p->is_tried = n > 0;
		if (n == 0)
			a->places[i--] = a->places[--a->n];
	}
}

int64_t
aside_due_ms(const struct aside *a)
{
	int64_t due_ms = INT64_MAX;

	for (size_t i = 0; i < a->n; i++)
		if (!a->places[i].is_tried && a->places[i].due_ms < due_ms)
			due_ms = a->places[i].due_ms;
	return due_ms;
}

/* A lock on everybody's tables is no workspace's own: then nothing is gained by letting go. */
static bool
may_be_refused(const struct aside *a, const struct place *p)
{
	return p->why == ASIDE_FOR_BUDGET || a->others_ms > p->tried_ms;
}

/* How much is too much of what waits for the same, and who has most of it. */
static size_t
excess_bytes(struct aside *a, enum aside_why why, struct place **ret_most)
{
	size_t bytes = 0;

	*ret_most = NULL;
	for (size_t i = 0; i < a->n; i++) {
		struct place *p = &a->places[i];

		if (p->why != why || !may_be_refused(a, p))
			continue;
		bytes += p->held.bytes;
		if (*ret_most == NULL || p->held.bytes > (*ret_most)->held.bytes)
			*ret_most = p;
	}
	return bytes > max_bytes[why] ? bytes - max_bytes[why] : 0;
}

size_t
aside_take_excess(struct aside *a, struct capture **ret_captures, size_t n, enum aside_why *ret_why)
{
	struct place *most = NULL;
	size_t excess = 0, taken = 0;

	for (size_t why = 0; excess == 0 && why < N_WHYS; why++) {
		*ret_why = (enum aside_why)why;
		excess = excess_bytes(a, *ret_why, &most);
	}
	while (excess > 0 && taken < n && most->held.last != NULL) {
		size_t bytes = capture_bytes(most->held.last);

		excess -= bytes < excess ? bytes : excess;
		ret_captures[taken++] = held_take_last(&most->held);
	}
	return taken;
}

size_t
aside_bytes(const struct aside *a)
{
	size_t bytes = 0;

	for (size_t i = 0; i < a->n; i++)
		bytes += a->places[i].held.bytes;
	return bytes;
}

void
aside_forget_peer(struct aside *a, int peer)
{
	for (size_t i = 0; i < a->n; i++)
		held_forget_peer(&a->places[i].held, peer);
}
