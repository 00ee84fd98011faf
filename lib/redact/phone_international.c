/* SPDX-License-Identifier: Apache-2.0 */
/* phone_international - telephone numbers with "+" or "00" and a country's code. */
#include <string.h>

#include "redact/phone.h"

#define SURE 980
#define MIN_DIGITS 8
#define MAX_DIGITS 15

/* Country codes, how many digits a whole number has where it is known, and whether the 0 of
 * national forms goes when the code is dialled. */
static const struct country {
	char code[4];
	uint8_t min;
	uint8_t max;
	bool keeps_zero;
} countries[] = {
	{ "1", 11, 11, false },
	{ "20", 11, 12, false },
	{ "212", 12, 12, false },
	{ "234", 11, 13, false },
	{ "244", 12, 12, true },
	{ "254", 12, 12, false },
	{ "258", 11, 12, true },
	{ "27", 11, 11, false },
	{ "30", 12, 12, false },
	{ "31", 11, 11, false },
	{ "32", 10, 11, false },
	{ "33", 11, 11, false },
	{ "34", 11, 11, true },
	{ "351", 12, 12, true },
	{ "352", 8, 12, true },
	{ "353", 10, 12, false },
	{ "354", 10, 10, true },
	{ "358", 8, 13, false },
	{ "36", 10, 11, false },
	{ "380", 12, 12, false },
	{ "385", 11, 12, false },
	{ "39", 8, 13, true },
	{ "40", 11, 11, false },
	{ "41", 11, 11, false },
	{ "420", 12, 12, true },
	{ "421", 12, 12, false },
	{ "43", 9, 15, false },
	{ "44", 11, 12, false },
	{ "45", 10, 10, true },
	{ "46", 9, 13, false },
	{ "47", 10, 10, true },
	{ "48", 11, 11, false },
	{ "49", 9, 15, false },
	{ "51", 10, 11, false },
	{ "52", 12, 13, false },
	{ "53", 10, 10, false },
	{ "54", 12, 13, false },
	{ "55", 12, 13, false },
	{ "56", 11, 11, false },
	{ "57", 11, 12, false },
	{ "58", 12, 12, false },
	{ "591", 11, 11, false },
	{ "593", 11, 12, false },
	{ "595", 11, 12, false },
	{ "598", 11, 11, false },
	{ "60", 10, 12, false },
	{ "61", 11, 11, false },
	{ "62", 10, 14, false },
	{ "63", 12, 12, false },
	{ "64", 10, 12, false },
	{ "65", 10, 10, true },
	{ "66", 10, 11, false },
	{ "7", 11, 11, false },
	{ "81", 11, 12, false },
	{ "82", 10, 12, false },
	{ "84", 11, 12, false },
	{ "852", 11, 11, true },
	{ "86", 12, 13, false },
	{ "90", 12, 12, false },
	{ "91", 12, 12, false },
	{ "92", 11, 12, false },
	{ "971", 11, 12, false },
	{ "972", 11, 12, false },
};

static const struct country *
country_of(const uint8_t *digits)
{
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++)
		if (memcmp(digits, countries[i].code, strlen(countries[i].code)) == 0)
			return &countries[i];
	return NULL;
}

/* Digits with the country's code first. */
static bool
is_number(const struct country *c, const uint8_t *digits, size_t n)
{
	if (n < MIN_DIGITS || n > MAX_DIGITS || digits[0] == '0')
		return false;
	if (c == NULL)
		return true;
	if (n < c->min || n > c->max)
		return false;
	if (strcmp(c->code, "1") == 0)
		return phone_is_north_american(digits + 1);
	return strcmp(c->code, "55") != 0 || phone_is_brazilian(digits + 2, n - 2);
}

/* "+44 (0)20 …", "+33 06 …", "+55 011 …": the 0 is no part of the number. */
static bool
has_needless_zero(const struct country *c, const uint8_t *digits, size_t n)
{
	return c != NULL && !c->keeps_zero && digits[strlen(c->code)] == '0' && n > c->min;
}

static bool
is_sum_or_hunk(const struct number *n)
{
	for (size_t i = 0; i + 1 < n->n_groups; i++)
		if (n->seps[i] == '+')
			return true;
	return false;
}

struct verdict
phone_international(const struct number *n)
{
	size_t skip = n->has_plus ? 0 : 2, n_digits = n->n_digits - skip, code_len;
	const uint8_t *digits = n->digits + skip;
	const struct country *c = country_of(digits);
	uint8_t without[NUMBER_MAX_DIGITS];

	if (n_digits < MIN_DIGITS || is_sum_or_hunk(n))
		return (struct verdict){ 0 };
	if (has_needless_zero(c, digits, n_digits)) {
		code_len = strlen(c->code);
		memcpy(without, digits, code_len);
		memcpy(without + code_len, digits + code_len + 1, n_digits - code_len - 1);
		if (is_number(c, without, n_digits - 1))
			return (struct verdict){ .score = SURE,
				.n_drop = (uint8_t)skip,
				.skip_digit = (uint8_t)(skip + code_len + 1) };
	}
	if (!is_number(c, digits, n_digits))
		return (struct verdict){ 0 };
	return (struct verdict){ .score = SURE, .n_drop = (uint8_t)skip };
}
