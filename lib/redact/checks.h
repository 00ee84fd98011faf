/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checks - check digits and number ranges, on ASCII digits and capitals without separators.
 *
 * Each check of an identity number takes the whole number, of the length that stands behind it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef bool check_function(const uint8_t *id);

bool check_luhn(const uint8_t *digits, size_t n);
bool check_is_repeated(const uint8_t *digits, size_t n);    /* one digit, n times */
unsigned int check_number(const uint8_t *digits, size_t n); /* at most nine digits */
check_function check_imei;                                  /* 15, any country: Luhn */
unsigned int check_mod97(const uint8_t *digits, size_t n);

/* The sum of n digits, each times its weight. */
unsigned int check_weighted(const uint8_t *digits, const uint8_t *weights, size_t n);

/* A day of a month of some year; February has 29. */
bool check_is_date(unsigned int day, unsigned int month);

/* Brazil */
check_function check_cpf;                           /* 11 */
check_function check_cnpj;                          /* 14: twelve digits or capitals, two digits */
check_function check_cnh;                           /* 11 */
check_function check_pis;                           /* 11 */
check_function check_titulo_eleitor;                /* 12 */
check_function check_cns;                           /* 15 */
check_function check_rg_sao_paulo;                  /* 9, X for ten */
bool check_boleto(const uint8_t *digits, size_t n); /* 47 or 48 */
bool check_brazilian_state(const uint8_t *letters);

/* Europe */
check_function check_nhs;            /* 10 */
check_function check_nino;           /* 9 */
check_function check_steuer_id;      /* 11 */
check_function check_nir;            /* 15, with 2A and 2B */
check_function check_dni;            /* 9 */
check_function check_nie;            /* 9 */
check_function check_cif;            /* 9 */
check_function check_codice_fiscale; /* 16 */
check_function check_partita_iva;    /* 11 */
check_function check_nif;            /* 9 */
check_function check_cartao_cidadao; /* 12 */
check_function check_bsn;            /* 9 */
check_function check_be_nrn;         /* 11 */
check_function check_pesel;          /* 11 */
check_function check_personnummer;   /* 10 */
check_function check_personnummer12; /* 12 */
check_function check_hetu;           /* 10: six digits, three, the letter */
check_function check_cpr;            /* 10: the date alone */

/* America */
check_function check_ssn;                    /* 9: ranges only, there is no check digit */
check_function check_itin;                   /* 9: ranges only */
check_function check_ein;                    /* 9: prefixes in use */
check_function check_routing;                /* 9 */
check_function check_cuit;                   /* 11 */
check_function check_curp;                   /* 18 */
check_function check_rut;                    /* 9, K for ten; with a leading 0 when it is short */
bool check_rfc(const uint8_t *id, size_t n); /* 12 or 13 */

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
