/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model_budget - how many model calls a workspace may still make: one token bucket each, full at an
 * hour's worth and refilled evenly, so that one busy workspace cannot spend another's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/uuid.h"

struct model_budget;

/* per_hour 0: no call at all. */
MUST_CHECK enum err model_budget_new(int64_t per_hour, struct model_budget **ret_budget);
void model_budget_free(struct model_budget *b); /* NULL is fine */
CLEANUP_DEFINE(model_budget);

/* Takes one call when there is one.  now_ms is monotonic. */
bool model_budget_take(struct model_budget *b, const struct uuid *workspace, int64_t now_ms);
