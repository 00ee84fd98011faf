/* SPDX-License-Identifier: Apache-2.0 */
/* place - see place.h. */
#include "collector/place.h"

#include "store/queries.h"

#define US_A_DAY (86400ll * 1000000)

/* The columns of the three queries. */
enum { IS_STORED, CONVERSATION, DAY, MESSAGE_COUNT, EXCHANGE_COUNT, TIP, ASKED, ENDS_CUT };

/* One row of an answer. */
struct answer {
	const struct store_rows *rows;
	size_t row;
};

static int64_t
day_of(const struct capture *c)
{
	return c->head.started_at_us / US_A_DAY;
}

static enum err
ask(struct store *s, const struct place_search *of, const char *sql,
    const struct store_param *params, size_t n, struct store_rows **ret_rows)
{
	const struct store_statement statement = { sql, params, n, ret_rows };

	return store_transact(s, &of->capture->head.workspace, &statement, 1);
}

static bool
is_named(const struct place_search *of)
{
	return of->points->name.at != NULL;
}

/* One entry a search, and one a point of those that have no name. */
struct columns {
	size_t n, n_points;
	struct uuid *ids, *projects, *system_messages;
	int64_t *days, *owners;
	struct str *names, *points;
};

static enum err
make_columns(struct arena *a, size_t n, struct columns *c)
{
	size_t n_points = n * EXCHANGE_MAX_CANDIDATES;

	*c = (struct columns){ 0, 0, arena_alloc_array(a, n, sizeof(*c->ids)),
		arena_alloc_array(a, n, sizeof(*c->projects)),
		arena_alloc_array(a, n, sizeof(*c->system_messages)),
		arena_alloc_array(a, n, sizeof(*c->days)),
		arena_alloc_array(a, n_points, sizeof(*c->owners)),
		arena_alloc_array(a, n, sizeof(*c->names)),
		arena_alloc_array(a, n_points, sizeof(*c->points)) };
	if (c->ids == NULL || c->projects == NULL || c->system_messages == NULL ||
	    c->days == NULL || c->owners == NULL || c->names == NULL || c->points == NULL)
		return ERR_NOMEM;
	return ERR_OK;
}

static void
add_point(struct columns *c, struct str digest)
{
	c->owners[c->n_points] = (int64_t)c->n;
	c->points[c->n_points++] = digest;
}

static void
add_search(struct columns *c, const struct place_search *of)
{
	c->ids[c->n] = of->capture->id;
	c->days[c->n] = day_of(of->capture);
	c->projects[c->n] = of->capture->head.project;
	c->system_messages[c->n] =
	    of->system_message != NULL ? *of->system_message : (struct uuid){ { 0 } };
	c->names[c->n++] = of->points->name;
}

static enum err
ask_by_tips(struct store *s, const struct place_search *first, const struct columns *c,
    struct store_rows **ret_rows)
{
	const struct store_param params[] = { P_UUIDS(c->ids, c->n), P_INTS(c->days, c->n),
		P_UUIDS(c->projects, c->n), P_UUIDS(c->system_messages, c->n),
		P_INTS(c->owners, c->n_points), P_BYTEAS(c->points, c->n_points) };

	return ask(s, first, SQL_FIND_BY_TIPS, params, 6, ret_rows);
}

/* Those of all that have no name, in their order. */
static enum err
ask_by_chains(struct store *s, struct arena *a, const struct place_search *all, size_t n,
    struct store_rows **ret_rows)
{
	struct columns c;
	enum err e = make_columns(a, n, &c);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		if (is_named(&all[i]))
			continue;
		add_search(&c, &all[i]);
		/* The latest first. */
		for (size_t left = all[i].exchange->n_candidates; left > 0; left--)
			add_point(&c, all[i].points->candidates[left - 1]);
	}
	return c.n == 0 ? ERR_OK : ask_by_tips(s, all, &c, ret_rows);
}

/* Those of all that have a name, in their order. */
static enum err
ask_by_names(struct store *s, struct arena *a, const struct place_search *all, size_t n,
    struct store_rows **ret_rows)
{
	struct columns c;
	enum err e = make_columns(a, n, &c);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < n; i++)
		if (is_named(&all[i]))
			add_search(&c, &all[i]);
	if (c.n == 0)
		return ERR_OK;

	const struct store_param params[] = { P_UUIDS(c.ids, c.n), P_INTS(c.days, c.n),
		P_UUIDS(c.projects, c.n), P_BYTEAS(c.names, c.n) };

	return ask(s, all, SQL_FIND_BY_NAMES, params, 4, ret_rows);
}

/* The conversation that stands where this exchange ends. */
static enum err
ask_by_own_tip(struct store *s, const struct place_search *of, struct store_rows **ret_rows)
{
	struct columns c;
	enum err e = make_columns(of->capture->arena, 1, &c);

	if (e != ERR_OK)
		return e;
	add_search(&c, of);
	add_point(&c, of->points->tip);
	return ask_by_tips(s, of, &c, ret_rows);
}

