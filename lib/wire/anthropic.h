/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anthropic - blocks of an assistant's turn, put into one message; shared by documents and
 * streams so that both give the same message.  Private to lib/wire.
 */
#pragma once

#include "wire/parts.h"

struct turn {
	struct arena *arena;
	struct buf *text;
	struct wire_tool_call *calls; /* WIRE_MAX_TOOL_CALLS of them */
	size_t n_calls;
};

MUST_CHECK enum err turn_init(struct turn *t, struct arena *a);
void turn_done(struct turn *t);

/* A whole block.  Thinking is left out: SDKs may or may not repeat it. */
MUST_CHECK enum err turn_add_block(struct turn *t, const json_t *block);

/* arguments is JSON text; what parses is written in its canonical form. */
MUST_CHECK enum err turn_add_call(struct turn *t, struct str id, struct str name,
    struct str arguments);
MUST_CHECK enum err turn_finish(struct turn *t, struct wire_message *ret_message);

/* Adds what a usage object tells to the response. */
void anthropic_read_usage(const json_t *usage, struct wire_response *response);

static inline void
turn_cleanup(struct turn *t)
{
	turn_done(t);
}

#define CLEANUP_TURN __attribute__((cleanup(turn_cleanup)))
