/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frames - the edge's captures as frames on a stream socket (docs/protocol.md, part 2).
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

#define FRAME_HEAD_BYTES 21
#define FRAME_MAX_BODY_BYTES (1u << 20)

enum frame_type {
	FRAME_START = 1,
	FRAME_REQUEST = 2,
	FRAME_RESPONSE = 3,
	FRAME_END = 4,
	FRAME_ACK = 5, /* to the edge only */
};

enum capture_fate {
	FATE_UNKNOWN = 0,
	FATE_STORED = 1,
	FATE_REFUSED = 2,
	FATE_UNPARSED = 3,
	FATE_EARLY = 100, /* not decided: what it goes on from has not come yet; never sent */
};

struct frame {
	enum frame_type type;
	struct uuid capture;
	struct str body; /* a view into the bytes that it was taken from */
};

/* Takes the frame at the front of bytes and moves bytes behind it.  ERR_BUSY: it has not all come
 * yet; ERR_MALFORMED: an unknown type or a body over the cap. */
MUST_CHECK enum err frame_take(struct str *bytes, struct frame *ret_frame);

MUST_CHECK enum err frame_write_ack(const struct uuid *capture, enum capture_fate fate,
    struct buf *out);
