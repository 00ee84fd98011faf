/* SPDX-License-Identifier: Apache-2.0 */
/* named_token - letters and digits that only the words before them make a document: passports,
 * driver's licences; and addresses of network cards in groups. */
#include <string.h>

#include "redact/number.h"
#include "redact/token.h"

#define SCORE_MAC 950
#define BY_CONTEXT 750
#define MIN_DIGITS 4
#define MIN_LEN 6
#define MAX_LEN 17
#define MIN_PARTED 5 /* behind the letters and a separator */

static const struct {
	uint64_t type;
	uint16_t name;
	uint8_t min;
	uint8_t max;
	bool is_hex;
} named[] = {
	{ WORD_TYPE(PASSPORT), REDACT_PASSPORT, 7, 11, false },
	{ WORD_TYPE(DRIVER_LICENCE), REDACT_DRIVER_LICENCE, 6, 16, false },
	{ WORD_TYPE(RG), REDACT_RG, 7, 12, false },
	{ WORD_TYPE(MAC), REDACT_MAC, 12, 12, true },
};

bool
match_named_token(struct scan *s, size_t start, size_t len)
{
	size_t n_digits = 0, n_hex = 0, n_letters = len;
	uint64_t types;

	/* "L-1735922" */
	if (len <= 3 && (s->text[start + len] == '-' || s->text[start + len] == ' ')) {
		for (len++; len < MAX_LEN && is_alnum(s->text[start + len]);)
			len++;
		if (len - n_letters - 1 < MIN_PARTED)
			return false;
	}
	if (len < MIN_LEN || (s->text[start] == '0' && lower(s->text[start + 1]) == 'x'))
		return false;
	for (size_t i = 0; i < len; i++) {
		n_digits += is_digit(s->text[start + i]);
		n_hex += is_hex(s->text[start + i]);
	}
	if (n_digits < MIN_DIGITS)
		return false;
	types = scan_context_near(s, start);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if ((types & named[i].type) == 0 || len < named[i].min || len > named[i].max ||
		    (named[i].is_hex && n_hex != len))
			continue;
		scan_add(s,
		    (struct candidate){
			.start = (uint32_t)start,
			.end = (uint32_t)(start + len),
			.type = named[i].name,
			.score = BY_CONTEXT,
			.how = CANONICAL_UPPER_ALNUM,
		    });
		s->number_resume = start + len;
		s->word_resume = start + len;
		return true;
	}
	return false;
}

/* n groups of `size` hex digits, parted by `sep`, and nothing more of their kind around. */
static bool
is_mac_of(const struct scan *s, size_t start, size_t n, size_t size, uint8_t sep)
{
	size_t at = start;
	bool is_same = true, has_letter = false, has_digit = false;

	if (start > 1 && s->text[start - 1] == sep && is_hex(s->text[start - 2]))
		return false;
	for (size_t group = 0; group < n; group++) {
		if (group > 0 && s->text[at++] != sep)
			return false;
		for (size_t i = 0; i < size; i++, at++) {
			uint8_t c = lower(s->text[at]);

			if (!is_hex(c))
				return false;
			is_same = is_same && c == lower(s->text[start]);
			has_letter = has_letter || is_letter(c);
			has_digit = has_digit || is_digit(c);
		}
	}
	if (is_same || is_alnum(s->text[at]) || (s->text[at] == sep && is_hex(s->text[at + 1])))
		return false;
	/* Digits alone in groups of four are a number of something else. */
	return size == 2 || (has_letter && has_digit);
}

bool
match_mac_groups(struct scan *s, size_t start, size_t len)
{
	size_t n = 0;

	if (len == 2 && s->text[start + 2] == '-' && s->text[start + 5] == '-' &&
	    is_mac_of(s, start, 6, 2, '-'))
		n = 17;
	else if (len == 4 && s->text[start + 4] == '.' && s->text[start + 9] == '.' &&
	    is_mac_of(s, start, 3, 4, '.'))
		n = 14;
	if (n == 0)
		return false;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)(start + n),
		.type = REDACT_MAC,
		.score = SCORE_MAC,
		.how = CANONICAL_UPPER_ALNUM,
	    });
	s->number_resume = start + n;
	s->word_resume = start + n;
	return true;
}
