/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names - what a word is beside or inside a person's name, from lib/redact/data/; and the filter
 * that dismisses most words by their first four bytes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NAME_FIRST 1u
#define NAME_LAST 2u
#define NAME_WORD 4u      /* written small it is a word: "rose" */
#define NAME_STOP 8u      /* no part of a name: "customer", "please", "airport" */
#define NAME_HEAD 16u     /* makes the name behind it a place: "hotel", "saint" */
#define NAME_PARTICLE 32u /* "da", "von", "van der" */
#define NAME_THING 64u    /* with a capital it is a place or a thing more often than a name */
#define NAME_COMMON 128u  /* a word so common that small letters are the word */

#define NAME_KNOWN (NAME_FIRST | NAME_LAST)

#define WORD_FILTER_WORDS 512

extern const uint64_t names_filter[WORD_FILTER_WORDS];

/* First names by their first eight letters, zeros behind them. */
extern const uint64_t names_first_keys[];
extern const size_t names_n_first_keys;

/* The classes of a word without apostrophes, by its hash of lexicon.h; 0 for most. */
unsigned int names_class_of(uint64_t hash);

/* The same of a folded word. */
unsigned int names_class(const uint8_t *folded, size_t len);

/* The first four letters in small form; what is no letter ends them, as 0, or as 0x80 where it is
 * not ASCII.  Four bytes are read. */
static inline uint32_t
word_key(const uint8_t *at)
{
	uint32_t w, small, other, kept;
	unsigned int shift;

	memcpy(&w, at, sizeof(w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap32(w);
#endif
	small = w | 0x20202020u;
	/* The top bit of each byte: set where it is no letter of ASCII. */
	other =
	    ~(((small & 0x7F7F7F7Fu) + 0x1F1F1F1Fu) & ~((small & 0x7F7F7F7Fu) + 0x05050505u) & ~w) &
	    0x80808080u;
	if (other == 0)
		return small;
	shift = (unsigned int)__builtin_ctz(other) & ~7u;
	kept = small & (((uint32_t)1 << shift) - 1);
	return kept | (w & ((uint32_t)0x80 << shift));
}

static inline bool
word_filter_has(const uint64_t filter[static WORD_FILTER_WORDS], uint32_t key)
{
	uint32_t slot = (key * 0x9E3779B1u) >> 17;

	return (filter[slot / 64] >> (slot % 64) & 1) != 0;
}
