/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_cache - names and descriptions of rules, unsealed once.
 *
 * Keyed by rule and by the beginning of its sealed record, so a record that was sealed again is
 * unsealed again.  Of a fixed size: a new entry pushes out the one in its place.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

struct rule_cache;

struct rule_text {
	struct str name;
	struct str description;
};

MUST_CHECK enum err rule_cache_new(struct rule_cache **ret_cache);
void rule_cache_free(struct rule_cache *c);
CLEANUP_DEFINE(rule_cache);

/* Copies into the arena; false when it is not there. */
bool rule_cache_find(struct rule_cache *c, const struct uuid *rule, struct str sealed,
    struct arena *a, struct rule_text *ret_text);

/* Keeping is a favour: without memory nothing is kept. */
void rule_cache_keep(struct rule_cache *c, const struct uuid *rule, struct str sealed,
    const struct rule_text *text);
