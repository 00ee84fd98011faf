/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "rules_fixture.h"

static const char CHECK[] =
    "{\"kind\":\"confirm_before_tool\",\"tools\":[\"book_thing\",\"update_*\"]}";

/* The verdict on a write that follows the agent's words and the user's. */
static enum verdict
after_both(const char *agent_says, const char *user_says)
{
	CLEANUP(arena) struct arena *a = NULL;
	const struct said said[] = {
		{ WIRE_USER, "I would like a thing.", NULL, NULL },
		{ WIRE_ASSISTANT, agent_says, NULL, NULL },
		{ WIRE_USER, user_says, NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "book_thing", NULL },
	};

	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	return verdict_of(a, CHECK, said, N_OF(said)).verdict;
}

static enum verdict
after(const char *user_says)
{
	return after_both("It is blue. Shall I book it?", user_says);
}

static void
check_all(const char *const *texts, enum verdict expected)
{
	for (size_t i = 0; texts[i] != NULL; i++)
		if (after(texts[i]) != expected)
			fail_msg("%s after \"%s\"", verdict_name(after(texts[i])), texts[i]);
}

static void
an_explicit_yes_passes(void **state)
{
	static const char *const texts[] = { "Yes", "yes!", "YES.", "Yeah, do that", "Sure", "Ok",
		"okay, please", "Yes, please go ahead. Thank you!",
		"That sounds good. Please proceed.", "Please proceed with it.",
		"Please go ahead and book it.", "I confirm.",
		"Yes, I\xe2\x80\x99"
		"d like that.",
		"Looks good to me.", "Absolutely", "Oh, I see. Yes, use the card.", "Thanks! Yes.",
		"Everything is correct, go ahead.", "Let's go ahead and do it.",
		"I'd like to proceed.", "You may book it; that works for me.",
		"Change of plan. Please go ahead.", "👍", "y", "Yep [EMAIL:k7f3qa] is mine",
		"1. Yes\n2. Blue", "Okay, I'll use the certificate.", "Great, yes please.",
		"All right, book it.", "Correct.", "Thats fine", "Continue, please.", "k",
		"I'm sure.", "I understand and agree.", "Deal!", "Passt.",
		"Well, if that's the case, please proceed.", NULL };

	(void)state;
	check_all(texts, VERDICT_PASS);
}

static void
a_yes_that_also_asks_or_declines_something_else_passes(void **state)
{
	static const char *const texts[] = { "Yes, could you use my card?",
		"Yes, please proceed. I don't need insurance.",
		"No insurance, thanks. Please proceed.", "Sure, can you also send me a copy?",
		"Please go ahead, and could you use my card?", "Yes, but please use my gift card.",
		"Yes, no insurance.", "No problem, go ahead.", "Wait. Okay, I checked: go ahead.",
		NULL };

	(void)state;
	check_all(texts, VERDICT_PASS);
}

static void
other_languages_are_read(void **state)
{
	static const char *const yes[] = { "Sim, pode reservar.", "Sim", "Pode fazer.",
		"Confirmo a reserva.", "SIM!", "Sí, adelante", "SÍ", "Claro que sí",
		"De acuerdo, proceda", "Ja, bitte", "Ja", "Einverstanden.", "Ja, machen Sie das.",
		"Oui", "Oui, allez-y.", "D'accord", "Bien sûr, je confirme", "Sì, va bene",
		"Certo, proceda pure", NULL };
	static const char *const no[] = { "Não", "Não, obrigado", "Ainda não", "Não prossiga",
		"No, gracias", "Todavía no", "Si es posible, otro color", "Nein", "Noch nicht",
		"Non, merci", "Pas encore", "Non ancora", "Quanto custa?",
		"Können Sie es in Blau machen?", NULL };

	(void)state;
	check_all(yes, VERDICT_PASS);
	check_all(no, VERDICT_FAIL);
}

static void
a_request_or_a_choice_is_not_a_yes(void **state)
{
	static const char *const texts[] = { "I'll take the first one.",
		"I'd like the blue one, please.", "Could you book the blue one?",
		"Can we proceed with the right details?", "Could you proceed with the blue one?",
		"Great! Could you also add a bag?",
		"Thanks! Before we finish, could you add a bag?", "Please use the gift card.",
		"Make sure it is blue.", "What does it cost?", "How do we proceed?", "", "[IMAGE]",
		"Is that correct?", "Okay?", "Okay, what about the red one?", "I see.",
		"Okay, I see.", "I'm not sure.", "Can you confirm the price?", "Perfect!",
		"Sure, what does it cost?", "Yes, what are my options?",
		"Go ahead and tell me the price.", "Yes, please check the price.",
		"I was told I could proceed.", "Correct me if I'm wrong.",
		"Please correct my name.", "Yes or no?", "Sure about that?",
		"Say yes and I will be glad.", "Yes, I have my booking number.", NULL };

	(void)state;
	check_all(texts, VERDICT_FAIL);
}

