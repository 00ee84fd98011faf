/* SPDX-License-Identifier: Apache-2.0 */
/* boleto - a Brazilian payment slip's line of 47 or 48 digits, which a check digit in each of its
 * fields tells from other long numbers. */
#include <string.h>

#include "redact/number.h"

#define LIKELY 900
#define MAX_DIGITS 48
#define MAX_BYTES 72

bool
match_boleto(struct scan *s, size_t start, size_t *ret_end)
{
	uint8_t digits[MAX_DIGITS + 1];
	size_t n = 0, end = start, at = start;

	for (; at < s->len && at - start < MAX_BYTES && n <= MAX_DIGITS; at++) {
		uint8_t c = s->text[at];

		if (is_digit(c)) {
			digits[n++] = c;
			end = at + 1;
		} else if (c != ' ' && c != '.' && c != '-') {
			break;
		}
	}
	if ((n != 47 && n != 48) || is_alnum(s->text[end]) || !check_boleto(digits, n))
		return false;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_BANK_ACCOUNT,
		.score = LIKELY,
		.how = CANONICAL_DIGITS,
	    });
	*ret_end = end;
	return true;
}
