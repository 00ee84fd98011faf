/* SPDX-License-Identifier: Apache-2.0 */
/* canonical - one byte of a value in its canonical form, for findings and for allowed values. */
#pragma once

#include "redact/scan.h"

#define CANONICAL_NOTHING (-1)

/* is_gap: whether the byte before was a space; begins as true. */
static inline int
canonical_byte(enum canonical how, uint8_t b, bool *is_gap)
{
	bool was_gap = *is_gap;

	*is_gap = b <= ' ';
	if (how == CANONICAL_DIGITS && !is_digit(b))
		return CANONICAL_NOTHING;
	if (how == CANONICAL_UPPER_ALNUM && !is_alnum(b) && b < 0x80)
		return CANONICAL_NOTHING;
	if (how == CANONICAL_WORDS && b <= ' ' && was_gap)
		return CANONICAL_NOTHING;
	if (how == CANONICAL_UPPER_ALNUM)
		return b >= 'a' && b <= 'z' ? b - 0x20 : b;
	return how == CANONICAL_RAW ? b : lower(b);
}
