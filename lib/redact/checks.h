/* SPDX-License-Identifier: Apache-2.0 */
/* checks - check digits and number ranges, on ASCII digits without separators. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool check_luhn(const uint8_t *digits, size_t n);
bool check_cpf(const uint8_t *digits);  /* 11 digits; not all the same */
bool check_cnpj(const uint8_t *digits); /* 14: twelve digits or capitals, two digits */
bool check_ssn(const uint8_t *digits);  /* 9: ranges only, there is no check digit */
bool check_itin(const uint8_t *digits);

/* Letters (any case) and digits, no spaces: the country's length and the remainder by 97. */
bool check_iban(const uint8_t *text, size_t n);

/* The length of the country's IBANs; 0 for a country that has none. */
size_t check_iban_len(const uint8_t *country);

enum card_range {
	CARD_RANGE_NONE,
	CARD_RANGE_WIDE, /* a card may begin so, and much else */
	CARD_RANGE_BRAND,
};

/* What the first digits and the length say. */
enum card_range check_card_range(const uint8_t *digits, size_t n);
