/* SPDX-License-Identifier: Apache-2.0 */
/* place - see place.h. */
#include "collector/place.h"

#include "store/queries.h"

#define US_A_DAY (86400ll * 1000000)

/* The columns of the three queries. */
enum { IS_STORED, CONVERSATION, DAY, MESSAGE_COUNT, EXCHANGE_COUNT, TIP, ASKED, ENDS_CUT };

struct search {
	struct store *store;
	struct capture *c;
	const struct exchange *x;
	const struct place_points *points;
	const struct uuid *system_message; /* or NULL */
};

static int64_t
day_of(const struct capture *c)
{
	return c->head.started_at_us / US_A_DAY;
}

static enum err
ask(const struct search *s, const char *sql, const struct store_param *params, size_t n,
    struct store_rows **ret_rows)
{
	const struct store_statement statement = { sql, params, n, ret_rows };

	return store_transact(s->store, &s->c->head.workspace, &statement, 1);
}

/* digests: the latest point first. */
static enum err
ask_by_tip(const struct search *s, const struct str *digests, size_t n,
    struct store_rows **ret_rows)
{
	const struct capture_head *h = &s->c->head;
	const struct store_param params[] = { P_UUID(&s->c->id), P_INT(day_of(s->c)),
		P_UUID(&h->project), s->system_message != NULL ? P_UUID(s->system_message) : P_NULL,
		P_BYTEAS(digests, n) };

	return ask(s, SQL_FIND_BY_TIP, params, 5, ret_rows);
}

static enum err
ask_by_chain(const struct search *s, struct store_rows **ret_rows)
{
	struct str latest_first[EXCHANGE_MAX_CANDIDATES];
	size_t n = s->x->n_candidates;

	for (size_t i = 0; i < n; i++)
		latest_first[i] = s->points->candidates[n - 1 - i];
	return ask_by_tip(s, latest_first, n, ret_rows);
}

static enum err
ask_by_name(const struct search *s, struct store_rows **ret_rows)
{
	const struct store_param params[] = { P_UUID(&s->c->id), P_INT(day_of(s->c)),
		P_UUID(&s->c->head.project), P_BYTEA(s->points->name) };

	return ask(s, SQL_FIND_BY_NAME, params, 4, ret_rows);
}

static enum err
ask_by_id(const struct search *s, struct store_rows **ret_rows)
{
	const struct store_param params[] = { P_UUID(&s->c->id), P_INT(day_of(s->c)),
		P_UUID(&s->c->repeats), P_INT(s->c->repeats_day) };

	return ask(s, SQL_FIND_BY_ID, params, 4, ret_rows);
}

static bool
is_found(const struct store_rows *rows)
{
	return store_row_count(rows) > 0 && !store_is_null(rows, 0, CONVERSATION);
}

static void
take_found(const struct store_rows *rows, struct place *p)
{
	struct str tip = store_text(rows, 0, TIP);

	p->conversation = store_uuid(rows, 0, CONVERSATION);
	p->day = store_int(rows, 0, DAY);
	p->exchange_count = store_int(rows, 0, EXCHANGE_COUNT);
	p->is_new = false;
	if (tip.len == DIGEST_BYTES)
		memcpy(p->tip, tip.at, DIGEST_BYTES);
}

/* Where the request repeats this point: behind so many of its messages; false when nowhere. */
static bool
find_point(const struct search *s, struct str digest, size_t *ret_end)
{
	for (size_t i = s->x->n_candidates; i > 0; i--) {
		if (!str_equals(s->points->candidates[i - 1], digest))
			continue;
		*ret_end = s->x->candidates[i - 1];
		return true;
	}
	return false;
}

static bool
is_answer_at(const struct exchange *x, size_t i)
{
	return i < x->request.conversation.n_messages &&
	    x->request.conversation.messages[i].role == WIRE_ASSISTANT;
}

/* What is new in the conversation that was found. */
static void
place_in(const struct search *s, const struct store_rows *rows, struct place *p)
{
	struct str tip = store_text(rows, 0, TIP);
	size_t end = 0;

	p->is_answer_new = true;
	if (find_point(s, tip, &end))
		p->first_new = end + (store_int(rows, 0, ENDS_CUT) != 0 && is_answer_at(s->x, end));
	else if (str_equals(tip, s->points->tip)) {
		p->first_new = s->x->request.conversation.n_messages;
		p->is_answer_new = false;
	} else if (find_point(s, store_text(rows, 0, ASKED), &end))
		p->first_new = end;
	else
		p->first_new = exchange_first_new(s->x, (size_t)store_int(rows, 0, MESSAGE_COUNT));
}

static bool
has_answer_from(const struct exchange *x, size_t first)
{
	for (size_t i = first; i < x->request.conversation.n_messages; i++)
		if (is_answer_at(x, i))
			return true;
	return false;
}

/* Two workers of the edge bring their captures on two sockets, so one that repeats an answer may
 * come before the exchange that the answer ended.  It waits for that exchange, by the points that
 * it could go on from; whether it repeats an exchange as a whole is known now, for later. */
static enum err
wait_for_the_earlier(const struct search *s, struct place *p)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct capture *c = s->c;
	size_t n = s->x->n_candidates;
	enum err e = ask_by_tip(s, &s->points->tip, 1, &rows);

	if (e != ERR_OK)
		return e;
	c->is_repetition = s->points->name.at == NULL && is_found(rows);
	if (c->is_repetition) {
		c->repeats = store_uuid(rows, 0, CONVERSATION);
		c->repeats_day = store_int(rows, 0, DAY);
	}
	c->waits_for = arena_alloc_array(c->arena, n, sizeof(*c->waits_for));
	if (c->waits_for == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		c->waits_for[i] = arena_copy(c->arena, s->points->candidates[i]);
		if (c->waits_for[i].at == NULL)
			return ERR_NOMEM;
	}
	c->n_waits_for = n;
	p->is_early = true;
	return ERR_OK;
}

static enum err
place_repetition(const struct search *s, struct place *p)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = ask_by_id(s, &rows);

	if (e != ERR_OK || !is_found(rows))
		return e;
	take_found(rows, p);
	p->first_new = s->x->request.conversation.n_messages;
	p->is_answer_new = false;
	return ERR_OK;
}

enum err
place_find(struct store *store, struct capture *c, const struct exchange *x,
    const struct place_points *points, const struct uuid *system_message, struct place *ret_place)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct search s = { store, c, x, points, system_message };
	struct place p = {
		.conversation = uuid_new(),
		.day = day_of(c),
		.is_new = true,
		.is_answer_new = true,
	};
	enum err e = points->name.at != NULL ? ask_by_name(&s, &rows) : ask_by_chain(&s, &rows);

	if (e != ERR_OK)
		return e;
	p.is_stored_already = store_row_count(rows) > 0 && store_int(rows, 0, IS_STORED) != 0;
	if (!p.is_stored_already && is_found(rows)) {
		take_found(rows, &p);
		place_in(&s, rows, &p);
	}
	if (!p.is_stored_already && has_answer_from(x, p.first_new)) {
		if (!c->has_waited)
			e = wait_for_the_earlier(&s, &p);
		else if (p.is_new && c->is_repetition)
			e = place_repetition(&s, &p);
	}
	if (e == ERR_OK)
		*ret_place = p;
	return e;
}
