/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write - exchanges of one workspace, placed and redacted, into the database: conversations that
 * begin in one transaction, those that go on in another.  Either writes all of an exchange or
 * nothing.
 */
#pragma once

#include "collector/place.h"
#include "store/store.h"

/* What one capture becomes. */
struct kept {
	struct arena *arena;
	struct capture *capture;
	struct exchange exchange;
	struct place_points points;
	bool has_system_message;
	struct uuid system_message;
	struct place place;
	struct wire_message *messages; /* the new ones, redacted */
	size_t n_messages;
	bool is_written; /* set by write_exchanges */
};

/* What holds for all of them. */
struct write_conditions {
	int64_t settle_ms;      /* quiet time before judging */
	int64_t policy_version; /* under which they were redacted */
};

/* Those that do not say is_written after ERR_OK: their conversation went on meanwhile.  n is at
 * least one; the columns live in the first one's arena. */
MUST_CHECK enum err write_exchanges(struct store *s, struct kept *const *all, size_t n,
    const struct write_conditions *conditions);
