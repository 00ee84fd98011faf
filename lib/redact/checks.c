/* SPDX-License-Identifier: Apache-2.0 */
/* checks - check digits and number ranges. */
#include <string.h>

#include "redact/checks.h"

bool
check_luhn(const uint8_t *digits, size_t n)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned int d = (unsigned int)(digits[n - 1 - i] - '0');

		if (i % 2 == 1)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return n > 0 && sum % 10 == 0;
}

static bool
is_one_digit_repeated(const uint8_t *digits, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (digits[i] != digits[0])
			return false;
	return true;
}

/* The check digit of Brazil's modulus 11: remainders 0 and 1 give 0. */
static unsigned int
mod11_digit(unsigned int sum)
{
	unsigned int remainder = sum % 11;

	return remainder < 2 ? 0 : 11 - remainder;
}

bool
check_cpf(const uint8_t *digits)
{
	unsigned int first = 0, second = 0;

	if (is_one_digit_repeated(digits, 11))
		return false;
	for (unsigned int i = 0; i < 9; i++)
		first += (10 - i) * (unsigned int)(digits[i] - '0');
	for (unsigned int i = 0; i < 10; i++)
		second += (11 - i) * (unsigned int)(digits[i] - '0');
	return mod11_digit(first) == (unsigned int)(digits[9] - '0') &&
	    mod11_digit(second) == (unsigned int)(digits[10] - '0');
}

bool
check_cnpj(const uint8_t *digits)
{
	static const uint8_t weights[13] = { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };
	unsigned int first = 0, second = 0;

	if (is_one_digit_repeated(digits, 14))
		return false;
	for (unsigned int i = 0; i < 12; i++)
		first += weights[i + 1] * (unsigned int)(digits[i] - '0');
	for (unsigned int i = 0; i < 13; i++)
		second += weights[i] * (unsigned int)(digits[i] - '0');
	return mod11_digit(first) == (unsigned int)(digits[12] - '0') &&
	    mod11_digit(second) == (unsigned int)(digits[13] - '0');
}

static unsigned int
number_of(const uint8_t *digits, size_t n)
{
	unsigned int number = 0;

	for (size_t i = 0; i < n; i++)
		number = 10 * number + (unsigned int)(digits[i] - '0');
	return number;
}

bool
check_ssn(const uint8_t *digits)
{
	unsigned int area = number_of(digits, 3);

	/* Two numbers that were printed as samples and never given to anybody. */
	if (memcmp(digits, "078051120", 9) == 0 || memcmp(digits, "219099999", 9) == 0)
		return false;
	return area != 0 && area != 666 && area < 900 && number_of(digits + 3, 2) != 0 &&
	    number_of(digits + 5, 4) != 0;
}

bool
check_itin(const uint8_t *digits)
{
	unsigned int group = number_of(digits + 3, 2);

	if (digits[0] != '9')
		return false;
	return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
	    (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
}

/* Country and length, as in the IBAN registry. */
static const char iban_lengths[] =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24"
    "FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21"
    "LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22"
    "RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

static uint8_t
upper(uint8_t c)
{
	return c >= 'a' && c <= 'z' ? (uint8_t)(c - 0x20) : c;
}

size_t
check_iban_len(const uint8_t *country)
{
	for (size_t i = 0; i + 4 < sizeof(iban_lengths); i += 4)
		if (iban_lengths[i] == (char)upper(country[0]) &&
		    iban_lengths[i + 1] == (char)upper(country[1]))
			return 10 * (size_t)(iban_lengths[i + 2] - '0') +
			    (size_t)(iban_lengths[i + 3] - '0');
	return 0;
}

bool
check_iban(const uint8_t *text, size_t n)
{
	unsigned int remainder = 0;

	if (n < 5 || check_iban_len(text) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = upper(text[(i + 4) % n]);

		remainder = c <= '9' ? remainder * 10 + (unsigned int)(c - '0')
				     : remainder * 100 + (unsigned int)(c - 'A') + 10;
		remainder %= 97;
	}
	return remainder == 1;
}

/* First six digits, in order. */
static const struct card_prefix {
	uint32_t first;
	uint32_t last;
	uint32_t lengths; /* bit n: n digits */
	enum card_range range;
} card_prefixes[] = {

#define LEN(n) (1u << (n))
#define LEN_16_19 (LEN(16) | LEN(17) | LEN(18) | LEN(19))
#define LEN_12_19 (LEN(12) | LEN(13) | LEN(14) | LEN(15) | LEN_16_19)
	{ 220000, 220499, LEN_16_19, CARD_RANGE_BRAND },                   /* Mir */
	{ 222100, 272099, LEN(16), CARD_RANGE_BRAND },                     /* Mastercard */
	{ 300000, 305999, LEN(14) | LEN(16) | LEN(19), CARD_RANGE_BRAND }, /* Diners */
	{ 309500, 309599, LEN(14) | LEN(16) | LEN(19), CARD_RANGE_BRAND },
	{ 340000, 349999, LEN(15), CARD_RANGE_BRAND },   /* American Express */
	{ 352800, 358999, LEN_16_19, CARD_RANGE_BRAND }, /* JCB */
	{ 360000, 369999, LEN(14) | LEN(16) | LEN(19), CARD_RANGE_BRAND },
	{ 370000, 379999, LEN(15), CARD_RANGE_BRAND },
	{ 380000, 399999, LEN(14) | LEN(16) | LEN(19), CARD_RANGE_BRAND },
	{ 400000, 499999, LEN(16) | LEN(19), CARD_RANGE_BRAND }, /* Visa, Elo */
	{ 400000, 499999, LEN(13), CARD_RANGE_WIDE },
	{ 500000, 509999, LEN(16), CARD_RANGE_BRAND }, /* Elo, Maestro, RuPay */
	{ 500000, 509999, LEN_12_19, CARD_RANGE_WIDE },
	{ 510000, 559999, LEN(16), CARD_RANGE_BRAND },
	{ 560000, 589999, LEN_12_19, CARD_RANGE_WIDE },          /* Maestro */
	{ 601100, 601199, LEN_16_19, CARD_RANGE_BRAND },         /* Discover */
	{ 606282, 606282, LEN(16) | LEN(19), CARD_RANGE_BRAND }, /* Hipercard */
	{ 620000, 629999, LEN_16_19, CARD_RANGE_BRAND },         /* UnionPay, Elo */
	{ 636200, 636399, LEN(16), CARD_RANGE_BRAND },
	{ 637000, 637999, LEN(16), CARD_RANGE_BRAND },
	{ 644000, 659999, LEN_16_19, CARD_RANGE_BRAND },
	{ 600000, 699999, LEN_12_19, CARD_RANGE_WIDE },
	{ 810000, 829999, LEN(16), CARD_RANGE_WIDE },  /* UnionPay, RuPay */
	{ 979200, 979289, LEN(16), CARD_RANGE_BRAND }, /* Troy */
#undef LEN
#undef LEN_16_19
#undef LEN_12_19
};

enum card_range
check_card_range(const uint8_t *digits, size_t n)
{
	uint32_t prefix;

	if (n < 12 || n > 19)
		return CARD_RANGE_NONE;
	prefix = number_of(digits, 6);
	for (size_t i = 0; i < sizeof(card_prefixes) / sizeof(card_prefixes[0]); i++) {
		const struct card_prefix *p = &card_prefixes[i];

		if (prefix >= p->first && prefix <= p->last && (p->lengths >> n & 1) != 0)
			return p->range;
	}
	return CARD_RANGE_NONE;
}
