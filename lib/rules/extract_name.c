/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule is called: what it asks for, in a few words that end where a phrase ends; see
 * extract.h.
 */
#include <ctype.h>

#include "rules/extract.h"

#define MAX_NAME_WORDS 12
#define MAX_NAME_BYTES 80
#define MIN_NAME_WORDS 3
#define MAX_LABEL_WORDS 5
#define ELLIPSIS "…"

/* clang-format off */

/* What a name can do without. */
static const char *const preambles[] = {
	"you should", "you must", "you shall", "you can", "you need to", "you have to", "you will", "you may",
	"you are to", "the agent must first", "the agent must", "the agent should", "the agent needs to",
	"the agent can", "the agent may", "the assistant must", "the assistant should", "agents must",
	"agents should", "please", "você deve", "o agente deve", "debes", "el agente debe", "du musst",
	"sie müssen", "vous devez", "l'agent doit", NULL };

static const char *const nots[] = { "not", "never", "não", "no", "nicht", "kein", "keine", "pas", NULL };

static const char *const openers[] = {
	"if", "when", "whenever", "before", "after", "once", "as", "at", "during", "upon", "while", "unless", "for", "se", "quando", "antes",
	"si", "cuando", "wenn", "bevor", "falls", "quand", "lorsque", "avant", NULL };

/* A longer sentence may be cut in front of these. */
static const char *const breakers[] = {
	"and", "or", "but", "if", "when", "that", "which", "who", "so", "because", "unless", "before", "after",
	"until", "while", "with", "without", "for", "to", "from", "in", "on", "at", "by", "about", "as", "than",
	"where", "whose", "of", "e", "ou", "mas", "se", "quando", "que", "para", "com", "sem", "y", "o", "pero",
	"si", "cuando", "con", "sin", "und", "oder", "aber", "wenn", "dass", "weil", "für", "mit", "ohne", "et",
	"mais", "quand", "pour", "avec", "sans", NULL };

/* A word that a name cannot end with. */
static const char *const loose_ends[] = {
	"the", "a", "an", "of", "to", "in", "and", "or", "if", "from", "has", "not", "do", "that", "across",
	"by", "but", "for", "with", "at", "on", "is", "are", "then", "their", "your", "its", "only", "any", "all", "de", "da", "e", "o",
	"y", "el", "la", "und", "der", "die", "das", "et", "le", "les", NULL };

/* clang-format on */

static bool
stands_at(const struct text *t, size_t at, const char *const *phrases, size_t *ret_after)
{
	size_t found;

	return at < t->n && text_find_any(t, at, at + 1, phrases, &found, ret_after);
}

static size_t
skip_marks(const struct text *t, size_t at)
{
	while (at < t->n && t->tokens[at].mark != 0)
		at++;
	return at;
}

/* "Payment: each reservation can …": behind the label, when enough follows. */
static size_t
after_label(const struct text *t)
{
	for (size_t i = 1; i <= MAX_LABEL_WORDS && i + 2 < t->n; i++) {
		size_t after;

		if (t->tokens[i].mark == ':')
			return i + 1;
		if (t->tokens[i].mark != 0 || stands_at(t, i - 1, nots, &after))
			return 0;
	}
	return 0;
}

/* "If the flight is gone, you must …": at "you must", when what the agent does stands there. */
static size_t
after_condition(const struct extract_sentence *s, size_t first)
{
	const struct text *t = &s->text;
	size_t after, depth = 0;

	if (!stands_at(t, first, openers, &after))
		return first;
	for (size_t i = first + 1; i + MIN_NAME_WORDS < t->n; i++) {
		size_t next = i + 1;
		char byte = s->bytes.at[t->tokens[i].from];

		depth += t->tokens[i].mark != 0 && byte == '(';
		depth -= t->tokens[i].mark != 0 && byte == ')' && depth > 0;
		if (t->tokens[i].mark != ',' || depth > 0 || byte == ')')
			continue;
		if (text_has_phrase_at(t, next, "then", &after))
			next = after;
		if (stands_at(t, next, preambles, &after) || extract_is_order(t, next))
			return next;
	}
	return first;
}

