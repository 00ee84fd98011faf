/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing but exactly the asked-for answer gives a verdict (bars P3, P5 and P6). */
#include "rules_fixture.h"

#include <stdlib.h>

#include "judge/judge.h"

#define MUTATIONS 20000

static const char RULES[] =
    "[{\"name\":\"One\",\"description\":\"d\",\"category\":\"other\",\"check\":null},"
    "{\"name\":\"Priced\",\"description\":\"d\",\"category\":\"other\",\"check\":{\"kind\":\"price\"}},"
    "{\"name\":\"Three\",\"description\":\"d\",\"category\":\"other\",\"check\":null}]";

#define NONCE "00112233445566778899aabbccddeeff"
#define V1 \
	"{\"rule\":\"r1\",\"verdict\":\"pass\",\"evidence\":[{\"message\":1,\"quote\":\"very well\"}],\"why\":\"It is.\"}"
#define V3 \
	"{\"rule\":\"r3\",\"verdict\":\"fail\",\"evidence\":[{\"message\":2,\"quote\":\"look_up\"}],\"why\":\"It looks.\"}"
#define GOOD "{\"nonce\":\"" NONCE "\",\"verdicts\":[" V1 "," V3 "]}"

struct scene {
	struct arena *arena;
	struct rule_set rules;
	struct wire_conversation conversation;
	struct judge_prompt prompt;
};

static void
scene_done(struct scene *s)
{
	arena_free(s->arena);
}

#define CLEANUP_SCENE __attribute__((cleanup(scene_done)))

static struct scene
set_scene(void)
{
	const struct said said[] = { { WIRE_USER, "How are you?", NULL, NULL },
		{ WIRE_ASSISTANT, "I am very well.", NULL, NULL },
		{ WIRE_ASSISTANT, NULL, "look_up", NULL } };
	struct scene s = { 0 };

	assert_int_equal(arena_new(64u << 20, &s.arena), ERR_OK);
	assert_int_equal(rules_parse(s.arena, str_from(RULES), &s.rules, NULL), ERR_OK);
	s.conversation = conversation_of(s.arena, said, N_OF(said));
	s.prompt.only_model_rules = true;
	s.prompt.judge_name = STR("m");
	(void)snprintf(s.prompt.nonce, sizeof(s.prompt.nonce), "%s", NONCE);
	return s;
}

static struct rule_verdict *
parse(struct scene *s, struct str answer)
{
	struct rule_verdict *verdicts = NULL;

	assert_int_equal(judge_parse(s->arena, &s->rules, &s->conversation, &s->prompt, answer,
			     &verdicts),
	    ERR_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_true(verdicts[i].why.len > 0);
		assert_true(str_equals(verdicts[i].judge, STR("m")));
		assert_true(str_equals(verdicts[i].rule, s->rules.rules[i].name));
	}
	assert_int_equal(verdicts[1].verdict, VERDICT_INDETERMINATE);
	assert_true(str_equals(verdicts[1].why, STR("not asked")));
	return verdicts;
}

static bool
is_refused(struct scene *s, struct str answer)
{
	const struct rule_verdict *v = parse(s, answer);

	return v[0].verdict == VERDICT_INDETERMINATE && v[2].verdict == VERDICT_INDETERMINATE &&
	    v[0].n_evidence == 0 && v[2].n_evidence == 0;
}

static void
the_asked_for_answer_is_taken(void **state)
{
	CLEANUP_SCENE struct scene s = set_scene();
	const struct rule_verdict *v = parse(&s, STR(GOOD));

	(void)state;
	assert_int_equal(v[0].verdict, VERDICT_PASS);
	assert_int_equal(v[0].evidence[0].message, 1);
	assert_true(str_equals(v[0].evidence[0].quote, STR("very well")));
	assert_int_equal(v[2].verdict, VERDICT_FAIL);
	assert_true(str_equals(v[2].evidence[0].quote, STR("look_up")));
	v = parse(&s, STR("\n  " GOOD "\n"));
	assert_int_equal(v[0].verdict, VERDICT_PASS);
}

