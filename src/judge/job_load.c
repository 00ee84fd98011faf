/* SPDX-License-Identifier: Apache-2.0 */
/* A job's conversation and rules, out of the database; see job.h. */
#include "audit/event.h"
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

/* The columns of load_messages behind the conversation's number. */
enum { ROLE = 1, CONTENT, CALLS, CALL_ID, NAME };

static enum err
read_message(struct job *job, const struct store_rows *rows, size_t row, struct wire_message *m)
{
	struct arena *a = job->arena;
	enum err e;

	job->n_bytes += store_text(rows, row, CONTENT).len + store_text(rows, row, CALLS).len;
	if (!read_role(store_text(rows, row, ROLE), &m->role))
		return ERR_MALFORMED;
	e = copy(a, store_text(rows, row, CONTENT), &m->content);
	if (e == ERR_OK)
		e = read_calls(a, store_text(rows, row, CALLS), m);
	if (e == ERR_OK)
		e = copy(a, store_text(rows, row, CALL_ID), &m->tool_call_id);
	return e == ERR_OK ? copy(a, store_text(rows, row, NAME), &m->name) : e;
}

/* The rows of one conversation stand together. */
static enum err
read_messages(struct job *job, const struct store_rows *rows, size_t first, size_t n)
{
	enum err e = ERR_OK;

	job->conversation.messages =
	    arena_alloc_array(job->arena, n + 1, sizeof(*job->conversation.messages));
	if (job->conversation.messages == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = read_message(job, rows, first + i, &job->conversation.messages[i]);
	job->conversation.n_messages = n;
	job->conversation.system_message = STR("");
	return e;
}

/* ---- rules */

/* The rules that are about to be opened, whose events are committed. */
struct recorded {
	size_t n;
	struct uuid rules[RULES_MAX];
};

struct rule_source {
	const struct job *job;
	struct definition_cache *cache;
	struct keyd_client *keys;
	const struct recorded *recorded;
};

static bool
is_recorded(const struct recorded *r, const struct uuid *rule)
{
	for (size_t i = 0; i < r->n; i++)
		if (uuid_equals(&r->rules[i], rule))
			return true;
	return false;
}

/* An event for each rule that is in nobody's memory yet.  Those past the room wait for another
 * round. */
static enum err
record_openings(const struct store_rows *rows, const struct uuid *workspace, struct store *store,
    const struct definition_cache *cache, struct recorded *r)
{
	struct uuid events[RULES_MAX];
	struct str known;

	r->n = 0;
	for (size_t row = 0; row < store_row_count(rows) && r->n < RULES_MAX; row++) {
		struct uuid rule = store_uuid(rows, row, 1);

		if (definition_cache_get(cache, &rule, store_text(rows, row, 2), &known) ||
		    is_recorded(r, &rule))
			continue;
		events[r->n] = uuid_new();
		r->rules[r->n++] = rule;
	}
	if (r->n == 0)
		return ERR_OK;
	return store_transact(store, workspace,
	    &(const struct store_statement){ SQL_RECORD_OPENINGS,
		(struct store_param[]){ P_UUIDS(events, r->n), P_UUIDS(r->rules, r->n),
		    P_TEXT(STR("rule")), P_TEXT(STR("judge")), P_TEXT(STR("judge a conversation")),
		    P_INT(AUDIT_SENSITIVE_READ) },
		6, NULL },
	    1);
}

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
	if (!is_recorded(from->recorded, rule))
		return ERR_BUSY;
	e = buf_new(MAX_DEFINITION_BYTES, &definition);
	if (e == ERR_OK)
		e = keyd_unseal(from->keys, &place, sealed, "judge a conversation", definition);
	if (e == ERR_OK)
		e = definition_cache_put(from->cache, rule, sealed, buf_str(definition));
	if (e == ERR_OK)
		e = rule_parse(from->job->arena, buf_str(definition), ret_rule, NULL);
	return e;
}

