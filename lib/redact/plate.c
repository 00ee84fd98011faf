/* SPDX-License-Identifier: Apache-2.0 */
/* plate - the forms of licence plates. */
#include "redact/value.h"

#define MAX_PLATE 8
#define MIN_PLATE 4
#define PLATE_WHOLE 6 /* signs; fewer may go on in the next line */

/* '9' a digit, 'L' a letter, 'K' one that is no vowel, ' ' a separator or nothing, '-' a
 * separator. */
static const char *const forms[] = {
	"LL99 LLL",                                                                /* UK */
	"L999 LLL",                                                                /* UK, older */
	"LL 999 LL",                                                               /* FR IT AR */
	"9999 KKK",                                                                /* ES */
	"LL-99-LL", "99-LL-99", "99-99-LL", "LL-99-99",                            /* PT NL */
	"99-LL-LL", "LL-LL-99", "99-LLL-9", "9-LLL-99", "LLL-99-L", "LL-999-L",    /* NL */
	"L-999-LL",                                                                /* NL */
	"9-LLL-999",                                                               /* BE */
	"LLL 9L99", "LLL-9999", "LLL9999",                                         /* BR */
	"9LLL999",                                                                 /* US */
	"L-LL 9999", "L-LL 999", "L-LL 99", "LL-LL 9999", "LL-LL 999", "LL-LL 99", /* DE */
	"LLL-LL 999", "LLL-LL 99", "LLL-L 9999", "LLL-L 999", "LL-L 9999", "LL-L 999", /* DE */
	"L-L 9999", "L-L 999",                                                         /* DE */
};

/* A letter of ASCII, or one with two points, as in German; its bytes, or 0. */
static size_t
letter_len(const uint8_t *at)
{
	static const char seconds[] = "\x84\x96\x9C\xA4\xB6\xBC";

	if (is_letter(*at))
		return 1;
	return at[0] == 0xC3 && at[1] != 0 && strchr(seconds, at[1]) != NULL ? 2 : 0;
}

static bool
is_small(const uint8_t *at)
{
	return at[0] == 0xC3 ? at[1] >= 0xA0 : at[0] >= 'a';
}

static bool
is_separator(uint8_t c)
{
	return c == ' ' || c == '-' || c == '.';
}

static size_t
form_end(const struct scan *s, size_t at, const char *form, bool wants_small)
{
	for (; *form != '\0'; form++) {
		const uint8_t *c = s->text + at;
		size_t len = letter_len(c);

		if (*form == ' ' || *form == '-') {
			bool is_gap = is_separator(*c) || (*c == '\n' && *form == ' ');

			if (!is_gap && *form == '-')
				return 0;
			at += is_gap;
			continue;
		}
		if (*form == '9') {
			if (!is_digit(*c))
				return 0;
			at++;
			continue;
		}
		if (len == 0 || is_small(c) != wants_small ||
		    (*form == 'K' && strchr("AEIOU", *c & 0xDF) != NULL))
			return 0;
		at += len;
	}
	/* An electric or an old car's: "M-XY 99E". */
	at += (s->text[at] == 'E' || s->text[at] == 'H') && !is_alnum(s->text[at + 1]);
	return at <= s->len && !lexicon_is_letter(s->text[at]) && !is_digit(s->text[at]) ? at : 0;
}

/* "2019 BMW" */
static bool
is_year_of_model(const struct scan *s, size_t at, const char *form)
{
	return form[0] == '9' && form[3] == '9' && s->text[at + 4] == ' ' &&
	    ((s->text[at] == '1' && s->text[at + 1] == '9') ||
		(s->text[at] == '2' && s->text[at + 1] == '0'));
}

size_t
plate_form_end(const struct scan *s, size_t at, bool may_be_small)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t end = form_end(s, at, forms[i], false);

		if (end == 0 && may_be_small)
			end = form_end(s, at, forms[i], true);
		if (end != 0 && !is_year_of_model(s, at, forms[i]))
			return end;
	}
	return 0;
}

/* "AB12\nCDE": up to three signs in a line that goes on with no sign of a label. */
static bool
is_rest_of_plate(const struct scan *s, size_t at)
{
	size_t i = at;

	while (is_digit(s->text[i]) || (s->text[i] >= 'A' && s->text[i] <= 'Z'))
		i++;
	return i > at && i - at <= 4 && !lexicon_is_letter(s->text[i]) && s->text[i] != ':' &&
	    s->text[i] != '=';
}

/* What was read of a plate: letters and digits of one case. */
struct reading {
	size_t n_digits;
	size_t n_letters;
	bool has_small;
	bool has_capital;
};

static size_t
group_end(const struct scan *s, size_t at, struct reading *r)
{
	size_t len;

	for (; is_digit(s->text[at]) || letter_len(s->text + at) > 0; at += len) {
		len = letter_len(s->text + at);
		r->n_digits += len == 0;
		r->n_letters += len > 0;
		r->has_small |= len > 0 && is_small(s->text + at);
		r->has_capital |= len > 0 && !is_small(s->text + at);
		len += len == 0;
	}
	return at;
}

size_t
plate_end(const struct scan *s, size_t at)
{
	struct reading r = { 0 };
	size_t kept = 0;

	/* "a placa e hgt-4521": "é" without its accent. */
	if (s->text[at] >= 'a' && s->text[at + 1] == ' ')
		return 0;
	for (int group = 0; group < 4; group++) {
		size_t end = group_end(s, at, &r), n = r.n_digits + r.n_letters;

		if (end == at || n > MAX_PLATE || (r.has_small && r.has_capital) ||
		    lexicon_is_letter(s->text[end]))
			break;
		at = end;
		if (n >= MIN_PLATE && r.n_digits >= 1 && r.n_letters >= 1 && r.n_digits <= 6)
			kept = at;
		if (!is_separator(s->text[at]) &&
		    !(s->text[at] == '\n' && n < PLATE_WHOLE && is_rest_of_plate(s, at + 1)))
			break;
		at++;
	}
	return kept;
}
