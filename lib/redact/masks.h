/* SPDX-License-Identifier: Apache-2.0 */
/*
 * masks - for each 64 bytes of text, which bytes are letters or digits, which are digits, which are
 * signs that something may stand beside (@ : = [ % /), and which are not ASCII, one bit a byte.
 *
 * Three forms that must agree bit for bit: plain C, SSE2 and AVX2; the best one that the processor
 * has is chosen when a redactor is made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MASKS_BLOCK 64

struct masks {
	uint64_t alnum;
	uint64_t digit;
	uint64_t sign;
	uint64_t high;
};

enum masks_kind { MASKS_PLAIN, MASKS_SSE2, MASKS_AVX2, MASKS_N_KINDS };

/* Reads n_blocks * 64 bytes. */
typedef void masks_function(const uint8_t *at, size_t n_blocks, struct masks *ret_masks);

/* The masks of a text, and one block of zeros behind them. */
struct masked {
	struct masks *at;
	size_t cap;
};

/* Bytes behind the text up to a whole block can be read. */
MUST_CHECK enum err masks_fill(struct masked *m, masks_function *of, const uint8_t *text,
    size_t len);
void masks_done(struct masked *m);

static inline size_t
masks_n_blocks(size_t len)
{
	return (len + MASKS_BLOCK - 1) / MASKS_BLOCK;
}

bool masks_is_supported(enum masks_kind kind);
masks_function *masks_of_kind(enum masks_kind kind);
masks_function *masks_best(void);
