/* SPDX-License-Identifier: Apache-2.0 */
/* postal - postal codes by their forms, and behind what says that one follows. */
#include "redact/address.h"
#include "redact/layer.h"

#define MIN_BARE 5
#define MAX_FIRST 8
#define MAX_GAP 24 /* bytes between the word and the code */
#define MIN_CUE 6  /* letters of a word that a code may follow whose letters are small */
#define BY_CONTEXT 800

/* '9' a digit, 'A' a letter, ' ' a space or nothing, the others themselves. */
static const struct {
	const char *form;
	bool is_sure;
	uint8_t n_first; /* digits or letters that it begins with */
} forms[] = {
	{ "99999-999", true, 5 }, /* BR */
	{ "99.999-999", true, 2 },
	{ "99999-9999", true, 5 }, /* US */
	{ "9999-999", true, 4 },   /* PT */
	{ "9999 AA", true, 4 },    /* NL */
	{ "AA99 9AA", true, 2 },   /* UK */
	{ "A99 9AA", true, 1 },
	{ "A9 9AA", true, 1 },
	{ "AA9 9AA", true, 2 },
	{ "A9A 9AA", true, 1 },
	{ "AA9A 9AA", true, 2 },
	{ "A9A 9A9", true, 1 }, /* CA */
	{ "99999999", false, 8 },
	{ "99999", false, 5 },
	{ "9999", false, 4 },
};

static size_t
form_end(const struct scan *s, size_t at, const char *form)
{
	bool is_of_letters = *form == 'A';

	/* No Dutch code begins with a zero. */
	if (form[4] == ' ' && *form == '9' && s->text[at] == '0')
		return 0;

	for (; *form != '\0'; form++) {
		uint8_t c = s->text[at];

		if (*form == ' ') {
			at += c == ' ' || (c == '\n' && is_of_letters);
			continue;
		}
		if (*form == '9'       ? !is_digit(c)
			: *form == 'A' ? !is_letter(c)
				       : c != (uint8_t)*form)
			return 0;
		at++;
	}
	return at <= s->len && !is_alnum(s->text[at]) && s->text[at] != '_' ? at : 0;
}

/* The digits, or the letters, at the start; what has more than MAX_FIRST is none. */
static size_t
run_of_one_kind(const uint8_t *at)
{
	bool is_of_digits = is_digit(*at);
	size_t n = 1;

	while (n <= MAX_FIRST && (is_of_digits ? is_digit(at[n]) : is_letter(at[n])))
		n++;
	return n;
}

size_t
postal_code_end(const struct scan *s, size_t at, bool *ret_is_sure)
{
	size_t n_first;

	if (!is_alnum(s->text[at]) || (at > 0 && is_alnum(s->text[at - 1])))
		return 0;
	n_first = run_of_one_kind(s->text + at);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t end;

		if (forms[i].n_first != n_first)
			continue;
		end = form_end(s, at, forms[i].form);
		if (end == 0)
			continue;
		/* Digits that go on are another number. */
		if ((s->text[end] == '-' || s->text[end] == '.' || s->text[end] == '/') &&
		    is_digit(s->text[end + 1]))
			continue;
		*ret_is_sure = forms[i].is_sure;
		return end;
	}
	return 0;
}

void
postal_add(struct scan *s, size_t start, size_t end, uint16_t score)
{
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_POSTAL_CODE,
		.score = score,
		.how = CANONICAL_UPPER_ALNUM,
	    });
}

/* "CP 1252 en": a small word of two letters; "postcode 1012 ab" is a Dutch code. */
static bool
is_word_behind_number(const struct scan *s, size_t at, size_t end)
{
	return end - at == 7 && s->text[at + 4] == ' ' && s->text[end - 1] >= 'a';
}

/* "CEP: 01310-100", "my zip code is 94107" */
bool
match_postal(struct scan *s, const struct cue *cue)
{
	size_t limit = cue->end + MAX_GAP;
	bool is_sure;

	for (size_t at = cue->end; at < limit && at < s->len; at++) {
		uint8_t c = s->text[at];
		size_t end;

		/* "C.P. 46001" */
		if (c == LAYER_BREAK || (c == '.' && at > cue->end) || c == ';' || c == '(' ||
		    c == '[' || (c == '\n' && s->text[at - 1] != ':'))
			return false;
		if (!is_alnum(c) || is_alnum(s->text[at - 1]))
			continue;
		end = postal_code_end(s, at, &is_sure);
		if (end == 0 || (!is_sure && end - at < MIN_BARE) ||
		    (is_word_behind_number(s, at, end) && cue->end - cue->start < MIN_CUE)) {
			if (is_digit(c))
				return false;
			continue;
		}
		postal_add(s, at, end, BY_CONTEXT);
		s->cue_resume = end;
		return true;
	}
	return false;
}
