/* SPDX-License-Identifier: Apache-2.0 */
/* Workspaces whose captures wait while the others' go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "collector/aside.h"
#include "collector/keep.h"

#define MIB (1u << 20)

static struct uuid
workspace(uint8_t number)
{
	return (struct uuid){ { number } };
}

static struct capture *
capture_of(uint8_t of, uint8_t number, size_t bytes)
{
	struct capture *c = calloc(1, sizeof(*c));
	char *at = NULL;

	assert_non_null(c);
	c->id = (struct uuid){ { number } };
	c->head.workspace = workspace(of);
	assert_int_equal(buf_new(bytes + 1, &c->request), ERR_OK);
	assert_int_equal(buf_new(1, &c->response), ERR_OK);
	assert_int_equal(buf_reserve(c->request, bytes, &at), ERR_OK);
	memset(at, 'x', bytes);
	buf_commit(c->request, bytes);
	return c;
}

static size_t
count_and_free(struct held *h)
{
	size_t n = 0;

	for (const struct capture *c = h->first; c != NULL; c = c->next)
		n++;
	held_free_all(h);
	return n;
}

static void
only_the_captures_of_a_workspace_that_stands_aside_wait(void **state)
{
	CLEANUP(aside) struct aside *a = NULL;
	struct capture *theirs = capture_of(2, 1, 8);
	struct held ready = { 0 };
	const struct uuid ours = workspace(1);

	(void)state;
	assert_int_equal(aside_new(&a), ERR_OK);
	assert_true(aside_put_off(a, &ours, ASIDE_FOR_BUDGET, 1000));
	assert_true(aside_take(a, capture_of(1, 1, 8)));
	assert_false(aside_take(a, theirs));
	capture_free(theirs);
	aside_release(a, 1000 + ASIDE_FIRST_MS - 1, &ready);
	assert_null(ready.first);
	assert_int_equal(aside_due_ms(a), 1000 + ASIDE_FIRST_MS);
	aside_release(a, 1000 + ASIDE_FIRST_MS, &ready);
	assert_int_equal(count_and_free(&ready), 1);
	assert_int_equal(aside_due_ms(a), INT64_MAX);
	aside_went_well(a, &ours, 2000);
	assert_false(aside_has(a, &ours));
}

static void
a_pause_doubles_up_to_the_time_in_which_a_budget_is_full_again(void **state)
{
	CLEANUP(aside) struct aside *a = NULL;
	const struct uuid ours = workspace(1);
	int64_t pause = ASIDE_FIRST_MS;

	(void)state;
	assert_int_equal(aside_new(&a), ERR_OK);
	for (int i = 0; i < 20; i++) {
		assert_true(aside_put_off(a, &ours, ASIDE_FOR_BUDGET, 5));
		assert_int_equal(aside_due_ms(a), 5 + pause);
		pause = pause * 2 < ASIDE_MOST_MS ? pause * 2 : ASIDE_MOST_MS;
	}
	assert_int_equal(pause, ASIDE_MOST_MS);
}

static void
it_is_tried_with_one_capture_then_with_more_as_it_goes_well(void **state)
{
	CLEANUP(aside) struct aside *a = NULL;
	const struct uuid ours = workspace(1);
	struct held ready = { 0 };
	int64_t now = 0;

	(void)state;
	assert_int_equal(aside_new(&a), ERR_OK);
	assert_true(aside_put_off(a, &ours, ASIDE_FOR_BUDGET, now));
	for (uint8_t i = 0; i < 100; i++)
		assert_true(aside_take(a, capture_of(1, i, 8)));
	for (size_t expected = 1; expected <= KEEP_AT_ONCE; expected *= 2) {
		now = aside_due_ms(a);
		aside_release(a, now, &ready);
		aside_release(a, now + ASIDE_MOST_MS, &ready); /* not before it is decided */
		assert_int_equal(count_and_free(&ready), expected);
		aside_went_well(a, &ours, now);
		assert_int_equal(aside_due_ms(a), now + ASIDE_GOES_WELL_MS);
	}
	assert_true(aside_put_off(a, &ours, ASIDE_FOR_BUDGET, now));
	aside_release(a, aside_due_ms(a), &ready);
	assert_int_equal(count_and_free(&ready), 1);
}

static void
over_the_bound_the_newest_of_the_workspace_that_has_most_go(void **state)
{
	CLEANUP(aside) struct aside *a = NULL;
	const struct uuid small = workspace(1), large = workspace(2);
	struct capture *taken[KEEP_AT_ONCE];
	enum aside_why why;
	size_t n;

	(void)state;
	assert_int_equal(aside_new(&a), ERR_OK);
	assert_true(aside_put_off(a, &small, ASIDE_FOR_BUDGET, 0));
	assert_true(aside_put_off(a, &large, ASIDE_FOR_BUDGET, 0));
	for (uint8_t i = 0; i < 6; i++)
		assert_true(aside_take(a, capture_of(1, i, MIB)));
	assert_int_equal(aside_take_excess(a, taken, KEEP_AT_ONCE, &why), 0);
	for (uint8_t i = 0; i < 12; i++)
		assert_true(aside_take(a, capture_of(2, i, MIB)));
	n = aside_take_excess(a, taken, KEEP_AT_ONCE, &why);
	assert_int_equal(why, ASIDE_FOR_BUDGET);
	assert_in_range(n, 2, 3);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(taken[i]->head.workspace.bytes[0], 2);
		assert_int_equal(taken[i]->id.bytes[0], 11 - i);
		capture_free(taken[i]);
	}
	assert_true(aside_bytes(a) <= ASIDE_MAX_BYTES);
	assert_int_equal(aside_take_excess(a, taken, KEEP_AT_ONCE, &why), 0);
}

