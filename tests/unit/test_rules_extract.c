/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_fixture.h"

static struct rule_set
extract(struct arena *a, const char *message)
{
	struct rule_set rules = { 0 };

	assert_int_equal(rules_extract_offline(a, str_from(message), &rules), ERR_OK);
	return rules;
}

static const struct rule *
find_check(const struct rule_set *rules, const char *kind)
{
	char wanted[64];

	(void)snprintf(wanted, sizeof(wanted), "\"kind\":\"%s\"", kind);
	for (size_t i = 0; i < rules->n_rules; i++)
		if (str_contains(rules->rules[i].check_json, str_from(wanted)))
			return &rules->rules[i];
	return NULL;
}

static void
a_shops_five_rules_come_out_with_three_checks(void **state)
{
	static const char *const messages[] = {
		"You are the agent of a shop for outdoor gear.\n\n- Answer in English only.\n- Never quote a price; point "
		"to the product page instead.\n- Confirm shipping only to Canada and the continental United States.\n- Hand "
		"refunds to the billing team and do not process them.\n- Say that you are an AI when asked.\n",
		"A shop for outdoor gear. Answer in English only; never quote a price, point to the product page; confirm "
		"shipping only to Canada and the continental United States; hand refunds to the billing team and do not "
		"process them; say that you are an AI when asked.",
		"# Rules\nAnswer in English only. Never quote a price, point to the product page. Confirm\nshipping only to "
		"Canada and the continental United States. Hand refunds to the billing team and do\nnot process them. Say "
		"that you are an AI when asked.",
		"Answer in English only. Never quote a price; point to the product page. Confirm shipping only to Canada "
		"and the continental United States. Hand refunds over to the billing team; do not process them yourself. "
		"Say that you are an AI when asked.",
	};

	static const enum rule_category categories[] = { RULE_TONE, RULE_REFUSAL, RULE_FACTUAL,
		RULE_ROUTING, RULE_OTHER };
	CLEANUP(arena) struct arena *a = NULL;

	(void)state;
	assert_int_equal(arena_new(32u << 20, &a), ERR_OK);
	for (size_t i = 0; i < N_OF(messages); i++) {
		struct rule_set rules = extract(a, messages[i]);

		assert_int_equal(rules.n_rules, 5);
		for (size_t r = 0; r < 5; r++)
			assert_int_equal(rules.rules[r].category, categories[r]);
		assert_true(find_check(&rules, "language") == &rules.rules[0]);
		assert_true(find_check(&rules, "price") == &rules.rules[1]);
		assert_true(find_check(&rules, "handover_on") == &rules.rules[3]);
		assert_null(rules.rules[2].check);
		assert_null(rules.rules[4].check);
	}
}

static void
names_are_short_and_end_where_a_phrase_ends(void **state)
{
	static const struct {
		const char *message, *name;
	} cases[] = {
		{ "Confirm shipping only to Canada and the continental United States.",
		    "Confirm shipping only to Canada and the continental United States" },
		{ "Hand refunds over to the billing team; do not process them yourself.",
		    "Hand refunds over to the billing team" },
		{ "You should not give advice.", "Do not give advice" },
		{ "Before taking any action (booking, cancelling), you must list the details and obtain a yes.",
		    "List the details and obtain a yes" },
		{ "**Payment:** each order can use at most one card, at most two vouchers and at most three gift cards.",
		    "Each order can use at most one card" },
		{ "If the status is \"delayed\" or \"on time\", the flight cannot be booked by anyone who calls.",
		    "If the status is \"delayed\" or \"on time\"" },
		{ "End with \"Have a great day!\"", "End with \"Have a great day!\"" },
		{ "évitez les blagues.", "Évitez les blagues" },
	};
	CLEANUP(arena) struct arena *a = NULL;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct rule_set rules = extract(a, cases[i].message);

		assert_int_equal(rules.n_rules, 1);
		if (!str_equals(rules.rules[0].name, str_from(cases[i].name)))
			fail_msg("%s: %.*s", cases[i].message, STR_ARG(rules.rules[0].name));
	}
}

