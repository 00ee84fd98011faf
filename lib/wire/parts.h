/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts - what both formats share: content made of parts, and a list of messages that grows.
 * Private to lib/wire.
 */
#pragma once

#include "wire/json.h"
#include "wire/wire.h"

/* Text that grows by parts, each on a line of its own. */
MUST_CHECK enum err parts_join(struct buf *text, struct str part);

/* Appends one content part: the text of a text part, "[image]" and so on for another. */
MUST_CHECK enum err parts_join_one(struct buf *text, const json_t *part);

/* Content as a string, null or an array of parts. */
MUST_CHECK enum err parts_read(struct arena *a, const json_t *content, struct str *ret_text,
    struct err_detail *reterr);

/* A buffer's bytes into the arena, NULs replaced. */
MUST_CHECK enum err parts_take(struct arena *a, const struct buf *text, struct str *ret_text);

/* JSON in its canonical form into the arena. */
MUST_CHECK enum err parts_write_json(struct arena *a, json_t *value, struct str *ret_text);

struct message_list {
	struct arena *arena;
	struct wire_message *messages;
	size_t *places; /* of each, system messages counted */
	size_t n;
	size_t room;
	size_t n_seen;      /* with system messages */
	struct buf *system; /* the system messages, joined */
};

MUST_CHECK enum err message_list_init(struct message_list *l, struct arena *a);
void message_list_done(struct message_list *l);
MUST_CHECK enum err message_list_add(struct message_list *l, const struct wire_message *m);
MUST_CHECK enum err message_list_finish(struct message_list *l, struct wire_conversation *ret_c);

static inline void
message_list_cleanup(struct message_list *l)
{
	message_list_done(l);
}

#define CLEANUP_LIST __attribute__((cleanup(message_list_cleanup)))
