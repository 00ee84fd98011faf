/* SPDX-License-Identifier: Apache-2.0 */
/* Which sentences give which check: many wordings, and those that only look alike. */
#include "rules_fixture.h"

/* clang-format off */
static const char *const language[] = {
	"Answer in English only.",
	"Always respond in English.",
	"Only speak English.",
	"Never answer in any language other than English.",
	"Do not respond in languages other than English.",
	"English is the only language you may use.",
	"All replies must be in Spanish.",
	"Your responses should be in German.",
	"Fale somente português.",
	"Responda apenas em português do Brasil.",
	"Responda sempre em português, mesmo que o cliente escreva em inglês.",
	"Antworte ausschließlich auf Deutsch.",
	"Sprich nur Deutsch.",
	"Réponds uniquement en français.",
	"Parlez uniquement français.",
	"Solo hablas español.",
	"Responde únicamente en español.",
	"Keep all communication in English.",
	"Language: English only.",
	"Answer in English or Spanish.",
	"You must speak English, French and German.",
	"Always answer in English, even if the user writes in another language.",
	"You must reply in French.",
	"Write in clear English.",
	NULL };

static const char *const price[] = {
	"Never quote a price.",
	"Never quote prices.",
	"Do not mention prices.",
	"You are not allowed to give prices.",
	"Don't discuss pricing.",
	"Prices must not be quoted.",
	"Do not quote prices to customers.",
	"Prices must never be mentioned.",
	"Avoid mentioning prices.",
	"Nunca informe preços.",
	"Não mencione preços.",
	"Nunca diga o preço.",
	"Nunca menciones precios.",
	"No des precios.",
	"No indiques el precio.",
	"Nenne niemals Preise.",
	"Keine Preise nennen.",
	"Nennen Sie keine Preise.",
	"Ne donnez jamais de prix.",
	"Ne mentionnez jamais les prix.",
	"No prices.",
	NULL };

static const char *const single_tool_call[] = {
	"You should only make one tool call at a time, and if you make a tool call, you should not respond to the user at the same time.",
	"Make at most one tool call per turn.",
	"Never call more than one tool at once.",
	"Do not call multiple tools in parallel.",
	"Do not make parallel tool calls.",
	"Call tools one at a time.",
	"Use a single tool per message and do not write any text alongside it.",
	"Faça apenas uma chamada de ferramenta por vez.",
	"Chame no máximo uma ferramenta por vez.",
	"Realiza una sola llamada a herramienta a la vez.",
	"Rufe nur ein Tool gleichzeitig auf.",
	"N'appelez qu'un seul outil à la fois.",
	"Only one function call at a time.",
	NULL };

static const char *const confirm_before_tool[] = {
	"Ask for confirmation before cancelling an order.",
	"Before booking, obtain the user's explicit confirmation.",
	"Never cancel an order without the customer's confirmation.",
	"Before calling `cancel_order` or `refund_payment`, ask the user to confirm.",
	"Always get a yes before you call update_account: the user must confirm.",
	"Do not modify a reservation until the user confirms.",
	"Antes de cancelar um pedido, peça a confirmação do cliente.",
	"Antes de cancelar un pedido, pide confirmación al cliente.",
	"Nunca cancele sem a confirmação do cliente.",
	"Bevor Sie eine Bestellung stornieren, holen Sie die Bestätigung des Kunden ein.",
	"Avant d'annuler une commande, demandez la confirmation du client.",
	"Before taking consequential actions that update the database (cancel, modify, return, exchange), you have to list the action detail and obtain explicit user confirmation (yes) to proceed.",
	NULL };

