/* SPDX-License-Identifier: Apache-2.0 */
/* Which sentences are rules, and of which category; see extract.h. */
#include <ctype.h>

#include "rules/extract.h"

/* clang-format off */
static const char *const obligations[] = {
	"must", "should", "shall", "never", "always", "only", "do not", "don't", "cannot", "can't",
	"can not", "may not", "must not", "mustn't", "shouldn't", "need to", "needs to", "have to",
	"has to", "required", "require", "requires", "not allowed", "not permitted", "forbidden", "prohibited", "ensure",
	"make sure", "at most", "at least", "no more than", "avoid", "refuse", "decline", "deny", "exclusively",
	"under no circumstances", "you will", "the agent will", "you are to", "you are expected to",
	"you are responsible for",
	"deve", "devem", "deverá", "nunca", "sempre", "somente", "apenas", "só", "precisa", "proibido",
	"evite", "debe", "deben", "deberá", "siempre", "solo", "sólo", "solamente", "jamás",
	"prohibido", "prohibida", "evita", "evite", "obligatorio",
	"muss", "musst", "müssen", "soll", "sollen", "sollst", "darf", "dürfen", "darfst", "nie", "niemals",
	"immer", "nur",
	"müsst", "ausschließlich", "verboten", "vermeide", "vermeiden",
	"doit", "doivent", "devez", "dois", "jamais", "toujours", "uniquement", "seulement",
	"exclusivement", "interdit",
	"interdite", "évitez", NULL };

/* A sentence that opens with one of these gives an order. */
static const char *const imperatives[] = {
	"answer", "reply", "respond", "say", "tell", "confirm", "hand", "ask", "keep", "use", "be",
	"offer", "direct", "point", "speak", "write", "transfer", "escalate", "route", "refer", "redirect",
	"provide", "include", "list", "check", "verify", "greet", "thank", "apologise", "apologize",
	"limit", "treat", "follow", "stay", "begin", "start", "end", "close", "identify", "introduce",
	"mention", "explain", "summarise", "summarize", "collect", "obtain", "call", "remember", "reveal",
	"act", "address", "give", "help", "send", "state", "maintain", "disclose", "please", "quote", "process",
	"get", "make", "take", "let", "try", "prioritise", "prioritize", "focus", "acknowledge", "assume", "assist",
	"present", "format", "return", "output", "sign", "update", "log", "record", "share", "recommend",
	"suggest", "display", "show", "cite", "wait", "stop", "look", "search", "compare", "read", "apply",
	"charge", "cancel", "book", "create", "schedule", "notify", "inform", "request", "require", "handle",
	"resolve", "respect", "protect", "encourage", "invite", "link", "attach", "forward", "pass", "politely",
	"briefly", "kindly", "strictly", "communicate", "converse", "translate", "repeat", "hold", "rely",
	"responda", "fale", "diga", "confirme", "encaminhe", "pergunte", "use", "seja", "ofereça",
	"transfira", "mantenha", "chame", "realize", "realiza", "realice", "llama", "haz", "rufe", "rufen", "leve", "garanta", "asegura", "asegúrate", "certifique", "permaneça", "trate", "peça", "verifique", "explique", "indique", "mencione",
	"evite", "faça", "escreva", "cancele", "reserve", "consulte", "solicite", "obtenha",
	"obtén", "pide", "pida", "solicita", "verifica", "explica", "indica", "menciona", "haz",
	"haga", "escribe", "escriba", "hable", "deriva", "derive", "ofrezca", "sea", "trata",
	"cancela", "cumprimente", "informe", "responde", "habla", "di", "pregunta", "usa",
	"sé", "ofrece", "transfiere", "saluda", "mantén", "antworte", "antworten", "sprich", "sprechen",
	"sage", "frage", "leite", "leiten", "verwende", "verwenden", "bleibe", "bleiben", "bestätige",
	"begrüße", "nenne", "gib", "biete", "leite", "übergib", "erkläre", "mache", "achte",
	"schreibe", "schreib", "répondez", "réponds", "parlez", "dites", "demandez", "transférez",
	"utilisez", "soyez",
	"restez", "saluez", "confirmez", NULL };

static const char *const tone_words[] = {
	"tone", "polite", "politely", "friendly", "formal", "informal", "concise", "professional",
	"empathetic", "empathy", "warm", "courteous", "respectful", "emoji", "emojis", "slang", "brief",
	"language", "english", "portuguese", "spanish", "german", "french", "italian", "dutch", "style",
	"capital letters", "tom", "educado", "idioma", "português", "inglês", "tono", "español", "inglés",
	"amable", "höflich", "freundlich", "deutsch", "sprache", "englisch", "ton", "poli", "français",
	"anglais", "langue", NULL };

static const char *const routing_words[] = {
	"transfer", "hand over", "handover", "hand off", "hand", "escalate", "refer", "route", "redirect",
	"forward", "human agent", "encaminhe", "encaminhar", "transfira", "transferir", "transfiere",
	"derivar", "weiterleiten", "leite", "leiten", "übergeben", "transférez", "transférer",
	"rediriger", NULL };

static const char *const refusal_words[] = {
	"never", "do not", "don't", "must not", "mustn't", "should not", "shouldn't", "may not",
	"not allowed", "not permitted", "forbidden", "prohibited", "refuse", "decline", "deny", "avoid",
	"nunca", "não", "proibido", "recuse", "jamás", "prohibido", "niega", "nie", "niemals", "darf nicht",
	"nicht", "kein", "keine", "jamais", "ne", "interdit", "refusez", NULL };

