/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job - one conversation on its way to its verdicts.
 *
 *   claimed -> loaded (one transaction for those of a workspace) -> checked
 *           -> asked (only when rules need a model)
 *           -> written, together with the end of the job and with those of the same workspace that
 *              were done at about the same time (one transaction)
 *
 * Everything a job holds lives in its arena and is wiped with it.
 */
#pragma once

#include "base/arena.h"
#include "ipc/keyd_client.h"
#include "judge/definition_cache.h"
#include "judge/judge.h"
#include "store/store.h"

#define JOB_ARENA_BYTES (256u << 20)
#define JOBS_AT_ONCE 32

struct job_id {
	struct uuid workspace;
	int64_t day; /* since 1970-01-01 */
	struct uuid conversation;
	int64_t generation;
	int64_t attempts;
};

struct job {
	struct job *next; /* for the list of those that wait for a model */
	void *owner;      /* the process that runs it */
	struct job_id id;
	struct arena *arena;
	struct uuid project;
	int64_t message_count;
	bool is_too_long;                      /* for being judged: its messages are not here */
	size_t n_bytes;                        /* of the messages, about */
	struct wire_conversation conversation; /* message i is stored at position i */
	struct rule_set rules;
	const struct uuid *rule_ids;
	struct rule_verdict *verdicts; /* one for each rule */
	struct judge_prompt prompt;
};

MUST_CHECK enum err job_new(const struct job_id *id, struct job **ret_job);
void job_free(struct job *job); /* NULL is fine */
CLEANUP_DEFINE(job);

/* The conversations of 1 to JOBS_AT_ONCE jobs of one workspace, with their rules.  ret_outcomes,
 * one for each: ERR_NOT_FOUND when it is gone (deleted meanwhile), ERR_BUSY when it was too much
 * for this time (the first never is: load it alone), ERR_DENIED when keyd does not open a rule,
 * ERR_MALFORMED and ERR_TOO_LARGE when what is stored has no such form: which rules there are is
 * known then.  Any other result: nothing was loaded. */
#define JOBS_LOAD_BYTES (16 << 20)
#define JOB_MOST_BYTES (48 << 20) /* of messages: a conversation of more is_too_long */
MUST_CHECK enum err jobs_load(struct job *const *jobs, size_t n, struct store *store,
    struct definition_cache *cache, struct keyd_client *keys, enum err *ret_outcomes);

/* Sets every verdict: the checks' own; `why` for the rest, given by judge. */
MUST_CHECK enum err job_check(struct job *job, struct str judge, const char *why);

/* Leaves every rule open. */
MUST_CHECK enum err job_give_up(struct job *job, struct str judge, const char *why);

/* Gives the rules without a check the same fate. */
MUST_CHECK enum err job_leave_open(struct job *job, struct str judge, const char *why);

/* Takes the model's answer for the rules without a check. */
MUST_CHECK enum err job_take_answer(struct job *job, struct str answer, struct str judge);

/* The verdicts of 1 to JOBS_AT_ONCE jobs of one workspace, and their end: all of them or none. */
MUST_CHECK enum err jobs_write(struct job *const *jobs, size_t n, struct store *store);

/* The end of a job that can never be done; without its workspace's context. */
MUST_CHECK enum err job_drop(const struct job_id *id, struct store *store);
