/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold - copies text into a layer in the plain form that is matched: full-width and mathematical
 * letters and digits become ASCII, and so do letters of other alphabets that look like Latin ones,
 * hyphens "-", odd spaces " "; invisible characters and combining marks go; and what is escaped
 * becomes what it means: \n, \", \u0041 (any number of backslashes deep), %40, &#64;, &amp;.
 * Everything else is copied as it is.
 */
#pragma once

#include "redact/layer.h"

MUST_CHECK enum err fold_append(struct layer *l, struct source *s, size_t from, size_t to);

/* What a character becomes: 0 when it goes, itself when it means itself. */
uint32_t fold_character(uint32_t code);

/* The character that the escape at text stands for, and its length; length 0 when there is none. */
uint32_t fold_backslash(const uint8_t *text, size_t len, size_t *ret_len);
uint32_t fold_percent(const uint8_t *text, size_t len, size_t *ret_len);
uint32_t fold_entity(const uint8_t *text, size_t len, size_t *ret_len);
