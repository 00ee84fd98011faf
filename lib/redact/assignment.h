/* SPDX-License-Identifier: Apache-2.0 */
/* assignment - a value that stands behind a sign or a word, as secrets do. */
#pragma once

#include "redact/scan.h"

struct assignment {
	size_t start;
	size_t end;
	bool is_quoted;
	bool is_strong; /* "password"; not "token" */
	bool is_equals; /* behind "=": & ; , end it */
	bool is_tight;  /* nothing between sign and value */
};

/* Where the value that begins at `at`, perhaps with a quotation mark, begins and ends. */
void assignment_value(const struct scan *s, size_t at, struct assignment *a);

/* The length of a mark between a sign and a value, or around one; 0: none. */
size_t assignment_mark_len(const uint8_t *at);

/* Do the words say that this is the number of something else? */
bool assignment_is_other_key(uint64_t types, bool is_strong);

/* Adds the value as a secret, to its end if it was too long to be read whole before. */
void assignment_add(struct scan *s, const struct assignment *a, uint16_t score);

bool assignment_is_plausible(const struct scan *s, const struct assignment *a);
