/* SPDX-License-Identifier: Apache-2.0 */
/*
 * letters - which of 64 bytes are letters of words, and which of them capitals of ASCII: one bit a
 * byte, sixteen bytes at a time where SSE2 is, else one; the result is the same.  And how long a
 * word is.
 */
#pragma once

#include "redact/lexicon.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define LETTERS_BLOCK 64

struct letters {
	uint64_t all; /* lexicon_is_letter */
	uint64_t capitals;
};

#if defined(__SSE2__)

static inline __m128i
letters_in_range(__m128i v, char low, char width)
{
	__m128i moved = _mm_add_epi8(v, _mm_set1_epi8((char)(-128 - low)));

	return _mm_cmpgt_epi8(_mm_set1_epi8((char)(-128 + width + 1)), moved);
}

/* The top bit of each of 16 bytes that is a letter. */
static inline __m128i
letters_of_16(__m128i v)
{
	__m128i small = letters_in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 25);
	__m128i no = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xC2)),
	    _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xE2)),
		_mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xFF))));

	return _mm_or_si128(small, _mm_andnot_si128(no, v));
}

/* Where the letters from `at` on end; 16 bytes behind them can be read, and they are none. */
static inline size_t
letters_len(const uint8_t *at)
{
	for (size_t i = 0;; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
		uint32_t others = ~(uint32_t)_mm_movemask_epi8(letters_of_16(v)) & 0xFFFF;

		if (others != 0)
			return i + (size_t)__builtin_ctz(others);
	}
}

static inline struct letters
letters_of(const uint8_t at[static LETTERS_BLOCK])
{
	struct letters found = { 0, 0 };

	for (unsigned int i = 0; i < LETTERS_BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));

		found.all |= (uint64_t)(uint32_t)_mm_movemask_epi8(letters_of_16(v)) << i;
		found.capitals |=
		    (uint64_t)(uint32_t)_mm_movemask_epi8(letters_in_range(v, 'A', 25)) << i;
	}
	return found;
}

#else

static inline size_t
letters_len(const uint8_t *at)
{
	size_t i = 0;

	while (lexicon_is_letter(at[i]))
		i++;
	return i;
}

static inline struct letters
letters_of(const uint8_t at[static LETTERS_BLOCK])
{
	struct letters found = { 0, 0 };

	for (unsigned int i = 0; i < LETTERS_BLOCK; i++) {
		found.all |= (uint64_t)lexicon_is_letter(at[i]) << i;
		found.capitals |= (uint64_t)(at[i] >= 'A' && at[i] <= 'Z') << i;
	}
	return found;
}

#endif
