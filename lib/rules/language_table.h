/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language_table - what tells languages apart: their small words, and for those with a script of
 * their own its letters.  A set of languages is bits 1 << index.  Private to lib/rules.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define N_LANGUAGES 21
#define N_SCRIPTS 9

struct language {
	const char *code;
	const char *small_words; /* parted by blanks; NULL: by script */
	bool is_dense;           /* a letter of its script is a word or a syllable */
};

struct script {
	uint32_t first, last;
	uint32_t languages;
};

extern const struct language languages[N_LANGUAGES];
extern const struct script scripts[N_SCRIPTS];

#define LANGUAGE_HASH_START 2166136261u

static inline uint32_t
language_hash(uint32_t hash, char byte)
{
	return (hash ^ (unsigned char)byte) * 16777619u;
}

/* Before the first language_of_word; at most once does anything. */
void language_table_make(void);

/* The languages that have it among their small words; hash is that of all its bytes. */
uint32_t language_of_word(struct str word, uint32_t hash);