/* The rows of one system message stand together. */
static enum err
read_rules(struct job *job, const struct store_rows *rows, struct uuid system_message,
    const struct rule_source *from)
{
	size_t n = 0, first = 0;
	enum err e = ERR_OK;
	struct uuid *ids;

	for (size_t row = 0; row < store_row_count(rows); row++) {
		struct uuid of = store_uuid(rows, row, 0);

		if (uuid_equals(&of, &system_message) && n++ == 0)
			first = row;
	}
	if (n > RULES_MAX)
		return ERR_TOO_LARGE;
	job->rules.rules = arena_alloc_array(job->arena, n + 1, sizeof(*job->rules.rules));
	ids = arena_alloc_array(job->arena, n + 1, sizeof(*ids));
	if (job->rules.rules == NULL || ids == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		ids[i] = store_uuid(rows, first + i, 1);
	job->rules.n_rules = n;
	job->rule_ids = ids;
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = unseal(from, &ids[i], store_text(rows, first + i, 2), &job->rules.rules[i]);
	return e;
}

/* ---- several jobs */

struct loaded {
	struct store_rows *conversations, *rules, *messages;
};

static void
loaded_done(struct loaded *l)
{
	store_rows_free(l->conversations);
	store_rows_free(l->rules);
	store_rows_free(l->messages);
}

static enum err
load_all(struct job *const *jobs, size_t n, struct store *store, struct loaded *l)
{
	int64_t days[JOBS_AT_ONCE];
	struct uuid conversations[JOBS_AT_ONCE];
	const struct store_param which[] = { P_INTS(days, n), P_UUIDS(conversations, n),
		P_INT(JOBS_LOAD_BYTES), P_INT(JOB_MOST_BYTES) };
	const struct store_statement statements[] = {
		{ SQL_LOAD_CONVERSATIONS, which, 2, &l->conversations },
		{ SQL_LOAD_RULES, which, 2, &l->rules },
		{ SQL_LOAD_MESSAGES, which, 4, &l->messages },
	};

	for (size_t i = 0; i < n; i++) {
		days[i] = jobs[i]->id.day;
		conversations[i] = jobs[i]->id.conversation;
	}
	return store_transact(store, &jobs[0]->id.workspace, statements, 3);
}

/* Where the messages of the nth conversation stand, counted from 1. */
static size_t
find_messages(const struct store_rows *rows, size_t number, size_t *ret_first)
{
	size_t n = 0;

	for (size_t row = 0; row < store_row_count(rows); row++)
		if ((size_t)store_int(rows, row, 0) == number && n++ == 0)
			*ret_first = row;
	return n;
}

/* row: of load_conversations. */
static enum err
take_job(struct job *job, const struct loaded *l, size_t row, const struct rule_source *from)
{
	size_t first = 0;
	size_t n = find_messages(l->messages, (size_t)store_int(l->conversations, row, 0), &first);
	enum err e;

	job->project = store_uuid(l->conversations, row, 1);
	job->message_count = store_int(l->conversations, row, 3);
	/* Without a system message there is no rule to judge by. */
	if (store_is_null(l->conversations, row, 2))
		return ERR_OK;
	job->is_too_long = n < (size_t)job->message_count;
	if (job->is_too_long && store_int(l->conversations, row, 0) > 1)
		return ERR_BUSY;
	e = read_rules(job, l->rules, store_uuid(l->conversations, row, 2), from);
	if (e != ERR_OK || job->is_too_long)
		return e;
	return read_messages(job, l->messages, first, n);
}

enum err
jobs_load(struct job *const *jobs, size_t n, struct store *store, struct definition_cache *cache,
    struct keyd_client *keys, enum err *ret_outcomes)
{
	__attribute__((cleanup(loaded_done))) struct loaded l = { 0 };
	struct recorded recorded = { .n = 0 };
	enum err e = n == 0 || n > JOBS_AT_ONCE ? ERR_BUG : load_all(jobs, n, store, &l);

	if (e == ERR_OK)
		e = record_openings(l.rules, &jobs[0]->id.workspace, store, cache, &recorded);
	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < n; i++)
		ret_outcomes[i] = ERR_NOT_FOUND;
	for (size_t row = 0; row < store_row_count(l.conversations); row++) {
		size_t number = (size_t)store_int(l.conversations, row, 0);
		const struct rule_source from = { jobs[number - 1], cache, keys, &recorded };

		ret_outcomes[number - 1] = take_job(jobs[number - 1], &l, row, &from);
	}
	return ERR_OK;
}
