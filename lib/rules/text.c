/* SPDX-License-Identifier: Apache-2.0 */
/* A message as folded words and marks; see text.h. */
#include "rules/text.h"

#include <ctype.h>

#define CP_CURLY_APOSTROPHE 0x2019u

size_t
text_read_char(struct str s, size_t at, uint32_t *ret_code_point)
{
	unsigned char c = (unsigned char)s.at[at];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t v = c < 0x80 ? c : c & (0xffu >> (len + 1));

	if (at + len > s.len || (c >= 0x80 && c < 0xc0)) {
		*ret_code_point = 0xfffd;
		return 1;
	}
	for (size_t i = 1; i < len; i++)
		v = v << 6 | ((unsigned char)s.at[at + i] & 0x3fu);
	*ret_code_point = v;
	return len;
}

static bool
is_apostrophe(uint32_t c)
{
	return c == '\'' || c == CP_CURLY_APOSTROPHE;
}

/* Punctuation and blanks past ASCII: Latin-1 signs, general punctuation, CJK marks. */
static bool
is_wide_separator(uint32_t c)
{
	return (c >= 0x80 && c <= 0xbf) || (c >= 0x2000 && c <= 0x206f) ||
	    (c >= 0x3000 && c <= 0x303f) || (c >= 0xff01 && c <= 0xff1f) || c == 0xfeff ||
	    c == 0xfe0f;
}

/* Large letters by range in their order, and how far their small ones are; with 1, each second
 * letter from the first on is large. */
static const struct {
	uint32_t first, last, distance;
} large[] = {
	{ 'A', 'Z', 0x20 },
	{ 0xc0, 0xd6, 0x20 },
	{ 0xd8, 0xde, 0x20 },
	{ 0x100, 0x12e, 1 },
	{ 0x132, 0x136, 1 },
	{ 0x139, 0x147, 1 },
	{ 0x14a, 0x176, 1 },
	{ 0x179, 0x17d, 1 },
	{ 0x391, 0x3a9, 0x20 },
	{ 0x400, 0x40f, 0x50 },
	{ 0x410, 0x42f, 0x20 },
};

uint32_t
text_fold(uint32_t c)
{
	if (is_apostrophe(c))
		return '\'';
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]) && c >= large[i].first; i++) {
		bool is_in = c <= large[i].last;

		if (is_in && (large[i].distance != 1 || (c - large[i].first) % 2 == 0))
			return c + large[i].distance;
	}
	return c;
}

bool
text_is_word_char(uint32_t c)
{
	if (c < 0x80)
		return text_ascii_word((unsigned char)c) != 0;
	return !is_wide_separator(c);
}

static char
mark_of(uint32_t c)
{
	static const char ascii[0x80] = { [','] = ',',
		[';'] = '.',
		['.'] = '.',
		['!'] = '!',
		['?'] = '?',
		[':'] = ':',
		['\n'] = '.',
		['('] = ',',
		[')'] = ',' };

	static const struct {
		uint32_t code_point;
		char mark;
	} marks[] = {
		{ 0x2013, ',' },
		{ 0x2014, ',' },
		{ 0x2026, '.' },
		{ 0x3002, '.' },
		{ 0xff01, '!' },
		{ 0xff1f, '?' },
		{ 0xff0c, ',' },
	};

	if (c < 0x80)
		return ascii[c];
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i].code_point == c)
			return marks[i].mark;
	return 0;
}

size_t
text_placeholder_len(struct str s, size_t at)
{
	size_t i = at + 1;

	if (s.at[at] != '[')
		return 0;
	while (i < s.len && (isupper((unsigned char)s.at[i]) || s.at[i] == '_'))
		i++;
	if (i == at + 1 || i >= s.len || s.at[i] != ':')
		return 0;
	i++;
	while (i < s.len && isalnum((unsigned char)s.at[i]))
		i++;
	return i < s.len && s.at[i] == ']' ? i + 1 - at : 0;
}

struct reader {
	struct str from;
	size_t at;
	char *folded; /* room for from.len bytes: folding never grows a character */
	size_t n_folded;
	struct text_token *tokens; /* NULL on the first walk, which only counts */
	size_t n;
};

static void
emit(struct reader *r, struct text_token token)
{
	if (r->tokens != NULL)
		r->tokens[r->n] = token;
	r->n++;
}

static void
fold_char(struct reader *r, uint32_t c, size_t len)
{
	char *to = r->folded + r->n_folded;

	if (is_apostrophe(c)) {
		to[0] = '\'';
		r->n_folded++;
		return;
	}
	memcpy(to, r->from.at + r->at, len);
	/* Two bytes fold to two bytes. */
	if (len == 1 && c < 0x80) {
		to[0] = (char)text_fold(c);
	} else if (len == 2) {
		to[0] = (char)(0xc0 | text_fold(c) >> 6);
		to[1] = (char)(0x80 | (text_fold(c) & 0x3f));
	}
	r->n_folded += len;
}

