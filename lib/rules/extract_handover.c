/* SPDX-License-Identifier: Apache-2.0 */
/* "Hand refunds to the billing team" as handover_on; see extract_check.h. */
#include "rules/extract_check.h"

#define MAX_OBJECT_WORDS 4
#define MAX_TARGET_WORDS 3

/* clang-format off */
static const char *const hand_verbs[] = {
	"hand over", "hand off", "hand", "transfer", "escalate", "refer", "route", "redirect", "forward", "direct",
	"send", "pass", "connect", "encaminhe", "transfira", "derive", "transfiere", "leite", "leiten sie", "übergib",
	"leiten", "verweise", "verweisen", "verbinde", "derivar", "deriva", "transfiera", "encaminhar", "passe",
	"transférez", "transférer", "redirigez", "dirigez", "transmettez", NULL };

static const char *const tos[] = { "to", "over to", "para", "ao", "à", "a", "al", "an", "zu", "au", "vers", NULL };

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
	"equipo", "departamento", "abteilung", "équipe", "service", "support", "agents", NULL };

static const char *const vague[] = {
	"question", "questions", "issue", "issues", "request", "requests", "inquiry", "inquiries", "enquiries", "matter",
	"matters", "problem", "problems", "case", "cases", "topic", "topics", "help", "something", "information", NULL };

/* Who takes over without being called a team. */
static const char *const takers[] = {
	"billing", "finance", "sales", "legal", "human", "humans", "manager", "supervisor", "accounting", "accounts",
	"financeiro", "suporte", "faturamento", "atendente", "humano", "jurídico", "facturación", "soporte", "finanzas",
	"ventas", "buchhaltung", "kundendienst", "menschen", "mitarbeiter", "comptabilité", "facturation", "humain",
	NULL };

static const char *const some[] = { "a", "an", "um", "uma", "un", "una", "ein", "eine", "einen", "une", NULL };

/* The words by which users speak of a subject. */
static const struct {
	const char *subject[8];
	const char *triggers[10];
} subjects[] = {
	{ { "refund", "refunds", NULL },
	  { "refund", "refunds", "refunded", "money back", NULL } },
	{ { "complaint", "complaints", NULL }, { "complaint", "complaints", "complain", NULL } },
	{ { "legal", "lawsuit", "lawsuits", NULL }, { "lawyer", "attorney", "sue", "lawsuit", "legal action", NULL } },
	{ { "cancellation", "cancellations", NULL }, { "cancel", "cancellation", "cancelling", NULL } },
	{ { "human", "person", "representative", "someone", "agent", "operator", NULL },
	  { "speak to a human", "talk to a human", "speak with a human", "talk with a human", "human agent", "real person",
	    "speak to a person", "talk to a person", "representative", NULL } },
	{ { "humano", "pessoa", "persona", "atendente", NULL },
	  { "falar com um humano", "falar com uma pessoa", "falar com um atendente", "hablar con una persona",
	    "hablar con un humano", "hablar con un agente", NULL } },
	{ { "menschen", "mitarbeiter", NULL }, { "mit einem menschen", "mit einem mitarbeiter", NULL } },
	{ { "reembolso", "reembolsos", NULL }, { "reembolso", "reembolsar", "dinheiro de volta", "devolver el dinero", NULL } },
	{ { "erstattungen", "erstattung", "rückerstattungen", NULL }, { "erstattung", "rückerstattung", "geld zurück", NULL } },
	{ { "remboursements", "remboursement", NULL }, { "remboursement", "rembourser", NULL } },
};

static const char *const nevers[] = {
	"never", "do not", "don't", "must not", "should not", "avoid", "nunca", "não", "jamás", "no", "nie", "niemals",
	"nicht", "jamais", "ne", NULL };

static const char *const conditions[] = {
	"if", "when", "unless", "once", "whenever", "se", "quando", "si", "cuando", "wenn", "falls", "quand", "only",
	"after", "until", NULL };

