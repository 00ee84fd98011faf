/* SPDX-License-Identifier: Apache-2.0 */
/* wishes - the table, from the beginnings that the lexicon and the names have. */
#include "redact/wishes.h"
#include "redact/lexicon.h"

static void
add(struct wishes *w, uint32_t key, enum wish wish)
{
	w->of_word[(key * 0x9E3779B1u) >> (32 - WISH_BITS)] |= (uint8_t)wish;
}

/* Two to four letters that are digits in base 16; what is shorter is followed by a sign. */
static void
add_hex(struct wishes *w)
{
	for (uint32_t i = 0; i < 7 * 7 * 36; i++) {
		uint32_t letters[4] = { i % 6, i / 6 % 6, i / 36 % 7, i / 252 };
		uint32_t key = 0;

		if (letters[2] == 6 && letters[3] != 6)
			continue;
		for (unsigned int n = 0; n < 4; n++)
			key |= letters[n] == 6 ? 0 : ('a' + letters[n]) << (8 * n);
		add(w, key, WISH_HEX);
	}
}

void
wishes_init(struct wishes *w)
{
	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < lexicon_n_cue_keys; i++)
		add(w, lexicon_cue_keys[i], WISH_CUE);
	for (size_t i = 0; i < lexicon_n_label_keys; i++)
		add(w, lexicon_label_keys[i], WISH_LABEL);
	for (size_t slot = 0; slot < WORD_FILTER_WORDS * 64; slot++)
		if ((names_filter[slot / 64] >> (slot % 64) & 1) != 0)
			w->of_word[slot] |= WISH_NAME;
	add_hex(w);
}
