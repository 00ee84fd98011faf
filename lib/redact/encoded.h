/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoded - base64 inside the text: what decodes to text is scanned like text, one level deep, and
 * when something is found the whole encoded word is replaced.
 *
 * Bounded: ENCODED_MAX_WORDS words of a text, ENCODED_MAX_BYTES of each.
 */
#pragma once

#include "redact/layer.h"
#include "redact/scan.h"

#define ENCODED_MIN_RUN 12 /* letters and digits in a row, without + and / */
#define ENCODED_MAX_WORDS 500
#define ENCODED_MAX_BYTES 65536u

struct redactor;

struct encoded_word {
	uint32_t start;
	uint32_t end;
};

struct encoded_words {
	struct encoded_word at[ENCODED_MAX_WORDS];
	size_t n;
	size_t resume; /* read up to here */
};

/* Notes the word around `at`, a run of at least ENCODED_MIN_RUN letters and digits, when it begins
 * like encoded text. */
void encoded_note(struct encoded_words *words, const uint8_t *text, size_t len, size_t at);

/* Decodes the words that were noted, scans them and adds what was found to the outer scan. */
MUST_CHECK enum err encoded_scan(struct redactor *r, struct scan *outer);
