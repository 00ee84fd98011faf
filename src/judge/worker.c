/* SPDX-License-Identifier: Apache-2.0 */
/* The judge's loop; see worker.h. */
#include "judge/worker.h"

#include <poll.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "judge/job.h"
#include "judge/model_budget.h"
#include "judge/model_call.h"
#include "judge/model_open.h"
#include "store/queries.h"
#include "trail/trail.h"

#define CLAIM_AT_ONCE JOBS_AT_ONCE
#define IDLE_MS 250
/* Jobs that come one by one are taken a few at a time: claiming and writing cost per time. */
#define GATHER_MS 50
#define MAX_DONE_BYTES (8u << 20) /* of messages, of jobs that wait for being written */
#define DOWN_MS 500
#define LEASE_MARGIN_MS 60000
#define RETRY_FIRST_MS 2000
#define RETRY_MAX_MS 600000
/* A job whose own records are not read is over after so many tries, eight minutes at the least: a
 * budget of keyd's that was spent is full again within one. */
#define UNREAD_MAX_TRIES 8
/* The model's addresses are known from the start only: after this long without any answer the
 * process starts afresh and asks for them again. */
#define UNREACHABLE_MAX_MS 120000

static const char NO_MODEL[] = "no judge model configured";
static const char NO_CONTENT[] = "the agent's messages hold nothing to judge";
static const char TOO_LONG[] = "the conversation is too long for one prompt";
static const char UNREAD[] = "what is stored of the conversation or its rules was changed";
static const char FAR_TOO_LONG[] = "the conversation is too long to be judged";

struct judge_worker {
	const struct conf *conf;
	struct keyd_client *keys;
	struct store *store;
	struct definition_cache *rules;
	struct model_budget *budget;
	struct secret *model_key;
	struct model_client *model;     /* NULL: none configured */
	struct job *waiting;            /* for the model */
	struct job *done[JOBS_AT_ONCE]; /* wait for being written */
	size_t n_done, n_done_bytes;
	int64_t answered_ms; /* when the model was last reached, or the start */
	bool is_unreachable;
};

enum err
judge_worker_new(const struct conf *conf, struct judge_worker **ret_worker,
    struct err_detail *reterr)
{
	CLEANUP(judge_worker) struct judge_worker *w = calloc(1, sizeof(*w));
	enum err e;

	if (w == NULL)
		return ERR_NOMEM;
	w->conf = conf;
	w->answered_ms = clock_monotonic_ms();
	e = keyd_client_new(IPC_FD_KEYD, &w->keys);
	if (e == ERR_OK)
		e = definition_cache_new(&w->rules);
	if (e == ERR_OK)
		e = model_budget_new(conf->judge_budget_per_hour, &w->budget);
	if (e == ERR_OK)
		e = model_open(conf, &w->model_key, &w->model, reterr);
	if (e == ERR_OK)
		e = store_open(conf, "judge", w->keys, &w->store, reterr);
	if (e == ERR_OK)
		*ret_worker = TAKE(w);
	return e;
}

void
judge_worker_free(struct judge_worker *w)
{
	if (w == NULL)
		return;
	model_client_free(w->model);
	while (w->waiting != NULL) {
		struct job *gone = w->waiting;

		w->waiting = gone->next;
		job_free(gone);
	}
	for (size_t i = 0; i < w->n_done; i++)
		job_free(w->done[i]);
	store_free(w->store);
	keyd_client_free(w->keys);
	definition_cache_free(w->rules);
	model_budget_free(w->budget);
	secret_free(w->model_key);
	free(w);
}

bool
judge_worker_has_model(const struct judge_worker *w)
{
	return w->model != NULL;
}

/* ---- one job */

/* Gives the job back for later; when that fails too, its lease runs out by itself. */
static void
give_back(struct judge_worker *w, const struct job_id *id)
{
	int64_t exponent = id->attempts < 9 ? id->attempts : 9;
	int64_t after_ms = (int64_t)RETRY_FIRST_MS << exponent;
	enum err e = store_begin_plain(w->store);

	if (after_ms > RETRY_MAX_MS)
		after_ms = RETRY_MAX_MS;
	if (e == ERR_OK)
		e = store_run(w->store, SQL_RETRY_JOB,
		    (const struct store_param[]){ P_UUID(&id->workspace), P_INT(id->day),
			P_UUID(&id->conversation), P_INT(after_ms) },
		    4, NULL);
	if (e == ERR_OK)
		e = store_commit(w->store);
	if (e != ERR_OK)
		store_rollback(w->store);
}