static enum err
ask_by_id(struct store *s, const struct place_search *of, struct store_rows **ret_rows)
{
	const struct capture *c = of->capture;
	const struct store_param params[] = { P_UUID(&c->id), P_INT(day_of(c)), P_UUID(&c->repeats),
		P_INT(c->repeats_day) };

	return ask(s, of, SQL_FIND_BY_ID, params, 4, ret_rows);
}

static bool
is_found(struct answer r)
{
	return !store_is_null(r.rows, r.row, CONVERSATION);
}

static void
take_found(struct answer r, struct place *p)
{
	struct str tip = store_text(r.rows, r.row, TIP);

	p->conversation = store_uuid(r.rows, r.row, CONVERSATION);
	p->day = store_int(r.rows, r.row, DAY);
	p->exchange_count = store_int(r.rows, r.row, EXCHANGE_COUNT);
	p->is_new = false;
	if (tip.len == DIGEST_BYTES)
		memcpy(p->tip, tip.at, DIGEST_BYTES);
}

/* Where the request repeats this point: behind so many of its messages; false when nowhere. */
static bool
find_point(const struct place_search *of, struct str digest, size_t *ret_end)
{
	for (size_t i = of->exchange->n_candidates; i > 0; i--) {
		if (!str_equals(of->points->candidates[i - 1], digest))
			continue;
		*ret_end = of->exchange->candidates[i - 1];
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
place_in(const struct place_search *of, struct answer r, struct place *p)
{
	struct str tip = store_text(r.rows, r.row, TIP);
	size_t end = 0;

	p->is_answer_new = true;
	if (find_point(of, tip, &end))
		p->first_new = end +
		    (store_int(r.rows, r.row, ENDS_CUT) != 0 && is_answer_at(of->exchange, end));
	else if (str_equals(tip, of->points->tip)) {
		p->first_new = of->exchange->request.conversation.n_messages;
		p->is_answer_new = false;
	} else if (find_point(of, store_text(r.rows, r.row, ASKED), &end))
		p->first_new = end;
	else
		p->first_new = exchange_first_new(of->exchange,
		    (size_t)store_int(r.rows, r.row, MESSAGE_COUNT));
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
wait_for_the_earlier(struct store *s, const struct place_search *of, struct place *p)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct capture *c = of->capture;
	size_t n = of->exchange->n_candidates;
	enum err e = ask_by_own_tip(s, of, &rows);

	if (e != ERR_OK)
		return e;
	c->is_repetition = !is_named(of) && is_found((struct answer){ rows, 0 });
	if (c->is_repetition) {
		c->repeats = store_uuid(rows, 0, CONVERSATION);
		c->repeats_day = store_int(rows, 0, DAY);
	}
	c->waits_for = arena_alloc_array(c->arena, n, sizeof(*c->waits_for));
	if (c->waits_for == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		c->waits_for[i] = arena_copy(c->arena, of->points->candidates[i]);
		if (c->waits_for[i].at == NULL)
			return ERR_NOMEM;
	}
	c->n_waits_for = n;
	p->is_early = true;
	return ERR_OK;
}

static enum err
place_repetition(struct store *s, const struct place_search *of, struct place *p)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = ask_by_id(s, of, &rows);

	if (e != ERR_OK || !is_found((struct answer){ rows, 0 }))
		return e;
	take_found((struct answer){ rows, 0 }, p);
	p->first_new = of->exchange->request.conversation.n_messages;
	p->is_answer_new = false;
	return ERR_OK;
}

static enum err
decide(struct store *s, const struct place_search *of, struct answer found, struct place *ret_place)
{
	struct place p = {
		.conversation = uuid_new(),
		.day = day_of(of->capture),
		.is_new = true,
		.is_answer_new = true,
	};
	enum err e = ERR_OK;

	p.is_stored_already = store_int(found.rows, found.row, IS_STORED) != 0;
	if (!p.is_stored_already && is_found(found)) {
		take_found(found, &p);
		place_in(of, found, &p);
	}
	if (!p.is_stored_already && has_answer_from(of->exchange, p.first_new)) {
		if (!of->capture->has_waited)
			e = wait_for_the_earlier(s, of, &p);
		else if (p.is_new && of->capture->is_repetition)
			e = place_repetition(s, of, &p);
	}
	if (e == ERR_OK)
		*ret_place = p;
	return e;
}

enum err
places_find(struct store *s, struct arena *a, const struct place_search *all, size_t n,
    struct place *ret_places)
{
	CLEANUP(store_rows) struct store_rows *by_chain = NULL;
	CLEANUP(store_rows) struct store_rows *by_name = NULL;
	struct answer named = { NULL, 0 }, unnamed = { NULL, 0 };
	enum err e = ask_by_chains(s, a, all, n, &by_chain);

	if (e == ERR_OK)
		e = ask_by_names(s, a, all, n, &by_name);
	named.rows = by_name;
	unnamed.rows = by_chain;
	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		struct answer *found = is_named(&all[i]) ? &named : &unnamed;

		if (found->row >= store_row_count(found->rows))
			return ERR_BUG;
		e = decide(s, &all[i], *found, &ret_places[i]);
		found->row++;
	}
	return e;
}
