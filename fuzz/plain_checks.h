/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_checks - values that nobody can deny, found the simplest way: a token between spaces that
 * is a formatted CPF, a card of sixteen digits or a German IBAN, with the check digits computed as
 * the standards write them.  Shares nothing with lib/redact, so that it can judge it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool
plain_has_shape(const char *at, size_t len, const char *shape)
{
	if (len != strlen(shape))
		return false;
	for (size_t i = 0; i < len; i++) {
		bool is_digit = at[i] >= '0' && at[i] <= '9';

		if (shape[i] == '#' ? !is_digit : at[i] != shape[i])
			return false;
	}
	return true;
}

/* Writes the digits of a token; returns how many. */
static inline size_t
plain_digits(const char *at, size_t len, unsigned int *ret_digits)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (at[i] >= '0' && at[i] <= '9')
			ret_digits[n++] = (unsigned int)(at[i] - '0');
	return n;
}

static inline bool
plain_is_cpf(const char *at, size_t len)
{
	unsigned int d[14], first = 0, second = 0;
	bool differ = false;

	if (!plain_has_shape(at, len, "###.###.###-##"))
		return false;
	(void)plain_digits(at, len, d);
	for (unsigned int i = 0; i < 9; i++) {
		first += d[i] * (10 - i);
		second += d[i] * (11 - i);
		differ = differ || d[i] != d[0];
	}
	first = first * 10 % 11 % 10;
	second = (second + first * 2) * 10 % 11 % 10;
	return differ && d[9] == first && d[10] == second;
}

static inline bool
plain_is_card(const char *at, size_t len)
{
	unsigned int d[19], sum = 0;

	if (!plain_has_shape(at, len, "################") &&
	    !plain_has_shape(at, len, "####-####-####-####"))
		return false;
	(void)plain_digits(at, len, d);
	if (d[0] != 4 && !(d[0] == 5 && d[1] >= 1 && d[1] <= 5))
		return false;
	for (unsigned int i = 0; i < 16; i++) {
		unsigned int v = d[i] * (i % 2 == 0 ? 2 : 1);

		sum += v / 10 + v % 10;
	}
	return sum % 10 == 0;
}

static inline bool
plain_is_iban(const char *at, size_t len)
{
	unsigned int rest = 0;

	if (!plain_has_shape(at, len, "DE####################"))
		return false;
	for (size_t i = 4; i < 22; i++)
		rest = (rest * 10 + (unsigned int)(at[i] - '0')) % 97;
	rest = (rest * 1000000 + 131400 + (unsigned int)(at[2] - '0') * 10 +
		   (unsigned int)(at[3] - '0')) %
	    97;
	return rest == 1;
}

/* The next token between spaces, line breaks or the ends of the text; false when there is none. */
static inline bool
plain_next_token(const char **at, const char *end, const char **ret_token, size_t *ret_len)
{
	while (*at < end && (**at == ' ' || **at == '\n'))
		++*at;
	*ret_token = *at;
	while (*at < end && **at != ' ' && **at != '\n')
		++*at;
	*ret_len = (size_t)(*at - *ret_token);
	return *ret_len > 0;
}

static inline bool
plain_is_checked(const char *token, size_t len)
{
	return plain_is_cpf(token, len) || plain_is_card(token, len) || plain_is_iban(token, len);
}