static bool
continues_word(const struct reader *r, uint32_t c, size_t len)
{
	uint32_t next;

	if (text_is_word_char(c))
		return true;
	if (!is_apostrophe(c) || r->at + len >= r->from.len)
		return false;
	(void)text_read_char(r->from, r->at + len, &next);
	return text_is_word_char(next);
}

static void
read_word(struct reader *r)
{
	struct text_token token = { .word = { r->folded + r->n_folded, 0 }, .from = r->at };
	size_t start = r->n_folded;

	while (r->at < r->from.len) {
		uint32_t c;
		size_t len = text_read_char(r->from, r->at, &c);

		if (!continues_word(r, c, len))
			break;
		fold_char(r, c, len);
		r->at += len;
	}
	token.word.len = r->n_folded - start;
	token.to = r->at;
	emit(r, token);
}

/* A point or comma between digits ("3.5", "1,200") parts nothing. */
static bool
is_inside_number(struct str s, size_t at, uint32_t c)
{
	return (c == '.' || c == ',') && at + 1 < s.len && isdigit((unsigned char)s.at[at + 1]);
}

char
text_mark_at(struct str s, size_t at, uint32_t c)
{
	if (is_inside_number(s, at, c))
		return 0;
	return mark_of(c);
}

static void
read_other(struct reader *r, uint32_t c, size_t len)
{
	char mark = text_mark_at(r->from, r->at, c);

	if (mark != 0)
		emit(r, (struct text_token){ .mark = mark, .from = r->at, .to = r->at + len });
	r->at += len;
}

static void
walk(struct reader *r)
{
	r->at = r->n = r->n_folded = 0;
	while (r->at < r->from.len) {
		size_t skip = text_placeholder_len(r->from, r->at);
		uint32_t c;
		size_t len = text_read_char(r->from, r->at, &c);

		if (skip > 0) {
			emit(r, (struct text_token){ STR("[]"), 0, r->at, r->at + skip });
			r->at += skip;
		} else if (text_is_word_char(c)) {
			read_word(r);
		} else {
			read_other(r, c, len);
		}
	}
}

enum err
text_read(struct arena *a, struct str message, struct text *ret_text)
{
	struct reader r = { .from = message };

	r.folded = arena_alloc(a, message.len + 1);
	if (r.folded == NULL)
		return ERR_NOMEM;
	walk(&r);
	r.tokens = arena_alloc_array(a, r.n + 1, sizeof(*r.tokens));
	if (r.tokens == NULL)
		return ERR_NOMEM;
	walk(&r);
	*ret_text = (struct text){ r.tokens, r.n };
	return ERR_OK;
}

bool
text_is_sentence_end(const struct text_token *token)
{
	return token->mark == '.' || token->mark == '!' || token->mark == '?';
}

bool
text_has_phrase_at(const struct text *t, size_t at, const char *phrase, size_t *ret_after)
{
	for (;;) {
		size_t len = strcspn(phrase, " ");

		if (at >= t->n || !str_equals(t->tokens[at].word, (struct str){ phrase, len }))
			return false;
		at++;
		if (phrase[len] == '\0')
			break;
		phrase += len + 1;
	}
	*ret_after = at;
	return true;
}

bool
text_find_any(const struct text *t, size_t from, size_t to, const char *const *phrases,
    size_t *ret_at, size_t *ret_after)
{
	for (size_t at = from; at < to && at < t->n; at++)
		for (size_t p = 0; phrases[p] != NULL; p++)
			if (text_has_phrase_at(t, at, phrases[p], ret_after)) {
				*ret_at = at;
				return true;
			}
	return false;
}

struct str
text_cut(struct str s, size_t limit)
{
	if (s.len <= limit)
		return s;
	while (limit > 0 && ((unsigned char)s.at[limit] & 0xc0) == 0x80)
		limit--;
	return str_slice(s, 0, limit);
}

bool
text_matches_glob(struct str s, struct str glob)
{
	size_t i = 0, g = 0;
	size_t star = glob.len; /* the last * seen, or none */
	size_t resume = 0;

	while (i < s.len) {
		if (g < glob.len && glob.at[g] == '*') {
			star = g++;
			resume = i;
		} else if (g < glob.len && glob.at[g] == s.at[i]) {
			g++;
			i++;
		} else if (star < glob.len) {
			g = star + 1;
			i = ++resume;
		} else {
			return false;
		}
	}
	while (g < glob.len && glob.at[g] == '*')
		g++;
	return g == glob.len;
}
