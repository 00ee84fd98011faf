/* SPDX-License-Identifier: Apache-2.0 */
/* words - reads the words around a value and asks the lexicon. */
#include <string.h>

#include "redact/layer.h"
#include "redact/lexicon.h"
#include "redact/words.h"

#define MAX_KEY 64

/* What the words found so far say, as prose and as keys. */
struct said {
	uint64_t prose;
	uint64_t key;
	uint64_t last; /* what the last word says as a key */
};

static bool
is_capital(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

/* Where the word that begins at i ends: with its letters, or where a capital follows a small letter
 * ("phoneNumber"). */
static size_t
word_end(const uint8_t *text, size_t i, size_t len)
{
	size_t from = i;

	while (i < len && lexicon_is_letter(text[i]) &&
	    !(i > from && is_capital(text[i]) && !is_capital(text[i - 1])))
		i++;
	return i;
}

/* What parts the words of a phrase, and what ends it. */
static bool
ends_phrase(uint8_t c)
{
	return c == '.' || c == ';' || c == '!' || c == '?' || c == '\n' || c == LAYER_BREAK;
}

/* *ret_n: how many words there were. */
static struct said
words_in(const uint8_t *text, size_t len, size_t *ret_n)
{
	struct lexicon_walk walk;
	struct said said = { 0 };

	walk.n = 0;
	*ret_n = 0;
	for (size_t i = 0; i < len;) {
		size_t end = word_end(text, i, len);

		if (end == i) {
			if (ends_phrase(text[i]))
				lexicon_break(&walk);
			i++;
			continue;
		}
		++*ret_n;
		lexicon_add_word(&walk, text + i, end - i);
		said.last = 0;
		for (size_t f = 0; f < walk.n_found; f++) {
			said.prose |= walk.found[f]->prose;
			said.key |= walk.found[f]->key;
			said.last |= walk.found[f]->key | walk.found[f]->prose;
		}
		i = end;
	}
	return said;
}

uint64_t
words_before(const uint8_t *text, size_t floor, size_t at)
{
	size_t from = at;
	size_t n;
	int lines = 0;

	while (from > floor && at - from < WORDS_BEFORE && text[from - 1] != LAYER_BREAK) {
		if (text[from - 1] == '\n' && ++lines == 2)
			break;
		from--;
	}
	/* Not the tail of a word that was cut. */
	if (from > floor && lexicon_is_letter(text[from - 1]))
		while (from < at && lexicon_is_letter(text[from]))
			from++;
	return words_in(text + from, at - from, &n).prose;
}

uint64_t
words_after(const uint8_t *text, size_t end, size_t len)
{
	size_t n, to = end, limit = len - end > WORDS_AFTER ? end + WORDS_AFTER : len;

	while (to < limit && !ends_phrase(text[to]) && text[to] != ':' && text[to] != '=' &&
	    !(text[to] >= '0' && text[to] <= '9'))
		to++;
	/* What stands before a colon or a number speaks of what follows; a word that was cut says
	 * nothing. */
	if (to < len && (text[to] == ':' || text[to] == '='))
		return 0;
	if (to == limit && limit < len)
		while (to > end && lexicon_is_letter(text[to - 1]))
			to--;
	return words_in(text + end, to - end, &n).prose;
}

uint64_t
words_between(const uint8_t *text, size_t len)
{
	size_t n;

	return words_in(text, len, &n).prose;
}

uint64_t
words_at(const uint8_t *text, size_t at, size_t len)
{
	size_t to = at, limit = len - at > WORDS_AFTER ? at + WORDS_AFTER : len;

	while (to < limit && !ends_phrase(text[to]) &&
	    (lexicon_is_letter(text[to]) || text[to] <= '/'))
		to++;
	return words_between(text + at, to - at);
}

/* The letters of a key as one word. */
static const struct lexicon_entry *
find_squeezed(const uint8_t *key, size_t len)
{
	uint8_t letters[MAX_KEY];
	uint64_t hash;
	size_t n = 0;

	if (len > MAX_KEY)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (lexicon_is_letter(key[i]))
			letters[n++] = key[i];
	hash = lexicon_hash(letters, n);
	return hash == 0 ? NULL : lexicon_of(hash);
}

uint64_t
words_of_key(const uint8_t *key, size_t len)
{
	const struct lexicon_entry *squeezed = NULL;
	struct said said;
	size_t n;

	if (len > MAX_KEY)
		return 0;
	said = words_in(key, len, &n);
	if (n > 1)
		squeezed = find_squeezed(key, len);
	if (squeezed != NULL) {
		said.prose |= squeezed->prose;
		said.key |= squeezed->key;
	}
	if ((said.last & WORD_ABOUT_SECRET) != 0)
		return (said.prose | said.key) & ~(WORD_TYPE(SECRET) | WORD_MAYBE_SECRET);
	return said.prose | said.key;
}

bool
words_is_bland_key(const uint8_t *key, size_t len)
{
	const struct lexicon_entry *e = find_squeezed(key, len);

	return e != NULL && (e->roles & LEXICON_ROLE(BLAND)) != 0;
}
