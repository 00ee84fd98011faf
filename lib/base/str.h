/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str - a borrowed view of bytes.  No NUL is assumed at its end and NULs may be inside.
 * It never owns; whoever made the bytes says how long the view lives.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *at;
	size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_ARG(s) (int)(s).len, (s).at /* for "%.*s" */

static inline struct str
str_from(const char *c_string)
{
	return (struct str){ c_string, c_string == NULL ? 0 : strlen(c_string) };
}

static inline struct str
str_slice(struct str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return (struct str){ s.at + from, to - from };
}

static inline bool
str_equals(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_equals_ignoring_case(struct str a, struct str b); /* ASCII case only */
bool str_starts_with(struct str s, struct str prefix);
bool str_contains(struct str s, struct str part);
bool str_contains_ignoring_case(struct str s, struct str part); /* ASCII case only */
struct str str_trim(struct str s);                              /* ASCII white space at both ends */