static void
hold_more_than_may_wait_behind_a_lock(struct aside *a, const struct uuid *ours)
{
	assert_true(aside_put_off(a, ours, ASIDE_FOR_A_MOMENT, 1000));
	for (uint8_t i = 0; i < ASIDE_MAX_LOCKED_BYTES / MIB + 2; i++)
		assert_true(aside_take(a, capture_of(1, i, MIB)));
}

static void
what_waits_behind_a_lock_of_its_own_is_bounded_for_the_others_sake(void **state)
{
	CLEANUP(aside) struct aside *a = NULL;
	const struct uuid ours = workspace(1), theirs = workspace(2);
	struct capture *taken[KEEP_AT_ONCE];
	enum aside_why why;
	size_t n;

	(void)state;
	assert_int_equal(aside_new(&a), ERR_OK);
	hold_more_than_may_wait_behind_a_lock(a, &ours);
	aside_went_well(a, &theirs, 1001);
	n = aside_take_excess(a, taken, KEEP_AT_ONCE, &why);
	assert_in_range(n, 2, 4);
	assert_int_equal(why, ASIDE_FOR_A_MOMENT);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(taken[i]->id.bytes[0], ASIDE_MAX_LOCKED_BYTES / MIB + 1 - i);
		capture_free(taken[i]);
	}
	assert_true(aside_bytes(a) <= ASIDE_MAX_LOCKED_BYTES);
	assert_int_equal(aside_take_excess(a, taken, KEEP_AT_ONCE, &why), 0);
}

static void
behind_a_lock_that_holds_all_nothing_is_refused(void **state)
{
	CLEANUP(aside) struct aside *a = NULL;
	const struct uuid ours = workspace(1), theirs = workspace(2);
	struct capture *taken[KEEP_AT_ONCE];
	enum aside_why why;

	(void)state;
	assert_int_equal(aside_new(&a), ERR_OK);
	aside_went_well(a, &theirs, 999);
	hold_more_than_may_wait_behind_a_lock(a, &ours);
	assert_true(aside_put_off(a, &theirs, ASIDE_FOR_A_MOMENT, 1001));
	assert_int_equal(aside_take_excess(a, taken, KEEP_AT_ONCE, &why), 0);
}

static void
there_is_an_end_to_how_many_stand_aside(void **state)
{
	CLEANUP(aside) struct aside *a = NULL;

	(void)state;
	assert_int_equal(aside_new(&a), ERR_OK);
	for (uint8_t i = 0; i < ASIDE_PLACES; i++) {
		const struct uuid w = workspace(i);

		assert_true(aside_put_off(a, &w, ASIDE_FOR_BUDGET, 0));
	}
	assert_false(aside_put_off(a, &(struct uuid){ { 200 } }, ASIDE_FOR_BUDGET, 0));
}

static void
what_is_sent_again_is_held_once_and_answers_to_the_new_peer(void **state)
{
	CLEANUP(aside) struct aside *a = NULL;
	struct held ready = { 0 };
	const struct uuid ours = workspace(1);
	struct capture *again = capture_of(1, 2, 1), *other = capture_of(1, 4, 1);

	(void)state;
	assert_int_equal(aside_new(&a), ERR_OK);
	for (uint8_t i = 1; i <= 3; i++)
		held_add(&ready, capture_of(1, i, 1));
	held_forget_peer(&ready, ready.first->next->peer);
	again->peer = 7;
	assert_true(held_takes_again(&ready, again));
	assert_int_equal(ready.first->next->peer, 7);
	assert_ptr_equal(ready.first->next->next, ready.last);
	assert_false(held_takes_again(&ready, other));
	assert_false(aside_takes_again(a, other));
	assert_true(aside_put_off(a, &ours, ASIDE_FOR_BUDGET, 0));
	assert_true(aside_take(a, other));
	assert_true(aside_takes_again(a, capture_of(1, 4, 1)));
	held_free_all(&ready);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_again_is_held_once_and_answers_to_the_new_peer),
		cmocka_unit_test(only_the_captures_of_a_workspace_that_stands_aside_wait),
		cmocka_unit_test(a_pause_doubles_up_to_the_time_in_which_a_budget_is_full_again),
		cmocka_unit_test(it_is_tried_with_one_capture_then_with_more_as_it_goes_well),
		cmocka_unit_test(over_the_bound_the_newest_of_the_workspace_that_has_most_go),
		cmocka_unit_test(
		    what_waits_behind_a_lock_of_its_own_is_bounded_for_the_others_sake),
		cmocka_unit_test(behind_a_lock_that_holds_all_nothing_is_refused),
		cmocka_unit_test(there_is_an_end_to_how_many_stand_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
