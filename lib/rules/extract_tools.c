/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "One tool call at a time" as single_tool_call, "ask before you cancel" as confirm_before_tool;
 * see extract_check.h.
 */
#include <ctype.h>

#include "rules/extract_check.h"

#define MAX_OBJECT_WORDS 5

/* clang-format off */
static const char *const one_call[] = {
	"one tool call", "single tool call", "one tool at a time", "one tool per", "a single tool",
	"only one tool", "one function call", "one function at a time", "single function call", "one tool only",
	"one tool", "one function", "tools one at a time", "tools one by one", "tools one after another",
	"more than one tool", "more than one function", "two tools", "several tools", "multiple tools",
	"multiple tool calls", "multiple functions", "multiple function calls", "parallel tool calls",
	"parallel function calls", "tools in parallel", "tool calls in parallel", "tools at once",
	"mais de uma ferramenta", "várias ferramentas", "más de una herramienta", "varias herramientas",
	"uma ferramenta de cada vez", "uma única função", "mehrere tools", "mehrere werkzeuge", "ein einziges tool",
	"einen tool aufruf", "ein werkzeug", "plusieurs outils", "plus d'un outil", "un outil par", "un appel d'outil",
	"uma ferramenta por vez", "uma chamada de ferramenta", "uma única ferramenta", "uma única chamada de ferramenta",
	"una herramienta a la vez", "una llamada a herramienta", "una sola herramienta", "una sola llamada",
	"nur einen tool aufruf", "nur ein tool", "nur ein werkzeug", "ein tool gleichzeitig", "un seul outil", "seul outil", "seul appel d'outil",
	"un outil à la fois", "un seul appel d'outil", NULL };

static const char *const tool_words[] = {
	"tool call", "tool calls", "a tool", "any tool", "tools", "function call", "any tools", "tool", "function calls",
	"ferramenta", "ferramentas", "herramienta", "herramientas", "tool aufruf", "werkzeug", "werkzeuge",
	"outil", "outils", NULL };

static const char *const same_time[] = {
	"at the same time", "simultaneously", "same turn", "same message", "if you respond", "if you reply",
	"when you respond", "when you reply", "if you make a tool call", "if you take a tool call", "if you call a tool",
	"when you call a tool", "when calling a tool", "while calling", "alongside", "ao mesmo tempo", "al mismo tiempo",
	"gleichzeitig", "en même temps", NULL };

/* Without one of these "one tool call" is just a call. */
static const char *const limiters[] = {
	"only", "at a time", "at most", "per", "no more than", "exactly", "max", "maximum", "just", "single", "one by one",
	"one after another", "turn", "step", "each", "apenas", "somente", "só", "por vez", "de cada vez", "no máximo",
	"solo", "sólo", "a la vez", "una sola", "como máximo", "nur", "gleichzeitig", "höchstens", "seul", "à la fois",
	NULL };

/* With a "not" they forbid to speak beside a call. */
static const char *const speaking[] = {
	"respond", "responding", "reply", "replying", "text", "speak", "speaking", "talk", "talking", "write",
	"writing", "say", "message", "messages", "responda", "responder", "texto", "fale", "responde", "respondas",
	"hables", "antworte", "antworten", "schreibe", "text", "répondez", "répondre", "texte", NULL };

static const char *const many[] = {
	"more than one tool", "more than one function", "two tools", "several tools", "multiple tools",
	"multiple tool calls", "multiple functions", "multiple function calls", "parallel tool calls",
	"parallel function calls", "tools in parallel", "tool calls in parallel", "tools at once",
	"mais de uma ferramenta", "várias ferramentas", "más de una herramienta", "varias herramientas",
	"mehrere tools", "mehrere werkzeuge", "plusieurs outils", "plus d'un outil", NULL };

static const char *const confirmations[] = {
	"confirmation", "confirm", "confirms", "confirmed", "confirming", "approval", "approve", "approves", "consent",
	"permission", "explicit yes", "says yes", "say yes", "agree", "agrees", "agreement", "okay", "go ahead", "confirmação", "confirmar", "confirme", "aprovação", "confirmación",
	"confirma", "confirme", "aprobación", "autorização", "autorización", "consentimento", "consentimiento", "consentement", "bestätigung", "bestätigt", "bestätigen", "einwilligung", "zustimmung", "confirmation explicite",
	"accord", "confirmé", NULL };

