/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cue - words and phrases that say that something personal follows, and what reads on from them.
 *
 * match_cue is called at the start of each word that the filters of names.h let through.
 */
#pragma once

#include "redact/letters.h"
#include "redact/lexicon.h"
#include "redact/names.h"
#include "redact/scan.h"
#include "redact/wishes.h"

struct cue {
	size_t start;
	size_t end;     /* behind the phrase */
	uint64_t roles; /* LEXICON_ROLE bits of the longest phrase */
};

/* The longest phrase with one of `roles` that begins with the word at `at`. */
bool cue_read(const struct scan *s, size_t at, uint64_t roles, struct cue *ret_cue);

/* Whether the text from start to end is one of n words, whatever the case of its ASCII letters. */
bool cue_is_one_of(const struct scan *s, size_t start, size_t end, const char *const *words,
    size_t n);

/* The first word's folded form before `at`, and whether a space or a hyphen alone parts them. */
size_t cue_word_before(const struct scan *s, size_t at,
    uint8_t ret_folded[static LEXICON_MAX_BYTES]);

/* May the word at `at`, whose first four letters do, begin a cue?  Most may not. */
static inline bool
cue_may_begin(const uint8_t *at)
{
	uint32_t key = word_key(at),
		 more = key > 0xFFFFFF && key < 0x80000000 ? word_key(at + 4) : 0;
	uint32_t slot = (key * 0x9E3779B1u + more * 0x85EBCA6Bu) >> 16;

	return (lexicon_cue_filter[slot / 64] >> (slot % 64) & 1) != 0;
}

/* "nº", "n°", "nª" */
static inline bool
cue_is_ordinal(const uint8_t *at)
{
	return at[0] == 0xC2 && (at[1] == 0xBA || at[1] == 0xB0 || at[1] == 0xAA);
}

/* What may stand between the words of a phrase. */
static inline bool
cue_is_joint(uint8_t c)
{
	return c == ' ' || c == '\'' || c == '-' || c == '_' || c == '/' || c == '.';
}

/* May the word at `at`, which is no cue by itself, go on as a phrase that is one?  Looks at the
 * first letters of the word behind. */
static inline bool
cue_may_go_on(const uint8_t *at)
{
	size_t len = letters_len(at);
	const uint8_t *next = at + len + 1 + cue_is_joint(at[len + 1]);
	uint64_t key, second;

	if (!cue_is_joint(at[len]))
		return cue_is_ordinal(at + len);
	if (cue_is_ordinal(at + len + 1))
		return true;
	memcpy(&key, at, sizeof(key));
	if (len < sizeof(key))
		key &= (UINT64_C(1) << 8 * len) - 1;
	/* Accents may be folded to anything. */
	if (next[0] >= 0x80 || next[1] >= 0x80 || (key & 0x8080808080808080u) != 0)
		return true;
	key |= len < sizeof(key) ? 0x2020202020202020u >> 8 * (sizeof(key) - len)
				 : 0x2020202020202020u;
	second = is_letter(next[1]) ? (next[1] | 0x20u) << 8 : 0;
	second |= next[0] | 0x20u;
	key = (key * LEXICON_FACTOR ^ second * LEXICON_SECOND_FACTOR) >> (64 - LEXICON_SECOND_BITS);
	return (lexicon_seconds[key / 64] >> (key % 64) & 1) != 0;
}

/* The word goes on from letters that are not ASCII ("ção"), or from an underscore. */
static inline bool
cue_is_inside_word(const struct scan *s, size_t at)
{
	return at > 0 && s->text[at - 1] != 0xFF &&
	    (s->text[at - 1] >= 0x80 || s->text[at - 1] == '@') && at > 1 &&
	    s->text[at - 2] != 0xC2 && (at < 3 || s->text[at - 3] != 0xE2);
}

void match_cue_at(struct scan *s, size_t at, unsigned int wishes);

/* Called at the start of a word of ASCII letters; wishes: WISH_CUE, WISH_PHRASE, WISH_NAME.  Half
 * of the words are dismissed here, where they are met. */
static inline void
match_cue(struct scan *s, size_t at, unsigned int wishes)
{
	if (at < s->cue_resume || cue_is_inside_word(s, at))
		return;
	if ((wishes & WISH_PHRASE) != 0 && cue_may_go_on(s->text + at))
		wishes |= WISH_CUE;
	if ((wishes & WISH_CUE) != 0 && !cue_may_begin(s->text + at))
		wishes &= ~(unsigned int)WISH_CUE;
	if ((wishes & (WISH_CUE | WISH_NAME)) != 0)
		match_cue_at(s, at, wishes);
}

/* Signs that may stand between a phrase and what it speaks of; at most 8 bytes are skipped. */
size_t cue_skip(const struct scan *s, size_t at, const char *signs);

/* Spaces, quotation marks, what makes words bold or code, and bars of a table. */
size_t cue_skip_marks(const struct scan *s, size_t at);

/* One word that may be part of a name. */
enum letter_case { CASE_SMALL, CASE_CAPITAL, CASE_CAPITALS };

struct name_word {
	size_t start;
	size_t end;
	unsigned int classes; /* of names.h */
	enum letter_case how;
	bool is_initial; /* "J." */
};

bool name_word_read(const struct scan *s, size_t at, struct name_word *ret_word);

/* The words that were read last: phrases that follow one another each read the same ones behind
 * them.  Scratch memory of one text; end 0: an empty place. */
#define NAME_WORDS_KEPT 16

struct name_words {
	struct name_word at[NAME_WORDS_KEPT];
};

/* How much the words before say that a name stands here. */
enum name_trust {
	NAME_TRUST_LITTLE, /* capitalised words only */
	NAME_TRUST_SOME,   /* small first names that are no words too */
	NAME_TRUST_FULL,   /* whatever is no word */
};

/* A run of words that can be a name. */
struct name_run {
	size_t start;
	size_t end;
	size_t n_words; /* particles do not count */
	size_t n_first;
	size_t n_last;
	size_t n_unknown;
	bool begins_with_first;
	bool ends_with_last;
	bool is_word;         /* the first word is a word of the language in small letters */
	bool is_ambiguous;    /* it is one as it is written */
	enum letter_case how; /* of the first word */
	uint8_t after;        /* the byte behind; 0xFF at the end of the text or string */
};

/* Adds a word to a run. */
void name_run_take(struct name_run *run, const struct name_word *w);

struct name_run name_run_read(const struct scan *s, size_t at, enum name_trust trust);

/* A sentence, line or string ends here, or a comma stands here. */
bool name_run_ends_clause(const struct name_run *run);

void name_add(struct scan *s, const struct name_run *run, uint16_t score);

/* What reads on from a phrase; true when something was found. */
bool match_person(struct scan *s, const struct cue *cue);

/* A first name at the start of a word, without a phrase before it. */
bool match_bare_name(struct scan *s, size_t at);
