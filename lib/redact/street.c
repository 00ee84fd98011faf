/* SPDX-License-Identifier: Apache-2.0 */
/* street - a street and a house number in the orders of the countries. */
#include <strings.h>

#include "redact/address.h"
#include "redact/layer.h"
#include "redact/words.h"

#define MAX_WORDS 6
#define MAX_NUMBER 6
#define MAX_SMALL_NUMBER 2
#define MAX_FLAT 16
#define MAX_ABBREVIATION 4
#define SURE 900
#define LIKELY 820
#define BEST_EFFORT 700

void
address_add(struct scan *s, size_t start, size_t end, uint16_t score)
{
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = REDACT_ADDRESS,
		.score = score,
		.how = CANONICAL_WORDS,
	    });
	s->cue_resume = end;
	s->street_resume = end;
}

/* "2201 W. Jefferson Blvd": the letter is of the street. */
static bool
is_initial_of_name(const uint8_t *at)
{
	return at[0] == ' ' && at[2] == '.' && at[3] == ' ' &&
	    ((at[4] >= 'A' && at[4] <= 'Z') || is_digit(at[4]));
}

size_t
house_number_end(const struct scan *s, size_t at)
{
	size_t i = at;

	while (i < s->len && is_digit(s->text[i]))
		i++;
	if (i == at || i - at > MAX_NUMBER - 1)
		return 0;
	/* "12-14", "12/3", "12-A", "12a" */
	if ((s->text[i] == '-' || s->text[i] == '/') && is_digit(s->text[i + 1]) &&
	    (!is_digit(s->text[i + 4]) || !is_digit(s->text[i + 2]) || !is_digit(s->text[i + 3]))) {
		for (i++; is_digit(s->text[i]);)
			i++;
	} else if ((s->text[i] == '-' || s->text[i] == '/' || s->text[i] == ' ') &&
	    s->text[i + 1] >= 'A' && s->text[i + 1] <= 'Z' && !is_alnum(s->text[i + 2]) &&
	    s->text[i + 2] != '\'' && !is_initial_of_name(s->text + i)) {
		i += 2;
	} else if (is_letter(s->text[i]) && !is_alnum(s->text[i + 1])) {
		i++;
	}
	for (size_t n = 0; n < 4; n++) {
		static const char *const more[] = { " bis", " ter", "-bis", "-ter" };

		if (memcmp(s->text + i, more[n], 4) == 0 && !is_alnum(s->text[i + 4]))
			i += 4;
	}
	return is_alnum(s->text[i]) || (s->text[i] == '.' && is_digit(s->text[i + 1])) ? 0 : i;
}

/* ", 123", " nº 123", ", n. 123", " 123", ", s/n": where the number ends; 0 when there is none. */
static size_t
number_behind(const struct scan *s, size_t at)
{
	static const char *const marks[] = { "n.\xC2\xBA", "n\xC2\xBA", "n\xC2\xB0", "no.", "nr.",
		"num.", "numero", "n\xC3\xBAmero", "n.", "km", "nro.", "#", "Nr.", "No.", "No ",
		"no ", "N\xC2\xBA", "civico" };
	size_t i = cue_skip(s, at, " ,");

	if (i == at ||
	    (!is_digit(s->text[i]) && (s->text[i] == 0 || strchr("nNksSc#", s->text[i]) == NULL)))
		return 0;
	if (memcmp(s->text + i, "s/n", 3) == 0 || memcmp(s->text + i, "S/N", 3) == 0)
		return i + 3;
	for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++) {
		size_t n = strlen(marks[m]);

		if (s->text[i] == (uint8_t)marks[m][0] && s->len - i > n &&
		    memcmp(s->text + i, marks[m], n) == 0) {
			i = cue_skip(s, i + n, " .");
			break;
		}
	}
	return i < s->len ? house_number_end(s, i) : 0;
}

/* The number before a French street: "12 bis, rue …"; where it begins, or at. */
static size_t
number_before(const struct scan *s, size_t at)
{
	size_t i = at, digits;

	while (i > 0 && at - i < 2 &&
	    (s->text[i - 1] == ' ' || s->text[i - 1] == ',' || s->text[i - 1] == '\n'))
		i--;
	if (i == at)
		return at;
	if (i >= 4 &&
	    (memcmp(s->text + i - 4, " bis", 4) == 0 || memcmp(s->text + i - 4, " ter", 4) == 0))
		i -= 4;
	else if (i >= 2 && is_letter(s->text[i - 1]) && is_digit(s->text[i - 2]))
		i--;
	for (digits = i; digits > 0 && i - digits < MAX_NUMBER && is_digit(s->text[digits - 1]);)
		digits--;
	if (digits == i || i - digits == MAX_NUMBER ||
	    (digits > 0 &&
		(is_alnum(s->text[digits - 1]) || s->text[digits - 1] == '.' ||
		    s->text[digits - 1] == '/')))
		return at;
	return digits;
}

