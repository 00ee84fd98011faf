/* SPDX-License-Identifier: Apache-2.0 */
/* Paths, cookies, origins, revoked sessions, remembered rules: what the api believes of its inputs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/cookie.h"
#include "api/origin.h"
#include "api/path.h"
#include "api/rule_cache.h"

#define NONE ((struct str){ NULL, 0 })

static void
a_path_matches_its_pattern_part_by_part(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} cases[] = {
		{ "/me", "/me", true },
		{ "/me", "/me/", false },
		{ "/me", "/mex", false },
		{ "/me", "", false },
		{ "/me", "me", false },
		{ "/projects/{project}/rules", "/projects/abc/rules", true },
		{ "/projects/{project}/rules", "/projects//rules", false },
		{ "/projects/{project}/rules", "/projects/a/b/rules", false },
		{ "/projects/{project}/rules", "/projects/a", false },
		{ "/conversations/{day}/{id}", "/conversations/d/i", true },
		{ "/conversations/{day}/{id}", "/conversations/d/i/x", false },
	};
	struct str captures[PATH_MAX_CAPTURES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(path_matches(cases[i].pattern, str_from(cases[i].path), captures),
		    cases[i].matches);
	assert_true(path_matches("/conversations/{day}/{id}", STR("/conversations/d/i"), captures));
	assert_true(str_equals(captures[0], STR("d")));
	assert_true(str_equals(captures[1], STR("i")));
}

static void
a_cookie_is_found_once_or_not_at_all(void **state)
{
	static const struct {
		const char *header;
		const char *value; /* NULL: none */
	} cases[] = {
		{ "a=1", "1" },
		{ "b=2; a=1; c=3", "1" },
		{ "a=1=2", "1=2" },
		{ "a=", "" },
		{ "aa=1; xa=2", NULL },
		{ "a=1; a=2", NULL },
		{ "a=1;a=1", NULL },
		{ "a", NULL },
		{ "", NULL },
		{ ";;=;", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str found = cookie_find(str_from(cases[i].header), STR("a"));

		if (cases[i].value == NULL)
			assert_null(found.at);
		else
			assert_true(str_equals(found, str_from(cases[i].value)));
	}
}

static void
only_our_own_pages_count_as_our_origin(void **state)
{
	const struct str host = STR("rendfly.example:8443"), url = STR("https://localhost:8443/");

	const struct {
		struct str site, origin;
		bool ours;
	} cases[] = {
		{ STR("same-origin"), STR("https://localhost:8443"), true },
		{ STR("same-origin"), STR("https://rendfly.example:8443"), true },
		{ STR("same-origin"), NONE, true },
		{ NONE, STR("https://localhost:8443"), true },
		{ NONE, NONE, true },
		{ STR("same-origin"), STR("https://evil.example"), false },
		{ STR("same-site"), STR("https://localhost:8443"), false },
		{ STR("cross-site"), STR("https://localhost:8443"), false },
		{ STR("none"), NONE, false },
		{ STR(""), NONE, false },
		{ STR("cross-site"), NONE, false },
		{ NONE, STR("null"), false },
		{ NONE, STR(""), false },
		{ NONE, STR("http://localhost:8443"), false },
		{ NONE, STR("https://localhost"), false },
		{ NONE, STR("https://localhost:84430"), false },
		{ NONE, STR("https://rendfly.example:8443.evil.example"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(origin_is_ours(cases[i].site, cases[i].origin, host, url),
		    cases[i].ours);
}

static void
an_empty_host_makes_no_origin_ours(void **state)
{
	(void)state;
	assert_false(origin_is_ours(NONE, STR("https://"), NONE, STR("https://localhost:8443")));
}

static void
a_rule_sealed_again_is_not_served_from_memory(void **state)
{
	CLEANUP(rule_cache) struct rule_cache *c = NULL;
	CLEANUP(arena) struct arena *a = NULL;
	const struct rule_text text = { STR("No prices"), STR("Never quote a price.") };
	struct uuid rule = uuid_new(), other = rule;
	struct rule_text found;

	(void)state;
	other.bytes[0] ^= 1; /* takes the same place */
	assert_int_equal(rule_cache_new(&c), ERR_OK);
	assert_int_equal(arena_new(1 << 16, &a), ERR_OK);
	assert_false(rule_cache_find(c, &rule, STR("record 1"), a, &found));
	rule_cache_keep(c, &rule, STR("record 1"), &text);
	assert_true(rule_cache_find(c, &rule, STR("record 1"), a, &found));
	assert_true(str_equals(found.name, text.name));
	assert_true(str_equals(found.description, text.description));
	assert_false(rule_cache_find(c, &rule, STR("record 2"), a, &found));
	assert_false(rule_cache_find(c, &other, STR("record 1"), a, &found));
	rule_cache_keep(c, &other, STR("record 1"), &text);
	assert_false(rule_cache_find(c, &rule, STR("record 1"), a, &found));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_matches_its_pattern_part_by_part),
		cmocka_unit_test(a_cookie_is_found_once_or_not_at_all),
		cmocka_unit_test(only_our_own_pages_count_as_our_origin),
		cmocka_unit_test(an_empty_host_makes_no_origin_ours),
		cmocka_unit_test(a_rule_sealed_again_is_not_served_from_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
