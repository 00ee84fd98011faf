/* SPDX-License-Identifier: Apache-2.0 */
/* Texts in quotation marks as required_text or forbidden_text; see extract_check.h. */
#include <ctype.h>

#include "rules/extract_check.h"

#define MAX_TEXTS 20
#define MAX_TEXT_BYTES 200

/* clang-format off */
static const char *const saying[] = {
	"say", "saying", "says", "use", "using", "mention", "write", "include", "end", "begin", "start", "greet", "open",
	"close", "finish", "sign off", "add", "tell", "reply", "state", "call", "word", "words", "phrase", "phrases",
	"term", "terms", "expression", "promise", "introduce yourself", "diga", "dizer", "use", "usar", "inclua", "incluir",
	"termine", "comece", "palavra", "palavras", "frase", "di", "digas", "decir", "uses", "usa", "incluye", "termina",
	"empieza", "palabra", "palabras", "sage", "sagen", "sag", "verwende", "verwenden", "beende", "beginne", "wort",
	"wörter", "dites", "dire", "dis", "utilisez", "utiliser", "terminez", "commencez", "mot", "mots", NULL };

/* With these a text is asked for in every conversation. */
static const char *const always[] = {
	"always", "every", "each", "must", "begin", "start", "end", "close", "greet", "open", "finish", "sign off",
	"introduce yourself", "include", "sempre", "comece", "termine", "inclua", "siempre", "termina", "empieza",
	"incluye", "immer", "beende", "beginne", "toujours", "terminez", "commencez", NULL };

static const char *const nevers[] = {
	"never", "do not", "don't", "must not", "should not", "shouldn't", "may not", "cannot", "can't", "not allowed",
	"avoid", "refrain", "forbidden", "prohibited", "no", "not", "nunca", "não", "evite", "jamás", "evita", "nie",
	"niemals", "nicht", "kein", "keine", "vermeide", "jamais", "ne", "évitez", "proibido", "prohibido", "verboten",
	"interdit", NULL };

/* "The word … must never be used". */
static const char *const passives[] = {
	"must never be", "must not be", "should never be", "should not be", "may not be", "may never be", "cannot be",
	"is forbidden", "are forbidden", "is prohibited", "are prohibited", "is not allowed", "are not allowed", NULL };

static const char *const withouts[] = { "without", "sem", "sin", "ohne", "sans", NULL };

/* One text in place of another: which is which takes a reader. */
static const char *const contrasts[] = {
	"instead", "instead of", "rather than", "rather", "but", "em vez de", "en vez de", "en lugar de", "statt",
	"stattdessen", "sondern", "au lieu de", NULL };

static const char *const conditions[] = {
	"if", "when", "whenever", "unless", "until", "while", "once", "except", "se", "quando", "caso", "salvo", "exceto",
	"si", "cuando", "wenn", "falls", "außer", "quand", "lorsque", "sauf", NULL };

/* Only at times. */
static const char *const at_times[] = {
	"before", "after", "during", "for", "asked", "asks", "antes", "depois", "después", "vor", "nach", "avant",
	"après", NULL };

/* clang-format on */

static const struct {
	const char *open, *close;
} pairs[] = { { "\"", "\"" }, { "“", "”" }, { "«", "»" }, { "„", "“" }, { "‘", "’" }, { "'", "'" },
	{ "`", "`" } };

/* An apostrophe inside a word opens and closes nothing. */
static bool
is_inside_word(struct str s, const char *at)
{
	return *at == '\'' && at > s.at && at + 1 < s.at + s.len &&
	    isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
}

static const char *
find_close(struct str s, const char *from, const char *close)
{
	const char *end = s.at + s.len;

	while (from < end) {
		const char *at = memmem(from, (size_t)(end - from), close, strlen(close));

		if (at == NULL || !is_inside_word(s, at))
			return at;
		from = at + 1;
	}
	return NULL;
}

/* The text in quotation marks that opens at the given place; ret_end is behind it. */
static bool
quoted_at(struct str s, size_t at, struct str *ret_text, size_t *ret_end)
{
	for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
		const char *from, *close;

		if (!str_starts_with(str_slice(s, at, s.len), str_from(pairs[p].open)))
			continue;
		if (s.at[at] == '\'' && at > 0 && isalnum((unsigned char)s.at[at - 1]))
			continue;
		from = s.at + at + strlen(pairs[p].open);
		close = find_close(s, from, pairs[p].close);
		if (close == NULL)
			continue;
		*ret_text = str_trim((struct str){ from, (size_t)(close - from) });
		*ret_end = (size_t)(close - s.at) + strlen(pairs[p].close);
		return true;
	}
	return false;
}

/* "thanks." asks for "thanks". */
static struct str
without_end_marks(struct str text)
{
	while (text.len > 0 && strchr(".,;:!?", text.at[text.len - 1]) != NULL)
		text.len--;
	return text;
}

/* ret_first is where the first text opens, ret_end is behind the last. */
static json_t *
read_quoted(struct str s, size_t *ret_first, size_t *ret_end)
{
	json_t *texts = json_array();
	size_t end;

	*ret_first = *ret_end = s.len;
	for (size_t at = 0; at < s.len && json_array_size(texts) < MAX_TEXTS; at++) {
		struct str text;

		if (!quoted_at(s, at, &text, &end))
			continue;
		if (*ret_first == s.len)
			*ret_first = at;
		text = without_end_marks(text);
		if (text.len > 1 && text.len <= MAX_TEXT_BYTES)
			(void)json_array_append_new(texts, strict_json_string(text));
		*ret_end = end;
		at = end - 1;
	}
	return texts;
}

/* A word of the table stands before this byte, or at or behind it. */
static bool
has_beside(const struct text *t, const char *const *phrases, size_t byte, bool is_before)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t found, after;

		if (text_find_any(t, i, i + 1, phrases, &found, &after) &&
		    (t->tokens[i].from < byte) == is_before)
			return true;
	}
	return false;
}

static const char *
kind_of(const struct text *t, size_t first)
{
	bool is_negated = has_beside(t, nevers, first, true);

	if (extract_has(t, contrasts) || !has_beside(t, saying, first, true))
		return NULL;
	if (has_beside(t, withouts, first, true))
		return is_negated ? "required_text" : NULL;
	if (has_beside(t, passives, first, false))
		return "forbidden_text";
	/* "Say X, never Y". */
	if (!is_negated)
		return has_beside(t, nevers, first, false) || extract_has(t, at_times) ||
			!extract_has(t, always)
		    ? NULL
		    : "required_text";
	return "forbidden_text";
}

json_t *
extract_see_quoted_text(const struct extract_sentence *s)
{
	size_t first, end;
	json_t *texts = read_quoted(s->bytes, &first, &end);
	const char *kind = kind_of(&s->text, first);
	bool is_conditional = has_beside(&s->text, conditions, first, true) ||
	    has_beside(&s->text, conditions, end, false);

	if (json_array_size(texts) > 0 && kind != NULL && !is_conditional)
		return json_pack("{s:s,s:o}", "kind", kind, "texts", texts);
	json_decref(texts);
	return NULL;
}
