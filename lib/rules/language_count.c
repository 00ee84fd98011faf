/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words and letters of a message by language; see language_count.h.
 *
 * Every answer of every agent goes through here, so each byte is looked at once: a word is folded
 * and hashed while its end is looked for, and is found in the table of all languages' small words
 * at once.  Whether a word belongs to a name is known two words later; until then it waits.
 */
#include "rules/language_count.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "rules/text.h"

#define MAX_WORD_BYTES 32 /* longer than any small word */
#define AROUND 2          /* words of a name stand at most so far from each other */
#define N_SEEN 5          /* a word, and so many on both its sides */
#define FIRST_SCRIPT_LETTER 0x370

/* A word or a mark; a place outside of the message is like a mark. */
struct seen {
	bool is_word;
	bool is_capital;
	uint32_t languages;
};

struct counter {
	struct str prose;
	size_t at;
	struct seen last[N_SEEN]; /* the one in the middle is decided next */
	size_t in_script[N_SCRIPTS];
	struct language_counts *counts;
};

/* "Rua das Flores", "Ana da Silva": part of a name, which says nothing of the language around. */
static bool
is_in_name(const struct seen *s)
{
	if (s->is_capital && s[-1].is_word)
		return true;
	for (int k = 1; k <= AROUND && !s->is_capital; k++)
		if (s[-k].is_capital)
			return s[1].is_capital || s[2].is_capital;
	return false;
}

static void
push(struct counter *c, struct seen next)
{
	const struct seen *middle = &c->last[AROUND];

	memmove(&c->last[0], &c->last[1], sizeof(c->last) - sizeof(c->last[0]));
	c->last[N_SEEN - 1] = next;
	if (!middle->is_word || is_in_name(middle))
		return;
	c->counts->n_words++;
	for (uint32_t set = middle->languages; set != 0; set &= set - 1)
		c->counts->hits[__builtin_ctz(set)]++;
}

static bool
is_letter(uint32_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0xc0;
}

static void
count_letter(struct counter *c, uint32_t letter)
{
	c->counts->n_letters += is_letter(letter);
	if (letter < FIRST_SCRIPT_LETTER)
		return;
	for (size_t i = 0; i < N_SCRIPTS && letter >= scripts[i].first; i++)
		c->in_script[i] += letter <= scripts[i].last;
}

struct word {
	char folded[MAX_WORD_BYTES];
	size_t len; /* of the whole word */
	uint32_t hash;
};

static void
add_byte(struct word *w, char byte)
{
	if (w->len < MAX_WORD_BYTES)
		w->folded[w->len] = byte;
	w->len++;
	w->hash = language_hash(w->hash, byte);
}

/* As text_read folds it: letters of two bytes to letters of two bytes, longer ones not at all. */
static void
add_wide(struct word *w, struct str from, uint32_t letter)
{
	uint32_t folded = text_fold(letter);

	if (from.len == 2) {
		add_byte(w, (char)(0xc0 | folded >> 6));
		add_byte(w, (char)(0x80 | (folded & 0x3f)));
		return;
	}
	for (size_t i = 0; i < from.len; i++)
		add_byte(w, from.at[i]);
}

/* Whether a word goes on behind an apostrophe that ends at the given place. */
static bool
goes_on_at(const struct counter *c, size_t at)
{
	uint32_t next;

	if (at >= c->prose.len)
		return false;
	(void)text_read_char(c->prose, at, &next);
	return text_is_word_char(next);
}

/* Takes a character past ASCII into the word; false when it ends the word. */
static bool
take_wide(struct counter *c, struct word *w)
{
	uint32_t letter;
	size_t len = text_read_char(c->prose, c->at, &letter);
	bool is_apostrophe = text_fold(letter) == '\'';

	if (is_apostrophe ? !goes_on_at(c, c->at + len) : !text_is_word_char(letter))
		return false;
	if (is_apostrophe)
		add_byte(w, '\'');
	else
		add_wide(w, str_slice(c->prose, c->at, c->at + len), letter);
	count_letter(c, letter);
	c->at += len;
	return true;
}

