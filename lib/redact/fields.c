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

/* What a value under such a key must look like; numbers hold digits and separators only. */
static const struct {
	enum redact_type type;
	uint8_t min_digits;
	uint8_t max_digits;
	uint8_t max_len;
	bool may_have_letters;
	bool needs_letter;
	uint8_t how;
} forms[] = {
	{ REDACT_CPF, 11, 11, 20, false, false, CANONICAL_DIGITS },
	{ REDACT_CNPJ, 14, 14, 24, false, false, CANONICAL_DIGITS },
	{ REDACT_SSN, 9, 9, 16, false, false, CANONICAL_DIGITS },
	{ REDACT_CARD, 12, 19, 28, false, false, CANONICAL_DIGITS },
	{ REDACT_PHONE, 7, 15, 28, false, false, CANONICAL_DIGITS },
	{ REDACT_DATE_OF_BIRTH, 4, 14, 40, true, false, CANONICAL_LOWER },
	{ REDACT_POSTAL_CODE, 2, 10, 12, true, false, CANONICAL_UPPER_ALNUM },
	{ REDACT_USERNAME, 0, 30, 64, true, true, CANONICAL_LOWER },
	{ REDACT_PLATE, 1, 6, 12, true, true, CANONICAL_UPPER_ALNUM },
	{ REDACT_DEVICE_ID, 2, 40, 64, true, false, CANONICAL_LOWER },
	{ REDACT_GEO, 5, 40, 60, true, false, CANONICAL_LOWER },
	{ REDACT_PERSON, 0, 0, 100, true, true, CANONICAL_WORDS },
	{ REDACT_ADDRESS, 0, 30, 200, true, true, CANONICAL_WORDS },
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

void
match_field(struct scan *s, const struct field *f)
{
	size_t start = f->start, end = f->end;
	struct shape shape;

	trim(s, &start, &end);
	if (start == end || match_secret_field(s, f->types, start, end))
		return;
	if ((f->types & WORD_MAYBE_NAME) != 0 && match_name_field(s, start, end))
		return;
	shape = shape_of(s->text + start, end - start);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((f->types >> forms[i].type & 1) == 0 || !has_form(&shape, i))
			continue;
		/* The address of a wallet or a network is no street. */
		if (forms[i].type == REDACT_ADDRESS &&
		    memchr(s->text + start, ' ', end - start) == NULL)
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
