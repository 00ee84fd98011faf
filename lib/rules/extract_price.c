/* SPDX-License-Identifier: Apache-2.0 */
/* "Never quote a price" as a price check; see extract_check.h. */
#include "rules/extract_check.h"

/* clang-format off */
static const char *const negations[] = {
	"never", "do not", "don't", "must not", "mustn't", "should not", "shouldn't", "may not", "cannot", "can't",
	"not allowed", "not permitted", "not", "avoid", "refrain", "refuse", "no", "nunca", "não", "jamás", "evite",
	"evita", "nie", "niemals", "nicht", "keine", "kein", "keinen", "ne", "jamais", "évitez", NULL };

static const char *const quoting[] = {
	"quote", "quoting", "quoted", "mention", "mentioning", "mentioned", "give", "giving", "given", "give out",
	"state", "stating", "stated", "tell", "telling", "share", "sharing", "shared", "discuss", "discussing",
	"discussed", "disclose", "disclosing", "disclosed", "provide", "providing", "reveal", "revealed", "name", "show",
	"cite", "say", "informe", "informar", "mencione", "mencionar", "diga", "dizer", "cite", "citar", "divulgue",
	"passe", "fale", "dê", "menciones", "des", "des", "dar", "digas", "indiques", "indique", "cites", "nenne",
	"nennen", "gib", "geben", "erwähne", "erwähnen", "mentionnez", "mentionner", "donnez", "donner", "donne",
	"indiquez", "indiquer", "citez", "communiquez", NULL };

static const char *const price_words[] = {
	"price", "prices", "pricing", "preço", "preços", "precio", "precios", "preis", "preise", "prix", NULL };

/* May follow the word without making it another thing or only some prices. */
static const char *const tails[] = {
	"to customers", "to the customer", "to a customer", "to users", "to the user", "to anyone", "to the customers",
	"yourself", "directly", "in chat", "in the chat", "information", "of any product", "of any item",
	"of products", "of our products", "for any product", "for any item", "for products", "for our products",
	"or amounts", "or amount", "and point", "and refer", "and direct", "and link", "but point", "but refer",
	"but direct", "at all", "ever", "under any circumstances", "be quoted", "must not", "should not", "must never",
	"should never", "may not", "may never", "cannot", "are not", "is not", "ao cliente", "aos clientes", "al cliente",
	"a los clientes", "nennen", "geben", "angeben", "erwähnen", "gegenüber", "au client", "aux clients",
	"de produtos", "dos produtos", "de los productos", NULL };

/* Not our prices. */
static const char *const elsewhere[] = {
	"competitor", "competitors", "competitor's", "competitors'", "concorrentes", "concorrência", "competidores",
	"competencia", "konkurrenz", "concurrents", "wrong", "old", "outdated", "incorrect", "false", NULL };

/* clang-format on */

/* "price match", "prices below cost" are another thing. */
static bool
means_all_prices(const struct text *t)
{
	size_t at, after, found, ignored;

	if (!text_find_any(t, 0, t->n, price_words, &at, &after))
		return false;
	return after >= t->n || t->tokens[after].mark != 0 ||
	    text_find_any(t, after, after + 1, tails, &found, &ignored);
}

json_t *
extract_see_price(const struct extract_sentence *s)
{
	const struct text *t = &s->text;
	size_t after;
	bool is_short = text_has_phrase_at(t, 0, "no prices", &after) && t->n <= after + 1;

	if (extract_is_conditional(t) || extract_has(t, elsewhere))
		return NULL;
	if (is_short ||
	    (extract_has(t, negations) && extract_has(t, quoting) && means_all_prices(t)))
		return json_pack("{s:s}", "kind", "price");
	return NULL;
}
