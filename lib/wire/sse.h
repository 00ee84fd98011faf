/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sse - server-sent events out of a whole body: lines end with LF, CR LF or CR, comments and
 * unknown fields are left out.  Private to lib/wire.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct sse_reader {
	struct str left;
	struct buf *data;
};

struct sse_event {
	struct str name;  /* "" when the stream names none */
	struct str data;  /* its data lines, joined by LF; valid until the next call */
	bool is_complete; /* false: the stream was cut before the blank line */
};

MUST_CHECK enum err sse_init(struct sse_reader *r, struct str body);
void sse_done(struct sse_reader *r);

/* The next event that has data; ERR_NOT_FOUND at the end. */
MUST_CHECK enum err sse_next(struct sse_reader *r, struct sse_event *ret_event);

static inline void
sse_cleanup(struct sse_reader *r)
{
	sse_done(r);
}

#define CLEANUP_SSE __attribute__((cleanup(sse_cleanup)))