static void
messages_are_named_by_their_place_in_the_file(void **state)
{
	static const char FILE_TEXT[] =
	    "{\"messages\":[{\"role\":\"system\",\"content\":\"very well\"},{\"role\":\"assistant\","
	    "\"content\":\"I am very well for $5.\"},{\"role\":\"system\",\"content\":\"x\"},{\"role\":"
	    "\"assistant\",\"content\":\"look_up\"}]}";
	CLEANUP_SCENE struct scene s = set_scene();
	const struct rule_verdict *v;
	struct rule_verdict checked;
	struct judge_prompt prompt;

	(void)state;
	assert_int_equal(wire_parse_conversation(s.arena, str_from(FILE_TEXT), &s.conversation,
			     NULL),
	    ERR_OK);
	assert_int_equal(s.conversation.n_messages, 2);
	assert_int_equal(rule_check_run(s.arena, &s.rules.rules[1], &s.conversation, &checked),
	    ERR_OK);
	assert_int_equal(checked.evidence[0].message, 1);
	assert_int_equal(judge_render(s.arena, &s.rules, &s.conversation, true, &prompt), ERR_OK);
	assert_true(str_contains(prompt.messages_json, STR("\\\"message\\\":3,")));
	assert_false(str_contains(prompt.messages_json, STR("\\\"message\\\":2,")));

	assert_true(is_refused(&s, STR(GOOD))); /* message 2 is a system message */
	v = parse(&s,
	    STR("{\"nonce\":\"" NONCE "\",\"verdicts\":[" V1
		",{\"rule\":\"r3\",\"verdict\":\"fail\","
		"\"evidence\":[{\"message\":3,\"quote\":\"look_up\"}],\"why\":\"w\"}]}"));
	assert_int_equal(v[0].verdict, VERDICT_PASS);
	assert_int_equal(v[2].verdict, VERDICT_FAIL);
	assert_int_equal(v[2].evidence[0].message, 3);
}

static void
whatever_deviates_is_indeterminate_for_every_rule(void **state)
{
	static const char *const answers[] = {
		"",
		" ",
		"pass",
		"null",
		"[]",
		"{}",
		"true",
		"\"pass\"",
		GOOD GOOD,
		"[" GOOD "]",
		"Here it is: " GOOD,
		GOOD " I hope this helps.",
		"```json\n" GOOD "\n```",
		"<answer>" GOOD "</answer>",
		"// x\n" GOOD,
		"\xef\xbb\xbf" GOOD,
		GOOD ",",
		"{\"nonce\":\"" NONCE "\",\"verdicts\":[" V1 "," V3 ",]}",
		/* nonce */
		"{\"nonce\":\"00112233445566778899aabbccddeefe\",\"verdicts\":[" V1 "," V3 "]}",
		"{\"nonce\":\"00112233445566778899AABBCCDDEEFF\",\"verdicts\":[" V1 "," V3 "]}",
		"{\"nonce\":\"\",\"verdicts\":[" V1 "," V3 "]}",
		"{\"nonce\":null,\"verdicts\":[" V1 "," V3 "]}",
		"{\"nonce\":0,\"verdicts\":[" V1 "," V3 "]}",
		"{\"verdicts\":[" V1 "," V3 "]}",
		"{\"nonce\":\"" NONCE "\\u0000\",\"verdicts\":[" V1 "," V3 "]}",
		"{\"nonce\":\"x\",\"nonce\":\"" NONCE "\",\"verdicts\":[" V1 "," V3 "]}",
		/* members */
		"{\"nonce\":\"" NONCE "\",\"verdicts\":[" V1 "," V3 "],\"x\":1}",
		"{\"nonce\":\"" NONCE "\",\"verdicts\":{\"r1\":" V1 "}}",
		"{\"nonce\":\"" NONCE "\"}",
		/* rules */
		"{\"nonce\":\"" NONCE "\",\"verdicts\":[" V1 "]}",
		"{\"nonce\":\"" NONCE "\",\"verdicts\":[" V1 "," V1 "]}",
		"{\"nonce\":\"" NONCE "\",\"verdicts\":[" V1 "," V3 "," V3 "]}",
		"{\"nonce\":\"" NONCE "\",\"verdicts\":[]}",
	};
	CLEANUP_SCENE struct scene s = set_scene();

	(void)state;
	for (size_t i = 0; i < N_OF(answers); i++)
		if (!is_refused(&s, str_from(answers[i])))
			fail_msg("taken: %s", answers[i]);
}

