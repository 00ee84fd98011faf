/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words - what the words around a value, or the key before it, say that it is: one bit for each
 * type of redact.h and for each mark below, from the lexicon.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redact/redact.h"

/* What words say beside the types: that a value may be a secret where it looks like one ("token",
 * "key"); that a key tells of a secret and does not hold it ("token_type"); that a number is a
 * version or another one that is not personal ("order"); that a value of JSON is a name where it
 * looks like one ("name"); that a number is a card's code ("CVV") or expiry, or that of a bank or
 * branch ("sort code", "BIC"); that the words of a wallet's seed follow; that
 * a sentence speaks of a person, so that a word of a special category counts; that what is named is
 * a person for certain ("passenger"). */
/* clang-format off */
#define WORD_MARKS(X)                                                                              \
	X(MAYBE_SECRET) X(ABOUT_SECRET) X(VERSION) X(OTHER_NUMBER) X(MAYBE_NAME) X(CARD_CODE)      \
	X(EXPIRY) X(BANK_CODE) X(SEED) X(SPECIAL) X(PEOPLE)

/* clang-format on */

enum word_bit {

#define WORD_TYPE_BIT(name) WORD_BIT_##name = REDACT_##name,
	REDACT_TYPES(WORD_TYPE_BIT)
#undef WORD_TYPE_BIT
	/* The special categories behind SECRET have no words of their own. */
	WORD_LAST_TYPE = REDACT_SECRET,
#define WORD_MARK_BIT(name) WORD_BIT_##name,
	WORD_MARKS(WORD_MARK_BIT)
#undef WORD_MARK_BIT
	    WORD_N_BITS
};

static_assert(WORD_N_BITS <= 64, "the types and marks share 64 bits");

#define WORD_TYPE(type) (UINT64_C(1) << REDACT_##type)
#define WORD_MAYBE_SECRET (UINT64_C(1) << WORD_BIT_MAYBE_SECRET)
#define WORD_ABOUT_SECRET (UINT64_C(1) << WORD_BIT_ABOUT_SECRET)
#define WORD_VERSION (UINT64_C(1) << WORD_BIT_VERSION)
#define WORD_OTHER_NUMBER (UINT64_C(1) << WORD_BIT_OTHER_NUMBER)
#define WORD_MAYBE_NAME (UINT64_C(1) << WORD_BIT_MAYBE_NAME)
#define WORD_CARD_CODE (UINT64_C(1) << WORD_BIT_CARD_CODE)
#define WORD_EXPIRY (UINT64_C(1) << WORD_BIT_EXPIRY)
#define WORD_BANK_CODE (UINT64_C(1) << WORD_BIT_BANK_CODE)
#define WORD_SEED (UINT64_C(1) << WORD_BIT_SEED)
#define WORD_SPECIAL (UINT64_C(1) << WORD_BIT_SPECIAL)
#define WORD_PEOPLE (UINT64_C(1) << WORD_BIT_PEOPLE)
/* Under a key that says so, numbers of three digits count. */
#define WORD_SHORT (WORD_CARD_CODE | WORD_EXPIRY | WORD_BANK_CODE | WORD_TYPE(BANK_ACCOUNT))
#define WORD_ANY_TYPE ((UINT64_C(1) << (REDACT_SECRET + 1)) - 1)

/* The words in the WORDS_BEFORE bytes before at, on the same line or the one above, behind floor
 * and any LAYER_BREAK. */
#define WORDS_BEFORE 60
uint64_t words_before(const uint8_t *text, size_t floor, size_t at);

/* The words in the WORDS_AFTER bytes from end, up to the end of the sentence, the next number or
 * a colon ("390.533.447-05 is my CPF"). */
#define WORDS_AFTER 32
uint64_t words_after(const uint8_t *text, size_t end, size_t len);

/* All words of a stretch of text.  LAYER_PADDING bytes can be read behind it, and behind all
 * above. */
uint64_t words_between(const uint8_t *text, size_t len);

/* The phrase that begins at `at`, a few words long. */
uint64_t words_at(const uint8_t *text, size_t at, size_t len);

/* What a key of JSON or of an assignment says; *ret_is_bland: nothing itself, so that the key
 * around it counts ("value", "number"). */
uint64_t words_of_key(const uint8_t *key, size_t len, bool *ret_is_bland);

/* The same where LAYER_PADDING bytes can be read behind it. */
uint64_t words_of_key_in_layer(const uint8_t *key, size_t len, bool *ret_is_bland);
