/* SPDX-License-Identifier: Apache-2.0 */
/* keep - see keep.h. */
#include "collector/keep.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/exchange.h"
#include "collector/system_message.h"
#include "store/queries.h"

#define ARENA_MAX_BYTES (512u << 20)
#define US_A_DAY (86400ll * 1000000)

/* What one capture becomes, on its way through the steps below. */
struct kept {
	struct arena *a;
	struct capture *c;
	struct exchange x;
	struct str macs[EXCHANGE_MAX_CANDIDATES +
	    2]; /* of the candidates, the tip, the named conversation */
	struct uuid conversation;
	int64_t day; /* since 1970 */
	bool is_new;
	bool is_early;
	bool has_system_message;
	struct uuid system_message;
	int64_t stored_messages;
	size_t n_earlier;              /* messages of the request that are stored already */
	struct wire_message *messages; /* the new ones, redacted */
	size_t n_messages;
	int64_t policy_version; /* under which they were redacted */
};

static struct str
tip_mac(const struct kept *t)
{
	return t->macs[t->x.n_candidates];
}

static struct str
header_mac(const struct kept *t)
{
	return t->macs[t->x.n_candidates + 1];
}

static bool
is_named(const struct kept *t)
{
	return t->c->head.conversation.len > 0;
}

/* ---- digests leave this process as MACs only */

static enum err
make_macs(struct keeper *k, struct kept *t)
{
	size_t n = t->x.n_candidates + (is_named(t) ? 2 : 1);
	uint8_t *macs = arena_alloc_array(t->a, n, KEYD_MAC_BYTES);
	struct str values[EXCHANGE_MAX_CANDIDATES + 2];
	enum err e;

	if (macs == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < t->x.n_candidates; i++)
		values[i] = (struct str){ (const char *)t->x.digests[t->x.candidates[i] - 1],
			DIGEST_BYTES };
	values[t->x.n_candidates] = (struct str){ (const char *)t->x.tip, DIGEST_BYTES };
	values[n - 1] = is_named(t) ? t->c->head.conversation : values[n - 1];
	e = keyd_macs(k->keys, &t->c->head.workspace, KEYD_MAC_CHAIN, values, n, macs);
	for (size_t i = 0; i < n; i++)
		t->macs[i] =
		    (struct str){ (const char *)macs + i * KEYD_MAC_BYTES, KEYD_MAC_BYTES };
	return e;
}

/* ---- which conversation it belongs to */

static void
take_found(struct kept *t, const struct store_rows *rows)
{
	t->conversation = store_uuid(rows, 0, 0);
	t->day = store_int(rows, 0, 1);
	t->stored_messages = store_int(rows, 0, 2);
	t->is_new = false;
}

/* Where the stored conversation ends in the request; 0 when the request does not repeat it. */
static size_t
end_of_stored(const struct kept *t, struct str stored_tip)
{
	for (size_t i = t->x.n_candidates; i > 0; i--)
		if (str_equals(t->macs[i - 1], stored_tip))
			return t->x.candidates[i - 1];
	return 0;
}

static enum err
find_by_name(struct keeper *k, struct kept *t, size_t *ret_first)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct store_param params[] = { P_UUID(&t->c->head.project), P_BYTEA(header_mac(t)) };
	enum err e = store_run(k->store, SQL_FIND_CONVERSATION_BY_HEADER, params, 2, &rows);

	if (e != ERR_OK || store_row_count(rows) == 0)
		return e;
	take_found(t, rows);
	*ret_first = end_of_stored(t, store_text(rows, 0, 5));
	return ERR_OK;
}

static enum err
find_by_chain(struct keeper *k, struct kept *t, size_t *ret_first)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	int64_t positions[EXCHANGE_MAX_CANDIDATES];
	size_t n = t->x.n_candidates;
	const struct store_param params[] = { P_UUID(&t->c->head.project), P_BYTEAS(t->macs, n),
		P_INTS(positions, n) };
	enum err e;

	for (size_t i = 0; i < n; i++)
		positions[i] = (int64_t)t->x.candidates[i];
	e = store_run(k->store, SQL_FIND_CONVERSATION_BY_TIP, params, 3, &rows);
	if (e != ERR_OK || store_row_count(rows) == 0)
		return e;
	take_found(t, rows);
	*ret_first = (size_t)store_int(rows, 0, 5);
	return ERR_OK;
}

/* Two workers of the edge bring their captures on two sockets, so one that repeats an answer may
 * come before the exchange that the answer ended: then an answer stands among the messages that
 * would be new.  It waits for that exchange, by the points that it could go on from. */
