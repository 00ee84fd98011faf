/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ahead - a token and what stands behind it, as the bits of its masks: quick looks that dismiss
 * most tokens before a matcher reads bytes.  They may be wrong only in letting one through.
 */
#pragma once

#include "redact/address.h"
#include "redact/scan.h"

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

struct token token_ahead(const struct ahead *a);

/* What the digits at the start of `a` may be. */
bool ahead_may_be_place(const struct ahead *a);
bool ahead_may_be_house(const struct scan *s, size_t at, const struct ahead *a);

/* Fewer digits than any value has stand before the next letter, and they are no address of the
 * net. */
bool ahead_is_short(const struct ahead *a);
