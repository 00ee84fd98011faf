/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>

#include "api/json_out.h"

static json_t *
parse(const struct buf *b)
{
	json_t *value = json_loadb(buf_str(b).at, buf_len(b), 0, NULL);

	assert_non_null(value);
	return value;
}

static void
every_text_comes_back_from_a_parser_unchanged(void **state)
{
	CLEANUP(buf) struct buf *b = NULL;
	char text[0x7f + 16];
	size_t len = 0;
	struct json_out j;
	json_t *value;

	(void)state;
	for (int c = 1; c <= 0x7f; c++)
		text[len++] = (char)c;
	memcpy(text + len, "ç漢🦎", sizeof("ç漢🦎") - 1);
	len += sizeof("ç漢🦎") - 1;
	assert_int_equal(buf_new(4096, &b), ERR_OK);
	j = JSON_OUT(b);
	json_open_object(&j, NULL);
	json_put_text(&j, "a \"name\"", (struct str){ text, len });
	json_close_object(&j);
	assert_int_equal(json_out_end(&j), ERR_OK);
	value = parse(b);
	assert_int_equal(json_string_length(json_object_get(value, "a \"name\"")), len);
	assert_memory_equal(json_string_value(json_object_get(value, "a \"name\"")), text, len);
	json_decref(value);
}

static void
nested_values_are_separated_by_commas(void **state)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct json_out j;

	(void)state;
	assert_int_equal(buf_new(4096, &b), ERR_OK);
	j = JSON_OUT(b);
	json_open_object(&j, NULL);
	json_open_array(&j, "empty");
	json_close_array(&j);
	json_open_array(&j, "two");
	json_put_int(&j, NULL, -9007199254740993);
	json_put_null(&j, NULL);
	json_close_array(&j);
	json_put_bool(&j, "yes", true);
	json_put_ratio(&j, "half", 1, 2);
	json_put_ratio(&j, "none", 0, 0);
	json_close_object(&j);
	assert_int_equal(json_out_end(&j), ERR_OK);
	assert_string_equal(buf_c_string(b),
	    "{\"empty\":[],\"two\":[-9007199254740993,null],\"yes\":true,\"half\":0.500000,"
	    "\"none\":null}");
}

static void
a_full_buffer_is_reported_at_the_end(void **state)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct json_out j;

	(void)state;
	assert_int_equal(buf_new(8, &b), ERR_OK);
	j = JSON_OUT(b);
	json_put_text(&j, NULL, STR("longer than eight"));
	json_put_int(&j, NULL, 1);
	assert_int_equal(json_out_end(&j), ERR_TOO_LARGE);
}

static void
moments_are_written_in_utc_with_milliseconds(void **state)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct json_out j;

	(void)state;
	assert_int_equal(buf_new(64, &b), ERR_OK);
	j = JSON_OUT(b);
	json_put_time(&j, NULL, 1795492800123456);
	assert_int_equal(json_out_end(&j), ERR_OK);
	assert_string_equal(buf_c_string(b), "\"2026-11-24T04:00:00.123Z\"");
}

static void
only_real_days_are_days(void **state)
{
	static const char *const bad[] = { "", "2026-02-30", "2026-13-01", "2026-00-10",
		"2026-1-01", "26-01-01xx", "2026/01/01", "2026-01-01 ", "-026-01-01",
		"2025-02-29" };
	int64_t days = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(day_parse(str_from(bad[i]), &days));
	for (int64_t day = -1000; day < 60000; day += 7) {
		char text[DAY_TEXT_BYTES];
		int64_t back = -1;

		day_format(day, text);
		assert_true(day_parse(str_from(text), &back));
		assert_int_equal(back, day);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_comes_back_from_a_parser_unchanged),
		cmocka_unit_test(nested_values_are_separated_by_commas),
		cmocka_unit_test(a_full_buffer_is_reported_at_the_end),
		cmocka_unit_test(moments_are_written_in_utc_with_milliseconds),
		cmocka_unit_test(only_real_days_are_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
