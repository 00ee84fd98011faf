/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture - the bytes of one exchange in memory, already in the frames of docs/protocol.md.
 *
 * A block is one frame: room for its header stands before the bytes, so that closing a capture
 * writes headers in place and nothing is copied again.  Blocks come from the heap, are counted
 * against the worker's limit, and are wiped when freed.
 */
#pragma once

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

#define EDGE_FRAME_HEAD_BYTES 21

enum edge_frame {
	EDGE_FRAME_START = 1,
	EDGE_FRAME_REQUEST = 2,
	EDGE_FRAME_RESPONSE = 3,
	EDGE_FRAME_END = 4,
	EDGE_FRAME_ACK = 5,
};

struct edge_block {
	struct edge_block *next;
	size_t room; /* for bytes, the head not counted */
	size_t len;
	uint8_t frame[]; /* head, then bytes */
};

struct edge_body {
	struct edge_block *first;
	struct edge_block *last;
	uint64_t bytes;
};

/* A workspace may use EDGE_SHARE_FACTOR times what is still free: alone four fifths of the worker's
 * memory, and the more of them use much, the less each, so that there is always some for another.
 */
#define EDGE_SHARES 256 /* by hash: those that meet share a share */
#define EDGE_SHARE_FACTOR 4

struct edge_budget {
	size_t *used_bytes;  /* of the worker */
	size_t *share_bytes; /* of it, by the capture's workspace */
	size_t limit_bytes;  /* of the worker */
	size_t max_bytes;    /* of one capture */
};

struct edge_capture {
	ngx_queue_t queue; /* in the worker's open ones, then in the link's */
	struct uuid id;
	struct uuid workspace, project, key;
	int64_t started_at_us; /* wall clock */
	int64_t started_mono_us;
	int64_t first_byte_us;       /* after the start; 0: none came */
	ngx_http_request_t *request; /* NULL once closed */
	struct edge_budget budget;
	size_t memory_bytes;
	struct edge_body request_body;
	struct edge_body response_body;
	struct edge_block *start, *end;
	struct edge_block *frames; /* all of them in order, once closed */
	ngx_uint_t is_sent;        /* whole, on the present connection */
};

/* NULL when the budget or the memory is spent. */
struct edge_capture *edge_capture_new(const struct edge_budget *budget, struct uuid id);
void edge_capture_free(struct edge_capture *c);

/* ERR_TOO_LARGE when a limit is reached: the capture is then of no use. */
MUST_CHECK enum err edge_capture_append(struct edge_capture *c, struct edge_body *body,
    struct str bytes);

/* START or END; a second START would be a mistake of ours. */
MUST_CHECK enum err edge_capture_set_text(struct edge_capture *c, enum edge_frame type,
    struct str json);

/* Puts START, both bodies and END in line, heads written. */
void edge_capture_seal(struct edge_capture *c);