/* Words that no name of a person has and many a street: "av. brasil", "insurgentes sur". */
static bool
is_place_word(const struct scan *s, const struct name_word *w)
{
	static const char *const words[] = { "brasil", "portugal", "argentina", "mexico", "europa",
		"italia", "america", "central", "norte", "sur", "sul", "oeste", "leste", "este" };

	return cue_is_one_of(s, w->start, w->end, words, sizeof(words) / sizeof(words[0]));
}

/* "Calle 85 #12-30", "Carrera 7A No. 71-21": behind the street's number. */
static bool
is_numbered_street(const struct scan *s, size_t at)
{
	at += is_letter(s->text[at]);
	return s->text[at] == ' ' &&
	    (s->text[at + 1] == '#' ||
		(lower(s->text[at + 1]) == 'n' &&
		    (s->text[at + 2] == 'o' || s->text[at + 2] == 0xC2 || s->text[at + 2] == '.')));
}

/* "nº 5", "n. 5", "s/n" */
static bool
begins_number(const struct scan *s, size_t at)
{
	uint8_t first = lower(s->text[at]), next = s->text[at + 1];

	return (first == 'n' && (next == 0xC2 || next == '.')) || (first == 's' && next == '/');
}

/* "Rua das …" and not "rua com …": a small word that stands in no name of a street, the n-th of
 * them. */
static bool
is_of_sentence(const struct scan *s, const struct name_word *w, int n)
{
	return w->how == CASE_SMALL && (w->classes & NAME_STOP) != 0 &&
	    (w->classes & NAME_PARTICLE) == 0 && !is_place_word(s, w) &&
	    (n > 0 || memcmp(s->text + w->end, " de ", 4) != 0);
}

/* The words of a street's name from `at`; *ret_n_capitals of them are capitalised.  Ends before the
 * number or where a word cannot be of a name. */
static size_t
street_words_end(const struct scan *s, size_t at, size_t *ret_n_capitals)
{
	size_t end = at;
	bool was_particle = false; /* "av. sete de setembro" */
	struct name_word w;

	*ret_n_capitals = 0;
	for (int n = 0; n < MAX_WORDS && at < s->len; n++) {
		/* "Rua 15 de Novembro" */
		if (n == 0 && is_digit(s->text[at])) {
			size_t i = at;

			while (is_digit(s->text[i]) && i - at < 4)
				i++;
			if (is_numbered_street(s, i)) {
				++*ret_n_capitals;
				return i + is_letter(s->text[i]);
			}
			if (memcmp(s->text + i, " de ", 4) != 0)
				return end;
			at = i + 1;
			++*ret_n_capitals;
			continue;
		}
		if (!name_word_read(s, at, &w) || begins_number(s, at))
			break;
		if (!was_particle && is_of_sentence(s, &w, n))
			break;
		was_particle = (w.classes & NAME_PARTICLE) != 0;
		*ret_n_capitals += w.how != CASE_SMALL;
		end = w.end + w.is_initial;
		at = end;
		if (s->text[at] == '.')
			at++;
		if (s->text[at] != ' ')
			break;
		at++;
	}
	return end;
}

/* The words before speak of where somebody lives. */
bool
street_has_context(struct scan *s, size_t at)
{
	return (scan_context(s, at) & WORD_TYPE(ADDRESS)) != 0;
}

/* "Copyright 2019 Anthony Green": a year is a house number only where a code follows. */
static bool
is_year(const struct scan *s, size_t at, size_t end)
{
	return end - at == 4 &&
	    ((s->text[at] == '1' && s->text[at + 1] == '9') ||
		(s->text[at] == '2' && s->text[at + 1] == '0'));
}

/* Words that are nothing but streets, so that the name may be written small. */
static bool
is_plainly_street(const struct scan *s, const struct cue *cue)
{
	static const char *const words[] = { "rua", "avenida", "alameda", "travessa", "calle",
		"avda", "rue", "avenue", "viale", "boulevard", "chemin", "impasse", "rodovia", "av",
		"paseo", "carretera", "camino", "estrada", "viela", "beco", "largo", "ladeira",
		"praceta" };

	return cue_is_one_of(s, cue->start, cue->end, words, sizeof(words) / sizeof(words[0]));
}

/* Does the tail begin with a part of a house? */
static bool
has_house_part(const struct scan *s, size_t at, size_t tail)
{
	size_t word = cue_skip(s, at, " ,-");
	struct cue part;

	return tail > word && word > at && is_letter(s->text[word]) &&
	    cue_read(s, word, LEXICON_ROLE(ADDRESS_PART), &part);
}

