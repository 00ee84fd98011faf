/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words - what the words around a value, or the key before it, say that it is: one bit for each
 * type, from one table of words in the languages that we know.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redact/redact.h"

#define WORD_TYPE(type) (UINT64_C(1) << REDACT_##type)

/* Says "secret" only where the value looks like one: "token", "key". */
#define WORD_MAYBE_SECRET (UINT64_C(1) << 62)

/* Says that the number is no personal one: "order", "version". */
#define WORD_VERSION (UINT64_C(1) << 61)
#define WORD_OTHER_NUMBER (UINT64_C(1) << 60)

static_assert(REDACT_N_TYPES < 60, "the types and the three bits above share 64 bits");

/* The words in the WORDS_BEFORE bytes before at, on the same line or the one above, behind floor
 * and any LAYER_BREAK. */
#define WORDS_BEFORE 44
uint64_t words_before(const uint8_t *text, size_t floor, size_t at);

uint64_t words_of_key(const uint8_t *key, size_t len);

/* A key that says nothing itself, so that the key around it counts: "value", "number". */
bool words_is_bland_key(const uint8_t *key, size_t len);
