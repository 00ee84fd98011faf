/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mask - what a masked placeholder still shows of its value: the last four characters, or the
 * domain of an e-mail address.  Only in a form that is recognised when it is met again, and never
 * of a value so short that little would be left to guess.
 */
#include "redact/policy_parts.h"
#include "redact/scan.h"

#define SHOWN 4
#define COUNTRY_DIGITS 3 /* of a telephone number, which are no secret */
#define LEAST_HIDDEN 5
#define MAX_DOMAIN 64
#define MAX_DIGITS_IN_A_ROW 4 /* so that no number hides in what looks like a domain */

static bool
is_last_four(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum((uint8_t)s.at[i]))
			return false;
	return s.len == SHOWN;
}

/* Labels of small letters, digits and hyphens; the last one of letters. */
static bool
is_domain(struct str s)
{
	size_t label = 0, digits = 0;
	bool has_dot = false, has_digit = false;

	if (s.len > MAX_DOMAIN)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = (uint8_t)s.at[i];

		if (c == '.' && label > 0) {
			has_dot = true;
			has_digit = false;
			label = digits = 0;
			continue;
		}
		if (!is_digit(c) && !(c >= 'a' && c <= 'z') && !(c == '-' && label > 0))
			return false;
		digits = is_digit(c) ? digits + 1 : 0;
		has_digit |= is_digit(c) || c == '-';
		if (digits > MAX_DIGITS_IN_A_ROW)
			return false;
		label++;
	}
	return has_dot && label >= 2 && !has_digit;
}

bool
mask_is_tail(struct str tail, bool is_email)
{
	return is_email ? is_domain(tail) : is_last_four(tail);
}

struct str
mask_tail(struct redact_value value)
{
	struct str v = value.canonical, tail = { NULL, 0 };
	bool is_email = value.type == REDACT_EMAIL;
	const char *at;

	if (is_email) {
		at = memrchr(v.at, '@', v.len);
		if (at != NULL)
			tail = str_slice(v, (size_t)(at - v.at) + 1, v.len);
	} else if (v.len >=
	    SHOWN + LEAST_HIDDEN + (value.type == REDACT_PHONE ? COUNTRY_DIGITS : 0))
		tail = str_slice(v, v.len - SHOWN, v.len);
	return mask_is_tail(tail, is_email) ? tail : (struct str){ NULL, 0 };
}