/* "SQN 308 Bloco C Apto 402", "Quadra 5, Lote 12": a number, and a part of a house behind it. */
static bool
match_block(struct scan *s, const struct cue *cue, size_t at)
{
	size_t end = at, tail;
	bool has_code;

	if (cue->end - cue->start < 3)
		return false;
	while (is_digit(s->text[end]) && end - at < 4)
		end++;
	if (end == at || is_alnum(s->text[end]))
		return false;
	tail = address_tail_end(s, end, &has_code);
	if (!has_house_part(s, end, tail))
		return false;
	address_add(s, cue->start, tail, LIKELY);
	return true;
}

/* "R RFC 4250", "al estándar ISO 9660": two letters without a point are a word, unless a name
 * stands behind them. */
static bool
may_follow_letters(const struct scan *s, const struct cue *cue, size_t name, size_t end)
{
	struct name_word w;

	if (is_plainly_street(s, cue))
		return true;
	return name_word_read(s, name, &w) && w.how != CASE_SMALL &&
	    (w.how != CASE_CAPITALS || end - name > MAX_ABBREVIATION);
}

/* Where the name of the street begins behind its word; 0 when none does. */
static size_t
street_name_start(struct scan *s, const struct cue *cue)
{
	size_t name = cue_skip(s, cue->end, "./ ");

	/* "Pº de la Castellana" */
	if (cue->end - cue->start == 1 && lower(s->text[cue->start]) == 'p') {
		if (s->text[cue->end] != 0xC2)
			return 0;
		name = cue_skip(s, cue->end + 2, ". ");
	}
	if (name >= s->len || (name == cue->end && s->text[name] != '\n'))
		return 0;
	/* The line may break before it. */
	return name + (s->text[name] == '\n' && street_has_context(s, cue->start));
}

bool
match_street(struct scan *s, const struct cue *cue)
{
	size_t name = street_name_start(s, cue), n_capitals, end, number, start, tail;
	bool has_code, is_short = cue->end - cue->start <= 2;

	if (name == 0)
		return false;
	end = street_words_end(s, name, &n_capitals);
	if (end == name)
		return match_block(s, cue, name);
	/* "C/ Mayor"; "C. Smith" is a name. */
	if (cue->end - cue->start == 1 && lower(s->text[cue->start]) == 'c' &&
	    s->text[cue->end] != '/')
		return false;
	start = is_short ? cue->start : number_before(s, cue->start);
	number = start == cue->start ? number_behind(s, end) : 0;
	/* "Praceta António Sérgio, lote 4" */
	if (number == 0 && start == cue->start &&
	    (n_capitals == 0 || is_short || !has_house_part(s, end, s->len)))
		return false;
	tail = address_tail_end(s, number != 0 ? number : end, &has_code);
	if (number == 0 && start == cue->start && !has_house_part(s, end, tail))
		return false;
	if (is_short && s->text[cue->end] == ' ' && !may_follow_letters(s, cue, name, end))
		return false;
	/* "via email 123", "r 5": what is a word elsewhere needs a capital or a part of a house
	 * behind it. */
	if (n_capitals == 0 && !is_plainly_street(s, cue) && (number == 0 || tail == number) &&
	    !(s->text[cue->end] == '.' && (s->text[end] == ',' || !is_short)) &&
	    !street_has_context(s, start))
		return false;
	if (is_short && s->text[cue->end] == ' ' && number == 0)
		return false;
	if (is_short && !has_code && number >= 4 && is_year(s, number - 4, number))
		return false;
	end = tail;
	address_add(s, start, end, n_capitals > 0 ? SURE : LIKELY);
	return true;
}

bool
match_box(struct scan *s, const struct cue *cue)
{
	size_t at = cue_skip(s, cue->end, " .:#n"), end = at;
	bool has_code;

	while (end < s->len && end - at < MAX_NUMBER + 3 &&
	    (is_digit(s->text[end]) || (s->text[end] == ' ' && is_digit(s->text[end + 1]))))
		end++;
	if (end == at || end - at > MAX_NUMBER + 2 || at == cue->end || is_alnum(s->text[end]))
		return false;
	address_add(s, cue->start, address_tail_end(s, end, &has_code), LIKELY);
	return true;
}

/* "Flat 31, 216 Church Court": where the flat begins. */
static size_t
flat_before(const struct scan *s, size_t at)
{
	size_t i = at, floor = at > MAX_FLAT ? at - MAX_FLAT : 0;
	struct cue part;

	while (i > floor && s->text[i - 1] != '\n' && s->text[i - 1] != LAYER_BREAK) {
		i--;
		if (!is_letter(s->text[i]) || (i > 0 && is_alnum(s->text[i - 1])))
			continue;
		if (cue_read(s, i, LEXICON_ROLE(ADDRESS_PART), &part) && s->text[part.end] == ' ' &&
		    is_digit(s->text[part.end + 1]))
			return i;
	}
	return at;
}

