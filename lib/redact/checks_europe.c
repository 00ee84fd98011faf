/* SPDX-License-Identifier: Apache-2.0 */
/* checks_europe - identity numbers of Europe. */
#include <string.h>

#include "redact/checks.h"

static unsigned int
digit(const uint8_t *at)
{
	return (unsigned int)(*at - '0');
}

bool
check_nhs(const uint8_t *id)
{
	static const uint8_t weights[10] = { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 };

	return !check_is_repeated(id, 10) && check_weighted(id, weights, 10) % 11 == 0;
}

/* Letters and digits stand where they must: the caller looked. */
bool
check_nino(const uint8_t *id)
{
	static const char never[] = "BGGBKNNKNTTNZZ";

	if (strchr("DFIQUV", id[0]) != NULL || strchr("DFIOQUV", id[1]) != NULL || id[8] > 'D')
		return false;
	for (size_t i = 0; i + 1 < sizeof(never); i += 2)
		if (id[0] == (uint8_t)never[i] && id[1] == (uint8_t)never[i + 1])
			return false;
	return true;
}

/* One of the first ten digits stands there two or three times, the others at most once; the last
 * is ISO 7064's for modulus 11, 10. */
bool
check_steuer_id(const uint8_t *id)
{
	unsigned int counts[10] = { 0 }, n_repeated = 0, product = 10;

	if (id[0] == '0')
		return false;
	for (size_t i = 0; i < 10; i++) {
		unsigned int sum = (digit(id + i) + product) % 10;

		counts[digit(id + i)]++;
		product = 2 * (sum == 0 ? 10 : sum) % 11;
	}
	for (size_t i = 0; i < 10; i++) {
		n_repeated += counts[i] > 1;
		if (counts[i] > 3)
			return false;
	}
	return n_repeated == 1 && (11 - product) % 10 == digit(id + 10);
}

/* 2A and 2B, Corsica's departments, count as 19 and 18. */
bool
check_nir(const uint8_t *id)
{
	uint8_t digits[15];
	unsigned int month = check_number(id + 3, 2);

	memcpy(digits, id, sizeof(digits));
	if (id[6] == 'A' || id[6] == 'B') {
		digits[5] = '1';
		digits[6] = id[6] == 'A' ? '9' : '8';
	}
	if (strchr("123478", id[0]) == NULL || month == 0 || (month > 12 && month < 20) ||
	    (month > 42 && month < 50))
		return false;
	return 97 - check_mod97(digits, 13) == check_number(digits + 13, 2);
}

static uint8_t
dni_letter(unsigned int number)
{
	return (uint8_t) "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23];
}

bool
check_dni(const uint8_t *id)
{
	return id[8] == dni_letter(check_number(id, 8));
}

bool
check_nie(const uint8_t *id)
{
	return id[0] >= 'X' && id[0] <= 'Z' &&
	    id[8] == dni_letter((unsigned int)(id[0] - 'X') * 10000000 + check_number(id + 1, 7));
}

bool
check_cif(const uint8_t *id)
{
	unsigned int sum = 0, wanted;

	for (size_t i = 1; i < 8; i++) {
		unsigned int d = digit(id + i);

		sum += i % 2 == 0 ? d : d > 4 ? 2 * d - 9 : 2 * d;
	}
	wanted = (10 - sum % 10) % 10;
	if (id[0] == 0 || strchr("ABCDEFGHJNPQRSUVW", id[0]) == NULL)
		return false;
	if (id[8] >= 'A')
		return strchr("ABEH", id[0]) == NULL && id[8] == (uint8_t) "JABCDEFGHI"[wanted];
	return strchr("NPQRSW", id[0]) == NULL && wanted == digit(id + 8);
}

/* Digits may have become letters where two people would share a code. */
static int
omocodia_digit(uint8_t c)
{
	static const char letters[] = "LMNPQRSTUV";
	const char *at;

	if (c >= '0' && c <= '9')
		return c - '0';
	at = strchr(letters, c);
	return at == NULL || c == 0 ? -1 : (int)(at - letters);
}

