/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_fixture.h"

/* The verdict when the assistant says one thing, after the user said hello. */
static enum verdict
when_said(const char *check, const char *assistant_says)
{
	CLEANUP(arena) struct arena *a = NULL;
	const struct said said[] = { { WIRE_USER, "hello", NULL, NULL },
		{ WIRE_ASSISTANT, assistant_says, NULL, NULL } };

	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	return verdict_of(a, check, said, 2).verdict;
}

static void
check_all(const char *check, const char *const *texts, enum verdict expected)
{
	for (size_t i = 0; texts[i] != NULL; i++)
		if (when_said(check, texts[i]) != expected)
			fail_msg("%s: %s for \"%s\"", check,
			    verdict_name(when_said(check, texts[i])), texts[i]);
}

static void
one_call_without_words_passes_and_all_else_fails(void **state)
{
	static const char CHECK[] = "{\"kind\":\"single_tool_call\"}";
	CLEANUP(arena) struct arena *a = NULL;
	const struct said one[] = { { WIRE_ASSISTANT, " \n", "look", NULL } };
	const struct said two[] = { { WIRE_ASSISTANT, "", "look", "book" } };
	const struct said beside[] = { { WIRE_ASSISTANT, "I look.", "look", NULL } };
	const struct said none[] = { { WIRE_USER, "hi", NULL, NULL },
		{ WIRE_ASSISTANT, "hi", NULL, NULL } };
	struct rule_verdict v;

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	assert_int_equal(verdict_of(a, CHECK, one, 1).verdict, VERDICT_PASS);
	assert_int_equal(verdict_of(a, CHECK, none, 2).verdict, VERDICT_NOT_APPLICABLE);
	v = verdict_of(a, CHECK, two, 1);
	assert_int_equal(v.verdict, VERDICT_FAIL);
	assert_int_equal(v.n_evidence, 2);
	v = verdict_of(a, CHECK, beside, 1);
	assert_int_equal(v.verdict, VERDICT_FAIL);
	assert_true(str_equals(v.evidence[1].quote, STR("I look.")));
}

static void
one_call_can_be_asked_for_without_silence_and_silence_without_one_call(void **state)
{
	static const char CALLS[] = "{\"kind\":\"single_tool_call\",\"only\":\"calls\"}";
	static const char SILENCE[] = "{\"kind\":\"single_tool_call\",\"only\":\"silence\"}";
	CLEANUP(arena) struct arena *a = NULL;
	const struct said two[] = { { WIRE_ASSISTANT, "", "look", "book" } };
	const struct said beside[] = { { WIRE_ASSISTANT, "I look.", "look", NULL } };

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	assert_int_equal(verdict_of(a, CALLS, two, 1).verdict, VERDICT_FAIL);
	assert_int_equal(verdict_of(a, CALLS, beside, 1).verdict, VERDICT_PASS);
	assert_int_equal(verdict_of(a, SILENCE, two, 1).verdict, VERDICT_PASS);
	assert_int_equal(verdict_of(a, SILENCE, beside, 1).verdict, VERDICT_FAIL);
}

static void
amounts_of_money_are_prices(void **state)
{
	static const char CHECK[] = "{\"kind\":\"price\"}";
	static const char *const prices[] = { "It costs $129.", "only 129 dollars", "USD 1,299.00",
		"R$ 49,90", "That is 20 €.", "€20", "£5.99 each", "12 euros", "US$5", "ca. 300 EUR",
		"**$ 12**", "50 reais", "¥ 500", "500円", "99¢", "300 rupees", "300 kr", "kr 300",
		"20USD", "129 (USD)", "129.- EUR", "12k dollars", "1.5 million dollars",
		"a 129-dollar tent", "129 **dollars**", "twenty dollars", "two hundred reais",
		"vinte reais", "zwanzig Euro", "vingt euros", "It costs 20.", "The price is 129.99",
		"Custa 20", "The price is only 5 pounds.", "AED 30", NULL };
	static const char *const others[] = { "See the product page.",
		"It has 4 pockets and weighs 129 g.", "Dollars are fine.", "Room 129",
		"The model X200 in euro blue", "A $ sign", "In 2024 we opened.", "Call 555 1234.",
		"version1$", "It is free of charge.", "20% off", "It weighs 3 pounds.",
		"4 real customers", "the Euro 2024", "9:30", "page 5", "It costs 20 minutes.",
		"The price is 20% lower.", "5 points", "a hundred tents", NULL };

	(void)state;
	check_all(CHECK, prices, VERDICT_FAIL);
	check_all(CHECK, others, VERDICT_PASS);
	assert_int_equal(when_said(CHECK, " "), VERDICT_NOT_APPLICABLE);
}

