/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Hand refunds to the billing team" as handover_on, and texts in quotation marks as required_text
 * or forbidden_text; see extract_check.h.
 */
#include "rules/extract_check.h"

#define MAX_OBJECT_WORDS 4
#define MAX_TARGET_WORDS 3

/* clang-format off */
static const char *const hand_verbs[] = {
	"hand over", "hand off", "hand", "transfer", "escalate", "refer", "route", "redirect", "forward", "direct",
	"send", "pass", "encaminhe", "transfira", "derive", "transfiere", "leite", "leiten sie", "übergib",
	"transférez", "redirigez", NULL };

static const char *const tos[] = { "to", "para", "ao", "à", "a", "al", "an", "zu", "au", "vers", NULL };

static const char *const articles[] = {
	"the", "our", "a", "an", "any", "all", "o", "os", "as", "a", "la", "los", "las", "el", "die", "den", "das",
	"der", "unser", "unsere", "les", "l", "le", "nosso", "nossa", "nuestro", "nuestra", "notre", NULL };

/* What may be handed over without naming a subject, so that nothing can trigger on it. */
static const char *const people[] = {
	"user", "users", "customer", "customers", "caller", "callers", "client", "clients", "them", "him", "her",
	"it", "conversation", "chat", "call", "request", "requests", "person", "people", "everything", "usuário",
	"cliente", "clientes", "usuario", "kunden", "kunde", "utilisateur", NULL };

static const char *const general_nouns[] = {
	"team", "department", "agent", "staff", "desk", "specialist", "representative", "group", "time", "equipe",
	"equipo", "departamento", "abteilung", "équipe", "service", NULL };

/* The words by which users speak of a subject. */
static const struct {
	const char *subject[6];
	const char *triggers[10];
} subjects[] = {
	{ { "refund", "refunds", NULL },
	  { "refund", "refunds", "refunded", "money back", NULL } },
	{ { "complaint", "complaints", NULL }, { "complaint", "complaints", "complain", NULL } },
	{ { "legal", "lawsuit", "lawsuits", NULL }, { "lawyer", "attorney", "sue", "lawsuit", "legal action", NULL } },
	{ { "cancellation", "cancellations", NULL }, { "cancel", "cancellation", "cancelling", NULL } },
	{ { "reembolso", "reembolsos", NULL }, { "reembolso", "reembolsar", "dinheiro de volta", "devolver el dinero", NULL } },
	{ { "erstattungen", "erstattung", "rückerstattungen", NULL }, { "erstattung", "rückerstattung", "geld zurück", NULL } },
	{ { "remboursements", "remboursement", NULL }, { "remboursement", "rembourser", NULL } },
};

static const char *const saying[] = {
	"say", "use", "mention", "write", "include", "end", "begin", "start", "greet", "open", "close", "add", "tell",
	"reply", "state", "diga", "use", "inclua", "di", "incluye", "sage", "verwende", "dites", "utilisez", NULL };

static const char *const nevers[] = {
	"never", "do not", "don't", "must not", "should not", "avoid", "nunca", "não", "jamás", "no", "nie", "niemals",
	"nicht", "jamais", "ne", NULL };

static const char *const conditions[] = {
	"if", "when", "unless", "once", "whenever", "se", "quando", "si", "cuando", "wenn", "falls", "quand", NULL };

/* clang-format on */

static bool
is_any(const struct text *t, size_t at, const char *const *words)
{
	size_t found, after;

	return at < t->n && text_find_any(t, at, at + 1, words, &found, &after);
}

/* Words [from, to) as written in the message. */
static struct str
words_of(const struct extract_sentence *s, size_t from, size_t to)
{
	const struct text_token *tokens = s->text.tokens;

	return str_slice(s->bytes, tokens[from].from, tokens[to - 1].to);
}

static json_t *
triggers_of(const struct extract_sentence *s, size_t from, size_t to)
{
	json_t *triggers = json_array();
	struct str all = words_of(s, from, to);

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		size_t at, after;

		if (!text_find_any(&s->text, from, to, subjects[i].subject, &at, &after))
			continue;
		for (size_t k = 0; subjects[i].triggers[k] != NULL; k++)
			(void)json_array_append_new(triggers, json_string(subjects[i].triggers[k]));
		return triggers;
	}
	(void)json_array_append_new(triggers, strict_json_string(all));
	if (all.len > 3 && all.at[all.len - 1] == 's')
		(void)json_array_append_new(triggers,
		    strict_json_string(str_slice(all, 0, all.len - 1)));
	return triggers;
}