static void
a_verdict_of_another_shape_spoils_the_answer(void **state)
{
	static const char *const verdicts[] = {
		"{\"rule\":\"r2\",\"verdict\":\"pass\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"r4\",\"verdict\":\"pass\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"r03\",\"verdict\":\"pass\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"R3\",\"verdict\":\"pass\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"Three\",\"verdict\":\"pass\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":3,\"verdict\":\"pass\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"PASS\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"passed\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":true,\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"verdict\":\"pass\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[],\"why\":\"w\",\"score\":1}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[]}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[],\"why\":\"\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[],\"why\":null}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":null,\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":{},\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[\"very well\"],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"fail\",\"evidence\":[],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":1,\"quote\":\"\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":1,\"quote\":\" \"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":1,\"quote\":\"Very well\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":0,\"quote\":\"very well\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":3,\"quote\":\"very well\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":-1,\"quote\":\"very well\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":1.0,\"quote\":\"very well\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":NaN,\"quote\":\"very well\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":\"1\",\"quote\":\"very well\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":99999999999999999999,\"quote\":\"w\"}],\"why\":\"w\"}",
		"{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[{\"message\":1,\"quote\":\"very well\",\"at\":0}],\"why\":\"w\"}",
		"{\"tool_calls\":[{\"name\":\"verdict\"}]}",
		"null",
	};
	CLEANUP_SCENE struct scene s = set_scene();

	(void)state;
	for (size_t i = 0; i < N_OF(verdicts); i++) {
		char answer[1024];

		(void)snprintf(answer, sizeof(answer),
		    "{\"nonce\":\"" NONCE "\",\"verdicts\":[" V1 ",%s]}", verdicts[i]);
		if (!is_refused(&s, str_from(answer)))
			fail_msg("taken: %s", answer);
	}
}

/* Each change of one byte, each truncation, random splices: never another pass than the true one.
 */
static void
no_mutation_of_an_answer_makes_a_pass(void **state)
{
	static const char FAILING[] =
	    "{\"nonce\":\"" NONCE "\",\"verdicts\":[{\"rule\":\"r1\",\"verdict\":"
	    "\"indeterminate\",\"evidence\":[],\"why\":\"w\"}," V3 "]}";
	CLEANUP(arena) struct arena *scratch = NULL;
	CLEANUP_SCENE struct scene s = set_scene();
	struct arena *kept = s.arena;
	uint64_t random = 88172645463325252u;

	(void)state;
	assert_int_equal(arena_new(8u << 20, &scratch), ERR_OK);
	s.arena = scratch;
	for (size_t i = 0; i < MUTATIONS; i++) {
		char answer[sizeof(FAILING)];
		size_t len = sizeof(FAILING) - 1;
		const struct rule_verdict *v;

		memcpy(answer, FAILING, sizeof(FAILING));
		for (size_t changes = 1 + i % 3; changes > 0; changes--) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			answer[(random >> 33) % len] = (char)(random >> 21);
		}
		if (i % 5 == 0)
			len = (random >> 40) % len;
		v = parse(&s, (struct str){ answer, len });
		assert_int_not_equal(v[0].verdict, VERDICT_PASS);
		assert_int_not_equal(v[2].verdict, VERDICT_PASS);
		arena_clear(scratch);
	}
	s.arena = kept;
}

static void
each_truncation_of_a_good_answer_is_refused(void **state)
{
	CLEANUP_SCENE struct scene s = set_scene();

	(void)state;
	for (size_t len = 0; len < sizeof(GOOD) - 1; len++)
		assert_true(is_refused(&s, str_slice(STR(GOOD), 0, len)));
}

