/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern - a restricted regular expression, compiled to a table that is walked byte by byte; see
 * policy.h for the syntax.  Every repeat is bounded, so each pattern matches finitely many texts
 * and a walk ends after at most PATTERN_MAX_MATCH_BYTES.
 */
#pragma once

#include "base/arena.h"
#include "redact/policy.h"

#define PATTERN_DEAD 0u
#define PATTERN_START 1u
#define PATTERN_ACCEPTS 0x8000u /* in a table's entry: the text up to here matches */

struct pattern {
	uint8_t classes[256]; /* of each byte */
	uint16_t n_classes;
	uint16_t n_states;
	uint16_t *next;      /* n_states * n_classes */
	bool is_word_start;  /* \b at the beginning */
	bool is_word_end;    /* \b at the end */
	uint32_t worst_cost; /* steps for each byte of the worst text that was tried */
};

struct pattern_set {
	struct pattern *at;
	size_t n;
	uint32_t first[256]; /* which patterns can begin with a byte */
	uint32_t word_starts;
};

struct pattern_fault {
	size_t at; /* the character, from 1; 0: the whole pattern */
	const char *what;
	const char *remedy;
};

/* ERR_MALFORMED with the fault.  The table is the arena's. */
MUST_CHECK enum err pattern_compile(struct arena *a, struct str text, bool is_case_ignored,
    struct pattern *ret_pattern, struct pattern_fault *ret_fault);

/* Fills what is looked up by byte; the patterns stand in set->at. */
void pattern_set_index(struct pattern_set *set);

/* One pass over a layer: matches in the order of their starts, those of one pattern disjoint. */
struct pattern_scan {
	const struct pattern_set *set;
	const uint8_t *text;
	size_t len;
	size_t at;
	uint32_t left; /* patterns not yet tried at this byte */
	size_t resume[POLICY_MAX_PATTERNS];
	size_t placeholder_end;
	uint64_t steps_left;
	bool is_over_budget;
};

struct pattern_match {
	size_t start, end, pattern;
};

struct pattern_scan pattern_scan_begin(const struct pattern_set *set, const uint8_t *text,
    size_t len);
bool pattern_scan_next(struct pattern_scan *s, struct pattern_match *ret_match);
