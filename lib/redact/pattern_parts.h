/* SPDX-License-Identifier: Apache-2.0 */
/* pattern_parts - between parser and automaton: a program whose jumps all lead forward. */
#pragma once

#include <string.h>

#include "redact/pattern.h"

#define PROGRAM_MAX 8192
#define PROGRAM_MAX_SETS 256

enum op {
	OP_SET,   /* one byte of a set, then the next instruction */
	OP_SPLIT, /* the next instruction, or the one `to` further on */
	OP_JUMP,  /* the one `to` further on */
};

struct instruction {
	uint8_t op;
	uint8_t set;
	uint16_t to; /* relative */
};

struct byte_set {
	uint64_t bits[4];
};

struct program {
	struct instruction at[PROGRAM_MAX];
	size_t n;
	struct byte_set sets[PROGRAM_MAX_SETS];
	size_t n_sets;
	bool is_word_start;
	bool is_word_end;
};

static inline bool
set_has(const struct byte_set *s, unsigned int byte)
{
	return (s->bits[byte >> 6] >> (byte & 63) & 1) != 0;
}

static inline void
set_add(struct byte_set *s, unsigned int byte)
{
	s->bits[byte >> 6] |= (uint64_t)1 << (byte & 63);
}

MUST_CHECK enum err pattern_parse(struct str text, bool is_case_ignored, struct program *p,
    struct pattern_fault *ret_fault);
MUST_CHECK enum err pattern_build(struct arena *a, const struct program *p,
    struct pattern *ret_pattern, struct pattern_fault *ret_fault);
