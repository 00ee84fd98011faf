/* SPDX-License-Identifier: Apache-2.0 */
/* A job's conversation and rules, out of the database; see job.h. */
#include "base/strict_json.h"
#include "judge/job.h"
#include "store/queries.h"

#define MAX_DEFINITION_BYTES (64u << 10)
#define MAX_CALLS_BYTES WIRE_MAX_BODY_BYTES

enum err
job_new(const struct job_id *id, struct job **ret_job)
{
	CLEANUP(job) struct job *job = calloc(1, sizeof(*job));
	enum err e;

	if (job == NULL)
		return ERR_NOMEM;
	job->id = *id;
	e = arena_new(JOB_ARENA_BYTES, &job->arena);
	if (e == ERR_OK)
		*ret_job = TAKE(job);
	return e;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	arena_free(job->arena);
	free(job);
}

/* ---- messages */

static bool
read_role(struct str text, enum wire_role *ret_role)
{
	for (int role = WIRE_SYSTEM; role <= WIRE_TOOL; role++)
		if (str_equals(text, str_from(wire_role_name((enum wire_role)role)))) {
			*ret_role = (enum wire_role)role;
			return true;
		}
	return false;
}

static enum err
copy(struct arena *a, struct str from, struct str *ret_to)
{
	*ret_to = arena_copy(a, from);
	return ret_to->at == NULL ? ERR_NOMEM : ERR_OK;
}

static struct str
member(const json_t *object, const char *name)
{
	struct str text = strict_json_text(json_object_get(object, name));

	return text.at == NULL ? STR("") : text;
}

/* The calls as the collector stored them: [{"id","name","arguments"}]. */
static enum err
read_calls(struct arena *a, struct str stored, struct wire_message *m)
{
	CLEANUP_STRICT_JSON json_t *calls = NULL;
	enum err e = ERR_OK;

	if (stored.len == 0)
		return ERR_OK;
	e = strict_json_read(stored, MAX_CALLS_BYTES, &calls, NULL);
	if (e != ERR_OK)
		return e;
	m->n_calls = json_array_size(calls);
	m->calls = arena_alloc_array(a, m->n_calls + 1, sizeof(*m->calls));
	if (m->calls == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n_calls && e == ERR_OK; i++) {
		const json_t *call = json_array_get(calls, i);

		e = copy(a, member(call, "id"), &m->calls[i].id);
		if (e == ERR_OK)
			e = copy(a, member(call, "name"), &m->calls[i].name);
		if (e == ERR_OK)
			e = copy(a, member(call, "arguments"), &m->calls[i].arguments);
	}
	return e;
}

static enum err
read_message(struct job *job, const struct store_rows *rows, size_t row, struct wire_message *m)
{
	struct arena *a = job->arena;
	enum err e;

	job->n_bytes += store_text(rows, row, 1).len + store_text(rows, row, 2).len;
	if (!read_role(store_text(rows, row, 0), &m->role))
		return ERR_MALFORMED;
	e = copy(a, store_text(rows, row, 1), &m->content);
	if (e == ERR_OK)
		e = read_calls(a, store_text(rows, row, 2), m);
	if (e == ERR_OK)
		e = copy(a, store_text(rows, row, 3), &m->tool_call_id);
	return e == ERR_OK ? copy(a, store_text(rows, row, 4), &m->name) : e;
}

static enum err
read_messages(struct job *job, const struct store_rows *rows)
{
	size_t n = store_row_count(rows);
	enum err e = ERR_OK;

	job->conversation.messages =
	    arena_alloc_array(job->arena, n + 1, sizeof(*job->conversation.messages));
	if (job->conversation.messages == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = read_message(job, rows, i, &job->conversation.messages[i]);
	job->conversation.n_messages = n;
	job->conversation.system_message = STR("");
	return e;
}

/* ---- rules */

struct rule_source {
	const struct job *job;
	struct definition_cache *cache;
	struct keyd_client *keys;
};

static enum err
unseal(const struct rule_source *from, const struct uuid *rule, struct str sealed,
    struct rule *ret_rule)
{
	CLEANUP(buf) struct buf *definition = NULL;
	const struct keyd_place place = {
		.table = "rules",
		.column = "sealed",
		.workspace = from->job->id.workspace,
		.row = *rule,
	};
	struct str known;
	enum err e;

	if (definition_cache_get(from->cache, rule, sealed, &known))
		return rule_parse(from->job->arena, known, ret_rule, NULL);
	e = buf_new(MAX_DEFINITION_BYTES, &definition);
	if (e == ERR_OK)
		e = keyd_unseal(from->keys, &place, sealed, "judge a conversation", definition);
	if (e == ERR_OK)
		e = definition_cache_put(from->cache, rule, sealed, buf_str(definition));
	if (e == ERR_OK)
		e = rule_parse(from->job->arena, buf_str(definition), ret_rule, NULL);
	return e;
}

static enum err
read_rules(struct job *job, const struct store_rows *rows, const struct rule_source *from)
{
	size_t n = store_row_count(rows);
	enum err e = ERR_OK;
	struct uuid *ids;

	if (n > RULES_MAX)
		return ERR_TOO_LARGE;
	job->rules.rules = arena_alloc_array(job->arena, n + 1, sizeof(*job->rules.rules));
	ids = arena_alloc_array(job->arena, n + 1, sizeof(*ids));
	if (job->rules.rules == NULL || ids == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		ids[i] = store_uuid(rows, i, 0);
		e = unseal(from, &ids[i], store_text(rows, i, 1), &job->rules.rules[i]);
	}
	job->rules.n_rules = n;
	job->rule_ids = ids;
	return e;
}

struct loaded {
	struct store_rows *conversation, *rules, *messages;
};

static void
loaded_done(struct loaded *l)
{
	store_rows_free(l->conversation);
	store_rows_free(l->rules);
	store_rows_free(l->messages);
}

static enum err
load_all(const struct job *job, struct store *store, struct loaded *l)
{
	const struct store_param which[] = { P_INT(job->id.day), P_UUID(&job->id.conversation) };
	const struct store_statement statements[] = {
		{ SQL_LOAD_CONVERSATION, which, 2, &l->conversation },
		{ SQL_LOAD_RULES, which, 2, &l->rules },
		{ SQL_LOAD_MESSAGES, which, 2, &l->messages },
	};

	return store_transact(store, &job->id.workspace, statements, 3);
}

enum err
job_load(struct job *job, struct store *store, struct definition_cache *cache,
    struct keyd_client *keys)
{
	__attribute__((cleanup(loaded_done))) struct loaded l = { 0 };
	const struct rule_source from = { job, cache, keys };
	enum err e = load_all(job, store, &l);

	if (e != ERR_OK)
		return e;
	if (store_row_count(l.conversation) == 0)
		return ERR_NOT_FOUND;
	job->project = store_uuid(l.conversation, 0, 0);
	job->message_count = store_int(l.conversation, 0, 2);
	/* Without a system message there is no rule to judge by. */
	if (store_is_null(l.conversation, 0, 1))
		return ERR_OK;
	e = read_rules(job, l.rules, &from);
	return e == ERR_OK ? read_messages(job, l.messages) : e;
}