static const char *const factual_words[] = {
	"at most", "at least", "no more than", "up to", "ship", "shipping", "delivery", "price", "prices",
	"fee", "fees", "cost", "costs", "refund", "refunds", "days", "hours", "free", "available", "open",
	"cannot be", "can be", "will", "each", "all", "warranty", "return", "returns", "dollars", "percent",
	"frete", "preço", "preços", "dias", "horas", "envío", "precio", "días", "versand", "preis", "tage",
	"stunden", "livraison", "prix", "jours", "heures", NULL };

/* Something is possible. */
static const char *const cans[] = {
	"can", "may", "pode", "podem", "puede", "pueden", "kann", "können", "peut", "peuvent", NULL };

static const char *const conditions[] = {
	"if", "when", "whenever", "unless", "quando", "cuando", "wenn", "falls", "sofern",
	"quand", "lorsque", NULL };

/* What makes a permission a limit. */
static const char *const limits[] = {
	"only", "up to", "at most", "no more than", "without", "within", "somente", "sem", "sin", "ohne", "sans", "apenas", "até", "solo", "sólo", "hasta", "nur",
	"bis zu", "höchstens", "seulement", "jusqu'à", NULL };

/* Open an order in these languages, and a statement before one of the words below. */
static const char *const order_negations[] = {
	"no", "não", "nao", "ne", "n'", "keine", "kein", "keinen", "nicht", NULL };

static const char *const statements[] = {
	"temos", "há", "existe", "existem", "é", "são", "hay", "tenemos", "existen", "es", "son",
	"haben", "gibt",
	"ist", "sind", "avons", "sommes", NULL };

/* "Before booking, ask …". */
static const char *const preludes[] = {
	"before", "after", "prior", "while", "during", "for", "at", "in", "once", "antes", "depois", "ao", "después",
	"al", "bevor", "vor", "nach", "nachdem", "avant", "après", NULL };

static const char *const states[] = {
	"is", "are", "has", "have", "was", "were", NULL };

/* clang-format on */

static bool
has_any(const struct text *t, const char *const *phrases)
{
	size_t at, after;

	return text_find_any(t, 0, t->n, phrases, &at, &after);
}

static bool
stands_at(const struct text *t, size_t at, const char *const *phrases)
{
	size_t found, after;

	return at < t->n && text_find_any(t, at, at + 1, phrases, &found, &after);
}

/* "Nennen Sie", "Répondez": the polite forms of all verbs. */
static bool
is_polite_order(const struct text *t, size_t at)
{
	struct str word = t->tokens[at].word;
	size_t after;

	if (word.len > 4 && str_equals(str_slice(word, word.len - 2, word.len), STR("ez")))
		return true;
	return word.len > 4 && text_has_phrase_at(t, at + 1, "sie", &after) &&
	    word.at[word.len - 1] == 'n';
}

bool
extract_is_order(const struct text *t, size_t at)
{
	size_t after;

	/* "Address: 12 Main Street" is a label. */
	if (at + 1 >= t->n || t->tokens[at].mark != 0 || t->tokens[at + 1].mark == ':')
		return false;
	/* "Check-in is from 3 pm." */
	if (text_has_phrase_at(t, at, "check in", &after) ||
	    text_has_phrase_at(t, at, "check out", &after))
		return false;
	if (stands_at(t, at, order_negations))
		return !stands_at(t, at + 1, statements);
	return stands_at(t, at, imperatives) || is_polite_order(t, at);
}

static bool
has_order_behind_comma(const struct text *t)
{
	for (size_t i = 1; i < t->n; i++)
		if (t->tokens[i].mark == ',' && extract_is_order(t, i + 1))
			return true;
	return false;
}

/* "Tone: answer briefly": an order also stands behind a label. */
static bool
opens_with_order(const struct text *t)
{
	if (extract_is_order(t, 0) || (stands_at(t, 0, preludes) && has_order_behind_comma(t)))
		return true;
	for (size_t i = 1; i < t->n && i < 6; i++)
		if (t->tokens[i - 1].mark == ':' && extract_is_order(t, i))
			return true;
	return false;
}

/* "If the light is on, the shop is open": what holds, not what to do. */
static bool
is_statement_under_condition(const struct text *t)
{
	if (!stands_at(t, 0, conditions))
		return false;
	for (size_t i = 1; i < t->n; i++) {
		if (t->tokens[i].mark != ',' || extract_is_order(t, i + 1))
			continue;
		for (size_t k = i + 2; k < t->n && k < i + 4; k++)
			if (stands_at(t, k, states))
				return true;
	}
	return false;
}

/* In front of a clause these mean "if"; elsewhere they are pronouns and nouns. */
static bool
has_condition(const struct text *t)
{
	static const char *const ifs[] = { "se", "si", "caso", NULL };

	for (size_t i = 0; i < t->n; i++)
		if (stands_at(t, i, ifs) && (i == 0 || t->tokens[i - 1].mark != 0))
			return true;
	return has_any(t, conditions);
}

bool
extract_is_rule(const struct text *t)
{
	if (t->n < 2)
		return false;
	if (has_any(t, obligations) || opens_with_order(t))
		return true;
	if (has_any(t, cans) && has_any(t, limits))
		return true;
	return has_condition(t) && !is_statement_under_condition(t);
}

static bool
has_digit(const struct text *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->tokens[i].mark == 0 && isdigit((unsigned char)t->tokens[i].word.at[0]))
			return true;
	return false;
}

enum rule_category
extract_category(const struct text *t)
{
	if (has_any(t, tone_words))
		return RULE_TONE;
	if (has_any(t, routing_words))
		return RULE_ROUTING;
	if (has_any(t, refusal_words))
		return RULE_REFUSAL;
	if (has_any(t, factual_words) || has_digit(t))
		return RULE_FACTUAL;
	return RULE_OTHER;
}
