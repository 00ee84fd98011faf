/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <jansson.h>

#include "redact/pattern.h"

/* In two pieces, so that no scanner of this tree takes it for one. */
#define KEY_ID \
	"AKIA" \
	"Q3EGRVLNTGXJ5Z7Q"
#define HOSTILE_BYTES (64u << 10)
#define OUT_BYTES (16u << 20)

static struct redact_policy *
policy_of(const char *json)
{
	struct redact_policy *p = NULL;
	struct redact_policy_fault fault = { .what = "" };

	if (redact_policy_read(str_from(json), &p, &fault) != ERR_OK)
		fail_msg("%s: %s: %s", json, fault.where, fault.what);
	return p;
}

/* Every token is "aaaaaa", so that a case is one line. */
static void
redact_to(const struct redact_policy *p, struct str text, struct buf *out)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	CLEANUP_MEM struct redact_token *tokens = calloc(REDACT_MAX_SPANS, sizeof(*tokens));

	assert_non_null(tokens);
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&f), ERR_OK);
	assert_int_equal(redact_find_under(r, p, text, f), ERR_OK);
	for (size_t i = 0; i < redact_count(f); i++)
		memcpy(tokens[i].chars, "aaaaaa", sizeof("aaaaaa"));
	buf_clear(out);
	assert_int_equal(redact_render(text, f, tokens, out), ERR_OK);
}

struct example {
	const char *policy;
	const char *text;
	const char *wanted;
};

/* Each text comes out as wanted, and comes out the same when it is redacted again. */
static void
assert_examples(const struct example *examples, size_t n)
{
	CLEANUP(buf) struct buf *once = NULL, *twice = NULL;

	assert_int_equal(buf_new(OUT_BYTES, &once), ERR_OK);
	assert_int_equal(buf_new(OUT_BYTES, &twice), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(redact_policy) struct redact_policy *p = policy_of(examples[i].policy);

		redact_to(p, str_from(examples[i].text), once);
		assert_string_equal(buf_c_string(once), examples[i].wanted);
		redact_to(p, buf_str(once), twice);
		assert_string_equal(buf_c_string(twice), examples[i].wanted);
	}
}

#define ASSERT_EXAMPLES(list) assert_examples(list, sizeof(list) / sizeof(list[0]))
#define ENTITY(type, action) "{\"entities\":[{\"type\":\"" type "\",\"action\":\"" action "\"}]}"
#define PATTERN(pattern) "{\"custom\":[{\"name\":\"MINE\",\"pattern\":\"" pattern "\"}]}"
#define LITERALS(list) "{\"custom\":[{\"name\":\"MINE\",\"literals\":[" list "]}]}"