/* Every bracket and quotation mark that opens in the text also closes. */
static bool
is_balanced(struct str s)
{
	static const struct {
		const char *open, *close;
	} pairs[] = { { "(", ")" }, { "“", "”" }, { "[", "]" }, { "«", "»" } };

	size_t n_straight = 0;

	for (size_t i = 0; i < s.len; i++)
		n_straight += s.at[i] == '"';
	if (n_straight % 2 != 0)
		return false;
	for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
		int depth = 0;

		for (size_t i = 0; i < s.len; i++) {
			depth += str_starts_with(str_slice(s, i, s.len), str_from(pairs[p].open));
			depth -= str_starts_with(str_slice(s, i, s.len), str_from(pairs[p].close));
		}
		if (depth != 0)
			return false;
	}
	return true;
}

/* With the brackets and quotation marks that close behind the last word. */
static struct str
bytes_of(const struct extract_sentence *s, size_t first, size_t end)
{
	static const char *const closers[] = { "\"", ")", "]", "”", "»", "’", NULL };
	size_t to = s->text.tokens[end - 1].to, at = to;

	while (at < s->bytes.len && strchr(".,!? ", s->bytes.at[at]) != NULL)
		at++;
	for (size_t i = 0; closers[i] != NULL; i++)
		if (str_starts_with(str_slice(s->bytes, at, s->bytes.len), str_from(closers[i])))
			to = at + strlen(closers[i]);
	return str_slice(s->bytes, s->text.tokens[first].from, to);
}

static size_t
without_loose_end(const struct text *t, size_t first, size_t end, bool is_cut)
{
	size_t after;

	while (end > first + 1 &&
	    (t->tokens[end - 1].mark != 0 || (is_cut && stands_at(t, end - 1, loose_ends, &after))))
		end--;
	return end;
}

/* The token behind the last one of the name: the sentence's end, or the last place within the
 * limits where a phrase ends. */
static size_t
name_end(const struct extract_sentence *s, size_t first)
{
	const struct text *t = &s->text;
	size_t end = first, n_words = 0, last_break = first, after;
	bool is_cut;

	for (; end < t->n && n_words < MAX_NAME_WORDS; end++) {
		bool is_mark = t->tokens[end].mark != 0;

		if (t->tokens[end].to - t->tokens[first].from > MAX_NAME_BYTES)
			break;
		if (n_words >= MIN_NAME_WORDS && (is_mark || stands_at(t, end, breakers, &after)) &&
		    is_balanced(bytes_of(s, first, end)))
			last_break = end;
		n_words += !is_mark;
	}
	is_cut = skip_marks(t, end) < t->n;
	if (is_cut && last_break > first)
		end = last_break;
	if (end == first)
		end++;
	return without_loose_end(t, first, end, is_cut);
}

struct writer {
	char *room;
	size_t n;
};

/* Without line breaks, runs of blanks and the marks of Markdown. */
static void
append(struct writer *w, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		char c = isspace((unsigned char)bytes.at[i]) ? ' ' : bytes.at[i];
		bool is_blank_twice = c == ' ' && (w->n == 0 || w->room[w->n - 1] == ' ');

		if (c != '*' && c != '`' && !is_blank_twice)
			w->room[w->n++] = c;
	}
}

/* The first letter large, also one of Latin-1. */
static void
capitalise(char *name, size_t n)
{
	unsigned char second = n > 1 ? (unsigned char)name[1] : 0;

	if (n > 0)
		name[0] = (char)toupper((unsigned char)name[0]);
	if ((unsigned char)name[0] == 0xc3 && second >= 0xa0 && second != 0xb7)
		name[1] = (char)(second - 0x20);
}

enum err
extract_name(struct arena *a, const struct extract_sentence *sentence, struct str *ret_name)
{
	const struct text *t = &sentence->text;
	size_t first = skip_marks(t, after_condition(sentence, after_label(t))), after;
	const char *prefix = "";
	struct writer w = { 0 };
	struct str bytes;
	size_t end;

	if (stands_at(t, first, preambles, &after) && after < t->n && t->tokens[after].mark == 0)
		first = after;
	if (text_has_phrase_at(t, first, "not", &after) && after < t->n) {
		prefix = "Do not ";
		first = after;
	}
	if (first >= t->n)
		first = 0;
	end = name_end(sentence, first);
	bytes = text_cut(bytes_of(sentence, first, end), MAX_NAME_BYTES + 8);
	w.room = arena_alloc(a, bytes.len + strlen(prefix) + sizeof(ELLIPSIS));
	if (w.room == NULL)
		return ERR_NOMEM;
	append(&w, str_from(prefix));
	append(&w, bytes);
	if (end < t->n && t->tokens[end].mark == 0)
		append(&w, STR(ELLIPSIS));
	capitalise(w.room, w.n);
	*ret_name = (struct str){ w.room, w.n };
	return ERR_OK;
}
