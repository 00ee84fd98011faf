/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peers - the edge's workers: accepts their connections, puts frames together into captures, hands
 * each whole one to the keeper and answers with its fate.
 *
 * Captures are kept in the order of their ids, which is the order of their beginnings, as far as
 * they have come; one that goes on from an exchange that has not come yet waits EARLY_PATIENCE_MS
 * for it, longer while there is more to read. While the database is away the capture in hand is
 * tried again and nothing more is read: the edge holds the bytes, bounded, and counts what it must
 * drop. What cannot be kept for a cause of its workspace's own stands aside and keeps nobody back.
 */
#pragma once

#include "collector/keep.h"

#define EARLY_PATIENCE_MS 2000
#define EARLY_PATIENCE_MOST_MS 30000
#define HELD_MAX_BYTES (64u << 20)

/* Serves for ever; returns when nothing can be kept any more. */
MUST_CHECK enum err peers_serve(struct keeper *k, int listener, size_t capture_limit_bytes);
