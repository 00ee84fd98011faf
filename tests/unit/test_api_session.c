/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/session_life.h"
#include "auth/auth.h"

#define NOW_S 1800000000ll

static struct uuid
session_begun(int64_t at_s)
{
	static const uint8_t random[10] = { 1 };

	return uuid_new_at(at_s * 1000, random);
}

static void
a_session_that_was_ended_is_remembered_longer_than_any_token_of_it_lives(void **state)
{
	(void)state;
	assert_true(SESSION_REMEMBERED_S >= AUTH_TOKEN_LIFE_S + AUTH_TOKEN_SKEW_S);
	assert_true(SESSION_REMEMBERED_S <= 3600); /* what identity.end_session takes */
}

static void
a_session_that_is_renewed_again_and_again_ends_after_twelve_hours(void **state)
{
	struct uuid session = session_begun(NOW_S);

	(void)state;
	assert_false(session_life_is_over(&session, NOW_S));
	assert_false(session_life_is_over(&session, NOW_S + 12ll * 3600 - 1));
	assert_true(session_life_is_over(&session, NOW_S + 12ll * 3600));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_session_that_was_ended_is_remembered_longer_than_any_token_of_it_lives),
		cmocka_unit_test(a_session_that_is_renewed_again_and_again_ends_after_twelve_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