static void
an_amount_that_the_user_stated_is_no_quote(void **state)
{
	static const char CHECK[] = "{\"kind\":\"price\"}";
	CLEANUP(arena) struct arena *a = NULL;
	const struct said stated[] = { { WIRE_USER, "I paid 1299.00 dollars for it.", NULL, NULL },
		{ WIRE_ASSISTANT, "You paid $1,299, I see.", NULL, NULL } };
	const struct said asked[] = { { WIRE_USER, "Is it $20?", NULL, NULL },
		{ WIRE_ASSISTANT, "Yes, $20.", NULL, NULL } };
	const struct said more[] = { { WIRE_USER, "I paid $20.", NULL, NULL },
		{ WIRE_ASSISTANT, "Not $20, but $30.", NULL, NULL } };
	struct rule_verdict v;

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	assert_int_equal(verdict_of(a, CHECK, stated, 2).verdict, VERDICT_PASS);
	assert_int_equal(verdict_of(a, CHECK, asked, 2).verdict, VERDICT_FAIL);
	v = verdict_of(a, CHECK, more, 2);
	assert_int_equal(v.verdict, VERDICT_FAIL);
	assert_true(str_equals(v.evidence[0].quote, STR("$30")));
}

static void
a_foreign_language_is_seen_and_a_short_word_is_not(void **state)
{
	static const char CHECK[] = "{\"kind\":\"language\",\"languages\":[\"en\"]}";
	static const char *const english[] = { "The tent is light and it fits four of you.",
		"I can help you with that; what is your order number?",
		"Please see the product page for all of the details.",
		"Your order for José García and María de la Cruz is on its way.",
		"Here is the code:\n```\nel la los las es y una del en para\n```\nLet me know.",
		"You can say \"¿Dónde está la estación?\" when you are in Spain.",
		"The flight to Rio de Janeiro with a stop in El Paso is booked for you.",
		"The book is Der Die Das Und Ein Nicht, by the way.", NULL };
	static const char *const foreign[] = {
		"A barraca é leve e você pode levar para a praia com seus amigos.",
		"La tienda es ligera y usted puede llevarla con sus amigos a la playa.",
		"Das Zelt ist leicht und Sie können es mit auf die Reise nehmen.",
		"La tente est légère et vous pouvez la prendre avec vous dans votre sac.",
		"La tenda è leggera e si può portare con gli amici nella borsa, anche per il mare.",
		"Палатка лёгкая, её можно взять с собой.",
		"このテントはとても軽いので、友達と一緒に使えます。",
		"这个帐篷很轻，你可以和朋友一起带去海边。", "Seu pedido foi enviado ontem.",
		"Hola, ¿en qué puedo ayudarte hoy?", "Ihre Bestellung ist unterwegs.",
		"Votre commande a été expédiée hier.", "Ciao, come posso aiutarti oggi?",
		"Hej, hur kan jag hjälpa dig idag?", "Cześć, jak mogę pomóc w sprawie zamówienia?",
		"Merhaba, size nasıl yardımcı olabilirim bugün?", "您好，请问有什么可以帮您？",
		"Pedido [EMAIL:k7f3qa] [PHONE:k7f3qb] ontem", NULL
	};
	static const char *const unclear[] = { "Ok!", "Hola", "SKU-1234", "",
		"Rua das Flores 12, São Paulo", "C'est la vie!",
		"https://example.org/de/die/das/und",
		"- Name: Ana da Silva e Souza dos Santos\n- Street: Avenida da Liberdade",
		"[EMAIL:abc123]", NULL };

	(void)state;
	check_all(CHECK, english, VERDICT_PASS);
	check_all(CHECK, foreign, VERDICT_FAIL);
	check_all(CHECK, unclear, VERDICT_NOT_APPLICABLE);
	assert_int_equal(when_said("{\"kind\":\"language\",\"languages\":[\"en\",\"pt\"]}",
			     foreign[0]),
	    VERDICT_PASS);
	assert_int_equal(when_said("{\"kind\":\"language\",\"languages\":[\"de\"]}", english[0]),
	    VERDICT_FAIL);
}