static const char *const befores[] = {
	"before", "prior to", "first", "always ask", "only after", "once", "wait for", "until", "unless", "without", "antes", "sem", "sin", "primero", "primeiro", "até que", "hasta que", "bevor", "vor", "ohne",
	"zuerst", "erst", "vorher", "avant", "sans", "d'abord", NULL };

/*
 * What a sentence calls an action, and the names that tools for it have.  Only writes are here: a
 * tool that reads (get_, list_, search_, …) matches none of them.  "*" rows are for sentences that
 * speak of changes in general ("any actions that update the database").
 */
static const struct {
	const char *words[16];
	const char *globs[6];
} actions[] = {
	{ { "book", "booking", "reserve", "reservar", "reserva", "buchen", "buchst", "buchung", "réserver", "réservation", "reservas", "reservation", NULL }, { "book_*", "reserve_*", NULL } },
	{ { "cancel", "cancelling", "canceling", "cancellation", "cancelar", "cancele", "cancelamento", "stornieren", "stornierst", "stornierung", "annuler", "d'annuler", "annulation", NULL }, { "cancel_*", NULL } },
	{ { "modify", "modifying", "change", "changing", "changes", "alterar", "modificar", "cambiar", "ändern", "modifier", NULL },
	  { "modify_*", "change_*", "update_*", NULL } },
	{ { "update", "updating", "updates", "atualizar", "actualizar", "aktualisieren", NULL }, { "update_*", NULL } },
	{ { "edit", "editing", "editar", "bearbeiten", "éditer", NULL }, { "edit_*", "update_*", NULL } },
	{ { "upgrade", "upgrading", "downgrade", "downgrading", NULL }, { "upgrade_*", "downgrade_*", "update_*", NULL } },
	{ { "create", "creating", "open", "opening", "criar", "crear", "erstellen", "créer", NULL }, { "create_*", "open_*", NULL } },
	{ { "delete", "deleting", "remove", "removing", "close", "closing", "excluir", "eliminar", "borrar", "löschen", "supprimer", NULL },
	  { "delete_*", "remove_*", "close_*", NULL } },
	{ { "add", "adding", "adicionar", "añadir", "hinzufügen", "ajouter", NULL }, { "add_*", NULL } },
	{ { "refund", "refunding", "refunds", "reembolsar", "erstatten", "rembourser", NULL }, { "refund_*", "issue_refund*", NULL } },
	{ { "return", "returning", "devolver", NULL }, { "return_*", NULL } },
	{ { "exchange", "exchanging", "trocar", "intercambiar", "umtauschen", "échanger", NULL }, { "exchange_*", NULL } },
	{ { "pay", "paying", "charge", "charging", "pagar", "cobrar", "bezahlen", "payer", NULL }, { "pay_*", "charge_*", NULL } },
	{ { "order", "ordering", "purchase", "purchasing", "place an order", "buy", "buying", "comprar", "bestellen", "commander", NULL },
	  { "place_*", "order_*", "purchase_*", "buy_*", NULL } },
	{ { "send", "sending", "submit", "submitting", "enviar", "senden", "envoyer", NULL }, { "send_*", "submit_*", NULL } },
	{ { "transfer money", "transfer funds", "wire", NULL }, { "transfer_money*", "transfer_funds*", "wire_*", NULL } },
};

static const char *const general_writes[] = {
	"database", "any changes", "any change", "consequential", "any action that", "any actions that", "records",
	"banco de dados", "base de datos", "datenbank", "base de données", NULL };

static const char *const general_globs[] = {
	"book_*", "cancel_*", "update_*", "modify_*", "change_*", "edit_*", "create_*", "delete_*", NULL };

/* Asking is not called for. */
static const char *const not_needed[] = {
	"no confirmation", "not need confirmation", "not need to confirm", "not require confirmation", "not necessary",
	"no need to", "not needed", "not have to", "without asking for", "not ask for confirmation",
	"don't ask for confirmation", NULL };

/* Someone else than the user says yes. */
static const char *const others[] = {
	"manager", "manager's", "supervisor", "supervisor's", "team lead", "colleague", "human agent", "gerente",
	"vorgesetzten", "vorgesetzter", "responsable", "superior", "supervisora", NULL };

/* What is confirmed is no plan but a fact. */
static const char *const facts[] = {
	"identity", "name", "email", "e mail", "address", "phone", "number", "id", "eligibility", "availability",
	"stock", "account", "facts", "status", "policy", "age", "date of birth", "payment was", "identidade",
	"identidad", "identität", "identité", NULL };

