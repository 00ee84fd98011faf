/* SPDX-License-Identifier: Apache-2.0 */
/* write - see write.h. */
#include "collector/write.h"

#include <jansson.h>

#include "redact/redact.h"
#include "store/queries.h"

#define N_CONDITIONS 3
#define N_EXCHANGE_COLUMNS 24
#define N_MESSAGE_COLUMNS 7
#define N_PARAMS (N_EXCHANGE_COLUMNS + N_MESSAGE_COLUMNS + N_CONDITIONS)
#define N_PARAMS_GROW (N_PARAMS + 2)

/* One entry an exchange. */
struct exchange_columns {
	size_t n;
	struct uuid *conversations, *projects, *system_messages, *ids;
	int64_t *days, *ends_cut, *started_us, *statuses, *is_stream, *prompt_tokens;
	int64_t *completion_tokens, *latency_us, *first_byte_us, *n_messages, *exchanges_before;
	struct str *headers, *tips, *asked, *tips_before, *providers, *models, *response_models;
	struct str *end_reasons, *finish_reasons, *error_types, *fingerprints;
};

/* One entry a message. */
struct message_columns {
	size_t n;
	int64_t *exchanges, *positions;
	struct str *roles, *contents, *calls, *call_ids, *names;
};

struct columns {
	struct exchange_columns x;
	struct message_columns m;
};

/* One array of n entries a field. */
static enum err
make_columns(struct arena *a, size_t n, size_t n_messages, struct columns *c)
{
	struct exchange_columns *x = &c->x;
	struct message_columns *m = &c->m;
	struct uuid **ids[] = { &x->conversations, &x->projects, &x->system_messages, &x->ids };
	int64_t **numbers[] = { &x->days, &x->ends_cut, &x->started_us, &x->statuses, &x->is_stream,
		&x->prompt_tokens, &x->completion_tokens, &x->latency_us, &x->first_byte_us,
		&x->n_messages, &x->exchanges_before, &m->exchanges, &m->positions };
	struct str **texts[] = { &x->headers, &x->tips, &x->asked, &x->tips_before, &x->providers,
		&x->models, &x->response_models, &x->end_reasons, &x->finish_reasons,
		&x->error_types, &x->fingerprints, &m->roles, &m->contents, &m->calls, &m->call_ids,
		&m->names };
	size_t most = (n > n_messages ? n : n_messages) + 1;
	bool is_complete = true;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		is_complete &= (*ids[i] = arena_alloc_array(a, most, sizeof(**ids[i]))) != NULL;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		is_complete &=
		    (*numbers[i] = arena_alloc_array(a, most, sizeof(**numbers[i]))) != NULL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		is_complete &= (*texts[i] = arena_alloc_array(a, most, sizeof(**texts[i]))) != NULL;
	return is_complete ? ERR_OK : ERR_NOMEM;
}

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

/* An empty text is not an SQL NULL. */
static struct str
never_null(struct str s)
{
	return s.at == NULL ? STR("") : s;
}

static enum err
add_messages(const struct kept *t, size_t exchange, struct message_columns *m)
{
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < t->n_messages; i++, m->n++) {
		const struct wire_message *said = &t->messages[i];

		m->exchanges[m->n] = (int64_t)exchange;
		m->positions[m->n] = (int64_t)i;
		m->roles[m->n] = str_from(wire_role_name(said->role));
		m->contents[m->n] = never_null(said->content);
		m->call_ids[m->n] = never_null(said->tool_call_id);
		m->names[m->n] = never_null(said->name);
		e = calls_json(t->arena, said, &m->calls[m->n]);
	}
	return e;
}

/* Where the conversation stands after this: where it stood when nothing was added. */
static struct str
tip_after(const struct kept *t)
{
	if (t->place.is_answer_new)
		return t->points.tip;
	return (struct str){ (const char *)t->place.tip, sizeof(t->place.tip) };
}

static void
add_place(const struct kept *t, struct exchange_columns *x)
{
	const struct place *p = &t->place;
	size_t i = x->n;

	x->conversations[i] = p->conversation;
	x->days[i] = p->day;
	x->projects[i] = t->capture->head.project;
	x->system_messages[i] = t->has_system_message ? t->system_message : (struct uuid){ { 0 } };
	x->headers[i] = t->points.name;
	x->tips[i] = tip_after(t);
	x->asked[i] = t->points.asked;
	x->ends_cut[i] = p->is_answer_new && t->exchange.has_answer && !t->exchange.is_answer_whole;
	x->n_messages[i] = (int64_t)t->n_messages;
	x->tips_before[i] = (struct str){ (const char *)p->tip, sizeof(p->tip) };
	x->exchanges_before[i] = p->exchange_count;
}

static int64_t
count_or_unknown(int64_t tokens)
{
	return tokens < 0 ? -1 : tokens;
}

