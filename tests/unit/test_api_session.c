/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/revoked.h"
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
no_token_of_a_session_that_was_ended_is_in_force_again(void **state)
{
	CLEANUP(revoked) struct revoked *v = NULL;
	struct uuid session = session_begun(NOW_S - 3600), other = session_begun(NOW_S - 60);

	(void)state;
	assert_int_equal(revoked_new(&v), ERR_OK);
	revoked_add(v, &session, session_life_remember_until_s(NOW_S));
	/* The last token of it was issued in the moment of its end. */
	for (int64_t at_s = NOW_S; at_s < NOW_S + AUTH_TOKEN_LIFE_S; at_s += 30)
		assert_true(revoked_has(v, &session, at_s));
	assert_true(revoked_has(v, &session, NOW_S + AUTH_TOKEN_LIFE_S));
	assert_false(revoked_has(v, &other, NOW_S));
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
		cmocka_unit_test(no_token_of_a_session_that_was_ended_is_in_force_again),
		cmocka_unit_test(a_session_that_is_renewed_again_and_again_ends_after_twelve_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
