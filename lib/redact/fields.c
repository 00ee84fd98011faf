/* SPDX-License-Identifier: Apache-2.0 */
/* fields - values of JSON that are personal because their key says so, whatever their form. */
#include <string.h>

#include "redact/assignment.h"
#include "redact/scan.h"
#include "redact/secret_value.h"
#include "redact/words.h"

#define SCORE 750

struct shape {
	size_t len;
	size_t n_digits;
	size_t n_letters;
	size_t n_others; /* neither digits nor letters nor what parts the groups of a number */
};

static struct shape
shape_of(const uint8_t *text, size_t len)
{
	struct shape shape = { .len = len };

	for (size_t i = 0; i < len; i++) {
		if (is_digit(text[i]))
			shape.n_digits++;
		else if (is_letter(text[i]) || text[i] >= 0x80)
			shape.n_letters++;
		else if (strchr(" -./()+", text[i]) == NULL || text[i] == 0)
			shape.n_others++;
	}
	return shape;
}

/* What a value under such a key must look like, the first that fits; numbers hold digits and
 * separators only. */
static const struct {
	uint64_t word; /* of words.h */
	enum redact_type type;
	uint8_t min_digits;
	uint8_t max_digits;
	uint8_t max_len;
	bool may_have_letters;
	bool needs_letter;
	uint8_t how;
} forms[] = {
	{ WORD_TYPE(CPF), REDACT_CPF, 11, 11, 20, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(CNPJ), REDACT_CNPJ, 14, 14, 24, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(CNPJ), REDACT_CNPJ, 6, 14, 24, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(SSN), REDACT_SSN, 9, 9, 16, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(ITIN), REDACT_ITIN, 9, 9, 16, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(EIN), REDACT_EIN, 9, 9, 14, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(CARD), REDACT_CARD, 12, 19, 28, false, false, CANONICAL_DIGITS },
	{ WORD_CARD_CODE, REDACT_CARD, 3, 6, 6, false, false, CANONICAL_DIGITS },
	{ WORD_EXPIRY, REDACT_CARD, 4, 6, 7, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(IBAN), REDACT_IBAN, 10, 32, 42, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(CNH), REDACT_CNH, 9, 11, 16, true, false, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(PIS), REDACT_PIS, 11, 11, 18, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(TITULO_ELEITOR), REDACT_TITULO_ELEITOR, 12, 13, 18, false, false,
	    CANONICAL_DIGITS },
	{ WORD_TYPE(CNS), REDACT_CNS, 15, 15, 20, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(NIR), REDACT_NIR, 13, 15, 24, true, false, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(STEUER_ID), REDACT_STEUER_ID, 11, 11, 18, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(CODICE_FISCALE), REDACT_CODICE_FISCALE, 4, 11, 24, true, false,
	    CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(BE_NRN), REDACT_BE_NRN, 11, 11, 18, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(PESEL), REDACT_PESEL, 11, 11, 14, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(CUIT), REDACT_CUIT, 11, 11, 16, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(CURP), REDACT_CURP, 6, 12, 20, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(RFC), REDACT_RFC, 6, 9, 18, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(IMEI), REDACT_IMEI, 14, 16, 22, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(PERSONNUMMER), REDACT_PERSONNUMMER, 10, 12, 14, false, false,
	    CANONICAL_DIGITS },
	{ WORD_TYPE(HETU), REDACT_HETU, 9, 10, 12, true, false, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(CPR), REDACT_CPR, 10, 10, 14, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(NHS), REDACT_NHS, 10, 10, 14, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(NINO), REDACT_NINO, 6, 6, 14, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(NIE), REDACT_NIE, 7, 7, 12, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(CIF), REDACT_CIF, 7, 8, 12, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(DNI), REDACT_DNI, 7, 8, 13, true, false, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(NIF), REDACT_NIF, 9, 9, 14, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(BSN), REDACT_BSN, 8, 9, 14, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(RUT), REDACT_RUT, 7, 9, 14, true, false, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(RG), REDACT_RG, 5, 11, 16, true, false, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(PASSPORT), REDACT_PASSPORT, 5, 10, 14, true, false, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(DRIVER_LICENCE), REDACT_DRIVER_LICENCE, 4, 14, 20, true, false,
	    CANONICAL_UPPER_ALNUM },
	{ WORD_BANK_CODE, REDACT_BANK_ACCOUNT, 3, 9, 12, false, false, CANONICAL_DIGITS },
	{ WORD_BANK_CODE, REDACT_BANK_ACCOUNT, 0, 7, 11, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(BANK_ACCOUNT), REDACT_BANK_ACCOUNT, 4, 18, 26, true, false,
	    CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(MAC), REDACT_MAC, 1, 12, 17, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(CRYPTO), REDACT_CRYPTO, 2, 60, 110, true, true, CANONICAL_RAW },
	{ WORD_TYPE(PIX_KEY), REDACT_PIX_KEY, 6, 32, 40, true, false, CANONICAL_LOWER },
	{ WORD_TYPE(PHONE), REDACT_PHONE, 7, 15, 28, false, false, CANONICAL_DIGITS },
	{ WORD_TYPE(DATE_OF_BIRTH), REDACT_DATE_OF_BIRTH, 4, 14, 40, true, false, CANONICAL_LOWER },
	{ WORD_TYPE(POSTAL_CODE), REDACT_POSTAL_CODE, 2, 10, 12, true, false,
	    CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(USERNAME), REDACT_USERNAME, 0, 30, 64, true, true, CANONICAL_LOWER },
	{ WORD_TYPE(PLATE), REDACT_PLATE, 1, 6, 12, true, true, CANONICAL_UPPER_ALNUM },
	{ WORD_TYPE(DEVICE_ID), REDACT_DEVICE_ID, 2, 40, 64, true, false, CANONICAL_LOWER },
	{ WORD_TYPE(GEO), REDACT_GEO, 5, 40, 60, true, false, CANONICAL_LOWER },
	{ WORD_TYPE(PERSON), REDACT_PERSON, 0, 0, 100, true, true, CANONICAL_WORDS },
	{ WORD_TYPE(ADDRESS), REDACT_ADDRESS, 0, 30, 200, true, true, CANONICAL_WORDS },
	{ WORD_SEED, REDACT_SECRET, 0, 0, 240, true, true, CANONICAL_RAW },
};

