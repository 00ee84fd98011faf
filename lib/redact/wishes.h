/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wishes - which matchers want to look at a word, by its first four letters: one look dismisses
 * most words.  A wish may be wrong; the matcher looks again.
 */
#pragma once

#include "redact/names.h"

enum wish {
	WISH_CUE =
	    1 << 0, /* the word may begin a phrase that says that something personal follows */
	WISH_NAME = 1 << 1,  /* it may be a first name; asked for capitals only */
	WISH_LABEL = 1 << 2, /* it may say what short value follows */
	WISH_HEX = 1 << 3,   /* letters that a MAC address or a UUID may begin with */
};

#define WISH_BITS 15

struct wishes {
	uint8_t of_word[1 << WISH_BITS];
};

void wishes_init(struct wishes *w);

static inline unsigned int
wishes_of(const struct wishes *w, const uint8_t *at)
{
	unsigned int wishes = w->of_word[(word_key(at) * 0x9E3779B1u) >> (32 - WISH_BITS)];

	return at[0] < 'a' ? wishes : wishes & ~(unsigned int)WISH_NAME;
}
