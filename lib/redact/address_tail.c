/* SPDX-License-Identifier: Apache-2.0 */
/* address_tail - what follows a street and its number: part of the house, code, city, state. */
#include <strings.h>

#include "redact/address.h"
#include "redact/layer.h"

#define MAX_PARTS 10
#define MAX_CITY_WORDS 4
#define MAX_PART_VALUE 8
#define MAX_TAIL 160

enum part { PART_NONE, PART_HOUSE, PART_CODE, PART_STATE, PART_CITY };

/* A comma, a hyphen or spaces; *ret_is_strong: more than a space. */
static size_t
separator_end(const struct scan *s, size_t at, bool *ret_is_strong)
{
	size_t i = at;

	*ret_is_strong = false;
	while (i < s->len && i - at < 4 && s->text[i] != 0 && strchr(" ,-/", s->text[i]) != NULL) {
		*ret_is_strong |= s->text[i] != ' ';
		i++;
	}
	return i;
}

/* "3º B", "2. OG": a number, then the word. */
static size_t
numbered_part_end(const struct scan *s, size_t at)
{
	struct cue word;
	size_t i, end = at;

	while (is_digit(s->text[end]) && end - at < 4)
		end++;
	/* "3º B", "3.º Dto", "2.", "1er" */
	end += s->text[end] == '.' && s->text[end + 1] == 0xC2;
	if (s->text[end] == 0xC2 &&
	    (s->text[end + 1] == 0xBA || s->text[end + 1] == 0xB0 || s->text[end + 1] == 0xAA)) {
		end += 2;
		/* "4ºC" */
		if (is_letter(s->text[end]) && !is_alnum(s->text[end + 1]))
			return end + 1;
		if (s->text[end] == ' ' && is_letter(s->text[end + 1]) &&
		    !is_letter(s->text[end + 2]))
			return end + 2;
		i = cue_skip(s, end, " ");
		return cue_read(s, i, LEXICON_ROLE(ADDRESS_PART), &word) ? word.end : end;
	}
	i = cue_skip(s, end, ". ");
	return i > end && cue_read(s, i, LEXICON_ROLE(ADDRESS_PART), &word) ? word.end : 0;
}

static size_t
city_end(const struct scan *s, size_t at)
{
	struct name_word w;
	size_t end = 0;

	for (int n = 0; n < MAX_CITY_WORDS && at < s->len && name_word_read(s, at, &w); n++) {
		if (w.how == CASE_SMALL && (n == 0 || (w.classes & NAME_PARTICLE) == 0))
			break;
		if (w.end - w.start == 2 && w.how == CASE_CAPITALS)
			break;
		if (w.how != CASE_SMALL)
			end = w.end;
		if (s->text[w.end] != ' ')
			break;
		at = w.end + 1;
	}
	return end;
}

/* "Col. Crédito Constructor": a name follows. */
static bool
is_quarter(const struct scan *s, size_t start, size_t end)
{
	static const char *const words[] = { "col", "colonia", "bairro", "setor", "edificio",
		"edif\303\255cio", "r\xC3\xA9sidence", "residence" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == end - start &&
		    strncasecmp((const char *)s->text + start, words[i], end - start) == 0)
			return true;
	return false;
}

/* "fundos", "r/c Dto", "esquerdo": nothing follows. */
static bool
is_whole_part(const struct scan *s, size_t start, size_t end)
{
	static const char *const words[] = { "fundos", "esquerdo", "direito", "esq", "dto",
		"frente", "bajo", "atico", "izquierda", "izda", "izq", "derecha", "dcha",
		"hinterhaus", "eg", "dg", "og", "hh", "vh", "vorderhaus" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == end - start &&
		    strncasecmp((const char *)s->text + start, words[i], end - start) == 0)
			return true;
	return false;
}