static bool
has_form(const struct shape *shape, size_t i)
{
	if (shape->len > forms[i].max_len || shape->n_digits < forms[i].min_digits ||
	    shape->n_digits > forms[i].max_digits)
		return false;
	if (!forms[i].may_have_letters)
		return shape->n_letters + shape->n_others == 0;
	return shape->n_letters > 0 || !forms[i].needs_letter;
}

/* Spaces and line breaks around a value are no part of it. */
static void
trim(const struct scan *s, size_t *start, size_t *end)
{
	while (*start < *end && s->text[*start] <= ' ')
		(*start)++;
	while (*end > *start && s->text[*end - 1] <= ' ')
		(*end)--;
}

static bool
match_secret_field(struct scan *s, uint64_t types, size_t start, size_t end)
{
	bool is_strong = (types & WORD_TYPE(SECRET)) != 0;

	if ((!is_strong && (types & WORD_MAYBE_SECRET) == 0) ||
	    assignment_is_other_key(types, is_strong) ||
	    !secret_is_plausible(s->text + start, end - start, is_strong))
		return false;
	scan_add_secret(s, start, end, SCORE);
	return true;
}

/* The address of a wallet or a network is no street, "retr(msg)" and "LIST [all]" are no users. */
static bool
is_of_program(const struct scan *s, enum redact_type type, size_t start, size_t end)
{
	if (type == REDACT_ADDRESS)
		return memchr(s->text + start, ' ', end - start) == NULL;
	return type == REDACT_USERNAME &&
	    (memchr(s->text + start, '(', end - start) != NULL ||
		memchr(s->text + start, '*', end - start) != NULL ||
		memchr(s->text + start, ' ', end - start) != NULL);
}

void
match_field(struct scan *s, const struct field *f)
{
	size_t start = f->start, end = f->end;
	struct shape shape;

	trim(s, &start, &end);
	if (start == end || match_secret_field(s, f->types, start, end))
		return;
	if ((f->types & (WORD_MAYBE_NAME | WORD_PEOPLE)) != 0 &&
	    match_name_field(s, start, end, (f->types & WORD_PEOPLE) != 0))
		return;
	shape = shape_of(s->text + start, end - start);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((f->types & forms[i].word) == 0 || !has_form(&shape, i))
			continue;
		if (is_of_program(s, forms[i].type, start, end))
			continue;
		scan_add(s,
		    (struct candidate){
			.start = (uint32_t)start,
			.end = (uint32_t)end,
			.type = (uint16_t)forms[i].type,
			.score = SCORE,
			.how = forms[i].how,
		    });
		return;
	}
}