static void
an_entity_becomes_what_the_workspace_chose(void **state)
{
	static const struct example examples[] = {
		{ "{}", "to ana@mail.com", "to [EMAIL:aaaaaa]" },
		{ ENTITY("EMAIL", "mask"), "to ana@mail.com", "to [EMAIL:aaaaaa:mail.com]" },
		{ ENTITY("EMAIL", "drop"), "to ana@mail.com now", "to [removed] now" },
		{ ENTITY("EMAIL", "off"), "to ana@mail.com", "to ana@mail.com" },
		{ ENTITY("CARD", "mask"), "4111 1111 1111 1111", "[CARD:aaaaaa:1111]" },
		{ ENTITY("CPF", "drop"), "{\"cpf\":39053344705}", "{\"cpf\":\"[removed]\"}" },
		{ ENTITY("CPF", "mask"), "{\"cpf\":39053344705}",
		    "{\"cpf\":\"[CPF:aaaaaa:4705]\"}" },
		{ ENTITY("CPF", "off"), "CPF 390.533.447-05 of ana@mail.com",
		    "CPF 390.533.447-05 of [EMAIL:aaaaaa]" },
		{ ENTITY("SECRET", "drop"), KEY_ID, "[removed]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

/* Flagged findings stand in the list, and leave the text and the values beside them alone. */
static void
special_categories_stay_unless_the_workspace_asks(void **state)
{
	static const struct example examples[] = {
		{ "{}", "I am pregnant, to ana@mail.com", "I am pregnant, to [EMAIL:aaaaaa]" },
		{ "{}", "{\"religion\":\"Hindu\"}", "{\"religion\":\"Hindu\"}" },
		{ "{}", "my diabetes card CPF 390.533.447-04",
		    "my diabetes card CPF [CPF:aaaaaa]" },
		/* "Jefferson Smith is pregnant": the name is less sure than what is flagged. */
		{ "{}", "x SmVmZmVyc29uIFNtaXRoIGlzIHByZWduYW50", "x [PERSON:aaaaaa]" },
		{ ENTITY("HEALTH", "replace"), "I am pregnant", "I am [HEALTH:aaaaaa]" },
		{ ENTITY("RELIGION", "drop"), "{\"religion\":\"Hindu\"}",
		    "{\"religion\":\"[removed]\"}" },
		{ ENTITY("ORIENTATION", "off"), "I am gay", "I am gay" },
	};
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;

	(void)state;
	ASSERT_EXAMPLES(examples);
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&f), ERR_OK);
	assert_int_equal(redact_find(r, STR("my union membership"), f), ERR_OK);
	assert_int_equal(redact_count(f), 1);
	assert_int_equal(redact_spans(f)[0].type, REDACT_UNION_MEMBERSHIP);
	assert_int_equal(redact_spans(f)[0].action, REDACT_FLAG);
}

static void
a_mask_shows_nothing_of_what_is_short_or_looks_odd(void **state)
{
	static const struct example examples[] = {
		/* A number could hide in a domain that is let through unread. */
		{ ENTITY("EMAIL", "mask"), "ana@x12345678.com", "[EMAIL:aaaaaa]" },
		{ ENTITY("EMAIL", "mask"), "ana@m\xC3\xBCller.de", "[EMAIL:aaaaaa]" },
		{ ENTITY("BANK_ACCOUNT", "mask"), "[BANK_ACCOUNT:aaaaaa:12]",
		    "[BANK_ACCOUNT:aaaaaa:12]" },
		{ "{\"custom\":[{\"name\":\"MINE\",\"pattern\":\"Q\\\\d{3,9}\",\"action\":\"mask\"}]}",
		    "Q1234567 and Q12345678",
		    "[CUSTOM_MINE:aaaaaa] and [CUSTOM_MINE:aaaaaa:5678]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
patterns_and_literals_of_the_workspaces_own_are_found(void **state)
{
	static const struct example examples[] = {
		{ PATTERN("\\\\bORD-\\\\d{6,10}\\\\b"), "ORD-123456 XORD-123456 ORD-12345",
		    "[CUSTOM_MINE:aaaaaa] XORD-123456 ORD-12345" },
		{ PATTERN("\\\\bORD-\\\\d{6,10}\\\\b"), "{\"a\":\"x\\nORD-123456\"}",
		    "{\"a\":\"x\\n[CUSTOM_MINE:aaaaaa]\"}" },
		{ PATTERN("(foo|foobar)z?"), "foobarz foo",
		    "[CUSTOM_MINE:aaaaaa] [CUSTOM_MINE:aaaaaa]" },
		/* A Cyrillic letter that looks like a Latin one is that one, in both. */
		{ PATTERN("b\xD0\xB0r"), "bar b\xD0\xB0r",
		    "[CUSTOM_MINE:aaaaaa] [CUSTOM_MINE:aaaaaa]" },
		{ PATTERN("x.y"), "x\xC3\xA9y x\ny", "[CUSTOM_MINE:aaaaaa] x\ny" },
		{ LITERALS("\"Project Falcon\""), "the PROJECT\n falcon, falcons",
		    "the [CUSTOM_MINE:aaaaaa], falcons" },
		{ LITERALS("\"S\xC3\xA3o Lu\xC3\xADs\""), "S\xC3\x83O LU\xC3\x8DS",
		    "[CUSTOM_MINE:aaaaaa]" },
		{ LITERALS("\"C++\",\"cat\""), "I see cats and a cat",
		    "I see cats and a [CUSTOM_MINE:aaaaaa]" },
		/* Full-width digits and another hyphen are the same text. */
		{ PATTERN("\\\\bAB-\\\\d{4}\\\\b"),
		    "AB\xE2\x80\x91\xEF\xBC\x91\xEF\xBC\x92"
		    "34",
		    "[CUSTOM_MINE:aaaaaa]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
no_pattern_reaches_into_a_placeholder(void **state)
{
	static const struct example examples[] = {
		{ PATTERN("x.{0,30}y"), "x 4111111111111111 y", "[CUSTOM_MINE:aaaaaa]" },
		{ PATTERN("x.{0,9}y"), "x4111111111111111y x ana@mail.com y",
		    "x4111111111111111y x [EMAIL:aaaaaa] y" },
		{ PATTERN("EMAIL|aaaaaa"), "ana@mail.com", "[EMAIL:aaaaaa]" },
		{ PATTERN("\\\\bto\\\\b"), "to[EMAIL:aaaaaa]to", "to[EMAIL:aaaaaa]to" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

#define ALLOW(value, type) "{\"allow\":[{\"value\":\"" value "\",\"type\":" type "}]}"

static void
allowed_values_stay_in_every_way_of_writing_them(void **state)
{
	static const struct example examples[] = {
		{ ALLOW("Help@Shop.example", "\"EMAIL\""), "help@shop.example ana@mail.com",
		    "help@shop.example [EMAIL:aaaaaa]" },
		{ ALLOW("help@shop.example", "\"PHONE\""), "help@shop.example", "[EMAIL:aaaaaa]" },
		{ ALLOW("h.elp@shop.example", "null"), "help@shop.example", "[EMAIL:aaaaaa]" },
		{ ALLOW("+55 11 98765-4321", "null"), "call (11) 98765-4321 or +5511987654321",
		    "call (11) 98765-4321 or +5511987654321" },
		{ ALLOW("390.533.447-05", "\"CPF\""), "CPF 39053344705", "CPF 39053344705" },
		{ ALLOW(KEY_ID, "null"), KEY_ID, "[SECRET:aaaaaa]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
findings_less_sure_than_the_workspace_wants_stay(void **state)
{
	static const struct example examples[] = {
		{ "{\"min_confidence\":0.95}", "CPF 390.533.447-06 ana@mail.com",
		    "CPF 390.533.447-06 [EMAIL:aaaaaa]" },
		{ "{\"entities\":[{\"type\":\"CPF\",\"min_confidence\":0.9}]}",
		    "CPF 390.533.447-06, CPF 390.533.447-05",
		    "CPF 390.533.447-06, CPF [CPF:aaaaaa]" },
		{ "{\"min_confidence\":0.95}", "password: hunter2", "password: [SECRET:aaaaaa]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
json_stays_json_under_every_action(void **state)
{
	static const char *const actions[] = { "replace", "mask", "drop" };
	static const char text[] =
	    "{\"card\":4111111111111111,\"b\":\"{\\\"card\\\":4111111111111111,"
	    "\\\"ORD-123456\\\":[\\\"x\\\\nORD-123456\\\"]}\"}";
	CLEANUP(buf) struct buf *out = NULL;
	char policy[256];

	(void)state;
	assert_int_equal(buf_new(OUT_BYTES, &out), ERR_OK);
	for (size_t i = 0; i < 3; i++) {
		json_t *json, *inner;

		(void)snprintf(policy, sizeof(policy),
		    "{\"entities\":[{\"type\":\"CARD\",\"action\":\"%s\"}],\"custom\":[{\"name\":\"MINE\","
		    "\"pattern\":\"ORD-\\\\d+\",\"action\":\"%s\"}]}",
		    actions[i], actions[i]);
		CLEANUP(redact_policy) struct redact_policy *p = policy_of(policy);
		redact_to(p, (struct str){ text, sizeof(text) - 1 }, out);
		assert_null(strstr(buf_c_string(out), "1111111111"));
		assert_null(strstr(buf_c_string(out), "ORD-"));
		json = json_loadb(buf_c_string(out), buf_len(out), 0, NULL);
		assert_non_null(json);
		inner = json_loads(json_string_value(json_object_get(json, "b")), 0, NULL);
		assert_non_null(inner);
		json_decref(inner);
		json_decref(json);
	}
}

static void
a_policy_reads_its_own_text_again(void **state)
{
	CLEANUP(redact_policy) struct redact_policy *p = policy_of(PATTERN("a\\\\d"));
	CLEANUP(redact_policy) struct redact_policy *again = NULL;
	struct redact_policy_fault fault;

	(void)state;
	assert_int_equal(redact_policy_read(redact_policy_text(p), &again, &fault), ERR_OK);
	assert_true(str_equals(redact_policy_text(p), redact_policy_text(again)));
	assert_false(redact_policy_is_off(p, REDACT_EMAIL));
}

struct refusal {
	const char *policy;
	const char *where;
};

static void
what_is_wrong_is_refused_with_its_place_and_a_remedy(void **state)
{
	static const struct refusal refusals[] = {
		{ "", "" },
		{ "[]", "" },
		{ "{\"x\":1}", "" },
		{ "{\"allow\":[],\"allow\":[]}", "" },
		{ "{\"min_confidence\":0.96}", "min_confidence" },
		{ "{\"min_confidence\":\"1\"}", "min_confidence" },
		{ ENTITY("NOTHING", "drop"), "entities[0].type" },
		{ ENTITY("EMAIL", "forget"), "entities[0].action" },
		{ ENTITY("EMAIL", "flag"), "entities[0].action" },
		{ ENTITY("SECRET", "off"), "entities[0].action" },
		{ ENTITY("SECRET", "mask"), "entities[0].action" },
		{ ENTITY("PERSON", "mask"), "entities[0].action" },
		{ "{\"entities\":[{\"type\":\"SECRET\",\"min_confidence\":0.5}]}",
		    "entities[0].min_confidence" },
		{ "{\"entities\":[{\"type\":\"CPF\"},{\"type\":\"CPF\"}]}", "entities[1].type" },
		{ "{\"allow\":[{\"value\":\"x\",\"type\":\"SECRET\"}]}", "allow[0].type" },
		{ "{\"allow\":[{\"value\":\"\"}]}", "allow[0].value" },
		{ "{\"custom\":[{\"name\":\"A\"}]}", "custom[0]" },
		{ "{\"custom\":[{\"name\":\"a\",\"pattern\":\"x\"}]}", "custom[0].name" },
		{ "{\"custom\":[{\"name\":\"A1\",\"pattern\":\"x\"}]}", "custom[0].name" },
		{ LITERALS("\"x\""), "custom[0].literals" },
		{ PATTERN("ab(c"), "custom[0].pattern, character 5" },
		{ PATTERN("ab)c"), "custom[0].pattern, character 3" },
		{ PATTERN("a[b"), "custom[0].pattern, character 2" },
		{ PATTERN("a**"), "custom[0].pattern, character 3" },
		{ PATTERN("a+?"), "custom[0].pattern, character 3" },
		{ PATTERN("a{2,1}"), "custom[0].pattern, character 6" },
		{ PATTERN("a{65}"), "custom[0].pattern, character 5" },
		{ PATTERN("(?=a)"), "custom[0].pattern, character 2" },
		{ PATTERN("(a)\\\\1"), "custom[0].pattern, character 4" },
		{ PATTERN("^a"), "custom[0].pattern, character 1" },
		{ PATTERN("a\\\\bc"), "custom[0].pattern, character 2" },
		{ PATTERN("a\\\\q"), "custom[0].pattern, character 2" },
		{ PATTERN("a*"), "custom[0].pattern" },
		{ PATTERN("(a|)"), "custom[0].pattern" },
		{ PATTERN("\\\\b"), "custom[0].pattern" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		CLEANUP(redact_policy) struct redact_policy *p = NULL;
		struct redact_policy_fault fault = { .what = "" };

		assert_int_equal(redact_policy_read(str_from(refusals[i].policy), &p, &fault),
		    ERR_MALFORMED);
		assert_string_equal(fault.where, refusals[i].where);
		assert_true(fault.what[0] != '\0' && fault.remedy[0] != '\0');
	}
}

static void
patterns_that_could_cost_too_much_are_refused_when_they_are_set(void **state)
{
	static const char *const patterns[] = { ".*foo.*", "[ab]{0,64}a[ab]{64}", "(\\\\w+ )+",
		"a{1,64}a{1,64}a{1,64}b", "(((a{64}){64}){64}){64}", "((a|b|ab){1,64}){1,64}c",
		".{64}.{64}.{64}.{64}.{64}x", "(a?){64}a{64}b" };

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		CLEANUP(redact_policy) struct redact_policy *p = NULL;
		struct redact_policy_fault fault = { .what = "" };
		char json[256];

		(void)snprintf(json, sizeof(json), PATTERN("%s"), patterns[i]);
		assert_int_equal(redact_policy_read(str_from(json), &p, &fault), ERR_MALFORMED);
	}
}

static void
patterns_are_within_a_budget_together(void **state)
{
	static const char one[] = "{\"name\":\"M%c\",\"pattern\":\"a{1,50}%c\"}";
	CLEANUP(redact_policy) struct redact_policy *p = NULL;
	struct redact_policy_fault fault = { .what = "" };
	char json[1024] = "{\"custom\":[";

	(void)state;
	for (char c = 'b'; c <= 'e'; c++) {
		(void)snprintf(json + strlen(json), sizeof(json) - strlen(json), "%s",
		    c > 'b' ? "," : "");
		(void)snprintf(json + strlen(json), sizeof(json) - strlen(json), one, c - 0x20, c);
	}
	(void)snprintf(json + strlen(json), sizeof(json) - strlen(json), "]}");
	assert_int_equal(redact_policy_read(str_from(json), &p, &fault), ERR_MALFORMED);
	assert_string_equal(fault.where, "custom[2].pattern");
}

/* Past what a policy admits, so that the budget is met: the scan ends, it does not go on slowly. */
static void
a_text_made_against_the_patterns_ends_by_the_budget(void **state)
{
	static const char *const texts[] = { "a{1,50}b", "a{1,50}c", "a{1,50}d" };
	CLEANUP(arena) struct arena *a = NULL;
	CLEANUP_MEM uint8_t *hostile = malloc(HOSTILE_BYTES + 64);
	struct pattern patterns[3];
	struct pattern_set set = { .at = patterns, .n = 3 };
	struct pattern_fault fault;
	struct pattern_match match;
	struct pattern_scan s;

	(void)state;
	assert_non_null(hostile);
	memset(hostile, 'a', HOSTILE_BYTES);
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pattern_compile(a, str_from(texts[i]), false, &patterns[i],
				     &fault),
		    ERR_OK);
	pattern_set_index(&set);
	s = pattern_scan_begin(&set, hostile, HOSTILE_BYTES);
	assert_false(pattern_scan_next(&s, &match));
	assert_true(s.is_over_budget);
	assert_true(s.at < HOSTILE_BYTES);
	/* One of them alone is within it. */
	set.n = 1;
	pattern_set_index(&set);
	s = pattern_scan_begin(&set, hostile, HOSTILE_BYTES);
	assert_false(pattern_scan_next(&s, &match));
	assert_false(s.is_over_budget);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entity_becomes_what_the_workspace_chose),
		cmocka_unit_test(special_categories_stay_unless_the_workspace_asks),
		cmocka_unit_test(a_mask_shows_nothing_of_what_is_short_or_looks_odd),
		cmocka_unit_test(patterns_and_literals_of_the_workspaces_own_are_found),
		cmocka_unit_test(no_pattern_reaches_into_a_placeholder),
		cmocka_unit_test(allowed_values_stay_in_every_way_of_writing_them),
		cmocka_unit_test(findings_less_sure_than_the_workspace_wants_stay),
		cmocka_unit_test(json_stays_json_under_every_action),
		cmocka_unit_test(a_policy_reads_its_own_text_again),
		cmocka_unit_test(what_is_wrong_is_refused_with_its_place_and_a_remedy),
		cmocka_unit_test(patterns_that_could_cost_too_much_are_refused_when_they_are_set),
		cmocka_unit_test(patterns_are_within_a_budget_together),
		cmocka_unit_test(a_text_made_against_the_patterns_ends_by_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