void
judge_worker_hand_back(struct judge_worker *w)
{
	for (const struct job *job = w->waiting; job != NULL; job = job->next)
		give_back(w, &job->id);
	for (size_t i = 0; i < w->n_done; i++)
		give_back(w, &w->done[i]->id);
}

static void
log_trouble(struct judge_worker *w, const struct job_id *id, const char *doing, enum err e)
{
	char conversation[UUID_TEXT_BYTES];

	uuid_format(&id->conversation, conversation);
	log_warn("job_failed", LOG_STR("doing", doing), LOG_STR("conversation", conversation),
	    LOG_INT("attempt", id->attempts), LOG_ERR(e),
	    LOG_STR("database", store_is_up(w->store) ? store_last_error(w->store) : "down"));
}

/* Writes the verdicts of a workspace's jobs: one that cannot be written keeps no other back. */
static void
write_group(struct judge_worker *w, struct job *const *jobs, size_t n)
{
	enum err e = jobs_write(jobs, n, w->store);

	for (size_t i = 0; i < n && e != ERR_OK; i++) {
		enum err alone = n == 1 ? e : jobs_write(&jobs[i], 1, w->store);

		if (alone == ERR_OK)
			continue;
		log_trouble(w, &jobs[i]->id, "write", alone);
		give_back(w, &jobs[i]->id);
	}
}

/* Takes the done jobs of one workspace out. */
static size_t
take_group(struct judge_worker *w, struct job **group)
{
	struct uuid workspace = w->done[0]->id.workspace;
	size_t n = 0, left = 0;

	for (size_t i = 0; i < w->n_done; i++)
		if (uuid_equals(&w->done[i]->id.workspace, &workspace))
			group[n++] = w->done[i];
		else
			w->done[left++] = w->done[i];
	w->n_done = left;
	return n;
}

static void
write_done(struct judge_worker *w)
{
	while (w->n_done > 0) {
		struct job *group[JOBS_AT_ONCE];
		size_t n = take_group(w, group);

		write_group(w, group, n);
		for (size_t i = 0; i < n; i++)
			job_free(group[i]);
	}
	w->n_done_bytes = 0;
}

/* The job is over when it is written, at the end of this step at the latest, or is given back. */
static void
conclude(struct judge_worker *w, struct job *job)
{
	w->done[w->n_done++] = job;
	w->n_done_bytes += job->n_bytes;
	if (w->n_done == JOBS_AT_ONCE || w->n_done_bytes > MAX_DONE_BYTES)
		write_done(w);
}

static void
stop_waiting(struct judge_worker *w, struct job *job)
{
	struct job **at = &w->waiting;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
}

static bool
may_ask(void *context)
{
	const struct job *job = context;
	struct judge_worker *w = job->owner;

	return model_budget_take(w->budget, &job->id.workspace, clock_monotonic_ms());
}

static void
take_model_answer(void *context, enum model_outcome outcome, struct str answer, int tries)
{
	CLEANUP(job) struct job *job = context;
	struct judge_worker *w = job->owner;
	struct str judge = str_from(w->conf->judge_model);
	enum err e;

	stop_waiting(w, job);
	w->is_unreachable = outcome == MODEL_UNREACHABLE || outcome == MODEL_TIMED_OUT;
	if (!w->is_unreachable)
		w->answered_ms = clock_monotonic_ms();
	if (outcome == MODEL_ANSWERED)
		e = job_take_answer(job, answer, judge);
	else
		e = job_leave_open(job, judge, model_outcome_text(outcome));
	if (outcome != MODEL_ANSWERED)
		log_warn("model_gave_no_answer", LOG_STR("why", model_outcome_text(outcome)),
		    LOG_INT("tries", tries));
	if (e == ERR_OK)
		conclude(w, TAKE(job));
	else
		give_back(w, &job->id);
}

