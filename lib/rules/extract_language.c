/* SPDX-License-Identifier: Apache-2.0 */
/* "Answer in English only" as a language check; see extract_check.h. */
#include "rules/extract_check.h"

#define MAX_CODES 7

/* clang-format off */
static const char *const orders[] = {
	"only", "always", "answer", "answers", "respond", "responses", "reply", "replies", "speak", "write",
	"communicate", "communication", "use", "converse", "must", "should", "keep", "stick to", "language",
	"conversation", "conversations", "responda", "responder", "sempre", "fale", "somente", "apenas", "atenda",
	"escreva", "idioma", "respostas", "responde", "responder", "siempre", "habla", "hable", "hablas", "solo",
	"sólo", "únicamente", "escribe", "contesta", "conteste", "respuestas", "antworte", "antworten", "immer",
	"nur", "sprich", "sprechen", "ausschließlich", "schreibe", "kommuniziere", "sprache", "répondez", "réponds",
	"toujours", "uniquement", "parlez", "parle", "exclusivement", "langue", "écrivez", "réponses", NULL };

static const struct {
	const char *code;
	const char *names[10];
} languages[MAX_CODES] = {
	{ "en", { "english", "inglês", "inglés", "englisch", "anglais", "inglese", "engels", NULL } },
	{ "pt", { "portuguese", "português", "portugués", "portugiesisch", "portugais", "portoghese", NULL } },
	{ "es", { "spanish", "español", "espanhol", "spanisch", "espagnol", "castellano", "spagnolo", NULL } },
	{ "de", { "german", "deutsch", "alemão", "alemán", "allemand", "tedesco", NULL } },
	{ "fr", { "french", "français", "francês", "francés", "französisch", "francese", NULL } },
	{ "it", { "italian", "italiano", "italienisch", "italien", NULL } },
	{ "nl", { "dutch", "holandês", "holandés", "niederländisch", "néerlandais", NULL } },
};

/* In front of the language's name they make it the language of the talk. */
static const char *const ins[] = {
	"in", "em", "en", "auf", "uniquement", "only", "exclusively", "use", "speak", "fale", "habla", "hable", "hablas",
	"sprich", "sprechen", "parlez", "parle", "somente", "apenas", "solo", "sólo", "nur", "ausschließlich",
	"seulement", "to", "clear", "plain", "simple", "brazilian", "american", "british", "canadian", NULL };

static const char *const negations[] = {
	"never", "do not", "don't", "must not", "mustn't", "should not", "shouldn't", "may not", "cannot", "can't",
	"not", "not allowed", "avoid", "no", "nunca", "não", "jamás", "nie", "niemals", "nicht", "keine", "kein", "ne",
	"jamais", NULL };

/* "in no language other than English". */
static const char *const others[] = {
	"other than", "any language but", "no language but", "besides", "except", "except in", "a não ser",
	"que não seja", "que no sea", "excepto", "außer", "anders als", "autre que", "sauf", NULL };

/* Speak of language without saying which. */
static const char *const mentions[] = {
	"language", "languages", "idioma", "idiomas", "língua", "sprache", "sprachen", "langue", "langues", NULL };

static const char *const exceptions[] = {
	"unless", "except", "without", "if", "until", "when", "whenever", "while", "outside", "where", "exceto",
	"a menos", "sem", "salvo", "quando", "caso", "sin", "si", "cuando", "außer", "ohne", "wenn", "falls",
	"sofern", "sauf", "sans", "quand", "lorsque", NULL };

static const char *const evens[] = { "even", "mesmo", "incluso", "aun", "auch", "selbst", "même", NULL };

/* What is written so is not the talk. */
static const char *const things[] = {
	"ticket", "tickets", "notes", "note", "summary", "summaries", "log", "logs", "field", "fields", "tool", "tools",
	"arguments", "code", "json", "subject", "spelling", "grammar", "units", "format", "names", "titles", "translate", "translation", NULL };

/* clang-format on */

static bool
stands_at(const struct text *t, size_t at, const char *const *phrases)
{
	size_t found, after;

	return text_find_any(t, at, at + 1, phrases, &found, &after);
}

static bool
is_exception(const struct text *t, size_t at)
{
	size_t after;

	if (stands_at(t, at, exceptions))
		return at == 0 || !stands_at(t, at - 1, evens);
	/* Inside a clause it is the reflexive pronoun. */
	return text_has_phrase_at(t, at, "se", &after) && (at == 0 || t->tokens[at - 1].mark != 0);
}

bool
extract_is_conditional(const struct text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (is_exception(t, i))
			return true;
	return false;
}

/* "in English", "English only": not "English breakfast". */
static bool
is_order_for(const struct text *t, const char *const *names)
{
	size_t at, after, ignored;

	if (!text_find_any(t, 0, t->n, names, &at, &after))
		return false;
	if (at > 0 && (stands_at(t, at - 1, ins) || t->tokens[at - 1].mark == ':'))
		return true;
	return (at == 0 && text_has_phrase_at(t, after, "only", &ignored)) ||
	    text_has_phrase_at(t, after, "is the only language", &ignored) ||
	    text_has_phrase_at(t, after, "only", &ignored);
}

/* "never in a language other than English": the name behind such words is the one allowed. */
static bool
allows_no_other(const struct text *t)
{
	size_t at, after;

	if (!text_find_any(t, 0, t->n, others, &at, &after))
		return false;
	for (size_t l = 0; l < MAX_CODES; l++)
		if (text_find_any(t, after, after + 2, languages[l].names, &at, &after))
			return true;
	return false;
}

static bool
orders_a_language(const struct text *t)
{
	if (extract_has(t, negations))
		return allows_no_other(t);
	for (size_t l = 0; l < MAX_CODES; l++)
		if (is_order_for(t, languages[l].names))
			return true;
	return false;
}

json_t *
extract_see_language(const struct extract_sentence *s)
{
	const struct text *t = &s->text;
	json_t *codes;

	if ((!extract_has(t, orders) && !extract_has(t, mentions)) || !orders_a_language(t) ||
	    extract_has(t, things))
		return NULL;
	if (extract_is_conditional(t) && !allows_no_other(t))
		return NULL;
	/* Every language that the order names is allowed: rather too many than a wrong fail. */
	codes = json_array();
	for (size_t l = 0; l < MAX_CODES; l++)
		if (extract_has(t, languages[l].names))
			(void)json_array_append_new(codes, json_string(languages[l].code));
	return json_pack("{s:s,s:o}", "kind", "language", "languages", codes);
}

bool
extract_softens_language(const struct text *t)
{
	bool is_named = extract_has(t, mentions);

	for (size_t l = 0; l < MAX_CODES && !is_named; l++)
		is_named = extract_has(t, languages[l].names);
	return is_named && extract_is_conditional(t);
}
