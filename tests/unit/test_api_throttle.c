/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/throttle.h"

#define DAY_MS (24ll * 3600 * 1000)

static const struct str OWNER = { "owner@shop.example", 18 };
static const struct str HOME = { "203.0.113.7", 11 };

static int
make(void **state)
{
	struct throttle *t = NULL;
	enum err e = throttle_new(&t);

	*state = t;
	return e == ERR_OK ? 0 : -1;
}

static int
unmake(void **state)
{
	throttle_free(*state);
	return 0;
}

static void
fail_five_times(struct throttle *t, struct str address, int64_t now_ms)
{
	for (int i = 0; i < THROTTLE_FREE_FAILURES; i++)
		assert_int_equal(throttle_try(t, OWNER, address, now_ms), 0);
}

static void
five_failures_are_free_and_the_sixth_attempt_waits(void **state)
{
	fail_five_times(*state, HOME, 1000);
	assert_int_equal(throttle_try(*state, OWNER, HOME, 1000), 1000);
	assert_int_equal(throttle_try(*state, OWNER, HOME, 1999), 1);
}

static void
each_further_failure_doubles_the_wait(void **state)
{
	int64_t now_ms = 1000, expected_ms = 1000;

	fail_five_times(*state, HOME, now_ms);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(throttle_try(*state, OWNER, HOME, now_ms), expected_ms);
		now_ms += expected_ms;
		assert_int_equal(throttle_try(*state, OWNER, HOME, now_ms), 0);
		expected_ms *= 2;
	}
}

static void
guessing_for_a_day_gets_no_more_than_a_hundred_and_ten_guesses(void **state)
{
	int64_t now_ms = 1000;
	int guesses = 0;

	while (now_ms < DAY_MS) {
		int64_t wait_ms = throttle_try(*state, OWNER, HOME, now_ms);

		if (wait_ms == 0)
			guesses++;
		assert_true(wait_ms <= THROTTLE_MAX_DELAY_MS);
		now_ms += wait_ms == 0 ? 1 : wait_ms;
	}
	assert_in_range(guesses, 90, 110);
}

static void
an_owner_elsewhere_is_not_held_up_by_a_stranger(void **state)
{
	fail_five_times(*state, STR("198.51.100.9"), 1000);
	assert_true(throttle_try(*state, OWNER, STR("198.51.100.9"), 1000) > 0);
	assert_int_equal(throttle_try(*state, OWNER, HOME, 1000), 0);
}

static void
another_host_of_the_same_network_shares_the_wait(void **state)
{
	fail_five_times(*state, HOME, 1000);
	assert_true(throttle_try(*state, OWNER, STR("203.0.113.200"), 1000) > 0);
	assert_int_equal(throttle_try(*state, OWNER, STR("203.0.114.7"), 1000), 0);
	fail_five_times(*state, STR("2001:db8:1:2::1"), 1000);
	assert_true(throttle_try(*state, OWNER, STR("2001:db8:1:2:ffff::9"), 1000) > 0);
	assert_int_equal(throttle_try(*state, OWNER, STR("2001:db8:1:3::1"), 1000), 0);
}

static void
the_right_password_clears_the_account(void **state)
{
	fail_five_times(*state, HOME, 1000);
	throttle_forget(*state, OWNER, HOME);
	fail_five_times(*state, HOME, 1000);
}

static void
quiet_for_a_quarter_of_an_hour_is_forgotten(void **state)
{
	fail_five_times(*state, HOME, 1000);
	fail_five_times(*state, HOME, 1000 + 1000 + THROTTLE_MAX_DELAY_MS + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(five_failures_are_free_and_the_sixth_attempt_waits,
		    make, unmake),
		cmocka_unit_test_setup_teardown(each_further_failure_doubles_the_wait, make,
		    unmake),
		cmocka_unit_test_setup_teardown(
		    guessing_for_a_day_gets_no_more_than_a_hundred_and_ten_guesses, make, unmake),
		cmocka_unit_test_setup_teardown(an_owner_elsewhere_is_not_held_up_by_a_stranger,
		    make, unmake),
		cmocka_unit_test_setup_teardown(another_host_of_the_same_network_shares_the_wait,
		    make, unmake),
		cmocka_unit_test_setup_teardown(the_right_password_clears_the_account, make,
		    unmake),
		cmocka_unit_test_setup_teardown(quiet_for_a_quarter_of_an_hour_is_forgotten, make,
		    unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
