/* SPDX-License-Identifier: Apache-2.0 */
/* lexicon - folding, the hashed table, phrases. */
#include <string.h>

#include "redact/layer.h"
#include "redact/lexicon.h"
#include "redact/words.h"

#define W(name) (UINT64_C(1) << WORD_BIT_##name)
#include "entities.inc"
#undef W

/* The letters of Latin-1 and Latin Extended-A, U+00C0 to U+017F, without what is above and below
 * them; '2' stands for two letters, '.' for what stays as it is. */
static const char plain[] = "aaaaaa2ceeeeiiiidnooooo.ouuuuy22aaaaaa2ceeeeiiiidnooooo.ouuuuy2y"
			    "aaaaaaccccccccddddeeeeeeeeeegggggggghh..iiiiiiiiii..jjkk.llllll."
			    ".llnnnnnn...oooooo22rrrrrrsssssssstttt..uuuuuuuuuuuuwwyyyzzzzzz.";

bool
lexicon_is_letter(uint8_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= 0xC3 && c < LAYER_BREAK) ||
	    (c >= 0x80 && c < 0xC0);
}

/* The code points that fold to two letters. */
static const char *
two_letters(uint32_t code)
{
	static const struct {
		uint16_t code;
		char letters[3];
	} pairs[] = { { 0xC6, "ae" }, { 0xDE, "th" }, { 0xDF, "ss" }, { 0xE6, "ae" },
		{ 0xFE, "th" }, { 0x152, "oe" }, { 0x153, "oe" } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].code == code)
			return pairs[i].letters;
	return "";
}

/* Folds the two bytes of a code point below U+0180; others stay as they are. */
static size_t
fold_pair(const uint8_t *at, uint8_t *ret_bytes)
{
	uint32_t code = (uint32_t)(at[0] & 0x1F) << 6 | (at[1] & 0x3F);
	size_t index = code - 0xC0;
	const char *letters;

	if (at[0] > 0xC5 || index >= sizeof(plain) - 1) {
		memcpy(ret_bytes, at, 2);
		return 2;
	}
	if (plain[index] == '.') {
		memcpy(ret_bytes, at, 2);
		return 2;
	}
	if (plain[index] != '2') {
		ret_bytes[0] = (uint8_t)plain[index];
		return 1;
	}
	letters = two_letters(code);
	memcpy(ret_bytes, letters, strlen(letters));
	return strlen(letters);
}

size_t
lexicon_fold(const uint8_t *text, size_t len, uint8_t ret_folded[static LEXICON_MAX_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		if (n + 2 > LEXICON_MAX_BYTES)
			return 0;
		if (text[i] < 0x80) {
			ret_folded[n++] = text[i++] | 0x20;
		} else if (text[i] >= 0xC3 && text[i] <= 0xDF && i + 1 < len) {
			n += fold_pair(text + i, ret_folded + n);
			i += 2;
		} else {
			ret_folded[n++] = text[i++];
		}
	}
	return n;
}

const struct lexicon_entry *
lexicon_find(const uint8_t *folded, size_t len)
{
	uint32_t hash = 0x811C9DC5; /* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ folded[i]) * 0x01000193;
	for (size_t at = hash % LEXICON_SLOTS; lexicon_slots[at] != 0;
	     at = (at + 1) % LEXICON_SLOTS) {
		const struct lexicon_entry *e = &lexicon_entries[lexicon_slots[at]];

		if (e->len == len && memcmp(e->text, folded, len) == 0)
			return e;
	}
	return NULL;
}

/* Looks a phrase up, notes what was found, and keeps it when it may go on. */
static void
look_up(struct lexicon_walk *w, const uint8_t *text, size_t len)
{
	const struct lexicon_entry *e = lexicon_find(text, len);

	if (e == NULL)
		return;
	if ((e->prose | e->key | e->roles) != 0)
		w->found[w->n_found++] = e;
	if (!e->begins || w->n == LEXICON_MAX_WORDS)
		return;
	if (w->text[w->n] != text)
		memmove(w->text[w->n], text, len);
	w->lens[w->n++] = (uint8_t)len;
}

void
lexicon_add_word(struct lexicon_walk *w, const uint8_t *text, size_t len)
{
	uint8_t word[LEXICON_MAX_BYTES];
	size_t n = lexicon_fold(text, len, word), n_open = w->n;

	w->n = 0;
	w->n_found = 0;
	if (n == 0)
		return;
	for (size_t i = 0; i < n_open; i++) {
		size_t before = w->lens[i];

		if (before + 1 + n > LEXICON_MAX_BYTES)
			continue;
		w->text[i][before] = ' ';
		memcpy(w->text[i] + before + 1, word, n);
		look_up(w, w->text[i], before + 1 + n);
	}
	look_up(w, word, n);
}
