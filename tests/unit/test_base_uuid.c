/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/uuid.h"

/* RFC 9562, appendix A.6. */
static void
the_example_of_the_rfc_is_made(void **state)
{
	const uint8_t random[10] = { 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f };
	struct uuid id = uuid_new_at(0x017f22e279b0, random);
	char text[UUID_TEXT_BYTES];

	(void)state;
	uuid_format(&id, text);
	assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
	assert_int_equal(uuid_unix_ms(&id), 0x017f22e279b0);
}

static void
text_and_bytes_are_the_same_thing(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct uuid id = uuid_new(), back;
		char text[UUID_TEXT_BYTES];

		uuid_format(&id, text);
		assert_true(uuid_parse(str_from(text), &back));
		assert_true(uuid_equals(&id, &back));
	}
}

static void
text_of_another_shape_is_refused(void **state)
{
	static const char *const bad[] = { "", "017f22e2", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e2079b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}" };
	struct uuid id;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(uuid_parse(str_from(bad[i]), &id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc_is_made),
		cmocka_unit_test(text_and_bytes_are_the_same_thing),
		cmocka_unit_test(text_of_another_shape_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
