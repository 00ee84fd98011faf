/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit - the event of a request, in the transaction of its act.
 *
 * A handler ends its transaction with audit_commit(), which adds its route's event first: when the
 * event cannot be written, nothing is committed and no answer leaves.  The server refuses the
 * answer of an audited route that did not.
 */
#pragma once

#include "api/request.h"

/* Adds the route's event with outcome success and commits.  object: what it is about; NULL for all
 * of the route's kind.  A plain commit for a route that is not audited. */
MUST_CHECK enum err audit_commit(struct request *r, const struct uuid *object);

/* An event of its own in a transaction of its own: a refusal, a log-in.  workspace zero: the
 * installation's. */
struct audit_own {
	struct uuid workspace;
	enum audit_name name;
	enum audit_outcome outcome;
	struct uuid user; /* zero: nobody */
};

MUST_CHECK enum err audit_alone(struct request *r, const struct audit_own *own);

/* The same for what is refused in any case: a failure is logged. */
void audit_refusal(struct request *r, enum audit_name name);
