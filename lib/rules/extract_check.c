/* SPDX-License-Identifier: Apache-2.0 */
/* The check that a sentence calls for, where words alone show one; see extract.h. */
#include "rules/extract_check.h"

/* clang-format off */
static const char *const one_call[] = {
	"one tool call", "single tool call", "one tool at a time", "one tool per", "a single tool",
	"only one tool", "one function call", "one function at a time", "single function call", "one tool only",
	"uma ferramenta por vez", "uma chamada de ferramenta", "uma única ferramenta", "uma única chamada de ferramenta",
	"una herramienta a la vez", "una llamada a herramienta", "una sola herramienta", "una sola llamada",
	"nur einen tool aufruf", "nur ein tool", "nur ein werkzeug", "ein tool gleichzeitig", "un seul outil",
	"un outil à la fois", "un seul appel d'outil", NULL };

static const char *const tool_words[] = {
	"tool call", "tool calls", "a tool", "any tool", "tools", "function call", "ferramenta", "herramienta",
	"tool aufruf", "werkzeug", "outil", NULL };

static const char *const same_time[] = {
	"at the same time", "simultaneously", "same turn", "same message", "ao mesmo tempo", "al mismo tiempo",
	"gleichzeitig", "en même temps", NULL };

static const char *const confirmations[] = {
	"confirmation", "confirm", "confirms", "confirmed", "approval", "approve", "approves", "consent",
	"permission", "explicit yes", "confirmação", "confirmar", "confirme", "aprovação", "confirmación",
	"confirma", "aprobación", "bestätigung", "bestätigt", "zustimmung", "confirmation explicite",
	"accord", "confirmé", NULL };

static const char *const befores[] = {
	"before", "prior to", "first", "until", "unless", "without", "antes", "sem", "sin", "bevor", "vor", "ohne",
	"zuerst", "avant", "sans", "d'abord", NULL };

static const char *const negations[] = {
	"never", "do not", "don't", "must not", "mustn't", "should not", "shouldn't", "may not", "cannot",
	"can't", "not allowed", "avoid", "no", "nunca", "não", "jamás", "nie", "niemals", "nicht", "keine", "kein",
	"ne", "jamais", NULL };

static const char *const exceptions[] = {
	"unless", "except", "without", "if", "until", "when", "exceto", "a menos", "sem", "salvo", "sin",
	"außer", "ohne", "wenn", "sauf", "sans", "outside", NULL };

static const char *const quoting[] = {
	"quote", "quoting", "mention", "mentioning", "give", "giving", "state", "stating", "tell", "share", "discuss",
	"disclose", "provide", "reveal", "name", "show", "cite", "informe", "mencione", "diga", "cite", "divulgue",
	"menciones", "des", "indiques", "indique", "nenne", "nennen", "gib", "geben", "mentionnez", "donnez", "indiquez",
	"citez", NULL };

static const char *const price_words[] = {
	"price", "prices", "pricing", "preço", "preços", "precio", "precios", "preis", "preise", "prix", NULL };

static const char *const language_orders[] = {
	"only", "always", "answer", "respond", "reply", "speak", "write", "communicate", "use", "converse", "must",
	"responda", "sempre", "fale", "somente", "apenas", "responde", "siempre", "habla", "solo", "sólo",
	"antworte", "antworten", "immer", "nur", "sprich", "répondez", "réponds", "toujours", "uniquement",
	"parlez", NULL };

static const struct {
	const char *code;
	const char *names[10];
} languages[] = {
	{ "en", { "english", "inglês", "inglés", "englisch", "anglais", "inglese", NULL } },
	{ "pt", { "portuguese", "português", "portugués", "portugiesisch", "portugais", "brazilian portuguese", NULL } },
	{ "es", { "spanish", "español", "espanhol", "spanisch", "espagnol", "castellano", NULL } },
	{ "de", { "german", "deutsch", "alemão", "alemán", "allemand", NULL } },
	{ "fr", { "french", "français", "francês", "francés", "französisch", NULL } },
	{ "it", { "italian", "italiano", "italienisch", "italien", NULL } },
	{ "nl", { "dutch", "holandês", "holandés", "niederländisch", "néerlandais", NULL } },
};

/*
 * What a sentence calls an action, and the names that tools for it have.  Only writes are here: a
 * tool that reads (get_, list_, search_, …) matches none of them.  "*" rows are for sentences that
 * speak of changes in general ("any actions that update the database").
 */