static void
add_facts(const struct kept *t, struct exchange_columns *x)
{
	const struct capture_head *head = &t->capture->head;
	const struct capture_tail *tail = &t->capture->tail;
	const struct wire_response *r = &t->exchange.response;
	size_t i = x->n;

	x->ids[i] = t->capture->id;
	x->providers[i] = never_null(head->provider);
	x->models[i] = never_null(t->exchange.request.model);
	x->started_us[i] = head->started_at_us;
	x->response_models[i] = never_null(r->model);
	x->statuses[i] = tail->status;
	x->is_stream[i] = t->exchange.request.is_stream;
	x->end_reasons[i] = never_null(tail->reason);
	x->finish_reasons[i] = never_null(r->finish_reason);
	x->error_types[i] = never_null(r->error_type);
	x->fingerprints[i] = never_null(r->fingerprint);
	x->prompt_tokens[i] = count_or_unknown(r->prompt_tokens);
	x->completion_tokens[i] = count_or_unknown(r->completion_tokens);
	x->latency_us[i] = tail->latency_us;
	x->first_byte_us[i] = tail->first_byte_us;
}

static enum err
fill_columns(struct arena *a, struct kept *const *all, size_t n, struct columns *c)
{
	size_t n_messages = 0;
	enum err e;

	for (size_t i = 0; i < n; i++)
		n_messages += all[i]->n_messages;
	e = make_columns(a, n, n_messages, c);
	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		add_place(all[i], &c->x);
		add_facts(all[i], &c->x);
		c->x.n++;
		e = add_messages(all[i], c->x.n, &c->m);
	}
	return e;
}

/* As the heads of the two statements say. */
static void
make_params(const struct columns *c, const struct write_conditions *conditions,
    struct store_param params[static N_PARAMS_GROW])
{
	const struct exchange_columns *x = &c->x;
	const struct message_columns *m = &c->m;
	const struct store_param all[N_PARAMS_GROW] = { P_UUIDS(x->conversations, x->n),
		P_INTS(x->days, x->n), P_UUIDS(x->projects, x->n),
		P_UUIDS(x->system_messages, x->n), P_BYTEAS(x->headers, x->n),
		P_BYTEAS(x->tips, x->n), P_BYTEAS(x->asked, x->n), P_INTS(x->ends_cut, x->n),
		P_TEXTS(x->providers, x->n), P_TEXTS(x->models, x->n), P_INTS(x->started_us, x->n),
		P_UUIDS(x->ids, x->n), P_TEXTS(x->response_models, x->n), P_INTS(x->statuses, x->n),
		P_INTS(x->is_stream, x->n), P_TEXTS(x->end_reasons, x->n),
		P_TEXTS(x->finish_reasons, x->n), P_TEXTS(x->error_types, x->n),
		P_TEXTS(x->fingerprints, x->n), P_INTS(x->prompt_tokens, x->n),
		P_INTS(x->completion_tokens, x->n), P_INTS(x->latency_us, x->n),
		P_INTS(x->first_byte_us, x->n), P_INTS(x->n_messages, x->n),
		P_INTS(m->exchanges, m->n), P_INTS(m->positions, m->n), P_TEXTS(m->roles, m->n),
		P_TEXTS(m->contents, m->n), P_TEXTS(m->calls, m->n), P_TEXTS(m->call_ids, m->n),
		P_TEXTS(m->names, m->n), P_INT(conditions->settle_ms), P_INT(REDACT_VERSION),
		P_INT(conditions->policy_version), P_BYTEAS(x->tips_before, x->n),
		P_INTS(x->exchanges_before, x->n) };

	memcpy(params, all, sizeof(all));
}

/* Those of all whose conversations are new, or those whose are not. */
static size_t
choose(struct kept *const *all, size_t n, bool is_new, struct kept **chosen)
{
	size_t n_chosen = 0;

	for (size_t i = 0; i < n; i++)
		if (all[i]->place.is_new == is_new)
			chosen[n_chosen++] = all[i];
	return n_chosen;
}

static enum err
write_some(struct store *s, struct kept *const *some, size_t n, const char *sql,
    const struct write_conditions *conditions)
{
	CLEANUP(store_rows) struct store_rows *written = NULL;
	struct columns c = { 0 };
	struct store_param params[N_PARAMS_GROW];
	const struct store_statement statement = { sql, params,
		some[0]->place.is_new ? N_PARAMS : N_PARAMS_GROW, &written };
	enum err e = fill_columns(some[0]->arena, some, n, &c);

	if (e != ERR_OK)
		return e;
	make_params(&c, conditions, params);
	e = store_transact(s, &some[0]->capture->head.workspace, &statement, 1);
	for (size_t i = 0; e == ERR_OK && i < store_row_count(written); i++) {
		size_t number = (size_t)store_int(written, i, 0);

		if (number == 0 || number > n)
			return ERR_BUG;
		some[number - 1]->is_written = true;
	}
	return e;
}

enum err
write_exchanges(struct store *s, struct kept *const *all, size_t n,
    const struct write_conditions *conditions)
{
	static const char *const statements[] = { SQL_GROW_CONVERSATIONS, SQL_START_CONVERSATIONS };
	struct kept **some = arena_alloc_array(all[0]->arena, n, sizeof(struct kept *));
	enum err e = some == NULL ? ERR_NOMEM : ERR_OK;

	for (int is_new = 0; e == ERR_OK && is_new <= 1; is_new++) {
		size_t n_some = choose(all, n, is_new != 0, some);

		if (n_some > 0)
			e = write_some(s, some, n_some, statements[is_new], conditions);
	}
	return e;
}
