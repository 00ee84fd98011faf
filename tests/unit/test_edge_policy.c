/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "edge/policy.h"

static const struct page_case {
	const char *html;
	const char *sources;
} CASES[] = {
	{ "<p>no script</p>", "" },
	/* printf %s 'alert(1)' | openssl dgst -sha256 -binary | base64 */
	{ "<script>alert(1)</script>", " 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" },
	{ "<script>alert(1)</script><script>alert(1)</script>",
	    " 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" },
	{ "<script type=\"module\" src=\"/a.js\"></script>", "" },
	{ "<script>never closed", "" },
	{ "<script", "" },
};

static void
inline_scripts_are_admitted_by_hash_once_and_others_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		CLEANUP(buf) struct buf *b = NULL;

		assert_int_equal(buf_new(4096, &b), ERR_OK);
		assert_int_equal(edge_policy_add_page(str_from(CASES[i].html), b), ERR_OK);
		assert_string_equal(buf_c_string(b), CASES[i].sources);
	}
}

static void
without_pages_the_policy_admits_no_inline_script(void **state)
{
	CLEANUP(buf) struct buf *b = NULL;

	(void)state;
	assert_int_equal(buf_new(4096, &b), ERR_OK);
	assert_int_equal(edge_policy_write("/nonexistent", b, NULL), ERR_OK);
	assert_non_null(strstr(buf_c_string(b), "script-src 'self';"));
	assert_null(strstr(buf_c_string(b), "unsafe"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inline_scripts_are_admitted_by_hash_once_and_others_are_not),
		cmocka_unit_test(without_pages_the_policy_admits_no_inline_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
