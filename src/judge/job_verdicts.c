/* SPDX-License-Identifier: Apache-2.0 */
/* A job's verdicts: from the checks, from the model, into the database; see job.h. */
#include "base/strict_json.h"
#include "judge/job.h"
#include "store/queries.h"

#define MAX_EVIDENCE_BYTES (256u << 10)

enum err
job_check(struct job *job, struct str judge, const char *why)
{
	enum err e = judge_all_indeterminate(job->arena, &job->rules, judge, why, &job->verdicts);

	for (size_t i = 0; i < job->rules.n_rules && e == ERR_OK; i++) {
		e = rule_check_run(job->arena, &job->rules.rules[i], &job->conversation,
		    &job->verdicts[i]);
		if (e == ERR_NOT_FOUND)
			e = ERR_OK;
	}
	return e;
}

enum err
job_give_up(struct job *job, struct str judge, const char *why)
{
	return judge_all_indeterminate(job->arena, &job->rules, judge, why, &job->verdicts);
}

/* The model's verdicts for the rules that no check decides. */
static void
take_open(struct job *job, const struct rule_verdict *verdicts)
{
	for (size_t i = 0; i < job->rules.n_rules; i++)
		if (job->rules.rules[i].check == NULL)
			job->verdicts[i] = verdicts[i];
}

enum err
job_leave_open(struct job *job, struct str judge, const char *why)
{
	struct rule_verdict *verdicts;
	enum err e = judge_all_indeterminate(job->arena, &job->rules, judge, why, &verdicts);

	if (e == ERR_OK)
		take_open(job, verdicts);
	return e;
}

enum err
job_take_answer(struct job *job, struct str answer, struct str judge)
{
	struct rule_verdict *verdicts;
	enum err e;

	job->prompt.judge_name = judge;
	e = judge_parse(job->arena, &job->rules, &job->conversation, &job->prompt, answer,
	    &verdicts);

	if (e == ERR_OK)
		take_open(job, verdicts);
	return e;
}

/* ---- writing */

/* Evidence as stored; a message is named by its position. */
static enum err
write_evidence(const struct job *job, const struct rule_verdict *v, struct str *ret_text)
{
	CLEANUP_STRICT_JSON json_t *array = json_array();
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = array == NULL ? ERR_NOMEM : buf_new(MAX_EVIDENCE_BYTES, &text);

	for (size_t i = 0; i < v->n_evidence && e == ERR_OK; i++) {
		json_t *item = json_pack("{s:I,s:o}", "message", (json_int_t)v->evidence[i].message,
		    "quote", strict_json_string(v->evidence[i].quote));

		e = item == NULL || json_array_append_new(array, item) != 0 ? ERR_NOMEM : ERR_OK;
	}
	if (e == ERR_OK)
		e = strict_json_write(array, text);
	if (e != ERR_OK)
		return e;
	*ret_text = arena_copy(job->arena, buf_str(text));
	return ret_text->at == NULL ? ERR_NOMEM : ERR_OK;
}

/* One entry a verdict, of all conversations one after the other. */
struct columns {
	size_t n;
	int64_t *days, *message_counts;
	struct uuid *conversations, *projects, *rules;
	struct str *verdicts, *evidence, *whys, *judges;
};

static enum err
make_columns(struct arena *a, size_t n, struct columns *c)
{
	c->days = arena_alloc_array(a, n, sizeof(*c->days));
	c->message_counts = arena_alloc_array(a, n, sizeof(*c->message_counts));
	c->conversations = arena_alloc_array(a, n, sizeof(*c->conversations));
	c->projects = arena_alloc_array(a, n, sizeof(*c->projects));
	c->rules = arena_alloc_array(a, n, sizeof(*c->rules));
	c->verdicts = arena_alloc_array(a, n, sizeof(*c->verdicts));
	c->evidence = arena_alloc_array(a, n, sizeof(*c->evidence));
	c->whys = arena_alloc_array(a, n, sizeof(*c->whys));
	c->judges = arena_alloc_array(a, n, sizeof(*c->judges));
	if (c->days == NULL || c->message_counts == NULL || c->conversations == NULL ||
	    c->projects == NULL || c->rules == NULL || c->verdicts == NULL || c->evidence == NULL ||
	    c->whys == NULL || c->judges == NULL)
		return ERR_NOMEM;
	return ERR_OK;
}

static enum err
add_verdicts(const struct job *job, struct columns *c)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < job->rules.n_rules && e == ERR_OK; i++, c->n++) {
		c->days[c->n] = job->id.day;
		c->message_counts[c->n] = job->message_count;
		c->conversations[c->n] = job->id.conversation;
		c->projects[c->n] = job->project;
		c->rules[c->n] = job->rule_ids[i];
		c->verdicts[c->n] = str_from(verdict_name(job->verdicts[i].verdict));
		c->whys[c->n] = job->verdicts[i].why;
		c->judges[c->n] = job->verdicts[i].judge;
		e = write_evidence(job, &job->verdicts[i], &c->evidence[c->n]);
	}
	return e;
}

/* The jobs that are over. */
struct over {
	int64_t days[JOBS_AT_ONCE], generations[JOBS_AT_ONCE];
	struct uuid workspaces[JOBS_AT_ONCE], conversations[JOBS_AT_ONCE];
};

static enum err
write_all(struct store *store, const struct over *o, size_t n, const struct columns *c)
{
	const struct store_param over[] = { P_UUIDS(o->workspaces, n), P_INTS(o->days, n),
		P_UUIDS(o->conversations, n), P_INTS(o->generations, n) };
	const struct store_param verdicts[] = { P_INTS(c->days, c->n),
		P_UUIDS(c->conversations, c->n), P_UUIDS(c->projects, c->n),
		P_INTS(c->message_counts, c->n), P_UUIDS(c->rules, c->n),
		P_TEXTS(c->verdicts, c->n), P_TEXTS(c->evidence, c->n), P_TEXTS(c->whys, c->n),
		P_TEXTS(c->judges, c->n) };
	const struct store_statement statements[] = { { SQL_FINISH_JOBS, over, 4, NULL },
		{ SQL_UPSERT_VERDICTS, verdicts, 9, NULL } };

	return store_transact(store, &o->workspaces[0], statements, c->n > 0 ? 2 : 1);
}

enum err
jobs_write(struct job *const *jobs, size_t n, struct store *store)
{
	struct columns c = { .n = 0 };
	struct over over;
	size_t n_verdicts = 0;
	enum err e = n == 0 || n > JOBS_AT_ONCE ? ERR_BUG : ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		if (!uuid_equals(&jobs[i]->id.workspace, &jobs[0]->id.workspace))
			return ERR_BUG;
		n_verdicts += jobs[i]->rules.n_rules;
		over.workspaces[i] = jobs[i]->id.workspace;
		over.days[i] = jobs[i]->id.day;
		over.conversations[i] = jobs[i]->id.conversation;
		over.generations[i] = jobs[i]->id.generation;
	}
	if (e == ERR_OK && n_verdicts > 0)
		e = make_columns(jobs[0]->arena, n_verdicts, &c);
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = add_verdicts(jobs[i], &c);
	return e == ERR_OK ? write_all(store, &over, n, &c) : e;
}

enum err
job_drop(const struct job_id *id, struct store *store)
{
	const struct store_param over[] = { P_UUIDS(&id->workspace, 1), P_INTS(&id->day, 1),
		P_UUIDS(&id->conversation, 1), P_INTS(&id->generation, 1) };
	const struct store_statement statement = { SQL_FINISH_JOBS, over, 4, NULL };

	return store_transact(store, NULL, &statement, 1);
}