static void
bullets_take_what_leads_their_list_with_them(void **state)
{
	static const char MESSAGE[] =
	    "You must never:\n- discuss politics\n- share passwords. Not even old ones.\n\nWhen a customer wants a "
	    "refund:\n1. ask for the receipt\n2. do not promise a date\n\n## Don'ts\n- Guess\n\nCollect the "
	    "following:\n- name\n- number\n\nFollow these rules, which you must keep:\n- Be kind.\n- Be brief.\n";
	static const char *const descriptions[] = { "You must never discuss politics",
		"You must never share passwords. Not even old ones.",
		"When a customer wants a refund, ask for the receipt", "do not promise a date",
		"Never guess", "Collect the following: name number", "Be kind.", "Be brief." };
	CLEANUP(arena) struct arena *a = NULL;
	struct rule_set rules;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	rules = extract(a, MESSAGE);
	for (size_t i = 0; i < N_OF(descriptions) && i < rules.n_rules; i++)
		if (!str_equals(rules.rules[i].description, str_from(descriptions[i])))
			fail_msg("%.*s", STR_ARG(rules.rules[i].description));
	assert_int_equal(rules.n_rules, N_OF(descriptions));
}

static void
facts_examples_and_dialogues_are_no_rules(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct rule_set rules;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	rules = extract(a,
	    "You are the agent of a shop. The shop is in Oslo and will move soon. We can be reached from 9 to 5. "
	    "Check-in is at three. If the light is on, the shop is open.\n<example>\nYou must not read this.\n"
	    "</example>\n## Examples\nUser: may I?\n- You must not read this either.\n## Tone\n<rule>Be kind."
	    "</rule>\nAgent: you must be rude\n");
	assert_int_equal(rules.n_rules, 1);
	assert_true(str_equals(rules.rules[0].description, STR("Be kind.")));
}

static void
one_tool_call_is_seen_and_its_second_sentence_joins_it(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct rule_set rules;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	rules = extract(a,
	    "- You should make only one tool call at a time, and when you make a tool call, do not respond to the user. "
	    "If you respond to the user, you should not make a tool call at the same time.\n- You should be polite.");
	assert_int_equal(rules.n_rules, 2);
	assert_true(str_equals(rules.rules[0].check_json, STR("{\"kind\":\"single_tool_call\"}")));
	assert_true(str_contains(rules.rules[0].description, STR("at the same time.")));
	assert_null(rules.rules[1].check);
}

/* Whether the check that the sentence gives would watch a call of this tool. */
static bool
watches(const char *message, const char *tool)
{
	CLEANUP(arena) struct arena *a = NULL;
	const struct said said[] = { { WIRE_USER, "no", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, tool, NULL } };
	struct rule_set rules;
	struct wire_conversation c;
	struct rule_verdict verdict;
	const struct rule *rule;

	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	rules = extract(a, message);
	rule = find_check(&rules, "confirm_before_tool");
	if (rule == NULL)
		fail_msg("no confirm_before_tool in: %s", message);
	c = conversation_of(a, said, 2);
	assert_int_equal(rule_check_run(a, rule, &c, &verdict), ERR_OK);
	return verdict.verdict == VERDICT_FAIL;
}

static void
confirmation_before_changes_watches_the_tools_that_write(void **state)
{
	static const char AIRLINE[] =
	    "Before taking any actions that update the booking database (booking, modifying flights, upgrading cabin "
	    "class), you must list the details and obtain explicit user confirmation (yes) to proceed.";
	static const char *const writes[] = { "book_reservation", "cancel_reservation",
		"update_reservation_flights", "update_reservation_baggages" };
	static const char *const reads[] = { "get_reservation_details", "search_direct_flight",
		"list_all_airports", "calculate", "think", "get_user_details",
		"transfer_to_human_agents" };

	(void)state;
	for (size_t i = 0; i < N_OF(writes); i++)
		assert_true(watches(AIRLINE, writes[i]));
	for (size_t i = 0; i < N_OF(reads); i++)
		assert_false(watches(AIRLINE, reads[i]));
	assert_true(
	    watches("You must ask the customer for confirmation before cancelling an order.",
		"cancel_order"));
	assert_false(
	    watches("You must ask the customer for confirmation before cancelling an order.",
		"book_order"));
	assert_true(watches("Antes de cancelar, deve pedir a confirmação do cliente.",
	    "cancel_pedido"));
}

static void
other_languages_give_rules_and_checks(void **state)
{
	static const struct {
		const char *message;
		const char *kind;
	} cases[] = {
		{ "Responda sempre em português.", "language" },
		{ "Nunca informe o preço.", "price" },
		{ "Responde siempre en español.", "language" },
		{ "Antworten Sie immer auf Deutsch.", "language" },
		{ "Nennen Sie niemals einen Preis.", "price" },
		{ "Répondez toujours en français.", "language" },
		{ "Faça apenas uma chamada de ferramenta de cada vez.", "single_tool_call" },
	};
	CLEANUP(arena) struct arena *a = NULL;

	(void)state;
	assert_int_equal(arena_new(32u << 20, &a), ERR_OK);
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct rule_set rules = extract(a, cases[i].message);

		if (find_check(&rules, cases[i].kind) == NULL)
			fail_msg("no %s in: %s", cases[i].kind, cases[i].message);
	}
}