static void
forbidden_texts_are_whole_words_in_any_case(void **state)
{
	static const char CHECK[] =
	    "{\"kind\":\"forbidden_text\",\"texts\":[\"guarantee\",\"100 %\"]}";
	static const char *const bad[] = { "We GUARANTEE it.", "guarantee", "It is 100 % safe.",
		NULL };
	static const char *const good[] = { "guaranteed delivery is another word",
		"100% is spelled otherwise", NULL };

	(void)state;
	check_all(CHECK, bad, VERDICT_FAIL);
	check_all(CHECK, good, VERDICT_PASS);
}

static void
texts_are_found_as_a_reader_sees_them(void **state)
{
	static const struct {
		const char *wanted, *said;
		bool is_said;
	} cases[] = {
		{ "garantía", "GARANTÍA total", true },
		{ "über", "ÜBER alles", true },
		{ "гарантия", "ГАРАНТИЯ", true },
		{ "łódź", "ŁÓDŹ", true },
		{ "risk free", "risk\n free", true },
		{ "don't", "don’t", true },
		{ "cheap", "“cheap”", true },
		{ "cheap", "**che**ap", true },
		{ "cheap", "ch\u200beap", true },
		{ "保証", "これは保証です", true },
		{ "ação", "reação", false },
		{ "café", "cafés", false },
		{ "a", "banana", false },
		{ "100%", "100% sure", true },
		{ "great day", "greater day", false },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		char check[256];

		(void)snprintf(check, sizeof(check),
		    "{\"kind\":\"forbidden_text\",\"texts\":[\"%s\"]}", cases[i].wanted);
		if ((when_said(check, cases[i].said) == VERDICT_FAIL) != cases[i].is_said)
			fail_msg("%s in: %s", cases[i].wanted, cases[i].said);
	}
}

static void
forbidden_texts_can_be_about_other_roles(void **state)
{
	/* The user of when_said says hello. */
	assert_int_equal(
	    when_said("{\"kind\":\"forbidden_text\",\"texts\":[\"hello\"],\"roles\":[\"user\"]}",
		"hi"),
	    VERDICT_FAIL);
	assert_int_equal(when_said("{\"kind\":\"forbidden_text\",\"texts\":[\"hello\"]}", "hi"),
	    VERDICT_PASS);
	(void)state;
}

static void
required_texts_may_wait_for_a_trigger(void **state)
{
	static const char ALWAYS[] =
	    "{\"kind\":\"required_text\",\"texts\":[\"thank you\",\"thanks\"]}";
	static const char WHEN[] =
	    "{\"kind\":\"required_text\",\"texts\":[\"I am an AI\"],\"when\":[\"are you a bot\"]}";
	CLEANUP(arena) struct arena *a = NULL;
	const struct said asked[] = {
		{ WIRE_USER, "Are you a bot?", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "look", NULL },
		{ WIRE_ASSISTANT, "Yes, I am an AI.", NULL, NULL },
		{ WIRE_USER, "Really, are you a bot?", NULL, NULL },
		{ WIRE_ASSISTANT, "How can I help?", NULL, NULL },
	};

	(void)state;
	assert_int_equal(when_said(ALWAYS, "Many thanks!"), VERDICT_PASS);
	assert_int_equal(when_said(ALWAYS, "Goodbye."), VERDICT_FAIL);
	assert_int_equal(when_said(WHEN, "Goodbye."), VERDICT_NOT_APPLICABLE);
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	assert_int_equal(verdict_of(a, WHEN, asked, 3).verdict, VERDICT_PASS);
	assert_int_equal(verdict_of(a, WHEN, asked, 5).verdict, VERDICT_FAIL);
}

static void
a_trigger_must_be_followed_by_a_hand_over(void **state)
{
	static const char CHECK[] =
	    "{\"kind\":\"handover_on\",\"triggers\":[\"refund\"],\"tool\":\"transfer_*\","
	    "\"texts\":[\"billing team\"]}";
	CLEANUP(arena) struct arena *a = NULL;
	const struct said said[] = { { WIRE_USER, "I want a refund.", NULL, NULL },
		{ WIRE_ASSISTANT, "Done, you get it back.", NULL, NULL },
		{ WIRE_ASSISTANT, "Our Billing Team will write to you.", NULL, NULL } };
	const struct said tool[] = { { WIRE_USER, "I want a refund.", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "transfer_to_billing", NULL } };
	const struct said before[] = { { WIRE_ASSISTANT, "I am of the billing team.", NULL, NULL },
		{ WIRE_USER, "I want a refund.", NULL, NULL },
		{ WIRE_ASSISTANT, "Done.", NULL, NULL } };

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	assert_int_equal(verdict_of(a, CHECK, said, 3).verdict, VERDICT_PASS);
	assert_int_equal(verdict_of(a, CHECK, said, 2).verdict, VERDICT_FAIL);
	assert_int_equal(verdict_of(a, CHECK, tool, 2).verdict, VERDICT_PASS);
	assert_int_equal(verdict_of(a, CHECK, before, 3).verdict, VERDICT_FAIL);
	assert_int_equal(when_said(CHECK, "Hello."), VERDICT_NOT_APPLICABLE);
}

