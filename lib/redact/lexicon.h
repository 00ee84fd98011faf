/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexicon - what words and phrases say, in one hashed table that is made at build time from
 * lib/redact/entities/.
 *
 * Words are looked up in folded form: small letters without accents.  A word is known by a hash of
 * 64 bits, a phrase by the hash of what stands before its last word, joined with that word's; among
 * a few thousand entries no two have the same one (the build checks it), and a word of a text that
 * is made to have it only says what it could have said openly.  A phrase is found by walking its
 * words from left to right with struct lexicon_walk, which never looks at a byte twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LEXICON_MAX_WORDS 4
#define LEXICON_MAX_BYTES 64 /* of a folded word */
#define LEXICON_FACTOR UINT64_C(0x9E3779B97F4A7C15)

/* What a word does beside saying what stands near; the tables below [role] of the entities. */
/* clang-format off */
#define LEXICON_ROLES(X)                                                                           \
	X(BLAND) X(CUE_NAMED) X(CUE_SELF) X(CUE_THIS) X(CUE_GREETING) X(CUE_TITLE) X(CUE_ROLE)     \
	X(CUE_LABEL) X(CUE_NAME) X(CUE_SIGNOFF) X(CUE_BEHALF) X(NOT_PERSON)    \
	X(CUE_STREET) X(CUE_ADDRESS) X(CUE_BOX) X(STREET_END) X(STREET_END_WEAK) X(ADDRESS_PART) X(CUE_POSTAL) \
	X(CUE_USER) X(CUE_LOGIN) X(CUE_SOCIAL) X(CUE_PLATE) X(CUE_VEHICLE) X(CUE_DEVICE) X(CUE_GADGET) X(CUE_HOME) X(CUE_BORN) X(MONTH) X(CUE_SITE) X(CUE_AT) X(SPOKEN_DOT) \
	X(CUE_HEALTH) X(CUE_RELIGION) X(CUE_UNION) X(CUE_ORIENTATION) X(CUE_BIOMETRIC)

/* clang-format on */

enum lexicon_role_bit {

#define LEXICON_ROLE_BIT(name) LEXICON_BIT_##name,
	LEXICON_ROLES(LEXICON_ROLE_BIT)
#undef LEXICON_ROLE_BIT
	    LEXICON_N_ROLES
};

#define LEXICON_ROLE(name) (UINT64_C(1) << LEXICON_BIT_##name)

struct lexicon_entry {
	uint64_t hash;
	uint64_t prose; /* bits of words.h: what it says in prose */
	uint64_t key;   /* what it says as a key of JSON */
	uint64_t roles; /* LEXICON_ROLE bits */
	bool begins;    /* a longer phrase begins with it */
};

/* A word's letters: ASCII, Latin with accents and other alphabets (no digits, and nothing that
 * begins with U+0080 to U+00BF or U+2000 to U+2FFF). */
static inline bool
lexicon_is_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26 ||
	    (c >= 0x80 && c != 0xC2 && c != 0xE2 && c != 0xFF);
}

/* A bit for each way in which a cue (a role named CUE_…) begins; see word_key in names.h. */
extern const uint64_t lexicon_cue_filter[1024];

/* A Bloom filter over the first eight letters of those and two of the word behind, see
 * cue_may_go_on. */
#define LEXICON_SECOND_BITS 14
#define LEXICON_SECOND_FACTOR UINT64_C(0xC2B2AE3D27D4EB4F)
extern const uint64_t lexicon_seconds[(1 << LEXICON_SECOND_BITS) / 64];

/* Folds the word at text (letters only); returns the folded length, 0 when it is too long. */
size_t lexicon_fold(const uint8_t *text, size_t len, uint8_t ret_folded[static LEXICON_MAX_BYTES]);

/* The hash of a folded word, of the word at text in any case (0 when it is too long), and of a
 * phrase that goes on with a word. */
uint64_t lexicon_hash_folded(const uint8_t *folded, size_t len);
uint64_t lexicon_hash(const uint8_t *text, size_t len);

