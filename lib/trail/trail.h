/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail - an event of the audit log from a process's own act, one that no person asked for.
 *
 * The act's transaction holds its event: when trail_add() fails, the act is rolled back.  What is
 * done outside the database (a call that leaves the machine) is done after its event is committed.
 * tools/check-events holds the vocabulary's emitters against what each process says here.
 */
#pragma once

#include "audit/event.h"
#include "store/store.h"

struct trail_act {
	enum audit_emitter by;
	enum audit_name name;
	enum audit_outcome outcome;
	struct uuid workspace; /* zero: the installation's */
	const char *object_kind;
	struct uuid object; /* zero: all of the kind */
	const char *detail; /* public, short: no personal data */
};

/* Inside a transaction.  ERR_BUG: the vocabulary does not let this process emit it. */
MUST_CHECK enum err trail_add(struct store *s, const struct trail_act *act);

/* In a transaction of its own, in the workspace's context or in none. */
MUST_CHECK enum err trail_add_alone(struct store *s, const struct trail_act *act);