/* "apto 45", "Suite 217", "piso 3º B", "2. OG": the word and its value in either order. */
static size_t
house_part_end(const struct scan *s, size_t at)
{
	struct cue word;
	size_t i, end;

	if ((memcmp(s->text + at, "s/n", 3) == 0 || memcmp(s->text + at, "r/c", 3) == 0 ||
		memcmp(s->text + at, "S/N", 3) == 0 || memcmp(s->text + at, "R/C", 3) == 0) &&
	    !is_alnum(s->text[at + 3]))
		return at + 3;
	if (s->text[at] == '#' && is_alnum(s->text[at + 1])) {
		for (end = at + 1; is_alnum(s->text[end]) && end - at < MAX_PART_VALUE;)
			end++;
		return end;
	}
	if (is_digit(s->text[at]))
		return numbered_part_end(s, at);
	if (!is_letter(s->text[at]) || !cue_read(s, at, LEXICON_ROLE(ADDRESS_PART), &word))
		return 0;
	i = cue_skip(s, word.end, ". :#");
	for (end = i; end < s->len && end - i < MAX_PART_VALUE &&
	     (is_alnum(s->text[end]) || s->text[end] == '-');)
		end++;
	/* A value is a number, a letter or both, and no beginning of a word. */
	if (lexicon_is_letter(s->text[end]) ||
	    (end - i > 2 && !is_digit(s->text[i]) && !is_digit(s->text[end - 1])))
		return is_whole_part(s, word.start, word.end) ? word.end
		    : is_quarter(s, word.start, word.end)     ? city_end(s, i)
							      : 0;
	return end > i ? end : is_whole_part(s, word.start, word.end) ? word.end : 0;
}

/* Two capitals that stand alone: "SP", "CA"; also "(RM)". */
static size_t
state_end(const struct scan *s, size_t at)
{
	size_t i = at + (s->text[at] == '(');

	if (s->text[i] < 'A' || s->text[i] > 'Z' || s->text[i + 1] < 'A' || s->text[i + 1] > 'Z' ||
	    is_alnum(s->text[i + 2]) || s->text[i + 2] >= 0x80)
		return 0;
	return i + 2 + (s->text[i + 2] == ')');
}

static size_t
part_end(const struct scan *s, size_t at, enum part *ret_part)
{
	bool is_sure;
	size_t end = house_part_end(s, at);

	*ret_part = PART_HOUSE;
	if (end == 0) {
		end = postal_code_end(s, at, &is_sure);
		*ret_part = PART_CODE;
		if (end != 0 && end - at < 5)
			end = 0;
	}
	if (end == 0) {
		end = state_end(s, at);
		*ret_part = PART_STATE;
	}
	if (end == 0) {
		end = city_end(s, at);
		*ret_part = PART_CITY;
	}
	return end;
}

static bool
ends_line(const struct scan *s, size_t at)
{
	uint8_t c = at < s->len ? s->text[at] : '\n';

	/* The end of a cell. */
	if (c == ' ' && s->text[at + 1] == '|')
		return true;
	return c == '\n' || c == LAYER_BREAK || c == '"' || c == '|' || c == ')' || c == ';' ||
	    ((c == '.' || c == '!' || c == '?') &&
		(at + 1 >= s->len || s->text[at + 1] <= ' ' || s->text[at + 1] == LAYER_BREAK));
}

size_t
address_tail_end(const struct scan *s, size_t at, bool *ret_has_code)
{
	size_t kept = at, from = at;
	enum part before = PART_HOUSE;

	*ret_has_code = false;
	for (int n = 0; n < MAX_PARTS && at - from < MAX_TAIL; n++) {
		bool is_strong;
		enum part part;
		size_t next = separator_end(s, at, &is_strong), end;

		if (next == at || next >= s->len || (end = part_end(s, next, &part)) == 0)
			break;
		/* Behind a mere space only what cannot begin a sentence, or the city of a code. */
		if (part == PART_CITY && !is_strong && before != PART_CODE && before != PART_CITY)
			break;
		at = end;
		if (part != PART_CITY || before == PART_CODE || ends_line(s, end))
			kept = end;
		*ret_has_code |= part == PART_CODE || part == PART_STATE;
		before = part;
	}
	return kept;
}
