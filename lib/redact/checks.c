/* SPDX-License-Identifier: Apache-2.0 */
/* checks - what the check digits of many countries have in common. */
#include "redact/checks.h"

bool
check_luhn(const uint8_t *digits, size_t n)
{
	static const uint8_t twice[10] = { 0, 2, 4, 6, 8, 1, 3, 5, 7, 9 };
	unsigned int sum = 0;
	size_t i = n % 2;

	if (i == 1)
		sum = (unsigned int)(digits[0] - '0');
	for (; i < n; i += 2)
		sum += twice[digits[i] - '0'] + (unsigned int)(digits[i + 1] - '0');
	return n > 0 && sum % 10 == 0;
}

bool
check_is_repeated(const uint8_t *digits, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (digits[i] != digits[0])
			return false;
	return true;
}

unsigned int
check_number(const uint8_t *digits, size_t n)
{
	unsigned int number = 0;

	for (size_t i = 0; i < n; i++)
		number = 10 * number + (unsigned int)(digits[i] - '0');
	return number;
}

unsigned int
check_mod97(const uint8_t *digits, size_t n)
{
	unsigned int remainder = 0;

	for (size_t i = 0; i < n; i++)
		remainder = (10 * remainder + (unsigned int)(digits[i] - '0')) % 97;
	return remainder;
}

unsigned int
check_weighted(const uint8_t *digits, const uint8_t *weights, size_t n)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += weights[i] * (unsigned int)(digits[i] - '0');
	return sum;
}

bool
check_is_date(unsigned int day, unsigned int month)
{
	static const uint8_t days[13] = { 0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month];
}

bool
check_imei(const uint8_t *id)
{
	return !check_is_repeated(id, 15) && check_luhn(id, 15);
}
