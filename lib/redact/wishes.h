/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wishes - which matchers want to look at a word, by its first eight letters: one look dismisses
 * most words.  A wish may be wrong; the matcher looks again.
 */
#pragma once

#include <assert.h>

#include "redact/keys.h"
#include "redact/lexicon.h"
#include "redact/masks.h"
#include "redact/names.h"
#include "redact/number_wanted.h"

#define LETTER_ID_LEADS 16

/* What looks at a token that begins with so many letters (0), or digits (1), by what follows those
 * and a sign that may part them: nothing, so many digits, or a letter.  Bits of the patterns of
 * letter_id.c. */
#define LETTER_ID_DIGITS 8 /* more count as so many */
#define LETTER_ID_LETTER (LETTER_ID_DIGITS + 1)
#define LETTER_ID_BEHIND (LETTER_ID_DIGITS + 2)

struct letter_id_table {
	uint32_t patterns[2][LETTER_ID_LEADS][LETTER_ID_BEHIND];
};

enum wish {
	WISH_KEY = 1 << 0, /* a key may begin here: not in the table, but in key_prefilter */
	WISH_CUE =
	    1 << 4, /* the word may begin a phrase that says that something personal follows */
	WISH_PHRASE =
	    1 << 6,          /* the same, of no phrase that is one word: cue_may_go_on tells more */
	WISH_NAME = 1 << 1,  /* it may be a first name, in capitals */
	WISH_LABEL = 1 << 2, /* it may say what short value follows */
	WISH_HEX = 1 << 3,   /* letters that a MAC address or a UUID may begin with */
	WISH_STREET_END = 1 << 5, /* it may end a street's name; asked for by ahead.c only */
};

#define WISHES_OF_SCAN (WISH_CUE | WISH_PHRASE | WISH_NAME | WISH_LABEL | WISH_HEX | WISH_KEY)
#define WISH_BITS 17

/* Words that begin with a capital, then those with a small letter: names are of the first. */
#define WISH_SMALL (1u << WISH_BITS)

struct wishes {
	uint64_t kept[MASKS_BLOCK + 1]; /* the bytes of the first eight that so long a word has */
	uint8_t of_word[2 * WISH_SMALL];
	struct number_tables numbers;
	struct letter_id_table ids;
};

void wishes_init(struct wishes *w);

/* Fill their part of it. */
void number_tables_init(struct number_tables *t);
void letter_id_table_init(struct letter_id_table *t);

/* The look; begin: the first eight bytes of the word; len: how many letters of ASCII it has, at
 * most MASKS_BLOCK.  Without a branch: it is asked of every word. */
static inline unsigned int
wishes_look(const struct wishes *w, uint64_t begin, size_t len)
{
	uint64_t small = begin | 0x2020202020202020u, key = small & w->kept[len];
	uint64_t slot = key * LEXICON_FACTOR >> (64 - WISH_BITS);
	uint32_t bit = (uint32_t)small * KEY_PREFILTER_FACTOR >> (32 - KEY_PREFILTER_BITS);
	uint64_t keys = key_prefilter[bit / 64] >> (bit % 64) & 1;

	static_assert(0x20 << 12 == WISH_SMALL, "the bit of small letters, moved");
	return w->of_word[slot | (begin & 0x20) << 12] | (unsigned int)keys * WISH_KEY;
}

/* What more is wanted of a word that goes on, behind len letters of ASCII, with what is not: an
 * accent, or a quotation mark that ends it.  Names are asked for in any case: few words are both
 * cut and in capitals. */
static inline unsigned int
wishes_of_cut(const struct wishes *w, const uint8_t *at, size_t len)
{
	unsigned int names = (at[0] & 0x20) == 0 ? WISH_NAME : 0;
	uint64_t key;

	if (len >= sizeof(key))
		return 0;
	memcpy(&key, at, sizeof(key));
	key = ((key | 0x2020202020202020u) & ((UINT64_C(1) << 8 * len) - 1)) |
	    UINT64_C(0x80) << 8 * len;
	return names |
	    (w->of_word[key * LEXICON_FACTOR >> (64 - WISH_BITS) | WISH_SMALL] &
		(WISH_CUE | WISH_LABEL));
}

/* Both, where eight bytes at `at` can be read. */
static inline unsigned int
wishes_of(const struct wishes *w, const uint8_t *at, size_t len)
{
	uint64_t begin;

	memcpy(&begin, at, sizeof(begin));
	return wishes_look(w, begin, len < 8 ? len : 8) |
	    (len < 8 && at[len] >= 0x80 ? wishes_of_cut(w, at, len) : 0);
}