static void
quoted_texts_are_required_or_forbidden(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct rule_set rules;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	rules = extract(a,
	    "- Never say \"guarantee\" or \u201crisk-free\u201d.\n- Always end with \"Have a nice day\".");
	assert_int_equal(rules.n_rules, 2);
	assert_true(str_equals(rules.rules[0].check_json,
	    STR("{\"kind\":\"forbidden_text\",\"texts\":[\"guarantee\",\"risk-free\"]}")));
	assert_true(str_equals(rules.rules[1].check_json,
	    STR("{\"kind\":\"required_text\",\"texts\":[\"Have a nice day\"]}")));
}

static void
headings_code_and_small_talk_are_no_rules(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct rule_set rules;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	rules = extract(a,
	    "# You must see\n\nThe shop is in Oslo.\n```\nyou must not read this\n```\n| never | always |\n"
	    "1. You must be kind.\n2) Never lie, e.g. about stock. It hurts.\n");
	assert_int_equal(rules.n_rules, 2);
	assert_true(str_equals(rules.rules[0].description, STR("You must be kind.")));
	assert_true(str_equals(rules.rules[1].description, STR("Never lie, e.g. about stock.")));
	assert_int_equal(extract(a, "").n_rules, 0);
}

static void
a_name_is_whole_or_says_that_it_is_cut(void **state)
{
	static const struct {
		const char *message, *name;
	} cases[] = {
		{ "Confirm shipping only to Canada and the continental United States.",
		    "Confirm shipping only to Canada and the continental United States" },
		{ "Never quote a price; point to the product page instead.",
		    "Never quote a price" },
		{ "You must tell every customer who writes about an order the number of that order and the day "
		  "on which it left the warehouse.",
		    "Tell every customer who writes about an order the number…" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		CLEANUP(arena) struct arena *a = NULL;
		struct rule_set rules;

		assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
		rules = extract(a, cases[i].message);
		assert_true(rules.n_rules >= 1);
		assert_true(str_equals(rules.rules[0].name, str_from(cases[i].name)));
	}
}

static void
what_is_extracted_can_be_written_and_read_again(void **state)
{
	static const char MESSAGE[] =
	    "You must be kind. You must be kind. Never say \"no\\\u00e9\". Answer in English only.";
	CLEANUP(arena) struct arena *a = NULL;
	CLEANUP(buf) struct buf *first = NULL, *second = NULL;
	struct rule_set rules, again;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	assert_int_equal(buf_new(1u << 20, &first), ERR_OK);
	assert_int_equal(buf_new(1u << 20, &second), ERR_OK);
	rules = extract(a, MESSAGE);
	assert_int_equal(rules.n_rules, 4);
	assert_false(str_equals(rules.rules[0].name, rules.rules[1].name));
	assert_int_equal(rules_write(&rules, first), ERR_OK);
	assert_int_equal(rules_parse(a, buf_str(first), &again, NULL), ERR_OK);
	assert_int_equal(rules_write(&again, second), ERR_OK);
	assert_true(str_equals(buf_str(first), buf_str(second)));
	buf_clear(first);
	assert_int_equal(rule_write(&again.rules[3], first), ERR_OK);
	assert_int_equal(rule_parse(a, buf_str(first), &again.rules[0], NULL), ERR_OK);
	assert_true(str_equals(again.rules[0].name, again.rules[3].name));
}

static void
a_message_too_long_to_split_is_split_coarsely_and_then_says_so(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	CLEANUP(buf) struct buf *message = NULL;
	struct rule_set rules;

	(void)state;
	assert_int_equal(arena_new(256u << 20, &a), ERR_OK);
	assert_int_equal(buf_new(4u << 20, &message), ERR_OK);
	for (int i = 0; i < 150; i++)
		assert_int_equal(buf_printf(message,
				     "- You must do thing %d. You must not do %d.\n", i, i),
		    ERR_OK);
	rules = extract(a, buf_c_string(message));
	assert_int_equal(rules.n_rules, 150);
	assert_true(str_equals(rules.rules[149].description,
	    STR("You must do thing 149. You must not do 149.")));
	for (int i = 0; i < 150; i++)
		assert_int_equal(buf_printf(message, "- You must see thing %d.\n", i), ERR_OK);
	rules = extract(a, buf_c_string(message));
	assert_int_equal(rules.n_rules, RULES_MAX);
	assert_true(str_contains(rules.rules[RULES_MAX - 1].name, STR("not split to its end")));
	while (buf_len(message) < 3u << 20)
		assert_int_equal(buf_printf(message, "Never %zu. ", buf_len(message)), ERR_OK);
	rules = extract(a, buf_c_string(message));
	assert_int_equal(rules.n_rules, RULES_MAX);
}

static void
bytes_that_are_no_text_are_refused(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct rule_set rules;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	assert_int_equal(rules_extract_offline(a, STR("You must \xff\xfe."), &rules),
	    ERR_MALFORMED);
}

static void
a_bad_rule_file_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *json;
		const char *says;
	} cases[] = {
		{ "", "empty" },
		{ "{}", "array" },
		{ "[1]", "rule 1: a rule must be an object" },
		{ "[{\"name\":\"a\",\"description\":\"b\",\"category\":\"other\",\"check\":null},{}]",
		    "rule 2: name" },
		{ "[{\"name\":\"a\",\"description\":\"b\",\"category\":\"odd\",\"check\":null}]",
		    "category" },
		{ "[{\"name\":\"a\",\"description\":\"b\",\"category\":\"other\",\"check\":[]}]",
		    "check" },
		{ "[{\"name\":\" \",\"description\":\"b\",\"category\":\"other\",\"check\":null}]",
		    "name" },
		{ "[{\"name\":\"a\",\"description\":\"b\",\"category\":\"other\",\"check\":null,\"x\":1}]",
		    "no other" },
		{ "[{\"name\":\"a\",\"name\":\"b\"}]", "twice" },
		{ "[]]", "not JSON" },
		{ "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", "deep" },
	};
	CLEANUP(arena) struct arena *a = NULL;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &a), ERR_OK);
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct err_detail detail = { "" };
		struct rule_set rules;

		assert_int_equal(rules_parse(a, str_from(cases[i].json), &rules, &detail),
		    ERR_MALFORMED);
		if (strstr(detail.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].json, detail.text);
	}
}

