/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redaction - takes personal data and secrets out of messages before they are stored.  The spans
 * of all texts are found first, their tokens are asked of keyd in one batch, then the texts are
 * written anew.  Any failure means that nothing of the exchange may be stored.
 */
#pragma once

#include "ipc/keyd_client.h"
#include "redact/redact.h"
#include "wire/wire.h"

struct redaction; /* scanner and scratch memory, used again for each exchange */

MUST_CHECK enum err redaction_new(struct keyd_client *keys, struct redaction **ret_redaction);
void redaction_free(struct redaction *r);
CLEANUP_DEFINE(redaction);

/* The messages of one exchange that are to be stored, and those before them in the conversation:
 * what was said earlier says what a short answer means, and holds the other half of a number that
 * the end of a message cut. */
struct redaction_work {
	const struct redact_policy *policy; /* of the workspace; NULL: the default */
	const struct wire_message *earlier;
	size_t n_earlier;
	struct wire_message *messages;
	size_t n_messages;
	struct str *const *words; /* what is stored beside them in somebody else's words */
	size_t n_words;
};

/* Replaces every text of the messages, and every word, by its redacted copy in the arena; earlier
 * messages stay. */
MUST_CHECK enum err redact_messages(struct redaction *r, struct arena *a,
    const struct uuid *workspace, const struct redaction_work *work);