static void
a_no_or_a_yes_taken_back_is_not_a_yes(void **state)
{
	static const char *const texts[] = { "No", "No, thanks.", "Nope", "Not yet.",
		"Please don't proceed.", "Do not go ahead.", "I don't want you to proceed.",
		"Yes. Wait, what does it cost?", "Yes, but wait until tomorrow.",
		"Yes, but before you book it, tell me the price.", "Yes, but don't book it yet.",
		"Hold on.", "Yes... actually no.", "Before you proceed, I have a question.",
		"If we proceed, what happens?", "Okay, no thanks.",
		"I never said you could proceed.", "Yes. On second thought, let me think about it.",
		"Don't do it.", "Absolutely not.", "Of course not!", "Definitely not", "Yeah no.",
		"Ok wait", "Okay, I will think about it.", "I want to proceed only if it is free.",
		"Yes, but I need to know the cost first.", "Yes, but how much is it?",
		"Yes, I want blue. Can you tell me the price before proceeding?",
		"Claro que n\xc3\xa3o.", "Nat\xc3\xbcrlich nicht.", NULL };

	(void)state;
	check_all(texts, VERDICT_FAIL);
}

static void
an_order_is_a_yes_only_where_the_agent_asked_for_one(void **state)
{
	static const char *const orders[] = { "Please book it.", "Book it!", "Perfect, book it.",
		"Please finalize.", "Please make the booking.", NULL };

	(void)state;
	for (size_t i = 0; orders[i] != NULL; i++) {
		assert_int_equal(after(orders[i]), VERDICT_PASS);
		assert_int_equal(after_both("Which thing is it?", orders[i]), VERDICT_FAIL);
	}
}

static void
what_only_hands_out_a_number_is_no_yes(void **state)
{
	static const char *const texts[] = { "Sure, my user ID is ana_12.",
		"Sure! My user ID is ana_12. I changed my plans.", "Yes, it's ABC123.",
		"Yes, my order number is 77.", "Of course, here it is: ABC123",
		"Sim, o número é 77.", "Ja, meine Nummer ist 77.", NULL };

	(void)state;
	for (size_t i = 0; texts[i] != NULL; i++)
		if (after_both("May I have your number?", texts[i]) != VERDICT_FAIL)
			fail_msg("pass after \"%s\"", texts[i]);
	assert_int_equal(after("Yes, my user ID is ana_12."), VERDICT_PASS);
	assert_int_equal(after_both("May I have your number?", "Yes, it's 77. Please go ahead."),
	    VERDICT_PASS);
	assert_int_equal(after_both("May I have your number?", "Yes, my details are correct."),
	    VERDICT_PASS);
}

static void
a_placeholder_is_never_a_yes(void **state)
{
	static const char *const texts[] = { "[PERSON:yes]", "[PERSON:ok]",
		"My name is [PERSON:yes].", NULL };

	(void)state;
	check_all(texts, VERDICT_FAIL);
}

static void
only_the_end_of_a_very_long_message_is_read(void **state)
{
	char *text = malloc(100001);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 100000; i++)
		text[i] = "not yes "[i % 8];
	text[100000] = '\0';
	assert_int_equal(after(text), VERDICT_FAIL);
	memcpy(text + 100000 - 6, ". Yes.", 6);
	assert_int_equal(after(text), VERDICT_PASS);
	free(text);
}

static void
calls_after_one_yes_all_look_back_to_it(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	const struct said said[] = {
		{ WIRE_USER, "Yes, both.", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "book_thing", NULL },
		{ WIRE_TOOL, "done", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "update_other", NULL },
		{ WIRE_TOOL, "done", NULL, NULL },
		{ WIRE_ASSISTANT, "Both are done.", NULL, NULL },
		{ WIRE_USER, "Thank you. Add a bag too.", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "update_other", NULL },
	};
	struct rule_verdict v;

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	assert_int_equal(verdict_of(a, CHECK, said, 6).verdict, VERDICT_PASS);
	v = verdict_of(a, CHECK, said, 8);
	assert_int_equal(v.verdict, VERDICT_FAIL);
	assert_int_equal(v.n_evidence, 2);
	assert_int_equal(v.evidence[0].message, 7);
	assert_true(str_equals(v.evidence[0].quote, STR("update_other")));
	assert_int_equal(v.evidence[1].message, 6);
}

static void
a_call_before_any_user_message_fails(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	const struct said said[] = { { WIRE_ASSISTANT, NULL, "book_thing", NULL } };

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	assert_int_equal(verdict_of(a, CHECK, said, 1).verdict, VERDICT_FAIL);
}

static void
globs_name_tools_whole(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	const struct said read[] = { { WIRE_USER, "Show me.", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "get_thing", "rebook_thing" },
		{ WIRE_ASSISTANT, NULL, "book_thing2", NULL } };
	const struct said write[] = { { WIRE_USER, "Show me.", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "get_thing", "update_" } };

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	assert_int_equal(verdict_of(a, CHECK, read, N_OF(read)).verdict, VERDICT_NOT_APPLICABLE);
	assert_int_equal(verdict_of(a, CHECK, write, N_OF(write)).verdict, VERDICT_FAIL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_explicit_yes_passes),
		cmocka_unit_test(a_yes_that_also_asks_or_declines_something_else_passes),
		cmocka_unit_test(other_languages_are_read),
		cmocka_unit_test(a_request_or_a_choice_is_not_a_yes),
		cmocka_unit_test(a_no_or_a_yes_taken_back_is_not_a_yes),
		cmocka_unit_test(an_order_is_a_yes_only_where_the_agent_asked_for_one),
		cmocka_unit_test(what_only_hands_out_a_number_is_no_yes),
		cmocka_unit_test(a_placeholder_is_never_a_yes),
		cmocka_unit_test(only_the_end_of_a_very_long_message_is_read),
		cmocka_unit_test(calls_after_one_yes_all_look_back_to_it),
		cmocka_unit_test(a_call_before_any_user_message_fails),
		cmocka_unit_test(globs_name_tools_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
