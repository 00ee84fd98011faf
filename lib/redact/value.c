/* SPDX-License-Identifier: Apache-2.0 */
/* value - the user name, plate or device behind the words that say so. */
#include <strings.h>

#include "redact/layer.h"
#include "redact/value.h"

#define MAX_AHEAD 40
#define MAX_WORDS_BETWEEN 4
#define MIN_USER 3
#define MAX_USER 40
#define MIN_DEVICE 8
#define MAX_DEVICE 64
#define MAX_PLATE 8
#define MIN_PLATE 4
#define PLATE_WHOLE 6 /* signs; fewer may go on in the next line */
#define BY_CONTEXT 780

/* How a word or a sign before the value binds it to the words that say what it is. */
enum binding { BINDING_NONE, BINDING_WORDS, BINDING_SIGN };

static size_t
user_end(const struct scan *s, size_t at, enum binding binding)
{
	size_t i = at + (s->text[at] == '@'), from = i, n_digits = 0, n_letters = 0, n_signs = 0;

	while (i < s->len && i - from < MAX_USER &&
	    (is_alnum(s->text[i]) || s->text[i] == '_' || s->text[i] == '.' || s->text[i] == '-')) {
		n_digits += is_digit(s->text[i]);
		n_letters += is_letter(s->text[i]);
		n_signs += s->text[i] == '_' || (s->text[i] == '.' && is_alnum(s->text[i + 1]));
		i++;
	}
	while (i > from && (s->text[i - 1] == '.' || s->text[i - 1] == '-'))
		i--;
	if (i - from < MIN_USER || (s->text[from] == '_' && n_digits == 0) || n_letters == 0 ||
	    s->text[i] == '@' || lexicon_is_letter(s->text[i]) || s->text[i] == '(')
		return 0;
	if (n_digits == 0 && binding != BINDING_SIGN)
		return 0;
	if (n_digits + n_signs == 0) {
		struct name_word w;

		if (!name_word_read(s, from, &w) || (w.classes & NAME_STOP) != 0)
			return 0;
	}
	return i;
}

