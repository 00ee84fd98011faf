/* SPDX-License-Identifier: Apache-2.0 */
/* validators - the plainest form of each check. */
#include <ctype.h>

#include "validators.h"

#define MAX_CHARACTERS 40

struct characters {
	unsigned int at[MAX_CHARACTERS]; /* 0 to 9, a letter 10 to 35 */
	size_t n;
};

static struct characters
characters_of(struct str value)
{
	struct characters c = { .n = 0 };

	for (size_t i = 0; i < value.len && c.n < MAX_CHARACTERS; i++) {
		unsigned char b = (unsigned char)value.at[i];

		if (isdigit(b))
			c.at[c.n++] = b - (unsigned int)'0';
		else if (isalpha(b))
			c.at[c.n++] = (unsigned int)toupper(b) - 'A' + 10;
	}
	return c;
}

bool
is_luhn(struct str value)
{
	struct characters c = characters_of(value);
	unsigned int sum = 0;

	for (size_t i = 0; i < c.n; i++) {
		unsigned int v = c.at[c.n - 1 - i] * (i % 2 == 0 ? 1 : 2);

		sum += v / 10 + v % 10;
	}
	return c.n >= 12 && sum % 10 == 0;
}

bool
is_cpf(struct str value)
{
	struct characters c = characters_of(value);
	bool differ = false;

	for (size_t digit = 9; digit < 11 && c.n == 11; digit++) {
		unsigned int sum = 0;

		for (unsigned int i = 0; i < digit; i++)
			sum += c.at[i] * ((unsigned int)digit + 1 - i);
		if (sum * 10 % 11 % 10 != c.at[digit])
			return false;
	}
	for (size_t i = 1; i < c.n; i++)
		differ = differ || c.at[i] != c.at[0];
	return c.n == 11 && differ;
}

/* Since 2026 with letters, which count as their ASCII code less 48. */
bool
is_cnpj(struct str value)
{
	static const unsigned int weights[] = { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };
	struct characters c = characters_of(value);

	for (size_t digit = 12; digit < 14 && c.n == 14; digit++) {
		unsigned int sum = 0;

		for (size_t i = 0; i < digit; i++)
			sum += (c.at[i] > 9 ? c.at[i] + 7 : c.at[i]) * weights[i + 13 - digit];
		if ((sum % 11 < 2 ? 0 : 11 - sum % 11) != c.at[digit])
			return false;
	}
	return c.n == 14;
}

bool
is_iban(struct str value)
{
	struct characters c = characters_of(value);
	unsigned int rest = 0;

	for (size_t i = 0; i < c.n; i++) {
		unsigned int v = c.at[(i + 4) % c.n];

		rest = (rest * (v > 9 ? 100 : 10) + v) % 97;
	}
	return c.n >= 15 && rest == 1;
}

bool
is_ssn(struct str value)
{
	struct characters c = characters_of(value);
	unsigned int area = c.at[0] * 100 + c.at[1] * 10 + c.at[2];

	return c.n == 9 && area != 0 && area != 666 && area < 900 && c.at[3] + c.at[4] > 0 &&
	    c.at[5] + c.at[6] + c.at[7] + c.at[8] > 0;
}

bool
has_three_classes(struct str value)
{
	bool has_small = false, has_capital = false, has_digit = false;

	for (size_t i = value.len > 20 ? value.len - 20 : 0; i < value.len; i++) {
		has_small = has_small || islower((unsigned char)value.at[i]);
		has_capital = has_capital || isupper((unsigned char)value.at[i]);
		has_digit = has_digit || isdigit((unsigned char)value.at[i]);
	}
	return has_small && has_capital && has_digit;
}

bool
is_like_a_sample(struct str value)
{
	static const char *const words[] = { "your", "xxx", "example", "sample", "test", "dummy",
		"fake" };
	struct str body = str_slice(value, value.len > 16 ? value.len - 16 : 0, value.len);
	size_t n_different = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_contains_ignoring_case(value, str_from(words[i])))
			return true;
	for (size_t i = 0; i < body.len; i++)
		n_different += memchr(body.at, body.at[i], i) == NULL;
	return n_different < 8;
}