/* "If the user asks for …": a condition that the user's own words tell. */
static const char *const whens[] = {
	"if", "when", "whenever", "se", "quando", "si", "cuando", "wenn", "falls", "quand", NULL };

static const char *const users[] = {
	"the user", "a user", "users", "the customer", "a customer", "customers", "the caller", "a caller", "someone",
	"the client", "a client", "anyone", "a guest", "the guest", "guests", "a member", "the member", "a patient",
	"the patient", "a visitor", "a passenger", "the passenger", "a buyer", "a shopper", "o cliente", "um cliente", "o usuário", "el cliente", "un cliente",
	"el usuario", "der kunde", "ein kunde", "kunden", "le client", "un client", "l'utilisateur", NULL };

static const char *const asks[] = {
	"asks for", "ask for", "asks about", "ask about", "mentions", "mention", "requests", "request", "wants",
	"wants to speak to", "wants to talk to", "asks to speak to", "asks to speak with", "asks to talk to", "demands",
	"says", "talks about", "complains about", "threatens", "threatens with", "pedir", "pede", "mencionar", "menciona",
	"pide", "pide hablar con", "pedir para falar com", "solicita", "nach", "verlangt", "erwähnt", "demande", "mentionne",
	NULL };

/* More than words must hold. */
static const char *const mores[] = {
	"and", "but", "unless", "only", "more than", "less than", "over", "within", "older", "e", "y", "und", "et", NULL };

/* clang-format on */

static bool
is_any(const struct text *t, size_t at, const char *const *words)
{
	size_t found, after;

	return at < t->n && text_find_any(t, at, at + 1, words, &found, &after);
}

static bool
longest_at(const struct text *t, size_t at, const char *const *phrases, size_t *ret_after)
{
	size_t best = 0, after;

	for (size_t i = 0; phrases[i] != NULL; i++)
		if (text_has_phrase_at(t, at, phrases[i], &after) && after > best)
			best = after;
	if (best > 0)
		*ret_after = best;
	return best > 0;
}

/* Words [from, to) as written in the message. */
static struct str
words_of(const struct extract_sentence *s, size_t from, size_t to)
{
	const struct text_token *tokens = s->text.tokens;

	return str_slice(s->bytes, tokens[from].from, tokens[to - 1].to);
}

/* "billing questions" are about billing. */
static size_t
without_vague_end(const struct text *t, size_t from, size_t to)
{
	while (to > from + 1 && is_any(t, to - 1, vague))
		to--;
	return to;
}

/* NULL when users would speak of it in words that we do not know. */
static json_t *
triggers_of(const struct extract_sentence *s, size_t from, size_t to)
{
	json_t *triggers;
	struct str word;

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		size_t at, after;

		if (!text_find_any(&s->text, from, to, subjects[i].subject, &at, &after))
			continue;
		triggers = json_array();
		for (size_t k = 0; subjects[i].triggers[k] != NULL; k++)
			(void)json_array_append_new(triggers, json_string(subjects[i].triggers[k]));
		return triggers;
	}
	to = without_vague_end(&s->text, from, to);
	if (to - from != 1 || is_any(&s->text, from, vague))
		return NULL;
	word = words_of(s, from, to);
	triggers = json_array();
	(void)json_array_append_new(triggers, strict_json_string(word));
	if (word.len > 3 && word.at[word.len - 1] == 's')
		(void)json_array_append_new(triggers,
		    strict_json_string(str_slice(word, 0, word.len - 1)));
	return triggers;
}

/* A team or a person, not "the customer" or "the tool". */
static bool
is_taker(const struct text *t, size_t from)
{
	for (size_t i = from; i < from + MAX_TARGET_WORDS && i < t->n && t->tokens[i].mark == 0;
	     i++)
		if (is_any(t, i, general_nouns) || is_any(t, i, takers) ||
		    str_contains(t->tokens[i].word, STR("team")) ||
		    str_contains(t->tokens[i].word, STR("abteilung")))
			return true;
	return false;
}

