/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aside - workspaces whose captures cannot be kept at the moment: over a budget of keyd's, or
 * behind a lock.  Their captures wait here while everybody else's go on.
 *
 * Each is tried again after a pause that doubles up to ASIDE_MOST_MS, the time in which an empty
 * budget is full again, and with one capture, then with more as long as it goes well: what is tried
 * has its values counted every time.  What waits is bounded; behind the bound the newest captures
 * of the workspace that has most are to be refused.  Those behind a lock only while others are
 * kept: when nobody's are, all wait, and the edge holds what comes.
 */
#pragma once

#include "collector/held.h"

#define ASIDE_PLACES 64
#define ASIDE_FIRST_MS 20
#define ASIDE_MOST_MS 60000
#define ASIDE_GOES_WELL_MS 50       /* between what it may have stored: others come in between */
#define ASIDE_MAX_BYTES (16u << 20) /* for a budget */
#define ASIDE_MAX_LOCKED_BYTES (24u << 20) /* for a lock to go */

struct aside;

MUST_CHECK enum err aside_new(struct aside **ret_aside);
void aside_free(struct aside *a); /* with its captures */
CLEANUP_DEFINE(aside);

enum aside_why { ASIDE_FOR_BUDGET, ASIDE_FOR_A_MOMENT };

/* The workspace stands aside, again or from now on.  false: there is no place left. */
bool aside_put_off(struct aside *a, const struct uuid *workspace, enum aside_why why,
    int64_t now_ms);

bool aside_has(const struct aside *a, const struct uuid *workspace);

/* What was tried of the workspace went well, whether it stands aside or not. */
void aside_went_well(struct aside *a, const struct uuid *workspace, int64_t now_ms);

/* Takes a capture whose workspace stands aside; false leaves it to the caller. */
bool aside_take(struct aside *a, struct capture *c);

/* As held_takes_again, of all that stand aside. */
bool aside_takes_again(struct aside *a, struct capture *c);

/* Hands what is due to be tried over to ready. */
void aside_release(struct aside *a, int64_t now_ms, struct held *ready);

/* When the next is due; INT64_MAX when none is. */
int64_t aside_due_ms(const struct aside *a);

/* What is over a bound: at most n captures of one workspace, which the caller refuses and frees; 0
 * when nothing is. */
size_t aside_take_excess(struct aside *a, struct capture **ret_captures, size_t n,
    enum aside_why *ret_why);

size_t aside_bytes(const struct aside *a);
void aside_forget_peer(struct aside *a, int peer);
