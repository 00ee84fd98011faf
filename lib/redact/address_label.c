/* SPDX-License-Identifier: Apache-2.0 */
/* address_label - the value behind "Address:", "Straße:", "| Morada |": what a street and a number
 * look like in any country, where no word says that it is one. */
#include <strings.h>

#include "redact/address.h"
#include "redact/layer.h"

#define MAX_VALUE 120
#define MAX_WORDS 12
#define MAX_DIGITS 6 /* of a number; a code's may be more in two groups */
#define MIN_WORD 3
#define MIN_LONE_WORD 5
#define SCORE 740

/* Where the value begins: behind ":", "=", "|", a tab or " - ", and marks; 0 when no sign stands
 * there. */
static size_t
behind_sign(const struct scan *s, size_t at)
{
	size_t i = at;

	while (i - at < 3 && (s->text[i] == ' ' || is_digit(s->text[i])))
		i++;
	i = cue_skip(s, i, " *_\"'`)");
	if (s->text[i] == '-' && i > at && s->text[i - 1] == ' ' && s->text[i + 1] == ' ')
		i++;
	else if (s->text[i] != 0 && strchr(":=|\t", s->text[i]) != NULL)
		i++;
	else
		return 0;
	i = cue_skip_marks(s, cue_skip(s, i, " \t*"));
	return i + (s->text[i] == '\n');
}

/* The end of the line, the cell or the quotation that `from` stands in; at: where the value begins.
 */
static size_t
line_end(const struct scan *s, size_t at, size_t from)
{
	size_t end = from;

	while (end < s->len && end - at < MAX_VALUE && s->text[end] != LAYER_BREAK &&
	    (s->text[end] == 0 || strchr("\n\r\t|<>\"", s->text[end]) == NULL))
		end++;
	if (end - at == MAX_VALUE)
		return at;
	while (end > at && strchr(" .,*_`')", s->text[end - 1]) != NULL)
		end--;
	return end;
}

/* What the value is made of. */
struct shape {
	size_t n_numbers;
	size_t n_words; /* of MIN_WORD letters and more */
	size_t n_long;
	size_t n_of_sentences; /* words of a language that stand in few names of streets */
	bool has_capital;
};

static bool
is_of_sentence(const struct scan *s, const struct name_word *w)
{
	static const uint64_t of_streets = LEXICON_ROLE(ADDRESS_PART) | LEXICON_ROLE(CUE_STREET) |
	    LEXICON_ROLE(STREET_END) | LEXICON_ROLE(STREET_END_WEAK) | LEXICON_ROLE(CUE_BOX);
	struct cue part;

	return w->how == CASE_SMALL && w->end - w->start > MIN_WORD &&
	    (w->classes & NAME_STOP) != 0 && (w->classes & (NAME_PARTICLE | NAME_KNOWN)) == 0 &&
	    !cue_read(s, w->start, of_streets, &part);
}

/* What addresses of memory and of networks have. */
static bool
is_of_machines(const struct scan *s, const struct name_word *w)
{
	static const char *const words[] = { "bit", "bits", "byte", "bytes", "port", "octet",
		"octets", "page", "pages", "http", "https", "rfc", "iso", "ipv", "hex", "null" };

	return cue_is_one_of(s, w->start, w->end, words, sizeof(words) / sizeof(words[0]));
}

/* Behind a number with what hangs on it: "12-14", "7b", "3.º", "1.518"; 0 when it is none. */
static size_t
number_end(const struct scan *s, size_t at, size_t end)
{
	size_t i = at;

	while (is_digit(s->text[i]))
		i++;
	if (i - at > MAX_DIGITS || (s->text[i] == '.' && is_digit(s->text[i + 1]) && i - at > 3) ||
	    (s->text[i] == 'x' && i - at == 1))
		return 0;
	while (i < end && s->text[i] != ' ' && s->text[i] != ',') {
		if (s->text[i] == ':' || s->text[i] == '=' || s->text[i] == '_')
			return 0;
		i++;
	}
	return i;
}

/* Reads all of it; false when something stands in it that no address has. */
static bool
read_shape(const struct scan *s, size_t at, size_t end, struct shape *ret_shape)
{
	struct shape shape = { 0 };
	struct name_word w;

	for (size_t n = 0; at < end; n++) {
		if (n == 2 * MAX_WORDS)
			return false;
		if (is_digit(s->text[at])) {
			if ((at = number_end(s, at, end)) == 0)
				return false;
			shape.n_numbers++;
		} else if (lexicon_is_letter(s->text[at])) {
			if (!name_word_read(s, at, &w) || is_of_machines(s, &w) ||
			    s->text[w.end] == '(' || s->text[w.end] == ':')
				return false;
			shape.n_of_sentences += is_of_sentence(s, &w);
			shape.has_capital |= w.how != CASE_SMALL;
			shape.n_words += w.end - w.start >= MIN_WORD;
			shape.n_long += w.end - w.start >= MIN_LONE_WORD;
			at = w.end;
		} else if (s->text[at] == 0xC2) {
			at += 2;
		} else if (strchr(" ,.-/#'&\n", s->text[at]) != NULL && s->text[at] != 0) {
			at++;
		} else {
			return false;
		}
	}
	*ret_shape = shape;
	return true;
}

/* "Lieu-dit Les Granges" and "12 rue": a number and a name, or capitals alone behind a label that
 * nothing but streets have. */
static bool
is_address(const struct shape *shape, bool is_of_streets)
{
	if (shape->n_words == 0 || shape->n_words > MAX_WORDS ||
	    shape->n_of_sentences > (is_of_streets && shape->n_words > 1 ? 1 : 0))
		return false;
	if (shape->n_numbers == 0)
		return is_of_streets && shape->has_capital && shape->n_words > 1;
	return shape->has_capital || shape->n_words > 1 || shape->n_long > 0;
}

/* "Address", "Adresse", "Dirección": programs have them too. */
static bool
is_label_of_streets(const struct scan *s, const struct cue *cue)
{
	static const char *const both[] = { "address", "adresse", "endere\xC3\xA7o", "endereco",
		"direcci\xC3\xB3n", "direccion", "indirizzo", "adres", "via" };

	return !cue_is_one_of(s, cue->start, cue->end, both, sizeof(both) / sizeof(both[0]));
}

static bool
is_whole(const struct scan *s, size_t start, size_t end, bool is_of_streets)
{
	struct shape shape;

	return end > start && read_shape(s, start, end, &shape) &&
	    is_address(&shape, is_of_streets);
}

bool
match_address_label(struct scan *s, const struct cue *cue)
{
	size_t start = behind_sign(s, cue->end), end;
	bool is_of_streets = is_label_of_streets(s, cue);

	if (start == 0 || (cue->start > 0 && s->text[cue->start - 1] == '_' && !is_of_streets))
		return false;
	end = line_end(s, start, start);
	if (!is_whole(s, start, end, is_of_streets)) {
		/* The line breaks in it. */
		if (end <= start || s->text[end] != '\n')
			return false;
		end = line_end(s, start, end + 1);
		if (!is_whole(s, start, end, is_of_streets))
			return false;
	}
	address_add(s, start, end, SCORE);
	return true;
}