/* "billing team": also plain "billing". */
static json_t *
targets_of(const struct extract_sentence *s, size_t from)
{
	const struct text *t = &s->text;
	json_t *texts = json_array();
	size_t to = from;
	bool is_named = false;

	/* "service de facturation" goes on behind its noun. */
	while (to < t->n && to - from < MAX_TARGET_WORDS && t->tokens[to].mark == 0 && !is_named) {
		is_named = (to > from && is_any(t, to, general_nouns)) ||
		    str_contains(t->tokens[to].word, STR("team")) ||
		    str_contains(t->tokens[to].word, STR("abteilung"));
		to++;
	}
	(void)json_array_append_new(texts, strict_json_string(words_of(s, from, to)));
	if (to - from > 1 && is_any(t, to - 1, general_nouns))
		(void)json_array_append_new(texts, strict_json_string(words_of(s, from, to - 1)));
	return texts;
}

static json_t *
pack_handover(json_t *triggers, json_t *texts)
{
	if (triggers != NULL)
		return json_pack("{s:s,s:o,s:[sssss],s:o}", "kind", "handover_on", "triggers",
		    triggers, "tools", "transfer_*", "escalate_*", "hand_*", "handoff_*",
		    "forward_*", "texts", texts);
	json_decref(texts);
	return NULL;
}

/* The verb is behind; [from, to) is what it hands over, the word at to is "to". */
static json_t *
see_handover_of(const struct extract_sentence *s, size_t from, size_t to)
{
	size_t target = to;

	/* "a confirmation", once, is no subject. */
	if (is_any(&s->text, from, some))
		return NULL;
	while (from < to && is_any(&s->text, from, articles))
		from++;
	if (from == to || is_any(&s->text, from, people) || is_any(&s->text, to - 1, people))
		return NULL;
	(void)longest_at(&s->text, to, tos, &target);
	while (is_any(&s->text, target, articles))
		target++;
	if (!is_taker(&s->text, target))
		return NULL;
	return pack_handover(triggers_of(s, from, to), targets_of(s, target));
}

/* "If the user asks for a refund, transfer …": the subject is words [*from, *to); *to is a mark or
 * the verb of handing over. */
static bool
find_trigger(const struct text *t, size_t *ret_from, size_t *ret_to)
{
	size_t at, who, from, to;

	if (!text_find_any(t, 0, t->n, whens, &at, &who) ||
	    !text_find_any(t, who, who + 1, users, &at, &from))
		return false;
	if (!longest_at(t, from, asks, &from))
		return false;
	while (is_any(t, from, articles))
		from++;
	for (to = from; to < t->n && t->tokens[to].mark == 0; to++)
		if (is_any(t, to, mores) || is_any(t, to, conditions))
			return false;
	*ret_from = from;
	*ret_to = to;
	return to > from && to - from <= MAX_OBJECT_WORDS && to < t->n;
}

/* The tool of such a name, or the name of who takes over, hands over. */
static json_t *
see_conditional_handover(const struct extract_sentence *s)
{
	const struct text *t = &s->text;
	size_t from, to, verb, after, target;

	if (!find_trigger(t, &from, &to))
		return NULL;
	verb = to + 1;
	while (verb < t->n && !is_any(t, verb, hand_verbs)) {
		if (t->tokens[verb].mark != 0 || is_any(t, verb, nevers))
			return NULL;
		verb++;
	}
	for (after = verb; after < t->n && !is_any(t, after, tos);)
		if (t->tokens[after++].mark != 0)
			return NULL;
	target = after;
	(void)longest_at(t, after, tos, &target);
	while (is_any(t, target, articles))
		target++;
	if (!is_taker(t, target))
		return NULL;
	return pack_handover(triggers_of(s, from, to), targets_of(s, target));
}

json_t *
extract_see_handover(const struct extract_sentence *s)
{
	size_t verb, from;
	json_t *seen = see_conditional_handover(s);

	if (seen != NULL || !text_find_any(&s->text, 0, s->text.n, hand_verbs, &verb, &from))
		return seen;
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
