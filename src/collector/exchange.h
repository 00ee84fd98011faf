/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange - a capture read into types: what was asked, what was answered, and the chain of
 * digests by which its conversation is found.
 *
 *   digest 0 = SHA-256(message 0), digest i = SHA-256(digest i-1, message i)
 *
 * Request n+1 repeats the messages and the answer of exchange n, so the digest behind them is the
 * tip that was kept then.  Digests leave this process only as MACs under the workspace's key.
 */
#pragma once

#include "collector/capture.h"
#include "wire/wire.h"

#define DIGEST_BYTES 32
#define EXCHANGE_MAX_CANDIDATES 16

struct exchange {
	const struct capture *capture;
	struct wire_request request;
	struct wire_response response;
	bool has_answer;
	bool is_answer_whole; /* else the next request will not repeat it */

	uint8_t (*digests)[DIGEST_BYTES]; /* of each request message */
	uint8_t asked[DIGEST_BYTES];      /* behind the last of them */
	uint8_t tip[DIGEST_BYTES];        /* behind the answer, when it is whole; else as asked */

	/* Where in the request an earlier exchange may have ended: numbers of messages, rising. */
	size_t candidates[EXCHANGE_MAX_CANDIDATES];
	size_t n_candidates;
};

/* ERR_MALFORMED and ERR_TOO_LARGE: no body of a format that we know. */
MUST_CHECK enum err exchange_read(struct arena *a, const struct capture *c,
    struct exchange *ret_exchange, struct err_detail *reterr);

/* The first message that is new when the stored conversation holds n_stored messages but the
 * request does not repeat them (an agent that edits its history and names its conversation). */
size_t exchange_first_new(const struct exchange *x, size_t n_stored);
