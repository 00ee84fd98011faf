/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number - a run of digit groups as it was written ("4111 1111-…"), and the rules that say what a
 * stretch of its groups is.
 */
#pragma once

#include "redact/scan.h"

#define NUMBER_MAX_GROUPS 16
#define NUMBER_MAX_DIGITS 19 /* of one value */
#define NUMBER_LONG_GROUP 20 /* a group of this length or more is no part of anything */

struct number_run {
	size_t n;
	uint32_t starts[NUMBER_MAX_GROUPS];
	uint32_t ends[NUMBER_MAX_GROUPS];
	char sizes[NUMBER_MAX_GROUPS + 1];       /* '1' to '9', then ':' for 10 and so on */
	char seps[NUMBER_MAX_GROUPS];            /* behind each group: one of " -./()" */
	bool is_loose[NUMBER_MAX_GROUPS];        /* that separator can also part two numbers */
	uint16_t offsets[NUMBER_MAX_GROUPS + 1]; /* of each group's digits below */
	uint8_t digits[NUMBER_MAX_GROUPS * NUMBER_LONG_GROUP];
};

/* The stretch of groups that a rule looks at. */
struct number {
	const struct number_run *run;
	size_t first;
	size_t n_groups;
	const uint8_t *digits;
	size_t n_digits;
	const char *sizes;
	const char *seps;  /* n_groups - 1 of them count */
	uint64_t context;  /* bits of words.h */
	bool has_plus;     /* "+" before it */
	bool is_bracketed; /* "(" before it */
	bool is_joined;    /* glued to letters by "-", "." or "/" */
};

/* What a rule found. */
struct verdict {
	uint16_t score; /* 0: nothing */
	uint8_t n_drop;
	uint16_t country;
};

typedef struct verdict number_rule(const struct number *n);

number_rule rule_ipv4, rule_card, rule_cpf, rule_cnpj, rule_ssn, rule_itin, rule_phone;

/* The groups have these sizes, for example "3332". */
bool number_has_sizes(const struct number *n, const char *sizes);
bool number_has_seps(const struct number *n, const char *seps);

static inline bool
number_is_bare(const struct number *n)
{
	return n->n_groups == 1;
}

static inline bool
number_is_about(const struct number *n, uint64_t types)
{
	return (n->context & types) != 0;
}