/* "billing team": also plain "billing". */
static json_t *
targets_of(const struct extract_sentence *s, size_t from)
{
	json_t *texts = json_array();
	size_t to = from;

	while (to < s->text.n && to - from < MAX_TARGET_WORDS && s->text.tokens[to].mark == 0) {
		to++;
		if (is_any(&s->text, to - 1, general_nouns))
			break;
	}
	if (to == from)
		return texts;
	(void)json_array_append_new(texts, strict_json_string(words_of(s, from, to)));
	if (to - from > 1 && is_any(&s->text, to - 1, general_nouns))
		(void)json_array_append_new(texts, strict_json_string(words_of(s, from, to - 1)));
	return texts;
}

/* The verb is behind; [from, to) is what it hands over, the word at to is "to". */
static json_t *
see_handover_of(const struct extract_sentence *s, size_t from, size_t to)
{
	size_t target = to + 1;

	while (from < to && is_any(&s->text, from, articles))
		from++;
	if (from == to || is_any(&s->text, from, people) || is_any(&s->text, to - 1, people))
		return NULL;
	while (is_any(&s->text, target, articles))
		target++;
	if (target >= s->text.n || s->text.tokens[target].mark != 0)
		return NULL;
	return json_pack("{s:s,s:o,s:s,s:o}", "kind", "handover_on", "triggers",
	    triggers_of(s, from, to), "tool", "transfer_*", "texts", targets_of(s, target));
}

json_t *
extract_see_handover(const struct extract_sentence *s)
{
	size_t verb, from;

	if (!text_find_any(&s->text, 0, s->text.n, hand_verbs, &verb, &from))
		return NULL;
	/* A condition decides when to hand over, and words cannot tell whether it holds. */
	if (extract_has(&s->text, conditions) || (verb > 0 && is_any(&s->text, verb - 1, nevers)))
		return NULL;
	for (size_t to = from; to < s->text.n && to - from <= MAX_OBJECT_WORDS; to++) {
		if (s->text.tokens[to].mark != 0)
			return NULL;
		if (to > from && is_any(&s->text, to, tos))
			return see_handover_of(s, from, to);
	}
	return NULL;
}

/* The next text in straight or curly quotation marks at or behind *at; false when none. */
static bool
next_quoted(struct str s, size_t *at, struct str *ret_text)
{
	static const struct {
		const char *open, *close;
	} pairs[] = { { "\"", "\"" }, { "“", "”" }, { "«", "»" }, { "„", "“" } };

	for (; *at < s.len; (*at)++)
		for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
			struct str rest = str_slice(s, *at, s.len);
			const char *close;

			if (!str_starts_with(rest, str_from(pairs[p].open)))
				continue;
			rest = str_slice(rest, strlen(pairs[p].open), rest.len);
			close = memmem(rest.at, rest.len, pairs[p].close, strlen(pairs[p].close));
			if (close == NULL)
				continue;
			*ret_text = str_trim(str_slice(rest, 0, (size_t)(close - rest.at)));
			*at = (size_t)(close - s.at) + strlen(pairs[p].close);
			return true;
		}
	return false;
}

json_t *
extract_see_quoted_text(const struct extract_sentence *s)
{
	bool is_forbidden = extract_has(&s->text, nevers);
	json_t *texts;
	struct str text;
	size_t at = 0;

	if (!extract_has(&s->text, saying) || extract_has(&s->text, conditions))
		return NULL;
	texts = json_array();
	while (json_array_size(texts) < 20 && next_quoted(s->bytes, &at, &text))
		if (text.len > 1 && text.len <= 200)
			(void)json_array_append_new(texts, strict_json_string(text));
	if (json_array_size(texts) > 0)
		return json_pack("{s:s,s:o}", "kind",
		    is_forbidden ? "forbidden_text" : "required_text", "texts", texts);
	json_decref(texts);
	return NULL;
}
