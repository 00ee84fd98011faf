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

struct columns {
	struct str *verdicts;
	struct str *evidence;
	struct str *whys;
	struct str *judges;
};

static enum err
fill_columns(const struct job *job, struct columns *c)
{
	size_t n = job->rules.n_rules;
	enum err e = ERR_OK;

	c->verdicts = arena_alloc_array(job->arena, n, sizeof(struct str));
	c->evidence = arena_alloc_array(job->arena, n, sizeof(struct str));
	c->whys = arena_alloc_array(job->arena, n, sizeof(struct str));
	c->judges = arena_alloc_array(job->arena, n, sizeof(struct str));
	if (c->verdicts == NULL || c->evidence == NULL || c->whys == NULL || c->judges == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		c->verdicts[i] = str_from(verdict_name(job->verdicts[i].verdict));
		c->whys[i] = job->verdicts[i].why;
		c->judges[i] = job->verdicts[i].judge;
		e = write_evidence(job, &job->verdicts[i], &c->evidence[i]);
	}
	return e;
}

enum err
job_write(const struct job *job, struct store *store)
{
	size_t n = job->rules.n_rules;
	struct columns c = { 0 };
	enum err e = n > 0 ? fill_columns(job, &c) : ERR_OK;
	const struct store_param done[] = { P_UUIDS(&job->id.workspace, 1), P_INTS(&job->id.day, 1),
		P_UUIDS(&job->id.conversation, 1), P_INTS(&job->id.generation, 1) };
	const struct store_param verdicts[] = { P_INT(job->id.day), P_UUID(&job->id.conversation),
		P_UUID(&job->project), P_INT(job->message_count), P_UUIDS(job->rule_ids, n),
		P_TEXTS(c.verdicts, n), P_TEXTS(c.evidence, n), P_TEXTS(c.whys, n),
		P_TEXTS(c.judges, n) };
	const struct store_statement statements[] = { { SQL_FINISH_JOBS, done, 4, NULL },
		{ SQL_UPSERT_VERDICTS, verdicts, 9, NULL } };

	return e == ERR_OK ? store_transact(store, &job->id.workspace, statements, n > 0 ? 2 : 1)
			   : e;
}
