/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - memory for what lives as long as one request or one job; freed in one place.  A cap is
 * fixed when it is made; past it allocations return NULL.  Freed memory is wiped.
 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"

struct arena;

MUST_CHECK enum err arena_new(size_t limit_bytes, struct arena **ret_arena);
void arena_free(struct arena *a); /* NULL is fine */
CLEANUP_DEFINE(arena);

/* Zeroed, aligned for any type; NULL when the cap or the system's memory is reached. */
void *arena_alloc(struct arena *a, size_t bytes);
void *arena_alloc_array(struct arena *a, size_t count, size_t element_bytes);

/* A copy with a NUL behind it; .at is NULL on failure. */
struct str arena_copy(struct arena *a, struct str s);

void arena_clear(struct arena *a); /* wipes and starts again */