static const char *const handover_on[] = {
	"Hand refunds to the billing team.",
	"Hand refunds over to the billing team.",
	"Transfer all complaints to a human agent.",
	"Escalate legal questions to the legal department.",
	"If the customer asks for a refund, transfer them to the billing team.",
	"When a user mentions a lawyer, escalate to a human agent.",
	"If the user asks for a human, transfer them to a human agent.",
	"Encaminhe reembolsos para a equipe financeira.",
	"Se o cliente pedir reembolso, encaminhe para o financeiro.",
	"Deriva los reembolsos al equipo de facturación.",
	"Leite Erstattungen an das Abrechnungsteam weiter.",
	"Transférez les remboursements au service de facturation.",
	"Refer billing questions to the finance team.",
	NULL };

static const char *const forbidden_text[] = {
	"Never say \"guarantee\".",
	"Do not use the words \"cheap\" or \"bargain\".",
	"Avoid phrases like 'no problem'.",
	"Nunca diga \"garantido\".",
	"Nunca digas \"garantizado\".",
	"Sage niemals \"Garantie\".",
	"Ne dites jamais « garanti ».",
	"The word \"guarantee\" must never be used.",
	NULL };

static const char *const required_text[] = {
	"Always end with \"Have a nice day\".",
	"Begin every conversation with \"Welcome to Acme!\"",
	"Always include the phrase \"Terms apply\".",
	"Never end a conversation without saying \"Thank you\".",
	"Sempre termine com \"Obrigado\".",
	"Termina siempre con \"Gracias\".",
	"Beende jedes Gespräch immer mit \"Auf Wiedersehen\".",
	"Terminez toujours par « Merci ».",
	"Introduce yourself as \"Max\".",
	NULL };

/* What depends on more than words, or is another thing. */
static const char *const none[] = {
	"Answer in the customer's language.",
	"If the customer writes in Spanish, answer in Spanish.",
	"Answer in English unless the customer writes in French.",
	"Never answer in Spanish.",
	"Use British English spelling.",
	"You should be able to discuss English breakfast.",
	"Write ticket summaries in English.",
	"Answer in English. If the customer prefers French, use French.",
	"Prices must be quoted in dollars.",
	"Do not change prices.",
	"Never give discounts or price matches.",
	"Never quote a price below list price.",
	"Never discuss competitors' prices.",
	"Do not quote prices unless asked.",
	"Never mention prices and delivery dates together.",
	"Always quote the price first.",
	"First confirm the user's identity before changing the order.",
	"Verify and confirm the customer's email before cancelling.",
	"Before refunding, get approval from a manager.",
	"You do not need confirmation before booking.",
	"Book without asking for confirmation.",
	"You must confirm the facts.",
	"Confirm the order number before cancelling.",
	"Use tools when needed.",
	"You can call several tools in parallel.",
	"Call multiple tools at once if that is faster.",
	"Use one tool call to fetch all orders.",
	"Never hand refunds to the billing team.",
	"Transfer the user to a human agent if the request is odd.",
	"If the user asks for a refund over 100 dollars, transfer to billing.",
	"If the user asks for a refund and is angry, transfer to billing.",
	"If the user asks for a refund, never transfer to billing.",
	"Send a confirmation e-mail to the customer.",
	"Send the invoice to the customer.",
	"Say \"I am an AI\" when asked.",
	"Write \"N/A\" for unknown fields.",
	"Greet with \"Hello\" and never with \"Hi\".",
	"Say \"customer\" instead of \"client\".",
	"If the user says \"stop\", stop.",
	"The shop sells tents.",
	"Refer to the product as \"TrailTent\".",
	"Direct users to the help page.",
	"Pass the order id to the tool.",
	"Forward the message to the warehouse tool.",
	NULL };

/* clang-format on */

static struct rule_set
extract(struct arena *a, const char *message)
{
	struct rule_set rules = { 0 };

	assert_int_equal(rules_extract_offline(a, str_from(message), &rules), ERR_OK);
	return rules;
}

