/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ahead - a token and what stands behind it, as the bits of its masks: quick looks that dismiss
 * most tokens before a matcher reads bytes.  They may be wrong only in letting one through.
 */
#pragma once

#include "redact/address.h"
#include "redact/scan.h"

#define AHEAD_WINDOW 64
#define AHEAD_HOUSE_DIGITS 5

/* The 64 bytes from `at` on, one bit each, the first one lowest. */
struct ahead {
	const uint8_t *at;
	uint64_t alnum;
	uint64_t digit;
};

/* 64 bits from `bit` on, over the end of the block. */
static inline uint64_t
bits_from(uint64_t here, uint64_t next, unsigned int bit)
{
	return here >> bit | next << 1 << (MASKS_BLOCK - 1 - bit);
}

static inline struct ahead
ahead_of(const uint8_t *at, unsigned int bit, const struct masks m[static 2])
{
	return (struct ahead){ at, bits_from(m[0].alnum, m[1].alnum, bit),
		bits_from(m[0].digit, m[1].digit, bit) };
}

/* A run of letters and digits, MAX_TOKEN of them at most. */
#define MAX_TOKEN 128

struct token {
	size_t len;
	bool has_digit;
	bool has_letter;
};

/* One that fills the window. */
struct token token_past_window(const struct ahead *a);

static inline struct token
token_ahead(const struct ahead *a)
{
	uint64_t gap = ~a->alnum, inside = (gap & -gap) - 1, digits = a->digit & inside;

	if (gap == 0)
		return token_past_window(a);
	return (struct token){ (size_t)__builtin_ctzll(gap), digits != 0, digits != inside };
}

/* How many digits stand first. */
static inline size_t
ahead_digits(const struct ahead *a)
{
	uint64_t gap = ~a->digit;

	return gap == 0 ? AHEAD_WINDOW : (size_t)__builtin_ctzll(gap);
}

/* What the digits at the start of `a` may be: a point with four decimals, or the sign of degrees.
 */
static inline bool
ahead_may_be_place(const struct ahead *a)
{
	size_t n = ahead_digits(a);

	if (n > 4)
		return false;
	return a->at[n] == '.' ? (a->digit >> (n + 1) & 0xF) == 0xF
			       : a->at[n] == 0xC2 && a->at[n + 1] == 0xB0;
}

/* The looks below are in two parts: what dismisses most numbers is inlined where they are met. */

bool ahead_may_be_code_of(const struct ahead *a, size_t n_digits);

/* Four or five digits before a hyphen and three or four, a city, or two capitals; or behind two. */
static inline bool
ahead_may_be_code(const struct ahead *a)
{
	size_t n = ahead_digits(a);

	return (n == 4 || n == 5) && ahead_may_be_code_of(a, n);
}

bool ahead_may_be_street_of(const struct scan *s, const struct ahead *a, size_t n_digits);

/* A street's word before the number, or a space and words of which one ends a street's name behind
 * it.  What follows the digits otherwise is part of the number, or ends it. */
static inline bool
ahead_may_be_house(const struct scan *s, size_t at, const struct ahead *a)
{
	size_t n = ahead_digits(a);
	uint8_t c = a->at[n];

	/* "5.27" */
	if (n > AHEAD_HOUSE_DIGITS || (c == '.' && is_digit(a->at[n + 1])))
		return false;
	if (at > 1 && (a->at[-1] == ' ' || a->at[-1] == '\n') &&
	    (is_letter(a->at[-2]) || a->at[-2] == '.') &&
	    !(is_letter(c) && is_alnum(a->at[n + 1])) && street_may_end(s->text, at - 1))
		return true;
	if (c != ' ' && c != '\n' && c != '-' && c != '/' && !is_letter(c))
		return false;
	return ahead_may_be_street_of(s, a, n);
}

/* Letters and digits that a British or a Canadian postal code begins with. */
bool ahead_may_be_code_of_letters(const struct ahead *a, size_t len);

#define AHEAD_NUMBER 40    /* bytes in which the digits of a value stand */
#define AHEAD_MIN_DIGITS 7 /* that it has, but for addresses of the net */

bool ahead_goes_on(const struct ahead *a, uint64_t letters, size_t n);
bool ahead_is_dotted(const uint8_t *text);

/* Fewer digits than any value has stand before the next letter, and they are no address of the
 * net. */
static inline bool
ahead_is_short(const struct ahead *a)
{
	uint64_t letters = a->alnum & ~a->digit, window = (UINT64_C(1) << AHEAD_NUMBER) - 1;
	uint64_t near = letters & window, digits;

	if (near != 0)
		window = (near & -near) - 1;
	digits = a->digit & window;
	for (int i = 1; i < AHEAD_MIN_DIGITS; i++)
		digits &= digits - 1;
	if (digits != 0)
		return false;
	/* The letters stand behind a digit, or behind one and a sign. */
	if (near != 0 && ((a->digit << 1 | a->digit << 2) & near & -near) != 0 &&
	    ahead_goes_on(a, letters, (size_t)__builtin_ctzll(near)))
		return false;
	return a->at[ahead_digits(a)] != '.' || !ahead_is_dotted(a->at);
}