static const char *const without[] = { "without", "sem", "sin", "ohne", "sans", NULL };

static const char *const negations[] = {
	"never", "do not", "don't", "must not", "mustn't", "should not", "shouldn't", "may not", "cannot", "can't",
	"not allowed", "avoid", "no", "not", "nunca", "não", "jamás", "nie", "niemals", "nicht", "keine", "kein",
	"ne", "jamais", NULL };

/* clang-format on */

/* ---- single_tool_call */

static json_t *
see_calls(const struct extract_sentence *s)
{
	const struct text *t = &s->text;
	bool is_negated = extract_has(t, negations);
	bool is_many = extract_has(t, many);
	bool is_one = is_many ? is_negated : extract_has(t, one_call) && extract_has(t, limiters);
	bool is_silent = is_negated && extract_has(t, tool_words) && extract_has(t, speaking) &&
	    (extract_has(t, same_time) || is_one);

	if (is_one && is_silent)
		return json_pack("{s:s}", "kind", "single_tool_call");
	if (is_one)
		return json_pack("{s:s,s:s}", "kind", "single_tool_call", "only", "calls");
	if (is_silent)
		return json_pack("{s:s,s:s}", "kind", "single_tool_call", "only", "silence");
	return NULL;
}

json_t *
extract_see_single_tool_call(const struct extract_sentence *s)
{
	/* Words of a condition other than "if you make a tool call" are left to a model. */
	return extract_has(&s->text, tool_words) ? see_calls(s) : NULL;
}

/* ---- confirm_before_tool */

static void
add_unique(json_t *array, struct str text)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (str_equals(strict_json_text(json_array_get(array, i)), text))
			return;
	(void)json_array_append_new(array, strict_json_string(text));
}

static void
add_all(json_t *array, const char *const *texts)
{
	for (size_t i = 0; texts[i] != NULL; i++)
		add_unique(array, str_from(texts[i]));
}

/* "cancel_order", "cancelOrder": a name out of a program. */
static bool
is_identifier(struct str word)
{
	bool has_hump = false;

	if (word.len < 4 || !isalpha((unsigned char)word.at[0]))
		return false;
	for (size_t i = 1; i < word.len; i++) {
		if (!isalnum((unsigned char)word.at[i]) && word.at[i] != '_')
			return false;
		has_hump = has_hump || word.at[i] == '_' ||
		    (isupper((unsigned char)word.at[i]) && islower((unsigned char)word.at[i - 1]));
	}
	return has_hump;
}

/* Tools that the sentence names, as it writes them. */
static void
add_named(json_t *tools, const struct extract_sentence *s)
{
	for (size_t i = 0; i < s->text.n; i++) {
		const struct text_token *token = &s->text.tokens[i];
		struct str word = str_slice(s->bytes, token->from, token->to);

		/* Markdown's _emphasis_ is no name. */
		if (token->mark == 0 && is_identifier(word) && word.at[word.len - 1] != '_')
			add_unique(tools, word);
	}
}

static void
add_by_action(json_t *tools, const struct extract_sentence *s)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (extract_has(&s->text, actions[i].words))
			add_all(tools, actions[i].globs);
	if (extract_has(&s->text, general_writes))
		add_all(tools, general_globs);
}

/* "confirm the user's identity": a fact stands close behind the word. */
static bool
confirms_a_fact(const struct text *t)
{
	size_t at, after, found, ignored;

	return text_find_any(t, 0, t->n, confirmations, &at, &after) &&
	    text_find_any(t, after, after + MAX_OBJECT_WORDS, facts, &found, &ignored);
}

static bool
asks_before(const struct text *t)
{
	if (!extract_has(t, confirmations) || extract_has(t, not_needed) ||
	    extract_has(t, others) || confirms_a_fact(t))
		return false;
	if (extract_has(t, without))
		return extract_has(t, negations);
	return extract_has(t, befores);
}

json_t *
extract_see_confirm_before_tool(const struct extract_sentence *s)
{
	json_t *tools;

	if (!asks_before(&s->text))
		return NULL;
	tools = json_array();
	add_named(tools, s);
	if (json_array_size(tools) == 0)
		add_by_action(tools, s);
	if (json_array_size(tools) > 0)
		return json_pack("{s:s,s:o}", "kind", "confirm_before_tool", "tools", tools);
	json_decref(tools);
	return NULL;
}
