/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number_wanted - which of number_rules may take a number, by its digits, the sizes of its groups
 * and whether words nearby name anything; made from the rules when a redactor is.
 */
#pragma once

#include <stdint.h>

#define NUMBER_MAX_DIGITS 19 /* of one value */
#define NUMBER_SIZES_SLOTS 1024

struct number_tables {
	uint64_t of_digits[NUMBER_MAX_DIGITS + 1];
	uint64_t of_any_sizes; /* rules that look at the groups themselves */
	uint64_t not_bare;     /* rules that take groups only */
	uint64_t needing_words;
	uint64_t needing_words_if_bare;
	uint64_t sure;
	uint64_t card;
	uint64_t phone; /* which is sure only of numbers with a country's code */
	uint64_t rut;
	uint64_t rg;

	/* Those that know the sizes of the groups, which are packed; 0: an empty slot. */
	struct {
		uint64_t sizes;
		uint64_t rules;
	} of_sizes[NUMBER_SIZES_SLOTS];
};
