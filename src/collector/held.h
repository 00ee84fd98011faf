/* SPDX-License-Identifier: Apache-2.0 */
/* held - captures that have come whole and are not decided: a list in the order of their ids. */
#pragma once

#include "collector/capture.h"

struct held {
	struct capture *first, *last;
	size_t bytes;
};

void held_add(struct held *h, struct capture *c); /* takes it */

/* c was sent again, for its connection broke: the one that is held answers to the new peer, and c
 * is freed.  false: it is not held here. */
bool held_takes_again(struct held *h, struct capture *c);

/* The first, and those of the same workspace behind it: at most n, of HELD_BATCH_BYTES when there
 * is more than one.  The caller owns them.  0 when there is none. */
#define HELD_BATCH_BYTES (8u << 20)
size_t held_take_some(struct held *h, struct capture **ret_captures, size_t n);

struct capture *held_take_last(struct held *h); /* of a list that is not empty */

bool held_is_at_least(const struct held *h, size_t n);
void held_free_all(struct held *h);

/* Nobody waits for the fates of this peer's captures any more. */
void held_forget_peer(struct held *h, int peer);

/* Moves to `to` those that wait for this point, or have waited since before since_ms; the latter
 * are marked. */
void held_release(struct held *from, struct str tip, struct held *to);
void held_release_old(struct held *from, int64_t since_ms, struct held *to);