static enum err
wait_for_the_earlier(struct kept *t, size_t first)
{
	const struct wire_conversation *said = &t->x.request.conversation;
	struct capture *c = t->c;
	bool is_answer_missing = false;

	for (size_t i = first; i < said->n_messages; i++)
		is_answer_missing |= said->messages[i].role == WIRE_ASSISTANT;
	if (!is_answer_missing || c->has_waited)
		return ERR_OK;
	c->waits_for = arena_alloc_array(c->arena, t->x.n_candidates, sizeof(*c->waits_for));
	if (c->waits_for == NULL)
		return ERR_OK;
	c->n_waits_for = t->x.n_candidates;
	for (size_t i = 0; i < c->n_waits_for; i++)
		c->waits_for[i] = arena_copy(c->arena, t->macs[i]);
	t->is_early = true;
	return ERR_NOT_FOUND;
}

/* Finds the conversation, or begins one; copies the messages that are new. */
static enum err
place(struct keeper *k, struct kept *t)
{
	const struct wire_conversation *said = &t->x.request.conversation;
	size_t first = 0, asked;
	enum err e;

	t->is_new = true;
	t->conversation = uuid_new();
	t->day = t->c->head.started_at_us / US_A_DAY;
	e = is_named(t) ? find_by_name(k, t, &first) : find_by_chain(k, t, &first);
	if (e == ERR_OK)
		e = wait_for_the_earlier(t, first);
	if (e != ERR_OK)
		return e;
	if (first == 0 && !t->is_new)
		first = exchange_first_new(&t->x, (size_t)t->stored_messages);
	asked = said->n_messages - first;
	t->n_earlier = first;
	t->messages = arena_alloc_array(t->a, asked + 1, sizeof(*t->messages));
	if (t->messages == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < asked; i++)
		t->messages[i] = said->messages[first + i];
	t->n_messages = asked;
	if (t->x.has_answer)
		t->messages[t->n_messages++] = t->x.response.answer;
	return ERR_OK;
}

/* ---- writing */

static enum err
calls_json(struct arena *a, const struct wire_message *m, struct str *ret_text)
{
	json_t *calls = json_array();
	CLEANUP_MEM char *text = NULL;

	*ret_text = STR("");
	for (size_t i = 0; i < m->n_calls; i++) {
		const struct wire_tool_call *c = &m->calls[i];

		(void)json_array_append_new(calls,
		    json_pack("{s:o, s:o, s:o}", "id",
			json_stringn(c->id.len == 0 ? "" : c->id.at, c->id.len), "name",
			json_stringn(c->name.len == 0 ? "" : c->name.at, c->name.len), "arguments",
			json_stringn(c->arguments.len == 0 ? "" : c->arguments.at,
			    c->arguments.len)));
	}
	text = m->n_calls == 0 ? NULL : json_dumps(calls, JSON_COMPACT);
	json_decref(calls);
	if (m->n_calls == 0)
		return ERR_OK;
	*ret_text = text == NULL ? (struct str){ NULL, 0 } : arena_copy(a, str_from(text));
	return ret_text->at == NULL ? ERR_NOMEM : ERR_OK;
}

struct message_columns {
	struct str *roles, *contents, *calls, *call_ids, *names;
};

/* An empty text is not an SQL NULL. */
static struct str
never_null(struct str s)
{
	return s.at == NULL ? STR("") : s;
}

static enum err
fill_columns(const struct kept *t, struct message_columns *c)
{
	size_t n = t->n_messages;
	struct str *all = arena_alloc_array(t->a, 5 * n + 1, sizeof(*all));
	enum err e = all == NULL ? ERR_NOMEM : ERR_OK;

	*c = (struct message_columns){ all, all + n, all + 2 * n, all + 3 * n, all + 4 * n };
	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		const struct wire_message *m = &t->messages[i];

		c->roles[i] = str_from(wire_role_name(m->role));
		c->contents[i] = never_null(m->content);
		c->call_ids[i] = never_null(m->tool_call_id);
		c->names[i] = never_null(m->name);
		e = calls_json(t->a, m, &c->calls[i]);
	}
	return e;
}

static struct store_param
count_or_null(int64_t tokens)
{
	return tokens < 0 ? P_NULL : P_INT(tokens);
}

