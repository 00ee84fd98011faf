/* SPDX-License-Identifier: Apache-2.0 */
/* checks_america - numbers of the United States, Mexico, Argentina and Chile. */
#include <string.h>

#include "redact/checks.h"

bool
check_ssn(const uint8_t *id)
{
	unsigned int area = check_number(id, 3);

	/* Two numbers that were printed as samples and never given to anybody. */
	if (memcmp(id, "078051120", 9) == 0 || memcmp(id, "219099999", 9) == 0)
		return false;
	return area != 0 && area != 666 && area < 900 && check_number(id + 3, 2) != 0 &&
	    check_number(id + 5, 4) != 0;
}

bool
check_itin(const uint8_t *id)
{
	unsigned int group = check_number(id + 3, 2);

	return id[0] == '9' && group >= 50 && group != 89 && group != 93 &&
	    (group <= 65 || group >= 70);
}

/* The prefixes that no office gave out. */
bool
check_ein(const uint8_t *id)
{
	static const uint8_t unused[] = { 0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89,
		96, 97 };
	unsigned int prefix = check_number(id, 2);

	return memchr(unused, (int)prefix, sizeof(unused)) == NULL;
}

bool
check_routing(const uint8_t *id)
{
	static const uint8_t weights[9] = { 3, 7, 1, 3, 7, 1, 3, 7, 1 };
	unsigned int district = check_number(id, 2);

	return ((district >= 1 && district <= 12) || (district >= 21 && district <= 32) ||
		   (district >= 61 && district <= 72) || district == 80) &&
	    check_weighted(id, weights, 9) % 10 == 0;
}

bool
check_cuit(const uint8_t *id)
{
	static const uint8_t kinds[] = { 20, 23, 24, 25, 26, 27, 30, 33, 34 };
	static const uint8_t weights[11] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };

	return memchr(kinds, (int)check_number(id, 2), sizeof(kinds)) != NULL &&
	    check_weighted(id, weights, 11) % 11 == 0;
}

/* Mexico's alphabet: Ñ stands behind N, so the letters from O on count one more. */
static unsigned int
mexican_value(uint8_t c)
{
	if (c <= '9')
		return (unsigned int)(c - '0');
	return (unsigned int)(c - 'A') + 10 + (c > 'N');
}

static bool
is_mexican_date(const uint8_t *yymmdd)
{
	return check_is_date(check_number(yymmdd + 4, 2), check_number(yymmdd + 2, 2));
}

static bool
is_mexican_state(const uint8_t *letters)
{
	static const char states[] =
	    "ASBCBSCCCLCMCSCHDFDGGTGRHGJCMCMNMSNTNLOCPLQTQRSPSLSRTCTSTLVZYNZSNE";

	for (size_t i = 0; i + 1 < sizeof(states); i += 2)
		if (letters[0] == (uint8_t)states[i] && letters[1] == (uint8_t)states[i + 1])
			return true;
	return false;
}

bool
check_curp(const uint8_t *id)
{
	unsigned int sum = 0;

	if (!is_mexican_date(id + 4) || strchr("HMX", id[10]) == NULL || !is_mexican_state(id + 11))
		return false;
	for (unsigned int i = 0; i < 17; i++)
		sum += mexican_value(id[i]) * (18 - i);
	return (10 - sum % 10) % 10 == (unsigned int)(id[17] - '0');
}

bool
check_rfc(const uint8_t *id, size_t n)
{
	size_t n_letters = n - 9;
	unsigned int sum = n == 12 ? 37 * 13 : 0, wanted;

	if (!is_mexican_date(id + n_letters))
		return false;
	for (size_t i = 0; i + 1 < n; i++)
		sum += mexican_value(id[i]) * (unsigned int)(n - i);
	wanted = (11 - sum % 11) % 11;
	return id[n - 1] == (wanted == 10 ? 'A' : '0' + wanted);
}

bool
check_rut(const uint8_t *id)
{
	static const uint8_t weights[8] = { 3, 2, 7, 6, 5, 4, 3, 2 };
	unsigned int last = id[8] == 'K' ? 10 : (unsigned int)(id[8] - '0');

	return check_number(id, 8) >= 1000000 && !check_is_repeated(id, 8) &&
	    (check_weighted(id, weights, 8) + last) % 11 == 0;
}
