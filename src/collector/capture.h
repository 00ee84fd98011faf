/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture - one exchange as the edge saw it, put together from its frames.
 *
 * A capture over the cap keeps no more bytes and is marked: it is refused at its end, because the
 * edge would only send it again if its connection were cut.  All bytes are wiped when it is freed.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "collector/frames.h"

/* START and END say these; views into the capture's arena. */
struct capture_head {
	struct uuid workspace, project, key;
	struct str provider, method, path, content_type, content_encoding, conversation;
	int64_t started_at_us;
};

struct capture_tail {
	int64_t status, latency_us, first_byte_us;
	struct str content_type, content_encoding, reason;
};

struct capture {
	struct uuid id;
	struct arena *arena;
	struct capture_head head;
	struct capture_tail tail;
	struct buf *request;
	struct buf *response;
	bool is_too_large;
	bool is_unreadable; /* START or END says something else; the workspace may be all zero */
	enum capture_fate fate;
	int peer;                        /* who gets the ACK; -1 when it has gone */
	struct capture *next, *previous; /* in the queue */

	/* A capture that came before the one that it goes on from waits for it, a while. */
	int64_t received_ms;
	bool has_waited;       /* long enough: it begins a conversation */
	struct str *waits_for; /* MACs of the points that it could go on from; in the arena */
	size_t n_waits_for;
	bool is_repetition; /* when it came, a conversation stood where it ends: */
	struct uuid repeats;
	int64_t repeats_day; /* since 1970 */
};

void capture_free(struct capture *c);
CLEANUP_DEFINE(capture);

size_t capture_bytes(const struct capture *c);

/*
 * Feeds a frame.  *open is the capture under way or NULL, owned by the caller.  After END it moves
 * to *ret_done, else *ret_done is NULL.  ERR_MALFORMED: a frame out of order.  What START or END
 * say is no reason to end the peer, which would send the same again for ever: see is_unreadable.
 */
MUST_CHECK enum err capture_feed(struct capture **open, const struct frame *frame,
    size_t limit_bytes, struct capture **ret_done);
