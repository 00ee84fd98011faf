/* SPDX-License-Identifier: Apache-2.0 */
/* Which sentences are rules, of which category, and how they are called; see extract.h. */
#include <ctype.h>

#include "rules/extract.h"

#define MAX_NAME_WORDS 9
#define FEW_WORDS_MORE 3 /* taken into the name when the clause ends with them */
#define ELLIPSIS "…"

/* clang-format off */
static const char *const obligations[] = {
	"must", "should", "shall", "never", "always", "only", "do not", "don't", "cannot", "can't",
	"can not", "may not", "must not", "mustn't", "shouldn't", "need to", "needs to", "have to",
	"has to", "required", "not allowed", "not permitted", "forbidden", "prohibited", "ensure",
	"make sure", "at most", "at least", "no more than", "up to", "will", "if", "avoid", "refuse",
	"decline", "deny", "allowed", "can",
	"deve", "devem", "deverá", "nunca", "sempre", "não", "somente", "apenas", "só", "precisa", "proibido",
	"evite", "pode", "debe", "deben", "deberá", "siempre", "solo", "sólo", "solamente", "no", "jamás",
	"prohibido", "puede", "evita",
	"muss", "müssen", "soll", "sollen", "sollst", "darf", "dürfen", "darfst", "nie", "niemals", "immer", "nur",
	"nicht", "kein", "keine", "kann",
	"doit", "doivent", "devez", "dois", "jamais", "toujours", "uniquement", "seulement", "ne", "interdit",
	"peut", "évitez", NULL };

/* A sentence that opens with one of these gives an order. */
static const char *const imperatives[] = {
	"answer", "reply", "respond", "say", "tell", "confirm", "hand", "ask", "keep", "use", "be",
	"offer", "direct", "point", "speak", "write", "transfer", "escalate", "route", "refer", "redirect",
	"provide", "include", "list", "check", "verify", "greet", "thank", "apologise", "apologize",
	"limit", "treat", "follow", "stay", "begin", "start", "end", "close", "identify", "introduce",
	"mention", "explain", "summarise", "summarize", "collect", "obtain", "call", "remember", "reveal",
	"act", "address", "give", "help", "send", "state", "maintain", "disclose", "please", "quote",
	"responda", "fale", "diga", "confirme", "encaminhe", "pergunte", "use", "seja", "ofereça",
	"transfira", "mantenha", "cumprimente", "informe", "responde", "habla", "di", "pregunta", "usa",
	"sé", "ofrece", "transfiere", "saluda", "mantén", "antworte", "antworten", "sprich", "sprechen",
	"sage", "frage", "leite", "leiten", "verwende", "verwenden", "bleibe", "bleiben", "bestätige",
	"begrüße", "répondez", "réponds", "parlez", "dites", "demandez", "transférez", "utilisez", "soyez",
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

/* What a name can do without. */
static const char *const preambles[] = {
	"you should", "you must", "you shall", "you can", "you need to", "the agent must first",
	"the agent must", "the agent should", "the agent needs to", "the agent can", "agents must",
	"agents should", "please", "you have to", "você deve", "o agente deve", "debes", "el agente debe",
	"du musst", "sie müssen", "vous devez", "l'agent doit", NULL };

/* clang-format on */

static bool
has_any(const struct text *t, const char *const *phrases)
{
	size_t at, after;

	return text_find_any(t, 0, t->n, phrases, &at, &after);
}

static bool
opens_with(const struct text *t, const char *const *phrases, size_t *ret_after)
{
	size_t at;

	return text_find_any(t, 0, 1, phrases, &at, ret_after);
}

/* "Tone: answer briefly": an order also stands behind a label. */
static bool
opens_with_order(const struct text *t)
{
	size_t at, after;

	if (opens_with(t, imperatives, &after))
		return true;
	for (size_t i = 1; i < t->n && i < 6; i++)
		if (t->tokens[i - 1].mark == ':' &&
		    text_find_any(t, i, i + 1, imperatives, &at, &after))
			return true;
	return false;
}

bool
extract_is_rule(const struct text *t)
{
	return t->n > 1 && (has_any(t, obligations) || opens_with_order(t));
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

/* A word that a name cannot end with. */
static bool
is_loose_end(const struct text *t, size_t at)
{
	static const char *const loose[] = { "the", "a", "an", "of", "to", "in", "and", "or", "if",
		"from", "has", "not", "do", "that", "across", "by", "but", "for", "with", "at",
		"on", "is", "are", "de", "do", "da", "e", "o", "y", "el", "la", "und", "der", "die",
		"das", "et", "le", "les", NULL };
	size_t found, after;

	return at + 1 < t->n && text_find_any(t, at, at + 1, loose, &found, &after);
}

/* A name is short, but one that lacks only the last words of its clause looks broken. */
static size_t
most_name_words(const struct text *t, size_t first)
{
	size_t n_words = 0;

	for (size_t i = first; i < t->n && (t->tokens[i].mark == 0 || n_words < 3); i++)
		n_words += t->tokens[i].mark == 0;
	return n_words <= MAX_NAME_WORDS + FEW_WORDS_MORE ? n_words : MAX_NAME_WORDS;
}

/* The token behind the last one of the name, which begins at token first. */
static size_t
name_end(const struct text *t, size_t first)
{
	size_t end = first, n_words = 0, most = most_name_words(t, first);

	while (end < t->n && n_words < most) {
		bool is_mark = t->tokens[end].mark != 0;

		if (is_mark && n_words >= 3)
			break;
		if (t->tokens[end].to - t->tokens[first].from > RULES_MAX_NAME_BYTES - 40)
			break;
		n_words += !is_mark;
		end++;
	}
	while (end > first + 1 && (t->tokens[end - 1].mark != 0 || is_loose_end(t, end - 1)))
		end--;
	return end;
}

enum err
extract_name(struct arena *a, const struct extract_sentence *sentence, struct str *ret_name)
{
	const struct text *t = &sentence->text;
	size_t first = 0, end, after;
	bool is_cut;
	char *copy;

	if (opens_with(t, preambles, &after) && after < t->n && t->tokens[after].mark == 0)
		first = after;
	end = name_end(t, first);
	if (end == first) {
		first = 0;
		end = 1;
	}
	*ret_name =
	    text_cut(str_slice(sentence->bytes, t->tokens[first].from, t->tokens[end - 1].to),
		RULES_MAX_NAME_BYTES - 8 - strlen(ELLIPSIS));
	is_cut = end < t->n && t->tokens[end].mark == 0;
	copy = arena_alloc(a, ret_name->len + sizeof(ELLIPSIS));
	if (copy == NULL)
		return ERR_NOMEM;
	memcpy(copy, ret_name->at, ret_name->len);
	if (is_cut) {
		memcpy(copy + ret_name->len, ELLIPSIS, sizeof(ELLIPSIS));
		ret_name->len += strlen(ELLIPSIS);
	}
	for (size_t i = 0; i < ret_name->len; i++)
		if (copy[i] == '\n')
			copy[i] = ' ';
	copy[0] = (char)toupper((unsigned char)copy[0]);
	ret_name->at = copy;
	return ERR_OK;
}