/* A conversation leaves the machine: first the event, then the call. */
static enum err
record_call(struct judge_worker *w, const struct job *job)
{
	const struct trail_act act = { .by = AUDIT_BY_JUDGE,
		.name = AUDIT_SENSITIVE_EXPORT,
		.outcome = AUDIT_SUCCESS,
		.workspace = job->id.workspace,
		.object_kind = "conversation",
		.object = job->id.conversation,
		.detail = "to the judging model" };

	return trail_add_alone(w->store, &act);
}

/* Asks the model; the job then waits.  *job stays the caller's when it need not wait. */
static enum err
ask_model(struct judge_worker *w, struct job **job)
{
	struct job *asked = *job;
	struct str judge = str_from(w->conf->judge_model);
	enum err e;

	if (!judge_has_content(&asked->conversation))
		return job_leave_open(asked, judge, NO_CONTENT);
	e = judge_render(asked->arena, &asked->rules, &asked->conversation, true, &asked->prompt);
	if (e == ERR_TOO_LARGE)
		return job_leave_open(asked, judge, TOO_LONG);
	if (e == ERR_OK)
		e = record_call(w, asked);
	if (e != ERR_OK)
		return e;
	e = model_call_start(w->model, asked->prompt.messages_json, may_ask, take_model_answer,
	    asked);
	if (e != ERR_OK)
		return e;
	asked->owner = w;
	asked->next = w->waiting;
	w->waiting = TAKE(*job);
	return ERR_OK;
}

/* A job that is loaded goes on. */
static enum err
run_job(struct judge_worker *w, struct job **job)
{
	enum err e = (*job)->is_too_long ? job_give_up(*job, STR("none"), FAR_TOO_LONG)
					 : job_check(*job, STR("none"), NO_MODEL);

	if (e == ERR_OK && !(*job)->is_too_long && w->model != NULL &&
	    judge_count_model_rules(&(*job)->rules) > 0)
		e = ask_model(w, job);
	return e;
}

/* What lies in the job's own records does not go away. */
static bool
is_unread_for_good(const struct job *job, enum err e)
{
	return job->id.attempts >= UNREAD_MAX_TRIES &&
	    (e == ERR_DENIED || e == ERR_MALFORMED || e == ERR_TOO_LARGE);
}

/* Somebody changed a record behind our back: first the event, then the end of the job. */
static enum err
leave_unread(struct judge_worker *w, struct job *job, enum err e)
{
	const struct trail_act act = { .by = AUDIT_BY_JUDGE,
		.name = e == ERR_DENIED ? AUDIT_CRYPT_DECRYPT_FAIL : AUDIT_INPUT_VALIDATION_FAIL,
		.outcome = AUDIT_FAILED,
		.workspace = job->id.workspace,
		.object_kind = "conversation",
		.object = job->id.conversation,
		.detail = UNREAD };
	enum err added = trail_add_alone(w->store, &act);

	return added == ERR_OK ? job_give_up(job, STR("none"), UNREAD) : added;
}

static void
finish_step(struct judge_worker *w, struct job *loaded, enum err e)
{
	CLEANUP(job) struct job *job = loaded;

	/* Deleted meanwhile: nothing to judge, and its job goes with the write. */
	if (e == ERR_OK || e == ERR_NOT_FOUND)
		e = run_job(w, &job);
	else if (is_unread_for_good(job, e))
		e = leave_unread(w, job, e);
	if (e == ERR_OK && job != NULL)
		conclude(w, TAKE(job));
	if (e == ERR_OK)
		return;
	/* The workspace's keys were destroyed: there is nothing to judge, now or later. */
	if (e == ERR_GONE && job_drop(&job->id, w->store) == ERR_OK)
		return;
	log_trouble(w, &job->id, "judge", e);
	give_back(w, &job->id);
}

/* Jobs of one workspace; takes them.  One that cannot be loaded keeps no other back, and what was
 * too much for one time is loaded alone. */
