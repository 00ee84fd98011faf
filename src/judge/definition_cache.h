/* SPDX-License-Identifier: Apache-2.0 */
/*
 * definition_cache - the rules that were unsealed last, so that a workspace's every conversation
 * does not ask keyd for the same forty records.  A few sets, the oldest goes; a set is found only
 * while its sealed records are byte for byte the same.
 */
#pragma once

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

struct definition_cache;

MUST_CHECK enum err definition_cache_new(struct definition_cache **ret_cache);
void definition_cache_free(struct definition_cache *c); /* wipes; NULL is fine */
CLEANUP_DEFINE(definition_cache);

/* The unsealed definition of a rule; a view that lives until the next put. */
bool definition_cache_get(const struct definition_cache *c, const struct uuid *rule,
    struct str sealed, struct str *ret_definition);
MUST_CHECK enum err definition_cache_put(struct definition_cache *c, const struct uuid *rule,
    struct str sealed, struct str definition);
