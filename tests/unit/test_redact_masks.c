/* SPDX-License-Identifier: Apache-2.0 */
/* Vector instructions change the speed and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "redact/dice.h"
#include "redact/masks.h"
#include "redact/run.h"

#define BLOCKS 64
#define ROUNDS 400

/* Bytes of every value, the ones at the edges of the classes more often. */
static void
fill(struct dice *dice, uint8_t *at, size_t len)
{
	static const uint8_t edges[] = "/0189:;@AZ[`az{=%&\"\\<\x7f\x80\xff\0 ";

	for (size_t i = 0; i < len; i++)
		at[i] = dice_below(dice, 3) == 0 ? (uint8_t)dice_next(dice)
						 : edges[dice_below(dice, sizeof(edges))];
}

static void
the_masks_of_all_kinds_agree(void **state)
{
	struct dice dice = { 1 };
	uint8_t text[BLOCKS * MASKS_BLOCK];
	struct masks expected[BLOCKS], got[BLOCKS];

	(void)state;
	for (size_t round = 0; round < ROUNDS; round++) {
		fill(&dice, text, sizeof(text));
		masks_of_kind(MASKS_PLAIN)(text, BLOCKS, expected);
		for (int kind = 0; kind < MASKS_N_KINDS; kind++) {
			if (!masks_is_supported((enum masks_kind)kind))
				continue;
			memset(got, 0x55, sizeof(got));
			masks_of_kind((enum masks_kind)kind)(text, BLOCKS, got);
			assert_memory_equal(got, expected, sizeof(got));
		}
	}
}

static void
the_best_masks_are_of_a_kind_that_the_processor_has(void **state)
{
	bool is_known = false;

	(void)state;
	assert_true(masks_is_supported(MASKS_PLAIN));
	for (int kind = 0; kind < MASKS_N_KINDS; kind++)
		if (masks_is_supported((enum masks_kind)kind))
			is_known = is_known || masks_best() == masks_of_kind((enum masks_kind)kind);
	assert_true(is_known);
}

static size_t
run_simply(const uint8_t *at, size_t len, const char *stops, bool stops_high)
{
	size_t i = 0;

	while (i < len && memchr(stops, at[i], 4) == NULL && !(stops_high && at[i] >= 0x80))
		i++;
	return i;
}

static void
a_run_ends_where_a_simple_loop_ends(void **state)
{
	struct dice dice = { 2 };
	uint8_t text[160];

	(void)state;
	for (size_t round = 0; round < 200 * ROUNDS; round++) {
		size_t from = dice_below(&dice, 20), len = dice_below(&dice, 100);
		size_t n_stops = dice_below(&dice, 4);
		bool stops_high = dice_below(&dice, 2) == 0;

		memset(text, 'a', sizeof(text));
		for (size_t i = 0; i < n_stops; i++)
			fill(&dice, text + dice_below(&dice, sizeof(text)), 1);
		assert_int_equal(run_until(text + from, len, "\"\\&<", stops_high),
		    run_simply(text + from, len, "\"\\&<", stops_high));
		assert_int_equal(run_until(text + from, len, "%&==", stops_high),
		    run_simply(text + from, len, "%&==", stops_high));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_masks_of_all_kinds_agree),
		cmocka_unit_test(the_best_masks_are_of_a_kind_that_the_processor_has),
		cmocka_unit_test(a_run_ends_where_a_simple_loop_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
