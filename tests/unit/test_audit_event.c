/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "audit/event.h"
#include "base/hex.h"

static const struct audit_event example = {
	.workspace = { { 0x01, 0x02 } },
	.ws_seq = 258,
	.event_id = { { 0xaa } },
	.at_us = 0x0102030405060708,
	.name = AUDIT_SENSITIVE_READ,
	.outcome = AUDIT_DENIED,
	.actor_kind = { "user", sizeof("user") - 1 },
	.actor = { "u1", sizeof("u1") - 1 },
	.object_kind = { "conversation", sizeof("conversation") - 1 },
	.detail = { "x", sizeof("x") - 1 },
};

static void
a_leaf_has_the_documented_bytes(void **state)
{
	static const char expected[] = "01"
				       "01020000000000000000000000000000"
				       "0000000000000102"
				       "aa000000000000000000000000000000"
				       "0102030405060708"
				       "0047"
				       "02"
				       "000475736572"
				       "00027531"
				       "0000"
				       "0000"
				       "000c636f6e766572736174696f6e"
				       "0000"
				       "000178";
	CLEANUP(buf) struct buf *out = NULL;
	char hex[512];

	(void)state;
	assert_int_equal(buf_new(AUDIT_LEAF_MAX_BYTES, &out), ERR_OK);
	assert_int_equal(audit_leaf_write(&example, out), ERR_OK);
	hex_encode((const uint8_t *)buf_str(out).at, buf_len(out), hex);
	assert_string_equal(hex, expected);
}

static void
no_shorter_or_longer_leaf_is_read(void **state)
{
	CLEANUP(buf) struct buf *out = NULL;
	struct audit_event read;

	(void)state;
	assert_int_equal(buf_new(AUDIT_LEAF_MAX_BYTES, &out), ERR_OK);
	assert_int_equal(audit_leaf_write(&example, out), ERR_OK);
	assert_int_equal(audit_leaf_read(buf_str(out), &read), ERR_OK);
	assert_int_equal(read.ws_seq, 258);
	assert_true(str_equals(read.object_kind, STR("conversation")));
	for (size_t n = 0; n < buf_len(out); n++)
		assert_int_equal(audit_leaf_read(str_slice(buf_str(out), 0, n), &read),
		    ERR_MALFORMED);
	assert_int_equal(buf_append_byte(out, 0), ERR_OK);
	assert_int_equal(audit_leaf_read(buf_str(out), &read), ERR_MALFORMED);
}

static void
what_is_no_event_is_not_written(void **state)
{
	static const char long_text[AUDIT_FIELD_MAX_BYTES + 1] = { 'x' };
	struct audit_event event = example;
	CLEANUP(buf) struct buf *out = NULL;

	(void)state;
	assert_int_equal(buf_new(AUDIT_LEAF_MAX_BYTES, &out), ERR_OK);
	event.name = 9999;
	assert_int_equal(audit_leaf_write(&event, out), ERR_BUG);
	event = example;
	event.outcome = 4;
	assert_int_equal(audit_leaf_write(&event, out), ERR_BUG);
	event = example;
	event.detail = (struct str){ long_text, sizeof(long_text) };
	assert_int_equal(audit_leaf_write(&event, out), ERR_TOO_LARGE);
	assert_int_equal(buf_len(out), 0);
}

static void
the_vocabulary_has_sixty_names_in_order_and_each_once(void **state)
{
	static const unsigned int numbers[] = {

#define NUMBER_OF(number, ...) (number),
		AUDIT_EVENTS(NUMBER_OF)
#undef NUMBER_OF
	};
	size_t n = sizeof(numbers) / sizeof(numbers[0]);

	(void)state;
	assert_true(n >= 60);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			assert_true(numbers[i] > numbers[i - 1]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(audit_name_text(numbers[i]),
			    audit_name_text(numbers[j]));
	}
	assert_null(audit_name_text(0));
	assert_true(audit_may_emit(AUDIT_AUTHN_LOGIN_FAIL, AUDIT_BY_API));
	assert_false(audit_may_emit(AUDIT_AUTHN_LOGIN_FAIL, AUDIT_BY_JUDGE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leaf_has_the_documented_bytes),
		cmocka_unit_test(no_shorter_or_longer_leaf_is_read),
		cmocka_unit_test(what_is_no_event_is_not_written),
		cmocka_unit_test(the_vocabulary_has_sixty_names_in_order_and_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
