/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue - the proof that the database is as it must be: row-level security forced on every
 * tenant table, policies that ask app.ws(), keys that begin with the workspace, no role that could
 * step over any of it, no function that could be misused, every column classified.  Asked at every
 * start, which is refused when anything is off, and by `rendfly prove`.
 */
#pragma once

#include "base/buf.h"
#include "store/store.h"

/* Appends one line for each fault to faults; none is a proof.  For the roles operator and setup. */
MUST_CHECK enum err catalogue_check(struct store *s, struct buf *faults);
