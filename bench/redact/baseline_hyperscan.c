/* SPDX-License-Identifier: Apache-2.0 */
/* baseline_hyperscan - all patterns in one pass, which tells where matches end; PCRE2 finds where
 * they begin. */
#include <hs.h>
#include <stdio.h>

#include "baseline.h"
#include "patterns.h"

/* No match of ours is longer; PCRE2 looks for the start from there. */
#define WINDOW_BYTES 1600

struct hyperscan_baseline {
	hs_database_t *database;
	hs_scratch_t *scratch;
	struct pcre2_baseline *confirm;
	size_t done[128]; /* for each pattern: where its last match ended */
	struct str text;
	size_t n;
	bool is_confirmed;
};

static void
confirm(struct hyperscan_baseline *b, size_t pattern, size_t end)
{
	size_t from = b->done[pattern], start = 0, match_end = 0;

	if (end <= from)
		return;
	if (end > WINDOW_BYTES && from < end - WINDOW_BYTES)
		from = end - WINDOW_BYTES;
	if (!pcre2_baseline_match(b->confirm, pattern, b->text, from, &start, &match_end) ||
	    start >= end)
		return;
	b->n++;
	b->done[pattern] = match_end;
}

static int
on_match(unsigned int pattern, unsigned long long from, unsigned long long to, unsigned int flags,
    void *context)
{
	struct hyperscan_baseline *b = context;

	(void)from;
	(void)flags;
	if (b->is_confirmed)
		confirm(b, pattern, (size_t)to);
	else
		b->n++;
	return 0;
}

struct hyperscan_baseline *
hyperscan_baseline_new(struct pcre2_baseline *with, const char **why)
{
	struct hyperscan_baseline *b = calloc(1, sizeof(*b));
	hs_compile_error_t *error = NULL;
	unsigned int flags[128] = { 0 }, ids[128];

	*why = "no memory";
	if (b == NULL)
		return NULL;
	b->confirm = with;
	for (unsigned int i = 0; i < n_patterns; i++)
		ids[i] = i;
	if (hs_compile_multi(patterns, flags, ids, (unsigned int)n_patterns, HS_MODE_BLOCK, NULL,
		&b->database, &error) != HS_SUCCESS ||
	    hs_alloc_scratch(b->database, &b->scratch) != HS_SUCCESS) {
		*why = "it refuses the patterns or this processor";
		if (error != NULL)
			(void)fprintf(stderr, "hyperscan: %s (pattern %d)\n", error->message,
			    error->expression);
		(void)hs_free_compile_error(error);
		hyperscan_baseline_free(b);
		return NULL;
	}
	return b;
}

void
hyperscan_baseline_free(struct hyperscan_baseline *b)
{
	if (b == NULL)
		return;
	(void)hs_free_scratch(b->scratch);
	(void)hs_free_database(b->database);
	free(b);
}

size_t
hyperscan_baseline_scan(struct hyperscan_baseline *b, struct str text, bool is_confirmed)
{
	memset(b->done, 0, sizeof(b->done));
	b->text = text;
	b->n = 0;
	b->is_confirmed = is_confirmed;
	(void)hs_scan(b->database, text.at, (unsigned int)text.len, 0, b->scratch, on_match, b);
	return b->n;
}