static const struct {
	const char *words[14];
	const char *globs[6];
} actions[] = {
	{ { "book", "booking", "reserve", "reservar", "reserva", "buchen", "réserver", NULL }, { "book_*", "reserve_*", NULL } },
	{ { "cancel", "cancelling", "canceling", "cancellation", "cancelar", "stornieren", "annuler", NULL }, { "cancel_*", NULL } },
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

/* clang-format on */

bool
extract_has(const struct text *t, const char *const *phrases)
{
	size_t at, after;

	return text_find_any(t, 0, t->n, phrases, &at, &after);
}

enum err
extract_keep_json(struct arena *a, json_t *json, struct str *ret_json)
{
	CLEANUP_STRICT_JSON json_t *owned = json;
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = owned == NULL ? ERR_NOMEM : buf_new(64u << 10, &text);

	if (e == ERR_OK)
		e = strict_json_write(owned, text);
	if (e != ERR_OK)
		return e;
	*ret_json = arena_copy(a, buf_str(text));
	return ret_json->at == NULL ? ERR_NOMEM : ERR_OK;
}

static json_t *
see_single_tool_call(const struct extract_sentence *s)
{
	if (extract_has(&s->text, one_call) ||
	    (extract_has(&s->text, tool_words) && extract_has(&s->text, same_time) &&
		extract_has(&s->text, negations)))
		return json_pack("{s:s}", "kind", "single_tool_call");
	return NULL;
}

static void
add_unique(json_t *array, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (strcmp(json_string_value(json_array_get(array, i)), text) == 0)
			return;
	(void)json_array_append_new(array, json_string(text));
}

static void
add_all(json_t *array, const char *const *texts)
{
	for (size_t i = 0; texts[i] != NULL; i++)
		add_unique(array, texts[i]);
}

static json_t *
see_confirm_before_tool(const struct extract_sentence *s)
{
	json_t *globs;

	if (!extract_has(&s->text, confirmations) || !extract_has(&s->text, befores))
		return NULL;
	globs = json_array();
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (extract_has(&s->text, actions[i].words))
			add_all(globs, actions[i].globs);
	if (extract_has(&s->text, general_writes))
		add_all(globs, general_globs);
	if (json_array_size(globs) > 0)
		return json_pack("{s:s,s:o}", "kind", "confirm_before_tool", "tools", globs);
	json_decref(globs);
	return NULL;
}

/* "in English", "English only": not "English breakfast". */
static bool
is_order_for(const struct text *t, const char *const *names)
{
	static const char *const ins[] = { "in", "em", "en", "auf", "uniquement", "only", "or",
		"and", "e", "ou", "y", "o", "und", "oder", "et", "use", "speak", "fale", "habla",
		"sprich", "parlez", NULL };
	size_t at, after, ignored;

	if (!text_find_any(t, 0, t->n, names, &at, &after))
		return false;
	if (at > 0 && text_find_any(t, at - 1, at, ins, &ignored, &ignored))
		return true;
	return at == 0 || (after < t->n && text_has_phrase_at(t, after, "only", &ignored));
}

static json_t *
see_language(const struct extract_sentence *s)
{
	json_t *codes;

	if (!extract_has(&s->text, language_orders) || extract_has(&s->text, negations) ||
	    extract_has(&s->text, exceptions))
		return NULL;
	codes = json_array();
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (is_order_for(&s->text, languages[i].names))
			(void)json_array_append_new(codes, json_string(languages[i].code));
	if (json_array_size(codes) > 0)
		return json_pack("{s:s,s:o}", "kind", "language", "languages", codes);
	json_decref(codes);
	return NULL;
}

static json_t *
see_price(const struct extract_sentence *s)
{
	if (extract_has(&s->text, negations) && extract_has(&s->text, quoting) &&
	    extract_has(&s->text, price_words) && !extract_has(&s->text, exceptions))
		return json_pack("{s:s}", "kind", "price");
	return NULL;
}

enum err
extract_check(struct arena *a, const struct extract_sentence *sentence, struct str *ret_check_json)
{
	static json_t *(*const seers[])(const struct extract_sentence *) = {
		see_single_tool_call,
		see_confirm_before_tool,
		extract_see_handover,
		see_price,
		see_language,
		extract_see_quoted_text,
	};

	*ret_check_json = STR("");
	for (size_t i = 0; i < sizeof(seers) / sizeof(seers[0]); i++) {
		json_t *check = seers[i](sentence);

		if (check != NULL)
			return extract_keep_json(a, check, ret_check_json);
	}
	return ERR_OK;
}
