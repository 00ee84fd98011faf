/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"

static void
append_past_limit_is_refused_and_changes_nothing(void **state)
{
	CLEANUP(buf) struct buf *b = NULL;

	(void)state;
	assert_int_equal(buf_new(4, &b), ERR_OK);
	assert_int_equal(buf_append(b, "abc", 3), ERR_OK);
	assert_int_equal(buf_append(b, "de", 2), ERR_TOO_LARGE);
	assert_int_equal(buf_len(b), 3);
	assert_string_equal(buf_c_string(b), "abc");
	assert_int_equal(buf_append_byte(b, 'd'), ERR_OK);
	assert_string_equal(buf_c_string(b), "abcd");
}

static void
growth_keeps_every_byte(void **state)
{
	CLEANUP(buf) struct buf *b = NULL;

	(void)state;
	assert_int_equal(buf_new(100000, &b), ERR_OK);
	for (unsigned int i = 0; i < 100000; i++)
		assert_int_equal(buf_append_byte(b, (char)('a' + i % 26)), ERR_OK);
	assert_int_equal(buf_append_byte(b, 'x'), ERR_TOO_LARGE);
	for (unsigned int i = 0; i < 100000; i++)
		assert_int_equal(buf_str(b).at[i], (char)('a' + i % 26));
	buf_drop_front(b, 99999);
	assert_int_equal(buf_len(b), 1);
	assert_int_equal(buf_printf(b, "-%d-", 7), ERR_OK);
	assert_string_equal(buf_c_string(b), "d-7-");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(append_past_limit_is_refused_and_changes_nothing),
		cmocka_unit_test(growth_keeps_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