static void
each_gives(const char *const *sentences, const char *kind)
{
	char wanted[64];

	(void)snprintf(wanted, sizeof(wanted), "{\"kind\":\"%s\"", kind);
	for (size_t i = 0; sentences[i] != NULL; i++) {
		CLEANUP(arena) struct arena *a = NULL;
		struct rule_set rules;

		assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
		rules = extract(a, sentences[i]);
		if (rules.n_rules != 1 ||
		    !str_starts_with(rules.rules[0].check_json, str_from(wanted)))
			fail_msg("no single rule with %s in: %s", kind, sentences[i]);
	}
}

static void
language_is_seen_in_many_wordings(void **state)
{
	(void)state;
	each_gives(language, "language");
}

static void
price_is_seen_in_many_wordings(void **state)
{
	(void)state;
	each_gives(price, "price");
}

static void
single_tool_call_is_seen_in_many_wordings(void **state)
{
	(void)state;
	each_gives(single_tool_call, "single_tool_call");
}

static void
confirm_before_tool_is_seen_in_many_wordings(void **state)
{
	(void)state;
	each_gives(confirm_before_tool, "confirm_before_tool");
}

static void
handover_on_is_seen_in_many_wordings(void **state)
{
	(void)state;
	each_gives(handover_on, "handover_on");
}

static void
forbidden_text_is_seen_in_many_wordings(void **state)
{
	(void)state;
	each_gives(forbidden_text, "forbidden_text");
}

static void
required_text_is_seen_in_many_wordings(void **state)
{
	(void)state;
	each_gives(required_text, "required_text");
}

static void
sentences_that_only_look_alike_give_no_check(void **state)
{
	(void)state;
	for (size_t i = 0; none[i] != NULL; i++) {
		CLEANUP(arena) struct arena *a = NULL;
		struct rule_set rules;

		assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
		rules = extract(a, none[i]);
		for (size_t r = 0; r < rules.n_rules; r++)
			if (rules.rules[r].check != NULL)
				fail_msg("%s: %.*s", none[i], STR_ARG(rules.rules[r].check_json));
	}
}

static void
the_check_says_what_the_sentence_says(void **state)
{
	static const struct {
		const char *message, *check;
	} cases[] = {
		{ "You must speak English, French and German.",
		    "{\"kind\":\"language\",\"languages\":[\"en\",\"de\",\"fr\"]}" },
		{ "Make at most one tool call per turn.",
		    "{\"kind\":\"single_tool_call\",\"only\":\"calls\"}" },
		{ "Make only one tool call at a time. If you call a tool, do not respond to the user.",
		    "{\"kind\":\"single_tool_call\"}" },
		{ "Before calling `cancel_order` or refundPayment, ask the user to confirm.",
		    "{\"kind\":\"confirm_before_tool\",\"tools\":[\"cancel_order\",\"refundPayment\"]}" },
		{ "Never say \"guarantee\". Avoid the word \"risk-free\", too.",
		    "{\"kind\":\"forbidden_text\",\"texts\":[\"guarantee\",\"risk-free\"]}" },
	};
	CLEANUP(arena) struct arena *a = NULL;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct rule_set rules = extract(a, cases[i].message);

		assert_int_equal(rules.n_rules, 1);
		if (!str_equals(rules.rules[0].check_json, str_from(cases[i].check)))
			fail_msg("%s: %.*s", cases[i].message, STR_ARG(rules.rules[0].check_json));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(language_is_seen_in_many_wordings),
		cmocka_unit_test(price_is_seen_in_many_wordings),
		cmocka_unit_test(single_tool_call_is_seen_in_many_wordings),
		cmocka_unit_test(confirm_before_tool_is_seen_in_many_wordings),
		cmocka_unit_test(handover_on_is_seen_in_many_wordings),
		cmocka_unit_test(forbidden_text_is_seen_in_many_wordings),
		cmocka_unit_test(required_text_is_seen_in_many_wordings),
		cmocka_unit_test(sentences_that_only_look_alike_give_no_check),
		cmocka_unit_test(the_check_says_what_the_sentence_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
