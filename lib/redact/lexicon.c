/* SPDX-License-Identifier: Apache-2.0 */
/* lexicon - folding, the hashed table, phrases. */
#include <string.h>

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

/* Up to eight bytes at `at`, zeros behind them, without a look behind len: two reads that overlap
 * for 4 to 7 bytes, three for fewer. */
static inline uint64_t
eight_bytes(const uint8_t *at, size_t len)
{
	uint64_t eight;
	uint32_t first, last;

	if (len >= 8) {
		memcpy(&eight, at, 8);
		return eight;
	}
	if (len >= 4) {
		memcpy(&first, at, 4);
		memcpy(&last, at + len - 4, 4);
		return first | (uint64_t)last << (8 * (len - 4));
	}
	return len == 0 ? 0
			: at[0] | (uint64_t)at[len / 2] << (8 * (len / 2)) |
		(uint64_t)at[len - 1] << (8 * (len - 1));
}

size_t
lexicon_fold(const uint8_t *text, size_t len, uint8_t ret_folded[static LEXICON_MAX_BYTES])
{
	size_t n = 0;

	size_t i = 0;

	if (len + 2 > LEXICON_MAX_BYTES)
		return 0;
	/* Eight letters of ASCII at a time. */
	for (; i < len; i += 8) {
		uint64_t eight = eight_bytes(text + i, len - i);

		if ((eight & 0x8080808080808080u) != 0)
			break;
		eight |= 0x2020202020202020u;
		memcpy(ret_folded + i, &eight, 8);
	}
	if (i >= len)
		return len;
	n = i;
	while (i < len) {
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

/* The same as hash_of in tools/embed-entities.py. */
static inline uint64_t
mix(uint64_t hash, uint64_t eight)
{
	hash = (hash ^ eight) * LEXICON_FACTOR;
	return hash ^ hash >> 32;
}

uint64_t
lexicon_hash_folded(const uint8_t *folded, size_t len)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < len; i += 8)
		hash = mix(hash, eight_bytes(folded + i, len - i));
	return hash;
}

uint64_t
lexicon_hash(const uint8_t *text, size_t len)
{
	uint8_t folded[LEXICON_MAX_BYTES];

	/* Most words are short and ASCII; the bits of small letters must not reach past the end. */
	if (len - 1 < 8) {
		uint64_t eight = eight_bytes(text, len);

		if ((eight & 0x8080808080808080u) == 0)
			return mix(0, eight | 0x2020202020202020u >> (8 * (8 - len)));
	}
	len = lexicon_fold(text, len, folded);
	return len == 0 ? 0 : lexicon_hash_folded(folded, len);
}

const struct lexicon_entry *
lexicon_of(uint64_t hash)
{
	for (size_t at = hash % LEXICON_SLOTS; lexicon_slots[at] != 0;
	     at = (at + 1) % LEXICON_SLOTS) {
		const struct lexicon_entry *e = &lexicon_entries[lexicon_slots[at]];

		if (e->hash == hash)
			return e;
	}
	return NULL;
}

/* Looks a phrase up, notes what was found, and keeps it when it may go on. */
static inline void
look_up(struct lexicon_walk *w, uint64_t hash)
{
	const struct lexicon_entry *e = lexicon_of(hash);

	if (e == NULL)
		return;
	if ((e->prose | e->key | e->roles) != 0)
		w->found[w->n_found++] = e;
	if (e->begins && w->n < LEXICON_MAX_WORDS)
		w->open[w->n++] = hash;
}

void
lexicon_add_word(struct lexicon_walk *w, const uint8_t *text, size_t len)
{
	uint64_t hash = lexicon_hash_in_layer(text, len);
	size_t n_open = w->n;

	w->n = 0;
	w->n_found = 0;
	if (hash == 0)
		return;
	for (size_t i = 0; i < n_open; i++)
		look_up(w, lexicon_join(w->open[i], hash));
	look_up(w, hash);
}
