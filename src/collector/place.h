/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place - where an exchange belongs: which conversation it goes on, and which of its messages are
 * new there.  A conversation is a path: what was said, in one line from its first message on.
 *
 * - Named by the agent: the conversation of that name, however its history is repeated.  A request
 *   that ends where the conversation stands adds nothing; a question that is asked again adds its
 *   new answer.
 * - Else the conversation that stands at the latest point that the request repeats.  Several may
 *   stand there (two people who were told the same so far): then any of them, so that each goes on
 *   once.
 * - A request with an answer that nobody has heard of waits a while for the exchange that brought
 *   it.  When none comes it is a repetition, if its own end was a conversation's end when it came,
 *   and adds nothing; else another path (an edited or shortened history), a conversation of its
 * own.
 * - An answer that was cut short is stored as far as it came, but is not in the chain: the client's
 *   own version of it, in the next request, adds nothing.
 */
#pragma once

#include "collector/exchange.h"
#include "store/store.h"

struct place {
	struct uuid conversation;
	int64_t day; /* since 1970 */
	bool is_new;
	bool is_stored_already; /* this capture is; nothing else is set */
	bool is_early;          /* wait: the capture says for what; nothing else is set */

	/* Of the request's messages, from here on; n_messages when none is new. */
	size_t first_new;
	bool is_answer_new;

	/* How the conversation was found, so that a change meanwhile is noticed. */
	uint8_t tip[DIGEST_BYTES];
	int64_t exchange_count;
};

/* MACs of the exchange's points; name .at NULL when the agent gave none. */
struct place_points {
	const struct str *candidates; /* of x->candidates */
	struct str asked, tip, name;
};

struct place_search {
	struct capture *capture;
	const struct exchange *exchange;
	const struct place_points *points;
	const struct uuid *system_message; /* NULL: the request has none */
};

/* The places of n captures of one workspace, none of which goes on from another of them.  Where a
 * place says is_early its capture keeps what it waits for. */
MUST_CHECK enum err places_find(struct store *s, struct arena *a, const struct place_search *all,
    size_t n, struct place *ret_places);
