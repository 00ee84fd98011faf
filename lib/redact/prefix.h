/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prefix - keys that tell what they are by how they begin, as one table: the prefix, the alphabet
 * of the rest, how long it must be and what must be in it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum prefix_alphabet {
	PREFIX_ALNUM,
	PREFIX_WORD,     /* and _ */
	PREFIX_URL,      /* and _ - */
	PREFIX_DOTTED,   /* and _ - . */
	PREFIX_CAPITALS, /* capitals and digits */
	PREFIX_HEX,
	PREFIX_N_ALPHABETS
};

struct prefix {
	const char *text;
	enum prefix_alphabet alphabet;
	uint16_t min_tail;
	uint16_t max_tail; /* 0: no end */
	bool needs_digit;  /* or it is a word with hyphens */
};

struct prefix_index {
	uint8_t begin[256]; /* where the prefixes of a first byte begin */
};

void prefix_index_init(struct prefix_index *index);

/* The entry that begins at text, behind which stand LAYER_PADDING zeros; NULL when there is none.
 */
const struct prefix *prefix_find(const struct prefix_index *index, const uint8_t *text, size_t len);

bool prefix_has_byte(enum prefix_alphabet alphabet, uint8_t c);
