/* SPDX-License-Identifier: Apache-2.0 */
/* secret_value - does a value that stands where a secret would look like one? */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a text is made of. */
struct secret_signs {
	size_t n_digits;
	size_t n_capitals; /* past the first byte */
	size_t n_small;
	size_t n_signs;
	size_t n_spaces;
	size_t n_changes; /* between small letters, capitals and digits, once for each capitalised
			     word */
};

struct secret_signs secret_signs_of(const uint8_t *text, size_t len);

/* Types, words of forms and marks to fill in: "null", "${TOKEN}", "<your key>", "changeme". */
bool secret_is_stop_word(const uint8_t *text, size_t len);

/* Does it change between letters and digits as random text does, and names with numbers do not? */
bool secret_is_random(const uint8_t *text, size_t len);

/* is_strong: what stands in front says so ("password"), else it only may be one ("token", "key").
 */
bool secret_is_plausible(const uint8_t *text, size_t len, bool is_strong);