static size_t
device_end(const struct scan *s, size_t at, enum binding binding)
{
	size_t i = at, n_digits = 0;

	(void)binding;
	while (i < s->len && i - at < MAX_DEVICE &&
	    (is_alnum(s->text[i]) ||
		((s->text[i] == '-' || s->text[i] == ':') && is_alnum(s->text[i + 1])))) {
		n_digits += is_digit(s->text[i]);
		i++;
	}
	return i - at >= MIN_DEVICE && n_digits >= 2 && i - at < MAX_DEVICE ? i : 0;
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

/* Two or three groups of letters or digits of one case, digits and letters among them. */
static size_t
plate_end(const struct scan *s, size_t at, enum binding binding)
{
	size_t i = at, kept = 0, n = 0, n_digits = 0, n_letters = 0;
	bool has_small = false, has_capital = false;

	(void)binding;
	for (int group = 0; group < 4; group++) {
		size_t from = i;

		while (is_alnum(s->text[i])) {
			n_digits += is_digit(s->text[i]);
			n_letters += is_letter(s->text[i]);
			has_small |= s->text[i] >= 'a';
			has_capital |= s->text[i] >= 'A' && s->text[i] <= 'Z';
			i++;
		}
		n += i - from;
		if (i == from || n > MAX_PLATE || (has_small && has_capital) ||
		    lexicon_is_letter(s->text[i]))
			break;
		if (n >= MIN_PLATE && n_digits >= 1 && n_letters >= 1 && n_digits <= 6)
			kept = i;
		if (s->text[i] != ' ' && s->text[i] != '-' && s->text[i] != '.' &&
		    !(s->text[i] == '\n' && n < PLATE_WHOLE && is_rest_of_plate(s, i + 1)))
			break;
		i++;
	}
	return kept;
}

static const struct {
	uint64_t role;
	enum redact_type type;
	size_t (*end)(const struct scan *s, size_t at, enum binding binding);
	uint8_t how;
} kinds[] = {
	{ LEXICON_ROLE(CUE_USER), REDACT_USERNAME, user_end, CANONICAL_LOWER },
	{ LEXICON_ROLE(CUE_PLATE), REDACT_PLATE, plate_end, CANONICAL_UPPER_ALNUM },
	{ LEXICON_ROLE(CUE_DEVICE), REDACT_DEVICE_ID, device_end, CANONICAL_LOWER },
};

/* "is", "é", "ist": what follows is the value. */
static bool
is_copula(const uint8_t *at, size_t len)
{
	static const char *const words[] = { "is", "\xC3\xA9", "es", "ist", "est", "\xC3\xA8",
		"lautet" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == len && strncasecmp((const char *)at, words[i], len) == 0)
			return true;
	return false;
}

static bool
is_all_letters(const struct scan *s, size_t start, size_t end)
{
	while (start < end && is_letter(s->text[start]))
		start++;
	return start == end;
}

/* "meu usuário é joao e": whose it is is said. */
static bool
is_owned(const struct scan *s, size_t at)
{
	static const char *const owners[] = { "my", "meu", "minha", "mi", "mon", "mein", "mio",
		"mijn", "seu", "su", "votre", "ihr", "your", "suo" };
	uint8_t word[LEXICON_MAX_BYTES];
	size_t n = cue_word_before(s, at, word);

	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
		if (n == strlen(owners[i]) && memcmp(word, owners[i], n) == 0)
			return true;
	return false;
}

/* A user name of letters alone is a word like any other: "o usuário é avisado por", "user: User".
 * It stands at once behind its label, at the end of the clause, unless it is somebody's. */
static bool
names_a_user(const struct scan *s, const struct cue *cue, size_t start, size_t end, size_t words)
{
	if (!is_all_letters(s, start, end))
		return true;
	if (words > 0 || s->text[cue->end] == '(' ||
	    strncasecmp((const char *)s->text + start, (const char *)s->text + cue->start, 4) == 0)
		return false;
	return s->text[end] != ' ' || !lexicon_is_letter(s->text[end + 1]) ||
	    is_owned(s, cue->start);
}

/* Looks for the value behind the phrase: signs and a few words may stand between. */
static bool
find_value(struct scan *s, const struct cue *cue, size_t k)
{
	size_t limit = s->len - cue->end > MAX_AHEAD ? cue->end + MAX_AHEAD : s->len;
	enum binding binding = BINDING_WORDS;
	size_t words = 0;

	for (size_t at = cue->end; at < limit && words < MAX_WORDS_BETWEEN;) {
		uint8_t c = s->text[at];
		size_t end = at, next;

		if (c == '[' && placeholder_len(s->text + at, s->len - at) > 0)
			return false;
		if (c == LAYER_BREAK || (c == '\n' && binding != BINDING_SIGN) || c == ';' ||
		    c == '?' || ((c == '.' || c == ',') && s->text[at + 1] <= ' '))
			return false;
		if (!is_alnum(c) && !lexicon_is_letter(c) &&
		    !(c == '@' && kinds[k].type == REDACT_USERNAME)) {
			/* The other bytes of "«" and of the signs past U+2000. */
			at += c == 0xC2 ? 1 : c == 0xE2 ? 2 : 0;
			if (c == ':' || c == '=' || c == '|' || c == '#')
				binding = BINDING_SIGN;
			at++;
			continue;
		}
		for (end = at; end < limit &&
		     (is_alnum(s->text[end]) ||
			 (s->text[end] >= 0x80 && s->text[end] != LAYER_BREAK));
		     end++)
			continue;
		if (is_copula(s->text + at, end - at)) {
			binding = BINDING_SIGN;
			at = end;
			continue;
		}
		next = end;
		if (at > cue->end && (end = kinds[k].end(s, at, binding)) != 0 &&
		    (kinds[k].type != REDACT_USERNAME || names_a_user(s, cue, at, end, words))) {
			scan_add(s,
			    (struct candidate){
				.start = (uint32_t)at,
				.end = (uint32_t)end,
				.type = (uint16_t)kinds[k].type,
				.score = BY_CONTEXT,
				.how = kinds[k].how,
			    });
			s->cue_resume = end;
			return true;
		}
		if (binding == BINDING_SIGN)
			return false;
		words++;
		at = next > at ? next : at + 1;
	}
	return false;
}

bool
match_value_cue(struct scan *s, const struct cue *cue)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if ((cue->roles & kinds[k].role) != 0 && find_value(s, cue, k))
			return true;
	return false;
}