static bool
is_codice_fiscale_shaped(const uint8_t *id)
{
	static const char form[] = "LLLLLL99M99L999L";
	int day;

	for (size_t i = 0; i < 16; i++) {
		if (form[i] == '9' ? omocodia_digit(id[i]) < 0 : id[i] < 'A')
			return false;
		if (form[i] == 'M' && strchr("ABCDEHLMPRST", id[i]) == NULL)
			return false;
	}
	day = 10 * omocodia_digit(id[9]) + omocodia_digit(id[10]);
	return day % 40 >= 1 && day % 40 <= 31 && day <= 71;
}

bool
check_codice_fiscale(const uint8_t *id)
{
	/* What a letter or a digit counts in odd places; even places count their number. */
	static const uint8_t odd[26] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6,
		8, 12, 14, 16, 10, 22, 25, 24, 23 };
	unsigned int sum = 0;

	if (!is_codice_fiscale_shaped(id))
		return false;
	for (size_t i = 0; i < 15; i++) {
		unsigned int value = id[i] >= 'A' ? (unsigned int)(id[i] - 'A') : digit(id + i);

		sum += i % 2 == 0 ? odd[value] : value;
	}
	return id[15] == 'A' + sum % 26;
}

bool
check_partita_iva(const uint8_t *id)
{
	return !check_is_repeated(id, 11) && check_luhn(id, 11);
}

bool
check_nif(const uint8_t *id)
{
	static const uint8_t weights[8] = { 9, 8, 7, 6, 5, 4, 3, 2 };
	unsigned int remainder = check_weighted(id, weights, 8) % 11;

	return id[0] != '0' && id[0] != '4' && !check_is_repeated(id, 9) &&
	    (remainder < 2 ? 0 : 11 - remainder) == digit(id + 8);
}

/* Eight digits, one, two letters or digits and one digit: Luhn with A for 10 and so on. */
bool
check_cartao_cidadao(const uint8_t *id)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < 12; i++) {
		unsigned int value =
		    id[i] >= 'A' ? (unsigned int)(id[i] - 'A') + 10 : digit(id + i);

		if (i % 2 == 0)
			value = 2 * value > 9 ? 2 * value - 9 : 2 * value;
		sum += value;
	}
	return sum % 10 == 0;
}

bool
check_bsn(const uint8_t *id)
{
	static const uint8_t weights[8] = { 9, 8, 7, 6, 5, 4, 3, 2 };
	unsigned int sum = check_weighted(id, weights, 8);

	return !check_is_repeated(id, 9) && sum % 11 == digit(id + 8);
}

/* Months may have 20 or 40 added; 0 stands for an unknown month or day. */
bool
check_be_nrn(const uint8_t *id)
{
	unsigned int month = check_number(id + 2, 2) % 20, wanted = check_number(id + 9, 2);
	uint8_t with_century[10] = { '2' };

	if (check_number(id + 2, 2) >= 60 || month > 12 || check_number(id + 4, 2) > 31 ||
	    check_is_repeated(id, 9))
		return false;
	memcpy(with_century + 1, id, 9);
	return 97 - check_mod97(id, 9) == wanted || 97 - check_mod97(with_century, 10) == wanted;
}

/* The month says the century: 80, 0, 20, 40 or 60 added. */
bool
check_pesel(const uint8_t *id)
{
	static const uint8_t weights[11] = { 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1 };

	return check_is_date(check_number(id + 4, 2), check_number(id + 2, 2) % 20) &&
	    check_weighted(id, weights, 11) % 10 == 0;
}

/* A coordination number has 60 added to its day. */
bool
check_personnummer(const uint8_t *id)
{
	unsigned int day = check_number(id + 4, 2);

	return check_is_date(day > 60 ? day - 60 : day, check_number(id + 2, 2)) &&
	    check_luhn(id, 10);
}

bool
check_personnummer12(const uint8_t *id)
{
	unsigned int century = check_number(id, 2);

	return century >= 18 && century <= 20 && check_personnummer(id + 2);
}

bool
check_hetu(const uint8_t *id)
{
	return check_is_date(check_number(id, 2), check_number(id + 2, 2)) &&
	    id[9] == (uint8_t) "0123456789ABCDEFHJKLMNPRSTUVWXY"[check_number(id, 9) % 31];
}

bool
check_cpr(const uint8_t *id)
{
	return check_is_date(check_number(id, 2), check_number(id + 2, 2));
}
