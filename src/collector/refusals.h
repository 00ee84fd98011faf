/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusals - the events of captures that are not kept.
 *
 * The first of a workspace is recorded before it is let go; what follows within a minute is counted
 * and recorded together, so that whoever sends rubbish cannot write an endless log.  What is
 * counted and not recorded yet is lost when the collector is killed; the edge's counters have it.
 */
#pragma once

#include "collector/capture.h"
#include "store/store.h"

#define REFUSALS_EVERY_MS 60000
#define REFUSALS_WORKSPACES 256

enum refusal {
	REFUSAL_UNPARSED,
	REFUSAL_UNFIT,
	REFUSAL_OVER_BUDGET,
	REFUSAL_LOCKED,
	REFUSAL_DESTROYED,
	REFUSAL_N
};

struct refused {
	struct uuid workspace;
	struct uuid capture; /* one of them */
	uint32_t counts[REFUSAL_N];
};

struct refusals;

MUST_CHECK enum err refusals_new(struct refusals **ret_refusals);
void refusals_free(struct refusals *r);
CLEANUP_DEFINE(refusals);

/* Outside of a transaction.  On failure nothing is counted and nothing may be let go. */
MUST_CHECK enum err refusals_add(struct refusals *r, struct store *store,
    const struct refused *refused, int64_t now_ms);

/* Records what is due.  What fails is due again a second later. */
void refusals_record_due(struct refusals *r, struct store *store, int64_t now_ms);

int64_t refusals_due_ms(const struct refusals *r); /* INT64_MAX: nothing is */
