/* SPDX-License-Identifier: Apache-2.0 */
/* wishes - the table, from the beginnings that the lexicon and the names have. */
#include "redact/wishes.h"

static void
add_key(struct wishes *w, uint64_t key, enum wish wish)
{
	uint64_t slot = key * LEXICON_FACTOR >> (64 - WISH_BITS);

	w->of_word[slot] |= (uint8_t)wish;
	if (wish != WISH_NAME)
		w->of_word[slot | WISH_SMALL] |= (uint8_t)wish;
}

/* Two or four letters that are digits in base 16; of the eight that a UUID begins with one is a
 * digit, or see has_uuid_before in scan.c. */
static void
add_hex(struct wishes *w)
{
	for (unsigned int i = 0; i < 36 * 36; i++) {
		uint64_t key = (uint64_t)('a' + i % 6) | (uint64_t)('a' + i / 6 % 6) << 8;

		for (int n = 0; n < 2; n++) {
			add_key(w, key, WISH_HEX);
			key |= (uint64_t)('a' + i / 36 % 6) << 16 | (uint64_t)('a' + i / 216) << 24;
		}
	}
}

static void
add_words(struct wishes *w, const uint64_t *keys, size_t n, enum wish wish)
{
	for (size_t i = 0; i < n; i++)
		add_key(w, keys[i], wish);
}

void
wishes_init(struct wishes *w)
{
	memset(w, 0, sizeof(*w));
	for (size_t len = 1; len <= MASKS_BLOCK; len++)
		w->kept[len] = len < 8 ? (UINT64_C(1) << 8 * len) - 1 : UINT64_MAX;
	add_words(w, lexicon_cue_keys, lexicon_n_cue_keys, WISH_CUE);
	add_words(w, lexicon_phrase_keys, lexicon_n_phrase_keys, WISH_PHRASE);
	add_words(w, lexicon_label_keys, lexicon_n_label_keys, WISH_LABEL);
	add_words(w, names_first_keys, names_n_first_keys, WISH_NAME);
	add_words(w, lexicon_street_end_keys, lexicon_n_street_end_keys, WISH_STREET_END);
	add_hex(w);
	number_tables_init(&w->numbers);
	letter_id_table_init(&w->ids);
}