static void
start_group(struct judge_worker *w, struct job *const *jobs, size_t n)
{
	enum err outcomes[JOBS_AT_ONCE];
	enum err e = jobs_load(jobs, n, w->store, w->rules, w->keys, outcomes);

	for (size_t i = 0; i < n; i++)
		if (n > 1 && (e != ERR_OK || outcomes[i] == ERR_BUSY))
			start_group(w, &jobs[i], 1);
		else
			finish_step(w, jobs[i], e != ERR_OK ? e : outcomes[i]);
}

static void
start_jobs(struct judge_worker *w, const struct job_id *ids, size_t n)
{
	bool is_started[JOBS_AT_ONCE] = { false };

	for (size_t i = 0; i < n; i++) {
		struct job *group[JOBS_AT_ONCE];
		size_t n_group = 0;

		for (size_t j = i; j < n; j++) {
			if (is_started[j] || !uuid_equals(&ids[j].workspace, &ids[i].workspace))
				continue;
			is_started[j] = true;
			if (job_new(&ids[j], &group[n_group]) == ERR_OK)
				n_group++;
			else
				give_back(w, &ids[j]);
		}
		if (n_group > 0)
			start_group(w, group, n_group);
	}
}

/* ---- the loop */

static size_t
room_for_jobs(const struct judge_worker *w)
{
	size_t free_calls = w->model == NULL
	    ? CLAIM_AT_ONCE
	    : (size_t)w->conf->judge_parallel - model_calls_running(w->model);

	return free_calls < CLAIM_AT_ONCE ? free_calls : CLAIM_AT_ONCE;
}

static enum err
claim(struct judge_worker *w, size_t n, struct job_id *ids, size_t *ret_n)
{
	const struct store_param params[] = { P_INT((int64_t)n),
		P_INT(w->conf->judge_timeout_s * 1000 + LEASE_MARGIN_MS) };
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct store_statement claims = { SQL_CLAIM_JOBS, params, 2, &rows };
	enum err e = store_transact(w->store, NULL, &claims, 1);

	if (e != ERR_OK)
		return e;
	*ret_n = store_row_count(rows);
	for (size_t i = 0; i < *ret_n && i < n; i++)
		ids[i] = (struct job_id){ store_uuid(rows, i, 0), store_int(rows, i, 1),
			store_uuid(rows, i, 2), store_int(rows, i, 3), store_int(rows, i, 4) };
	return ERR_OK;
}

/* Waits a little while the database is away. */
static void
wait_for_database(struct judge_worker *w)
{
	struct err_detail detail = { "" };

	if (store_reconnect(w->store, &detail) == ERR_OK) {
		log_info("database_is_back");
		return;
	}
	log_warn("database_is_away", LOG_STR("detail", detail.text));
	(void)poll(NULL, 0, DOWN_MS);
}

static enum err
move_model_on(struct judge_worker *w, int64_t wait_ms)
{
	if (w->model == NULL) {
		(void)poll(NULL, 0, (int)wait_ms);
		return ERR_OK;
	}
	if (model_client_step(w->model, wait_ms) != ERR_OK)
		return ERR_IO;
	if (!w->is_unreachable || model_calls_running(w->model) > 0 ||
	    clock_monotonic_ms() - w->answered_ms < UNREACHABLE_MAX_MS)
		return ERR_OK;
	log_warn("model_is_away", LOG_STR("doing", "starting afresh to look up its address again"));
	return ERR_BUSY;
}

/* More may be due when all room was used, and soon when some came. */
static int64_t
wait_after(size_t n, size_t room)
{
	if (n == 0)
		return IDLE_MS;
	return n < room ? GATHER_MS : 0;
}

enum err
judge_worker_step(struct judge_worker *w)
{
	struct job_id ids[CLAIM_AT_ONCE];
	size_t room = room_for_jobs(w), n = 0;
	enum err e;

	if (!store_is_up(w->store))
		wait_for_database(w);
	else if (room > 0 && claim(w, room, ids, &n) != ERR_OK && store_is_up(w->store))
		log_warn("cannot_claim", LOG_STR("database", store_last_error(w->store)));
	start_jobs(w, ids, n);
	write_done(w);
	e = move_model_on(w, wait_after(n, room));
	write_done(w);
	return e;
}
