/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - outside JSON on its way into types: read with its depth capped, copied as clean text,
 * written back in one canonical form.  Private to lib/wire.
 */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

static inline void
json_cleanup(json_t **at)
{
	json_decref(*at);
}

/* Duplicate names are taken as providers take them (the last wins), escapes of half a surrogate
 * pair become U+FFFD.  ERR_MALFORMED past WIRE_MAX_JSON_DEPTH, ERR_TOO_LARGE
 * past WIRE_MAX_JSON_VALUES. */
MUST_CHECK enum err json_read(struct str text, json_t **ret_root, struct err_detail *reterr);

/* The bytes of a string; empty for anything else.  A view into value. */
struct str json_view(const json_t *value);

/* A copy without NULs (each becomes U+FFFD: PostgreSQL's text holds none). */
MUST_CHECK enum err json_copy_view(struct arena *a, struct str s, struct str *ret_text);
MUST_CHECK enum err json_copy_text(struct arena *a, const json_t *value, struct str *ret_text);

/* Compact; numbers in their shortest form (1.0 as 1), so that what an SDK parsed and wrote again
 * is equal to what the model wrote. */
MUST_CHECK enum err json_write(json_t *value, struct buf *out);
MUST_CHECK enum err json_write_sorted(json_t *value, struct buf *out); /* names in byte order */
MUST_CHECK enum err json_write_string(struct str s, struct buf *out);

/* A whole number member, -1 when there is none. */
int64_t json_count(const json_t *object, const char *name);