static void
verdict_files_keep_the_order_and_the_words(void **state)
{
	struct rule_evidence evidence[] = { { 3, STR("say \"hi\"\n") } };
	const struct rule_verdict verdicts[] = {
		{ STR("b"), VERDICT_FAIL, evidence, 1, STR("Because."), STR("deterministic") },
		{ STR("a"), VERDICT_NOT_APPLICABLE, NULL, 0, STR("Nothing."), STR("m") },
	};
	CLEANUP(buf) struct buf *out = NULL;

	(void)state;
	assert_int_equal(buf_new(1u << 16, &out), ERR_OK);
	assert_int_equal(verdicts_write(verdicts, 2, out), ERR_OK);
	assert_string_equal(buf_c_string(out),
	    "[\n{\"rule\":\"b\",\"verdict\":\"fail\",\"evidence\":[{\"message\":3,\"quote\":\"say \\\"hi\\\"\\n\"}],"
	    "\"why\":\"Because.\",\"judge\":\"deterministic\"},\n{\"rule\":\"a\",\"verdict\":\"not_applicable\","
	    "\"evidence\":[],\"why\":\"Nothing.\",\"judge\":\"m\"}\n]\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shops_five_rules_come_out_with_three_checks),
		cmocka_unit_test(names_are_short_and_end_where_a_phrase_ends),
		cmocka_unit_test(bullets_take_what_leads_their_list_with_them),
		cmocka_unit_test(facts_examples_and_dialogues_are_no_rules),
		cmocka_unit_test(one_tool_call_is_seen_and_its_second_sentence_joins_it),
		cmocka_unit_test(confirmation_before_changes_watches_the_tools_that_write),
		cmocka_unit_test(other_languages_give_rules_and_checks),
		cmocka_unit_test(quoted_texts_are_required_or_forbidden),
		cmocka_unit_test(headings_code_and_small_talk_are_no_rules),
		cmocka_unit_test(a_name_is_whole_or_says_that_it_is_cut),
		cmocka_unit_test(what_is_extracted_can_be_written_and_read_again),
		cmocka_unit_test(a_message_too_long_to_split_is_split_coarsely_and_then_says_so),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
		cmocka_unit_test(a_bad_rule_file_is_refused_with_its_place),
		cmocka_unit_test(verdict_files_keep_the_order_and_the_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