static void
answers_past_the_caps_are_refused(void **state)
{
	CLEANUP_SCENE struct scene s = set_scene();
	size_t len = JUDGE_MAX_ANSWER_BYTES + sizeof(GOOD);
	char *padded = malloc(len);
	char deep[4096];

	(void)state;
	assert_non_null(padded);
	memset(padded, ' ', len);
	memcpy(padded, GOOD, sizeof(GOOD) - 1);
	assert_true(is_refused(&s, (struct str){ padded, len }));
	assert_false(is_refused(&s, (struct str){ padded, JUDGE_MAX_ANSWER_BYTES }));
	free(padded);
	memset(deep, '[', sizeof(deep));
	assert_true(is_refused(&s, (struct str){ deep, sizeof(deep) }));
}

static void
an_answer_that_repeats_the_canary_is_void(void **state)
{
	CLEANUP_SCENE struct scene s = set_scene();
	struct judge_prompt prompt;
	const char *canary;
	char answer[1024];

	(void)state;
	assert_int_equal(judge_render(s.arena, &s.rules, &s.conversation, true, &prompt), ERR_OK);
	canary = strstr(prompt.messages_json.at, "canary-");
	assert_non_null(canary);
	s.prompt = prompt;
	s.prompt.judge_name = STR("m");
	(void)snprintf(answer, sizeof(answer),
	    "{\"nonce\":\"%s\",\"verdicts\":[" V1
	    ",{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[],\"why\":"
	    "\"The marker is %.27s.\"}]}",
	    prompt.nonce, canary);
	assert_true(is_refused(&s, str_from(answer)));
	/* The same, hidden in an escape. */
	(void)snprintf(answer, sizeof(answer),
	    "{\"nonce\":\"%s\",\"verdicts\":[" V1
	    ",{\"rule\":\"r3\",\"verdict\":\"pass\",\"evidence\":[],\"why\":"
	    "\"The marker is \\u0063%.26s.\"}]}",
	    prompt.nonce, canary + 1);
	assert_true(is_refused(&s, str_from(answer)));
}

static void
answers_without_content_are_never_judged(void **state)
{
	static const char *const empty[] = { ":", ".", ",", " ", "",
		"Thought process:", "thought process", "Solution", "Solution:", "**Solution:**",
		"Let's solve this problem step by step.", "解", "：", "かいせつ",
		"Respuesta:", "Resposta:", "Lösung:", "Réponse :", "...", "!!!", "\n\n",
		"思考过程：", "—" };
	static const char *const full[] = { "No.", "42", "I am very well.", "Solution: restart it.",
		"日本" };

	(void)state;
	for (size_t i = 0; i < N_OF(empty) + N_OF(full); i++) {
		CLEANUP_SCENE struct scene s = set_scene();
		const char *text = i < N_OF(empty) ? empty[i] : full[i - N_OF(empty)];
		const struct said said[] = { { WIRE_USER, "Is it very well?", NULL, NULL },
			{ WIRE_ASSISTANT, text, NULL, NULL } };

		s.conversation = conversation_of(s.arena, said, 2);
		if (judge_has_content(&s.conversation) != (i >= N_OF(empty)))
			fail_msg("content of \"%s\"", text);
		if (i < N_OF(empty))
			assert_true(is_refused(&s,
			    STR("{\"nonce\":\"" NONCE
				"\",\"verdicts\":[{\"rule\":\"r1\",\"verdict\":"
				"\"pass\",\"evidence\":[],\"why\":\"w\"},{\"rule\":\"r3\",\"verdict\":"
				"\"pass\",\"evidence\":[],\"why\":\"w\"}]}")));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_asked_for_answer_is_taken),
		cmocka_unit_test(messages_are_named_by_their_place_in_the_file),
		cmocka_unit_test(whatever_deviates_is_indeterminate_for_every_rule),
		cmocka_unit_test(a_verdict_of_another_shape_spoils_the_answer),
		cmocka_unit_test(no_mutation_of_an_answer_makes_a_pass),
		cmocka_unit_test(each_truncation_of_a_good_answer_is_refused),
		cmocka_unit_test(answers_past_the_caps_are_refused),
		cmocka_unit_test(an_answer_that_repeats_the_canary_is_void),
		cmocka_unit_test(answers_without_content_are_never_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
