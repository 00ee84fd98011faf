/* SPDX-License-Identifier: Apache-2.0 */
/* street_first - a street whose word stands before the number, as in German and Dutch. */
#include "redact/address.h"

#define MAX_LOOK_BACK 60
#define SURE 900
#define LIKELY 820

/* How a street's name ends in German and Dutch, folded, ordered by the last letter. */
static const struct street_end {
	char text[9];
	uint8_t len;
} street_ends[] = { { "pad", 3 }, { "strasse", 7 }, { "allee", 5 }, { "gasse", 5 },
	{ "chaussee", 8 }, { "kade", 4 }, { "dreef", 5 }, { "hof", 3 }, { "weg", 3 }, { "ring", 4 },
	{ "steig", 5 }, { "steeg", 5 }, { "berg", 4 }, { "kai", 3 }, { "dijk", 4 }, { "singel", 6 },
	{ "wal", 3 }, { "damm", 4 }, { "laan", 4 }, { "plein", 5 }, { "linden", 6 },
	{ "graben", 6 }, { "str", 3 }, { "ufer", 4 }, { "markt", 5 }, { "straat", 6 },
	{ "gracht", 6 }, { "platz", 5 } };

/* The first of those with each last letter; the next letter's is where they end. */
static const uint8_t first_ends['z' - 'a' + 2] = { 0, 0, 0, 0, 1, 6, 8, 13, 13, 14, 14, 15, 17, 18,
	22, 22, 22, 22, 24, 24, 27, 27, 27, 27, 27, 27, 28 };

/* Does the word end with one of them? */
static bool
is_street_word(const uint8_t *word, size_t len)
{
	size_t last = (size_t)word[len - 1] - 'a';

	if (last > 'z' - 'a')
		return false;
	for (size_t i = first_ends[last]; i < first_ends[last + 1]; i++) {
		const struct street_end *end = &street_ends[i];

		if (len >= end->len && memcmp(word + len - end->len, end->text, end->len) == 0)
			return true;
	}
	return false;
}

/* The same of the last three letters only. */
static inline bool
ends_like_one(const uint8_t last[static 3])
{
	size_t letter = (size_t)last[2] - 'a';

	if (letter > 'z' - 'a')
		return false;
	for (size_t i = first_ends[letter]; i < first_ends[letter + 1]; i++) {
		const char *end = street_ends[i].text + street_ends[i].len - 3;

		if ((uint8_t)end[0] == last[0] && (uint8_t)end[1] == last[1])
			return true;
	}
	return false;
}

bool
street_may_end(const uint8_t *text, size_t end)
{
	uint8_t last[3];

	end -= text[end - 1] == '.';
	if (end < 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (text[end - 3 + i] >= 0x80)
			return true;
		last[i] = lower(text[end - 3 + i]);
	}
	return ends_like_one(last);
}

/* "Lange Straße": the word alone, between capitals; a name stands before it.  Where that begins, or
 * start. */
static size_t
name_before(const struct scan *s, size_t start, size_t floor, const uint8_t *folded, size_t n)
{
	size_t first = start - 1;
	bool is_alone =
	    n == 7 || n == 3 || memcmp(folded, "all", 3) == 0 || memcmp(folded, "pla", 3) == 0;

	if (n > 7 || start <= 1 || s->text[first] != ' ' || !is_alone)
		return start;
	while (first > floor &&
	    (lexicon_is_letter(s->text[first - 1]) || s->text[first - 1] == '-'))
		first--;
	return s->text[first] >= 'A' && s->text[first] <= 'Z' && s->text[start] >= 'A' &&
		s->text[start] <= 'Z'
	    ? first
	    : start;
}

/* Nothing but a street ends so. */
static bool
is_plain_street(const uint8_t *folded, size_t n)
{
	return n >= 8 &&
	    (memcmp(folded + n - 6, "straat", 6) == 0 || memcmp(folded + n - 7, "strasse", 7) == 0);
}

/* "Alte Landstraße", "Am Markt", "Unter den Linden", "Lange Nieuwstraat": capitals that belong to
 * the street's name. */
static size_t
take_words_before(const struct scan *s, size_t start, size_t floor)
{
	static const char *const words[] = { "Alte ", "Alter ", "Neue ", "Neuer ", "Gro\303\237e ",
		"Kleine ", "Lange ", "Obere ", "Untere ", "Hohe ", "Am ", "Im ", "Zum ", "Zur ",
		"An der ", "An den ", "Auf dem ", "Auf der ", "In der ", "Unter den ",
		"Hinter der ", "Vor dem ", "Grote ", "Oude ", "Nieuwe ", "Korte ", "Hoge ", "Lage ",
		"Kleine ", "Kurze ", "Breite ", "Sankt ", "Sint ", "Aan de " };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if (start >= floor + n && memcmp(s->text + start - n, words[i], n) == 0 &&
		    (start == n || !lexicon_is_letter(s->text[start - n - 1])))
			return start - n;
	}
	return start;
}

/* "Hauptstraße 12", "Lange Straße 5", "Kerkstraat 12-A": the street stands before the number. */
bool
match_street_first(struct scan *s, size_t at)
{
	size_t end = at - 1, start, number = house_number_end(s, at), floor;
	uint8_t folded[LEXICON_MAX_BYTES];
	size_t n, tail;
	bool has_code;

	if (number == 0)
		return false;
	end -= s->text[end - 1] == '.';
	floor = end > MAX_LOOK_BACK ? end - MAX_LOOK_BACK : 0;
	for (start = end; start > floor &&
	     (lexicon_is_letter(s->text[start - 1]) || (s->text[start - 1] == '-' && start < end));)
		start--;
	n = lexicon_fold(s->text + start, end - start, folded);
	if ((start == floor && floor > 0) || n < 3 || !is_street_word(folded, n))
		return false;
	start = name_before(s, start, floor, folded, n);
	start = take_words_before(s, start, floor);
	tail = address_tail_end(s, number, &has_code);
	if (n < 6 && !has_code && !street_has_context(s, start))
		return false;
	if (s->text[start] >= 'a' && s->text[start] <= 'z' && !has_code &&
	    !is_plain_street(folded, n) && !street_has_context(s, start))
		return false;
	address_add(s, start, tail, has_code ? SURE : LIKELY);
	return true;
}
