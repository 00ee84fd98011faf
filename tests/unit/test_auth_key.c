/* SPDX-License-Identifier: Apache-2.0 */
/* The spelling of ingest and API keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "auth/auth.h"

static void
a_made_key_parses_as_its_kind_and_no_two_are_alike(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		enum auth_key_kind made = i % 2 == 0 ? AUTH_KEY_INGEST : AUTH_KEY_API, read;
		char key[AUTH_KEY_BYTES], other[AUTH_KEY_BYTES];

		assert_int_equal(auth_key_new(made, key), ERR_OK);
		assert_int_equal(auth_key_new(made, other), ERR_OK);
		assert_string_not_equal(key, other);
		assert_int_equal(strlen(key), AUTH_KEY_BYTES - 1);
		assert_memory_equal(key, made == AUTH_KEY_INGEST ? "pk_live_" : "rk_live_", 8);
		assert_true(auth_key_parse(str_from(key), &read));
		assert_int_equal(read, made);
	}
}

static void
a_kind_that_is_none_makes_no_key(void **state)
{
	char key[AUTH_KEY_BYTES];

	(void)state;
	assert_int_equal(auth_key_new(AUTH_N_KEY_KINDS, key), ERR_BUG);
}

/* Worked out apart from our code: the CRC-32 of the prefix and thirty-two zeros, in base 62. */
static void
the_checksum_is_the_crc_32_of_all_before_it(void **state)
{
	enum auth_key_kind kind;

	(void)state;
	assert_true(auth_key_parse(STR("pk_live_000000000000000000000000000000002ydDIO"), &kind));
	assert_int_equal(kind, AUTH_KEY_INGEST);
	assert_true(auth_key_parse(STR("rk_live_000000000000000000000000000000000ij8Fb"), &kind));
	assert_int_equal(kind, AUTH_KEY_API);
	/* Each kind's checksum is its own. */
	assert_false(auth_key_parse(STR("pk_live_000000000000000000000000000000000ij8Fb"), &kind));
}

static void
one_wrong_character_anywhere_is_found(void **state)
{
	static const char digits[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-. ";
	enum auth_key_kind kind;
	char key[AUTH_KEY_BYTES];

	(void)state;
	assert_int_equal(auth_ingest_key_new(key), ERR_OK);
	for (size_t i = 0; i < AUTH_KEY_BYTES - 1; i++)
		for (size_t j = 0; j < sizeof(digits); j++) {
			char wrong[AUTH_KEY_BYTES];

			memcpy(wrong, key, sizeof(wrong));
			wrong[i] = digits[j];
			if (wrong[i] == key[i])
				continue;
			assert_false(auth_key_parse((struct str){ wrong, AUTH_KEY_BYTES - 1 },
			    &kind));
		}
	assert_false(auth_key_parse((struct str){ key, AUTH_KEY_BYTES - 2 }, &kind));
	assert_false(auth_key_parse((struct str){ key, AUTH_KEY_BYTES }, &kind));
	assert_false(auth_key_parse(STR(""), &kind));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_made_key_parses_as_its_kind_and_no_two_are_alike),
		cmocka_unit_test(a_kind_that_is_none_makes_no_key),
		cmocka_unit_test(the_checksum_is_the_crc_32_of_all_before_it),
		cmocka_unit_test(one_wrong_character_anywhere_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