static void
a_check_with_wrong_parameters_is_refused(void **state)
{
	static const char *const checks[] = { "{}", "[]", "7", "{\"kind\":\"prices\"}",
		"{\"kind\":7}", "{\"kind\":\"price\",\"texts\":[\"a\"]}", "{\"kind\":\"language\"}",
		"{\"kind\":\"language\",\"languages\":[]}",
		"{\"kind\":\"language\",\"languages\":[\"xx\"]}",
		"{\"kind\":\"language\",\"languages\":\"en\"}",
		"{\"kind\":\"forbidden_text\",\"texts\":[\"\"]}",
		"{\"kind\":\"forbidden_text\",\"texts\":[1]}",
		"{\"kind\":\"forbidden_text\",\"texts\":[\"a\"],\"roles\":[\"boss\"]}",
		"{\"kind\":\"forbidden_text\",\"texts\":[\"a\"],\"roles\":[]}",
		"{\"kind\":\"single_tool_call\",\"only\":\"texts\"}",
		"{\"kind\":\"single_tool_call\",\"only\":7}", "{\"kind\":\"confirm_before_tool\"}",
		"{\"kind\":\"handover_on\",\"triggers\":[\"a\"]}",
		"{\"kind\":\"handover_on\",\"tool\":\"a\"}",
		"{\"kind\":\"single_tool_call\",\"kind\":\"price\"}" };
	CLEANUP(arena) struct arena *a = NULL;

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	for (size_t i = 0; i < N_OF(checks); i++) {
		struct err_detail detail = { "" };
		struct rule rule;
		char json[512];

		(void)snprintf(json, sizeof(json),
		    "{\"name\":\"n\",\"description\":\"d\",\"category\":\"other\",\"check\":%s}",
		    checks[i]);
		if (rule_parse(a, str_from(json), &rule, &detail) != ERR_MALFORMED ||
		    detail.text[0] == '\0')
			fail_msg("taken: %s", checks[i]);
	}
}

static void
evidence_is_capped_and_cut_between_characters(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct said said[FIXTURE_MAX_MESSAGES];
	char text[1024] = "";
	struct rule_verdict v;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		memcpy(text + 1 + i * 3, "€", 3);
	text[0] = 'x';
	for (size_t i = 0; i < N_OF(said); i++)
		said[i] = (struct said){ WIRE_ASSISTANT, text, "look", NULL };
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	v = verdict_of(a, "{\"kind\":\"single_tool_call\"}", said, N_OF(said));
	assert_int_equal(v.n_evidence, RULES_MAX_EVIDENCE);
	assert_int_equal(v.evidence[1].quote.len, RULES_MAX_QUOTE_BYTES);
	assert_int_equal((unsigned char)v.evidence[1].quote.at[RULES_MAX_QUOTE_BYTES - 3], 0xe2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_call_without_words_passes_and_all_else_fails),
		cmocka_unit_test(
		    one_call_can_be_asked_for_without_silence_and_silence_without_one_call),
		cmocka_unit_test(amounts_of_money_are_prices),
		cmocka_unit_test(an_amount_that_the_user_stated_is_no_quote),
		cmocka_unit_test(texts_are_found_as_a_reader_sees_them),
		cmocka_unit_test(a_foreign_language_is_seen_and_a_short_word_is_not),
		cmocka_unit_test(forbidden_texts_are_whole_words_in_any_case),
		cmocka_unit_test(forbidden_texts_can_be_about_other_roles),
		cmocka_unit_test(required_texts_may_wait_for_a_trigger),
		cmocka_unit_test(a_trigger_must_be_followed_by_a_hand_over),
		cmocka_unit_test(a_check_with_wrong_parameters_is_refused),
		cmocka_unit_test(evidence_is_capped_and_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
