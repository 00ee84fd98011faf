/* SPDX-License-Identifier: Apache-2.0 */
/* checks_iban - the countries' lengths of account numbers and the remainder by 97. */
#include "redact/checks.h"

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
