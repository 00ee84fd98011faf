/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language_count - what a message has of each language, in one pass over it.  Private to lib/rules.
 *
 * Words are those of text.h.  Not counted: code, addresses, and words that belong to names.
 */
#pragma once

#include "base/err.h"
#include "rules/language_table.h"

struct language_counts {
	size_t hits[N_LANGUAGES]; /* small words */
	size_t n_words;           /* of any kind */
	size_t letters[N_LANGUAGES];
	size_t n_letters; /* of any script */
};

MUST_CHECK enum err language_count(struct str message, struct language_counts *ret_counts);