static enum err
write_exchange(struct keeper *k, const struct kept *t)
{
	const struct capture_head *h = &t->c->head;
	const struct capture_tail *e_ = &t->c->tail;
	const struct wire_response *r = &t->x.response;
	struct message_columns m;
	enum err e = fill_columns(t, &m);
	size_t n = t->n_messages;
	const struct store_param params[] = { P_UUID(&t->conversation), P_INT(t->day),
		P_BOOL(t->is_new), P_UUID(&h->project),
		t->has_system_message ? P_UUID(&t->system_message) : P_NULL,
		is_named(t) ? P_BYTEA(header_mac(t)) : P_NULL, P_BYTEA(tip_mac(t)),
		P_TEXT(h->provider), P_TEXT(t->x.request.model), P_INT(h->started_at_us),
		P_UUID(&t->c->id), P_TEXT(r->model), P_INT(e_->status),
		P_BOOL(t->x.request.is_stream), P_TEXT(e_->reason), P_TEXT(r->finish_reason),
		P_TEXT(r->error_type), P_TEXT(r->fingerprint), count_or_null(r->prompt_tokens),
		count_or_null(r->completion_tokens), P_INT(e_->latency_us),
		P_INT(e_->first_byte_us), P_INT(t->stored_messages), P_TEXTS(m.roles, n),
		P_TEXTS(m.contents, n), P_TEXTS(m.calls, n), P_TEXTS(m.call_ids, n),
		P_TEXTS(m.names, n), P_INT(k->conf->judge_settle_ms), P_INT(REDACT_VERSION),
		P_INT(t->policy_version) };

	return e == ERR_OK ? store_run(k->store, SQL_STORE_EXCHANGE, params,
				 sizeof(params) / sizeof(params[0]), NULL)
			   : e;
}

static enum err
is_stored_already(struct keeper *k, const struct capture *c, bool *ret_is_stored)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct store_param params[] = { P_UUID(&c->id),
		P_INT(c->head.started_at_us / US_A_DAY) };
	enum err e = store_run(k->store, SQL_FIND_EXCHANGE, params, 2, &rows);

	if (e == ERR_OK)
		*ret_is_stored = store_row_count(rows) > 0;
	return e;
}

/* The messages before the new ones stand in the request, as they were said. */
static enum err
redact(struct keeper *k, struct kept *t)
{
	const struct uuid *workspace = &t->c->head.workspace;
	struct redaction_work work = { NULL, t->x.request.conversation.messages, t->n_earlier,
		t->messages, t->n_messages };
	struct policy_in_force in_force;
	enum err e = policies_find(k->policies, k->store, workspace, &in_force);

	if (e != ERR_OK)
		return e;
	work.policy = in_force.policy;
	t->policy_version = in_force.version;
	return redact_messages(k->redaction, t->a, workspace, &work);
}

static enum err
store_in_transaction(struct keeper *k, struct kept *t)
{
	const struct str system = t->x.request.conversation.system_message;
	bool is_stored = false;
	enum err e = is_stored_already(k, t->c, &is_stored);

	if (e != ERR_OK || is_stored)
		return e;
	if (system.len > 0) {
		e = system_message_keep(k, t->a, &t->c->head.workspace, &t->c->head.project, system,
		    &t->system_message);
		t->has_system_message = e == ERR_OK;
	}
	if (e == ERR_OK)
		e = place(k, t);
	if (e == ERR_OK)
		e = redact(k, t);
	return e == ERR_OK ? write_exchange(k, t) : e;
}

static enum err
store_exchange(struct keeper *k, struct kept *t)
{
	enum err e = make_macs(k, t);

	if (e == ERR_OK)
		e = store_begin(k->store, &t->c->head.workspace);
	if (e != ERR_OK)
		return e;
	e = store_in_transaction(k, t);
	if (e == ERR_OK)
		return store_commit(k->store);
	store_rollback(k->store);
	return e;
}

/* ---- the fate */

static void
log_refusal(const struct keeper *k, const struct capture *c, enum err e)
{
	char id[UUID_TEXT_BYTES];

	uuid_format(&c->id, id);
	log_warn("capture_refused", LOG_STR("capture", id), LOG_ERR(e),
	    LOG_STR("database", store_is_up(k->store) ? store_last_error(k->store) : "away"));
}

static bool
is_lost_channel(enum err e, const struct keeper *k)
{
	return e == ERR_IO && store_is_up(k->store) && store_last_error(k->store)[0] == '\0';
}

enum err
keep_capture(struct keeper *k, struct capture *c, enum capture_fate *ret_fate,
    uint8_t ret_tip[static KEEP_TIP_BYTES])
{
	CLEANUP(arena) struct arena *a = NULL;
	struct err_detail detail = { "" };
	struct kept t = { .c = c };
	enum err e;

	*ret_fate = FATE_REFUSED;
	if (c->is_too_large || arena_new(ARENA_MAX_BYTES, &a) != ERR_OK)
		return ERR_OK;
	t.a = a;
	e = exchange_read(a, c, &t.x, &detail);
	if (e != ERR_OK) {
		*ret_fate = FATE_UNPARSED;
		return ERR_OK;
	}
	e = store_exchange(k, &t);
	if (e == ERR_OK) {
		*ret_fate = FATE_STORED;
		memcpy(ret_tip, tip_mac(&t).at, KEEP_TIP_BYTES);
	} else if (t.is_early)
		*ret_fate = FATE_EARLY;
	else if (e == ERR_BUSY || is_lost_channel(e, k))
		return e;
	else
		log_refusal(k, c, e);
	return ERR_OK;
}
