/* SPDX-License-Identifier: Apache-2.0 */
/*
 * throttle - slows down guessing of passwords, without letting a stranger lock an owner out.
 *
 * Failures are counted by account together with the address's network (/24, or /64 for IPv6): the
 * owner at another place is not held up.  From the 5th failure on the next attempt must wait 1 s,
 * then 2 s, 4 s … up to 15 minutes.  What was quiet for 15 minutes is forgotten.
 *
 * The table has a fixed size; a full bucket forgets its oldest entry.  Only keyed hashes of the
 * accounts are held.  One table serves all threads.
 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"

#define THROTTLE_FREE_FAILURES 5
#define THROTTLE_MAX_DELAY_MS (15ll * 60 * 1000)

struct throttle;

MUST_CHECK enum err throttle_new(struct throttle **ret_throttle);
void throttle_free(struct throttle *t);
CLEANUP_DEFINE(throttle);

/* How long this account must wait, from this address; 0: it may try, and the attempt counts as a
 * failure until throttle_forget says otherwise, so that attempts at once cannot all be free. */
int64_t throttle_try(struct throttle *t, struct str account, struct str address, int64_t now_ms);

/* It was the right password. */
void throttle_forget(struct throttle *t, struct str account, struct str address);
