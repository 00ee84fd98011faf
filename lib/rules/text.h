/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - a message as folded words and marks, so that the checks read words and not bytes.
 * Private to lib/rules.
 *
 * Folding: Latin, Greek and Cyrillic letters to lower case, curly apostrophes to straight ones.  An
 * apostrophe between letters belongs to the word ("don't"), a hyphen parts words, a redaction
 * placeholder ("[EMAIL:k7f3qa]") is one word that no phrase can equal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct text_token {
	struct str word; /* folded; empty for a mark */
	char mark;       /* one of , . ? ! : and 0 for a word */
	size_t from, to; /* bytes of the original */
};

struct text {
	const struct text_token *tokens;
	size_t n;
};

/* Room that text_read needs in an arena of its own. */
#define TEXT_ARENA_BYTES(message_bytes) ((message_bytes)*64 + 65536)

MUST_CHECK enum err text_read(struct arena *a, struct str message, struct text *ret_text);

bool text_is_sentence_end(const struct text_token *token);

/* Whether the words of phrase ("go ahead") stand at position at; ret_after is past them. */
bool text_has_phrase_at(const struct text *t, size_t at, const char *phrase, size_t *ret_after);

/* The first place of one of the NULL-ended phrases in [from, to). */
bool text_find_any(const struct text *t, size_t from, size_t to, const char *const *phrases,
    size_t *ret_at, size_t *ret_after);

/*
 * Where wanted stands in the message: as whole words wherever it begins or ends with a letter or
 * digit (of a script that parts words), letters folded, any run of blanks like any other, marks of
 * emphasis and invisible characters left out.  ret_found is a view of the message.
 */
bool text_find_literal(struct str message, struct str wanted, struct str *ret_found);

/* The first bytes of s, at most limit, never cutting a character. */
struct str text_cut(struct str s, size_t limit);

/* Glob with * for any run of characters. */
bool text_matches_glob(struct str s, struct str glob);

/* One letter folded; others are themselves. */
uint32_t text_fold(uint32_t code_point);

bool text_is_word_char(uint32_t code_point);

/* An ASCII letter folded, a digit or underscore as it is, and 0 for what no word is made of. */
static inline char
text_ascii_word(unsigned char c)
{
	unsigned char small = c | 0x20;

	if (small >= 'a' && small <= 'z')
		return (char)small;
	return (c >= '0' && c <= '9') || c == '_' ? (char)c : 0;
}

/* The mark that the character c at the given place is, or 0. */
char text_mark_at(struct str s, size_t at, uint32_t c);

/* How long the placeholder is that begins at the given place, or 0. */
size_t text_placeholder_len(struct str s, size_t at);

/* Reads one character; returns its length in bytes, at least 1. */
size_t text_read_char(struct str s, size_t at, uint32_t *ret_code_point);
