/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strict_json - our own JSON formats, read without mercy: duplicate names, NULs in strings, bytes
 * after the value and nesting past STRICT_JSON_MAX_DEPTH are ERR_MALFORMED.  (Providers' JSON is
 * read by lib/wire, which must take what providers send.)
 */
#pragma once

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define STRICT_JSON_MAX_DEPTH 16

static inline void
cleanup_strict_json(json_t **at)
{
	json_decref(*at);
}

#define CLEANUP_STRICT_JSON __attribute__((cleanup(cleanup_strict_json)))

MUST_CHECK enum err strict_json_read(struct str text, size_t limit_bytes, json_t **ret_root,
    struct err_detail *reterr);

/* Every member of the object is one of the n names. */
bool strict_json_has_only(const json_t *object, const char *const *names, size_t n);

/* The bytes of a string; .at is NULL for anything else.  A view into value. */
struct str strict_json_text(const json_t *value);

/* Compact, names in the order in which they were set. */
MUST_CHECK enum err strict_json_write(const json_t *value, struct buf *out);

/* A JSON string from bytes; NULL (which jansson's setters refuse) when they are not UTF-8. */
json_t *strict_json_string(struct str text);
