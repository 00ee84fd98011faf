/* SPDX-License-Identifier: Apache-2.0 */
/* worker - the judge's loop: claims due jobs, moves model calls on, writes what is decided. */
#pragma once

#include "base/conf.h"
#include "base/err.h"

struct judge_worker;

/* Opens keyd's channel, PostgreSQL and, when one is configured, the way to the model. */
MUST_CHECK enum err judge_worker_new(const struct conf *conf, struct judge_worker **ret_worker,
    struct err_detail *reterr);
void judge_worker_free(struct judge_worker *w);
CLEANUP_DEFINE(judge_worker);

/* At the end: what is not decided yet is free for the next one, long before its lease has run out.
 */
void judge_worker_hand_back(struct judge_worker *w);

bool judge_worker_has_model(const struct judge_worker *w);

/* One round; waits a little when there is nothing to do.  Fails only when the process should
 * start afresh. */
MUST_CHECK enum err judge_worker_step(struct judge_worker *w);
