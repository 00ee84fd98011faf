/* SPDX-License-Identifier: Apache-2.0 */
/* checks_brazil - Brazil's numbers: CPF, CNPJ, CNH, PIS, voter's title, health card, RG, boleto. */
#include <string.h>

#include "redact/checks.h"

#define MIN_TITULO_STATE 1
#define MAX_TITULO_STATE 28

static unsigned int
digit(const uint8_t *at)
{
	return (unsigned int)(*at - '0');
}

/* The check digit of modulus 11 as most numbers have it: remainders 0 and 1 give 0. */
static unsigned int
mod11_digit(unsigned int sum)
{
	unsigned int remainder = sum % 11;

	return remainder < 2 ? 0 : 11 - remainder;
}

bool
check_cpf(const uint8_t *id)
{
	static const uint8_t weights[10] = { 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 };

	return !check_is_repeated(id, 11) &&
	    mod11_digit(check_weighted(id, weights + 1, 9)) == digit(id + 9) &&
	    mod11_digit(check_weighted(id, weights, 10)) == digit(id + 10);
}

/* Letters count as their ASCII code less that of '0'. */
bool
check_cnpj(const uint8_t *id)
{
	static const uint8_t weights[13] = { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };

	return !check_is_repeated(id, 14) &&
	    mod11_digit(check_weighted(id, weights + 1, 12)) == digit(id + 12) &&
	    mod11_digit(check_weighted(id, weights, 13)) == digit(id + 13);
}

bool
check_cnh(const uint8_t *id)
{
	static const uint8_t down[9] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };
	static const uint8_t up[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	unsigned int first = check_weighted(id, down, 9) % 11;
	unsigned int second = check_weighted(id, up, 9) % 11;

	if (check_is_repeated(id, 11))
		return false;
	/* A first digit of ten is written 0 and taken off the second. */
	if (first == 10) {
		first = 0;
		second = (second + 9) % 11;
	}
	if (second == 10)
		second = 0;
	return first == digit(id + 9) && second == digit(id + 10);
}

bool
check_pis(const uint8_t *id)
{
	static const uint8_t weights[10] = { 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };

	return !check_is_repeated(id, 11) &&
	    mod11_digit(check_weighted(id, weights, 10)) == digit(id + 10);
}

/* Remainder 10 gives 0; 0 gives 1 in São Paulo (01) and Minas Gerais (02). */
static unsigned int
titulo_digit(unsigned int sum, unsigned int state)
{
	unsigned int remainder = sum % 11;

	if (remainder == 0 && state <= 2)
		return 1;
	return remainder == 10 ? 0 : remainder;
}

bool
check_titulo_eleitor(const uint8_t *id)
{
	static const uint8_t first[8] = { 2, 3, 4, 5, 6, 7, 8, 9 };
	static const uint8_t second[3] = { 7, 8, 9 };
	unsigned int state = check_number(id + 8, 2);

	return state >= MIN_TITULO_STATE && state <= MAX_TITULO_STATE &&
	    titulo_digit(check_weighted(id, first, 8), state) == digit(id + 10) &&
	    titulo_digit(check_weighted(id + 8, second, 3), state) == digit(id + 11);
}

bool
check_cns(const uint8_t *id)
{
	static const uint8_t weights[15] = { 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 };

	return strchr("12789", id[0]) != NULL && check_weighted(id, weights, 15) % 11 == 0;
}

bool
check_rg_sao_paulo(const uint8_t *id)
{
	static const uint8_t weights[8] = { 2, 3, 4, 5, 6, 7, 8, 9 };
	unsigned int last = id[8] == 'X' ? 10 : digit(id + 8);

	return !check_is_repeated(id, 8) && (check_weighted(id, weights, 8) + last) % 11 == 0;
}

/* Modulus 10 over n digits and their check digit is Luhn's. */
bool
check_boleto(const uint8_t *digits, size_t n)
{
	if (n == 47)
		return !check_is_repeated(digits, 9) && check_luhn(digits, 10) &&
		    check_luhn(digits + 10, 11) && check_luhn(digits + 21, 11);
	if (n != 48 || digits[0] != '8')
		return false;
	/* Taxes and utilities: four fields; 6 and 7 in third place mean modulus 10. */
	for (size_t field = 0; field < 4; field++) {
		static const uint8_t weights[11] = { 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };
		const uint8_t *at = digits + 12 * field;

		if (digits[2] <= '7'
			? !check_luhn(at, 12)
			: mod11_digit(check_weighted(at, weights, 11)) != digit(at + 11))
			return false;
	}
	return true;
}

bool
check_brazilian_state(const uint8_t *letters)
{
	static const char states[] = "ACALAMAPBACEDFESGOMAMGMSMTPAPBPEPIPRRJRNRORRRSSCSESPTO";

	for (size_t i = 0; i + 1 < sizeof(states); i += 2)
		if (letters[0] == (uint8_t)states[i] && letters[1] == (uint8_t)states[i + 1])
			return true;
	return false;
}