/* The same where eight bytes can be read; most words are no longer than that, and ASCII. */
static inline uint64_t
lexicon_hash_in_layer(const uint8_t *text, size_t len)
{
	uint64_t hash;

	memcpy(&hash, text, sizeof(hash));
	if (len == 0 || len > sizeof(hash))
		return lexicon_hash(text, len);
	hash <<= 8 * (sizeof(hash) - len);
	if ((hash & 0x8080808080808080u) != 0)
		return lexicon_hash(text, len);
	hash =
	    ((hash >> 8 * (sizeof(hash) - len)) | 0x2020202020202020u >> 8 * (sizeof(hash) - len)) *
	    LEXICON_FACTOR;
	return hash ^ hash >> 32;
}

static inline uint64_t
lexicon_join(uint64_t phrase, uint64_t word)
{
	uint64_t hash = (phrase * 31 + word) * LEXICON_FACTOR;

	return hash ^ hash >> 32;
}

/* The entry of a word or phrase; NULL when there is none. */
const struct lexicon_entry *lexicon_of(uint64_t hash);

/* A Bloom filter of one hash over the first eight bytes of the words that are labels: that say what
 * short value follows. */
#define LEXICON_LABEL_BITS 14
extern const uint64_t lexicon_labels[(1 << LEXICON_LABEL_BITS) / 64];

/* The same over the first words of entries that say something of a value nearby or below a key, in
 * folded form: other words are mostly dismissed.  key: the first eight bytes of a word that are
 * ASCII, with the bit of small letters, zeros behind it. */
#define LEXICON_FIRST_BITS 16
extern const uint64_t lexicon_firsts[(1 << LEXICON_FIRST_BITS) / 64];

static inline bool
lexicon_may_know(uint64_t key)
{
	uint64_t bit = (key * LEXICON_FACTOR) >> (64 - LEXICON_FIRST_BITS);

	return (lexicon_firsts[bit / 64] >> (bit % 64) & 1) != 0;
}

/* The first words of labels, of cues and of what ends a street's name by their first eight letters,
 * zeros behind them; 0x80 ends those that go on with an accent.  Cues that are no cue by themselves
 * stand in the list of phrases. */
extern const uint64_t lexicon_phrase_keys[];
extern const size_t lexicon_n_phrase_keys;
extern const uint64_t lexicon_label_keys[];
extern const size_t lexicon_n_label_keys;
extern const uint64_t lexicon_cue_keys[];
extern const size_t lexicon_n_cue_keys;
extern const uint64_t lexicon_street_end_keys[];
extern const size_t lexicon_n_street_end_keys;

/* May the word at text be a label?  Quick, and now and then wrong; len is that of its ASCII letters
 * and digits, and eight bytes can be read. */
static inline bool
lexicon_may_label(const uint8_t *text, size_t len)
{
	uint64_t key;

	memcpy(&key, text, sizeof(key));
	if (len < sizeof(key) && text[len] >= 0x80)
		while (len < sizeof(key) && (text[len] >= 0x80 || (text[len] | 0x20) >= 'a'))
			len++;
	key |= UINT64_C(0x2020202020202020);
	if (len < sizeof(key))
		key &= (UINT64_C(1) << 8 * len) - 1;
	key = (key * LEXICON_FACTOR) >> (64 - LEXICON_LABEL_BITS);
	return (lexicon_labels[key / 64] >> (key % 64) & 1) != 0;
}

/* Phrases that end with the word that was added last. */
struct lexicon_walk {
	uint64_t open[LEXICON_MAX_WORDS]; /* phrases that may go on */
	size_t n;
	const struct lexicon_entry *found[LEXICON_MAX_WORDS]; /* by the last word, longest first */
	size_t n_found;
};

void lexicon_add_word(struct lexicon_walk *w, const uint8_t *text, size_t len);

/* Punctuation parts phrases. */
static inline void
lexicon_break(struct lexicon_walk *w)
{
	w->n = 0;
}
