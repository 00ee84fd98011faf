/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget - how many model calls a workspace may still make: one token bucket each, full at an
 * hour's worth and refilled evenly, so that one busy workspace cannot spend another's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/uuid.h"

struct budget;

/* per_hour 0: no call at all. */
MUST_CHECK enum err budget_new(int64_t per_hour, struct budget **ret_budget);
void budget_free(struct budget *b); /* NULL is fine */
CLEANUP_DEFINE(budget);

/* Takes one call when there is one.  now_ms is monotonic. */
bool budget_take(struct budget *b, const struct uuid *workspace, int64_t now_ms);
