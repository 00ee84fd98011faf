/* SPDX-License-Identifier: Apache-2.0 */
/* baseline - other engines over the same conversations, in the same run. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Both return the number of matches, which must agree where the engines are right. */
struct pcre2_baseline;

struct pcre2_baseline *pcre2_baseline_new(bool is_compiled); /* NULL: a pattern is wrong */
void pcre2_baseline_free(struct pcre2_baseline *b);
size_t pcre2_baseline_scan(struct pcre2_baseline *b, struct str text);

/* The end of the leftmost match of one pattern that begins at or behind `from`; false when there is
 * none. */
bool pcre2_baseline_match(struct pcre2_baseline *b, size_t pattern, struct str text, size_t from,
    size_t *ret_start, size_t *ret_end);

struct hyperscan_baseline;

/* NULL: why says what is missing. */
struct hyperscan_baseline *hyperscan_baseline_new(struct pcre2_baseline *confirm, const char **why);
void hyperscan_baseline_free(struct hyperscan_baseline *b);
size_t hyperscan_baseline_scan(struct hyperscan_baseline *b, struct str text, bool is_confirmed);
