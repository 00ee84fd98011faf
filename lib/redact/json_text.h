/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_text - lays the strings of JSON, unescaped and folded, into one layer with a break after
 * each, and notes the values that a key or their form makes special.
 *
 * A string that is itself JSON is laid out in the same way, JSON_MAX_NESTING levels deep.
 */
#pragma once

#include "redact/json_syntax.h"
#include "redact/layer.h"

#define JSON_MAX_NESTING 4

/* A value of JSON in the layer. */
struct field {
	uint32_t start;
	uint32_t end;
	uint64_t types;    /* what its key says that it is: bits of words.h */
	uint8_t is_number; /* no string: what replaces it needs quotation marks */
	uint8_t nesting;   /* how many strings of JSON it stands in */
};

struct fields {
	struct field *at;
	size_t n;
	size_t cap;
};

struct json_scratch {
	struct layer levels[JSON_MAX_NESTING];
	struct json_strings strings;
};

/* text must be json_is_document, and scratch have its strings and no others. */
MUST_CHECK enum err json_lay_out(struct json_scratch *scratch, const uint8_t *text, size_t len,
    struct layer *l, struct fields *fields);
