/* SPDX-License-Identifier: Apache-2.0 */
/* baseline_pcre2 - PCRE2, one pattern at a time: the exact and slow reference. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "baseline.h"
#include "patterns.h"

struct pcre2_baseline {
	pcre2_code *codes[128];
	pcre2_match_data *match;
};

struct pcre2_baseline *
pcre2_baseline_new(bool is_compiled)
{
	struct pcre2_baseline *b = calloc(1, sizeof(*b));

	if (b == NULL || (b->match = pcre2_match_data_create(1, NULL)) == NULL) {
		free(b);
		return NULL;
	}
	for (size_t i = 0; i < n_patterns; i++) {
		int code;
		PCRE2_SIZE at;

		b->codes[i] = pcre2_compile((PCRE2_SPTR)patterns[i], PCRE2_ZERO_TERMINATED, 0,
		    &code, &at, NULL);
		if (b->codes[i] == NULL) {
			(void)fprintf(stderr, "pattern %s: wrong at %zu\n", patterns[i], at);
			pcre2_baseline_free(b);
			return NULL;
		}
		if (is_compiled)
			(void)pcre2_jit_compile(b->codes[i], PCRE2_JIT_COMPLETE);
	}
	return b;
}

void
pcre2_baseline_free(struct pcre2_baseline *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < n_patterns; i++)
		pcre2_code_free(b->codes[i]);
	pcre2_match_data_free(b->match);
	free(b);
}

bool
pcre2_baseline_match(struct pcre2_baseline *b, size_t pattern, struct str text, size_t from,
    size_t *ret_start, size_t *ret_end)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(b->match);

	if (pcre2_match(b->codes[pattern], (PCRE2_SPTR)text.at, text.len, from, 0, b->match, NULL) <
	    0)
		return false;
	*ret_start = at[0];
	*ret_end = at[1];
	return true;
}

size_t
pcre2_baseline_scan(struct pcre2_baseline *b, struct str text)
{
	size_t n = 0, start;

	for (size_t i = 0; i < n_patterns; i++)
		for (size_t from = 0; pcre2_baseline_match(b, i, text, from, &start, &from);)
			n++;
	return n;
}
