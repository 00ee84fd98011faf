/* SPDX-License-Identifier: Apache-2.0 */
/* ahead - the quick looks. */
#include <string.h>

#include "redact/ahead.h"
#include "redact/wishes.h"

#define MAX_SMALL_DIGITS 2 /* of a house before a street in small letters */
#define MAX_SMALL_WORDS 5
#define MIN_WORD_ROOM 9 /* bits left of the window for a word to be read */

struct token
token_past_window(const struct ahead *a)
{
	struct token t = { AHEAD_WINDOW, a->digit != 0, a->digit != UINT64_MAX };

	for (; t.len < MAX_TOKEN && is_alnum(a->at[t.len]); t.len++) {
		t.has_digit = t.has_digit || is_digit(a->at[t.len]);
		t.has_letter = t.has_letter || is_letter(a->at[t.len]);
	}
	return t;
}

static bool
is_capital(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

bool
ahead_may_be_code_of(const struct ahead *a, size_t n)
{
	uint8_t c = a->at[n], next = a->at[n + 1];

	if (c == '-')
		return (a->digit >> (n + 1) & 7) == 7;
	if (n == 5 &&
	    (c == ')' || c == '*' || c == '`' || c == '"' || c == '\'' || c >= 0x80 ||
		(a->at[-1] == ' ' && is_capital(a->at[-2]))))
		return true;
	if (n == 4 && is_letter(c))
		return is_letter(next) && !is_alnum(a->at[n + 2]);
	return c == ' ' && (is_letter(next) || next >= 0x80);
}

bool
ahead_may_be_code_of_letters(const struct ahead *a, size_t len)
{
	const uint8_t *end = a->at + len;

	return len >= 2 && len <= 4 && is_capital(a->at[0]) && (end[0] == ' ' || end[0] == '\n') &&
	    is_digit(end[1]) && is_capital(end[2]) && is_alnum(end[3]) && !is_alnum(end[4]);
}

/* What joins the word of `len` bytes at `at` to the next one of a street's name; its length or 0.
 */
static size_t
joint_len(const uint8_t *at, size_t len)
{
	uint8_t c = at[len];

	if (c == ' ' || c == '-' || c == '\'' || c == '\n')
		return 1;
	return c == '.' && at[len + 1] == ' ' ? 2 : 0;
}

/* May one of the words from bit `from` on, but the first, end a street's name? */
static bool
may_end_street(const struct wishes *wishes, const struct ahead *a, size_t from)
{
	uint64_t words = a->alnum >> from;
	const uint8_t *at = a->at + from;
	size_t left = AHEAD_WINDOW - from, n_small = 0, joint = 0;

	for (bool is_first = true;; is_first = false) {
		size_t len = (size_t)__builtin_ctzll(~words); /* zeros came in from above */

		/* Past the window, or letters that are not ASCII. */
		if (len + MIN_WORD_ROOM > left || *at >= 0x80 || at[len] >= 0x80)
			return true;
		/* "5th", "42nd": of digits alone no street is named. */
		if (len == 0 || (is_digit(*at) && !is_letter(at[len - 1])))
			return false;
		if (!is_first && (wishes_of(wishes, at, len) & WISH_STREET_END) != 0)
			return true;
		n_small += *at >= 'a' && joint != 0 && at[-1] == ' ';
		joint = joint_len(at, len);
		if (joint == 0 || n_small >= MAX_SMALL_WORDS)
			return false;
		words >>= len + joint;
		at += len + joint;
		left -= len + joint;
	}
}

bool
ahead_may_be_street_of(const struct scan *s, const struct ahead *a, size_t n)
{
	uint8_t c = a->at[n], next = a->at[n + 1];

	if (is_letter(c) && is_alnum(next))
		return false;
	/* "12 days"; "12 bis", "12 ter" */
	if (c == ' ' && next >= 'a' && next <= 'z' && next != 'b' && next != 't' &&
	    n <= MAX_SMALL_DIGITS)
		return false;
	/* "12-14", "12/3", "12-A", "12a" */
	if ((c == '-' || c == '/') && is_digit(next))
		n += 1 + (size_t)__builtin_ctzll(~(a->digit >> (n + 1)));
	else if ((c == '-' || c == '/') && next >= 'A' && next <= 'Z')
		n += 2;
	else if (is_letter(c))
		n++;
	c = a->at[n];
	next = a->at[n + 1];
	return (c == ' ' || (c == '\n' && next >= 'A' && next <= 'Z')) &&
	    (n + 1 + MIN_WORD_ROOM > AHEAD_WINDOW || may_end_street(s->wishes, a, n + 1));
}

/* "10.0.0.1", "1.10.2": an address of the net has few digits. */
bool
ahead_is_dotted(const uint8_t *text)
{
	size_t n = 0;

	for (int group = 0; group < 2; group++) {
		while (is_digit(text[n]))
			n++;
		if (text[n] != '.' || !is_digit(text[n + 1]))
			return false;
		n++;
	}
	return true;
}

/* "2 84 12 2A 451": born in Corsica; "390 ponto 533": the separator is spelled.  The letters begin
 * `n` bytes ahead. */
bool
ahead_goes_on(const struct ahead *a, uint64_t letters, size_t n)
{
	const uint8_t *behind = a->at + n;
	uint64_t gap = ~(letters >> n);
	size_t len = gap == 0 ? AHEAD_WINDOW : (size_t)__builtin_ctzll(gap);

	if (is_digit(behind[-1]))
		return lower(behind[0]) == 'a' || lower(behind[0]) == 'b';
	if (behind[-1] != ' ' || !is_digit(behind[-2]))
		return false;
	if (behind[len] < 0x80 && (behind[len] != ' ' || !is_digit(behind[len + 1])))
		return false;
	/* "dot", "traço", … */
	if (strchr("bdghpst", lower(behind[0])) == NULL)
		return false;
	return number_goes_on_in_words(behind - 1);
}