static void
read_word(struct counter *c, uint32_t first)
{
	struct word w = { .len = 0, .hash = LANGUAGE_HASH_START };
	struct seen seen = { .is_word = true, .is_capital = text_fold(first) != first };

	while (c->at < c->prose.len) {
		unsigned char byte = (unsigned char)c->prose.at[c->at];
		char folded;

		if (byte >= 0x80) {
			if (!take_wide(c, &w))
				break;
			continue;
		}
		folded = text_ascii_word(byte);
		if (byte == '\'' && goes_on_at(c, c->at + 1))
			folded = '\'';
		if (folded == 0)
			break;
		add_byte(&w, folded);
		c->counts->n_letters += is_letter(byte);
		c->at++;
	}
	if (w.len <= MAX_WORD_BYTES)
		seen.languages = language_of_word((struct str){ w.folded, w.len }, w.hash);
	push(c, seen);
}

/* A placeholder is a word of no language. */
static void
read_placeholder(struct counter *c, size_t len)
{
	for (size_t end = c->at + len; c->at < end; c->at++)
		c->counts->n_letters += is_letter((unsigned char)c->prose.at[c->at]);
	push(c, (struct seen){ .is_word = true });
}

static void
read_one(struct counter *c)
{
	uint32_t first;
	size_t len = text_read_char(c->prose, c->at, &first), skip;

	if (text_is_word_char(first)) {
		read_word(c, first);
		return;
	}
	skip = first == '[' ? text_placeholder_len(c->prose, c->at) : 0;
	if (skip > 0) {
		read_placeholder(c, skip);
		return;
	}
	if (text_mark_at(c->prose, c->at, first) != 0)
		push(c, (struct seen){ .is_word = false });
	count_letter(c, first);
	c->at += len;
}

/* Where the code fence or address that begins at the given place ends; 0 when none does. */
static size_t
end_of_code(struct str s, size_t at)
{
	struct str rest = str_slice(s, at, s.len);
	const char *close;

	if (str_starts_with(rest, STR("```"))) {
		close = memmem(rest.at + 3, rest.len - 3, "```", 3);
		return close == NULL ? s.len : (size_t)(close - s.at) + 3;
	}
	if (!str_starts_with(rest, STR("http://")) && !str_starts_with(rest, STR("https://")) &&
	    !str_starts_with(rest, STR("www.")))
		return 0;
	while (at < s.len && (unsigned char)s.at[at] > ' ')
		at++;
	return at;
}

/* Puts blanks for code and addresses. */
static void
blank_code(struct str message, char *prose)
{
	for (size_t i = 0; i + 1 < message.len;) {
		const char *at = message.at + i;
		bool may_begin = (at[0] == 'h' && at[1] == 't') || (at[0] == 'w' && at[1] == 'w') ||
		    (at[0] == '`' && at[1] == '`');
		size_t end = may_begin ? end_of_code(message, i) : 0;

		i++;
		if (end > 0) {
			memset(prose + i - 1, ' ', end - (i - 1));
			i = end;
		}
	}
}

enum err
language_count(struct str message, struct language_counts *ret_counts)
{
	CLEANUP_MEM char *prose = malloc(message.len + 1);
	struct counter c = { .prose = { prose, message.len }, .counts = ret_counts };

	if (prose == NULL)
		return ERR_NOMEM;
	language_table_make();
	*ret_counts = (struct language_counts){ .n_words = 0 };
	if (message.len > 0)
		memcpy(prose, message.at, message.len);
	blank_code(message, prose);
	while (c.at < c.prose.len)
		read_one(&c);
	for (size_t i = 0; i < AROUND; i++)
		push(&c, (struct seen){ .is_word = false });
	for (size_t i = 0; i < N_SCRIPTS; i++)
		for (uint32_t set = scripts[i].languages; set != 0; set &= set - 1)
			ret_counts->letters[__builtin_ctz(set)] += c.in_script[i];
	explicit_bzero(prose, message.len);
	return ERR_OK;
}
