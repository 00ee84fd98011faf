/* SPDX-License-Identifier: Apache-2.0 */
/* keep - see keep.h. */
#include "collector/keep.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/log.h"
#include "collector/place.h"
#include "collector/system_message.h"
#include "store/queries.h"

#define ARENA_MAX_BYTES (512u << 20)

/* What one capture becomes, on its way through the steps below. */
struct kept {
	struct arena *a;
	struct capture *c;
	struct exchange x;
	struct place_points points;
	bool has_system_message;
	struct uuid system_message;
	struct place place;
	struct wire_message *messages; /* the new ones, redacted */
	size_t n_messages;
	int64_t policy_version; /* under which they were redacted */
};

/* ---- digests leave this process as MACs only */

static enum err
make_macs(struct keeper *k, struct kept *t)
{
	const struct str name = t->c->head.conversation;
	size_t n = t->x.n_candidates, n_all = n + 2 + (name.len > 0);
	uint8_t *macs = arena_alloc_array(t->a, n_all, KEYD_MAC_BYTES);
	struct str *views = arena_alloc_array(t->a, n_all, sizeof(*views));
	struct str values[EXCHANGE_MAX_CANDIDATES + 3];
	enum err e;

	if (macs == NULL || views == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		values[i] = (struct str){ (const char *)t->x.digests[t->x.candidates[i] - 1],
			DIGEST_BYTES };
	values[n] = (struct str){ (const char *)t->x.asked, DIGEST_BYTES };
	values[n + 1] = (struct str){ (const char *)t->x.tip, DIGEST_BYTES };
	values[n + 2] = name;
	e = keyd_macs(k->keys, &t->c->head.workspace, KEYD_MAC_CHAIN, values, n_all, macs);
	for (size_t i = 0; i < n_all; i++)
		views[i] = (struct str){ (const char *)macs + i * KEYD_MAC_BYTES, KEYD_MAC_BYTES };
	t->points = (struct place_points){ .candidates = views,
		.asked = views[n],
		.tip = views[n + 1],
		.name = name.len > 0 ? views[n + 2] : (struct str){ NULL, 0 } };
	return e;
}

/* ---- what is new */

static enum err
take_messages(struct kept *t)
{
	const struct wire_conversation *said = &t->x.request.conversation;
	size_t asked = said->n_messages - t->place.first_new;

	t->messages = arena_alloc_array(t->a, asked + 1, sizeof(*t->messages));
	if (t->messages == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < asked; i++)
		t->messages[i] = said->messages[t->place.first_new + i];
	t->n_messages = asked;
	if (t->x.has_answer && t->place.is_answer_new)
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

/* Where the conversation stands after this: where it stood when nothing was added. */
static struct str
tip_after(const struct kept *t)
{
	if (t->place.is_answer_new)
		return t->points.tip;
	return (struct str){ (const char *)t->place.tip, sizeof(t->place.tip) };
}

/* ERR_BUSY: the conversation went on meanwhile; the next try finds it as it is then. */
static enum err
write_exchange(struct keeper *k, const struct kept *t)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct capture_head *h = &t->c->head;
	const struct capture_tail *e_ = &t->c->tail;
	const struct wire_response *r = &t->x.response;
	const struct place *p = &t->place;
	struct message_columns m;
	enum err e = fill_columns(t, &m);
	size_t n = t->n_messages;
	const struct store_param params[] = { P_UUID(&p->conversation), P_INT(p->day),
		P_UUID(&h->project), t->has_system_message ? P_UUID(&t->system_message) : P_NULL,
		t->points.name.at != NULL ? P_BYTEA(t->points.name) : P_NULL, P_BYTEA(tip_after(t)),
		P_BYTEA(t->points.asked),
		P_BOOL(p->is_answer_new && t->x.has_answer && !t->x.is_answer_whole),
		P_TEXT(h->provider), P_TEXT(t->x.request.model), P_INT(h->started_at_us),
		P_UUID(&t->c->id), P_TEXT(r->model), P_INT(e_->status),
		P_BOOL(t->x.request.is_stream), P_TEXT(e_->reason), P_TEXT(r->finish_reason),
		P_TEXT(r->error_type), P_TEXT(r->fingerprint), count_or_null(r->prompt_tokens),
		count_or_null(r->completion_tokens), P_INT(e_->latency_us),
		P_INT(e_->first_byte_us), P_TEXTS(m.roles, n), P_TEXTS(m.contents, n),
		P_TEXTS(m.calls, n), P_TEXTS(m.call_ids, n), P_TEXTS(m.names, n),
		P_INT(k->conf->judge_settle_ms), P_INT(REDACT_VERSION), P_INT(t->policy_version),
		P_BYTEA(((struct str){ (const char *)p->tip, sizeof(p->tip) })),
		P_INT(p->exchange_count) };
	size_t n_params = sizeof(params) / sizeof(params[0]);
	const struct store_statement statement = { p->is_new ? SQL_START_CONVERSATION
							     : SQL_GROW_CONVERSATION,
		params, p->is_new ? n_params - 2 : n_params, &rows };

	if (e == ERR_OK)
		e = store_transact(k->store, &h->workspace, &statement, 1);
	if (e != ERR_OK)
		return e;
	return store_row_count(rows) > 0 && store_int(rows, 0, 0) > 0 ? ERR_OK : ERR_BUSY;
}

/* The messages before the new ones stand in the request, as they were said. */
static enum err
redact(struct keeper *k, struct kept *t)
{
	const struct uuid *workspace = &t->c->head.workspace;
	struct redaction_work work = { NULL, t->x.request.conversation.messages, t->place.first_new,
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
store_exchange(struct keeper *k, struct kept *t)
{
	const struct capture_head *h = &t->c->head;
	const struct str system = t->x.request.conversation.system_message;
	enum err e = make_macs(k, t);

	if (e == ERR_OK && system.len > 0) {
		e = system_message_keep(k, t->a, &h->workspace, &h->project, system,
		    &t->system_message);
		t->has_system_message = e == ERR_OK;
	}
	if (e == ERR_OK)
		e = place_find(k->store, t->c, &t->x, &t->points,
		    t->has_system_message ? &t->system_message : NULL, &t->place);
	if (e != ERR_OK || t->place.is_early || t->place.is_stored_already)
		return e;
	e = take_messages(t);
	if (e == ERR_OK)
		e = redact(k, t);
	return e == ERR_OK ? write_exchange(k, t) : e;
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
	if (e == ERR_OK && t.place.is_early)
		*ret_fate = FATE_EARLY;
	else if (e == ERR_OK) {
		*ret_fate = FATE_STORED;
		memcpy(ret_tip, t.points.tip.at, KEEP_TIP_BYTES);
	} else if (e == ERR_BUSY || is_lost_channel(e, k))
		return e;
	else
		log_refusal(k, c, e);
	return ERR_OK;
}