/* "12 Rosemary\nClose": a line breaks before the word that ends a street's name. */
static bool
breaks_before_end(struct scan *s, size_t at)
{
	struct cue last;

	return s->text[at] == '\n' && s->text[at + 1] >= 'A' && s->text[at + 1] <= 'Z' &&
	    cue_read(s, at + 1, LEXICON_ROLE(STREET_END) | LEXICON_ROLE(STREET_END_WEAK), &last) &&
	    street_has_context(s, at);
}

/* A line may break behind the number: "530\nVictoria Street". */
static bool
goes_on_behind_number(struct scan *s, size_t at)
{
	uint8_t next = s->text[at + 1];

	return s->text[at] == ' ' ||
	    (s->text[at] == '\n' && next >= 'A' && next <= 'Z' && street_has_context(s, at));
}

/* "5th", "42nd": where it ends; 0 when it is none. */
static size_t
ordinal_end(const struct scan *s, size_t at)
{
	size_t i = at;

	while (is_digit(s->text[i]) && i - at < 4)
		i++;
	return is_letter(s->text[i]) && is_letter(s->text[i + 1]) && !is_alnum(s->text[i + 2])
	    ? i + 2
	    : 0;
}

/* Small letters end a street with a word that is nothing else, or where somebody lives. */
static bool
is_end_of_street(struct scan *s, const struct name_word *w)
{
	uint64_t ends = LEXICON_ROLE(STREET_END) | LEXICON_ROLE(STREET_END_WEAK);
	struct cue last;

	return cue_read(s, w->start, ends, &last) && last.end == w->end &&
	    (w->how != CASE_SMALL || (last.roles & LEXICON_ROLE(STREET_END)) != 0 ||
		street_has_context(s, w->start));
}

/* Does the street's name, which may end at `end`, go on behind the word? */
static bool
goes_on_behind_word(struct scan *s, const struct name_word *w, size_t end)
{
	return (s->text[w->end] == ' ' || breaks_before_end(s, w->end)) &&
	    (end < w->end || s->text[w->end + 1] <= 'Z');
}

/* Where the street ends whose name begins at `i`: behind the last word that ends one; 0: nowhere.
 * *ret_n_small of its words are in small letters. */
static size_t
street_end_behind(struct scan *s, size_t i, size_t *ret_n_small)
{
	size_t end = 0;
	struct name_word w;

	*ret_n_small = 0;
	for (int n = 0; n < MAX_WORDS && i < s->len; n++) {
		if (is_digit(s->text[i]) && n < 2) {
			size_t ordinal = ordinal_end(s, i);

			if (ordinal == 0)
				return 0;
			i = ordinal + 1;
			continue;
		}
		if (!name_word_read(s, i, &w))
			break;
		if (n > 0 && is_end_of_street(s, &w))
			end = w.end + (s->text[w.end] == '.' && s->text[w.end + 1] != '\n');
		*ret_n_small += w.how == CASE_SMALL;
		if (w.how == CASE_SMALL && end != w.end && (w.classes & NAME_STOP) != 0)
			break;
		if (s->text[w.end] == '.' && s->text[w.end + 1] == ' ' && w.end - w.start < 3)
			w.end++;
		if (!goes_on_behind_word(s, &w, end))
			break;
		i = w.end + 1;
	}
	return end;
}

/* "123 Main St": words behind the number up to one that ends a street's name. */
static bool
match_number_first(struct scan *s, size_t at)
{
	size_t number = house_number_end(s, at), i, n_small, end;
	bool has_code;

	/* "U+221A SQUARE ROOT" */
	if (number == 0 || !goes_on_behind_number(s, number) || (at > 0 && s->text[at - 1] == '+'))
		return false;
	i = number + 1;
	/* "12 days": small letters need a longer number. */
	end = street_end_behind(s, i, &n_small);
	if (end == 0 ||
	    (n_small > 0 && (number - at <= MAX_SMALL_NUMBER || n_small > 4) &&
		!street_has_context(s, at)))
		return false;
	end = address_tail_end(s, end, &has_code);
	if (is_year(s, at, number) && !has_code && !street_has_context(s, at))
		return false;
	at = flat_before(s, at);
	address_add(s, at, end, has_code ? SURE : n_small > 0 ? BEST_EFFORT : LIKELY);
	return true;
}

void
match_house_number(struct scan *s, size_t at)
{
	uint8_t before = at > 1 ? s->text[at - 1] : 0;

	if (at < s->street_resume)
		return;
	if ((before == ' ' || (before == '\n' && street_has_context(s, at))) &&
	    (is_letter(s->text[at - 2]) || s->text[at - 2] == '.') && match_street_first(s, at))
		return;
	(void)match_number_first(s, at);
}
