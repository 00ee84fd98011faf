/* SPDX-License-Identifier: Apache-2.0 */
/* field_name - a value of JSON whose key says "name", "user", "customer": a person's or not. */
#include "redact/cue.h"

#define BY_FORM 720
#define BEST_EFFORT 620

bool
match_name_field(struct scan *s, size_t start, size_t end)
{
	struct name_run run = name_run_read(s, start, NAME_TRUST_SOME);

	if (run.n_words == 0 || run.end != end || run.how == CASE_SMALL)
		return false;
	if (!run.begins_with_first || (run.is_ambiguous && !run.ends_with_last))
		return false;
	name_add(s, &run, run.ends_with_last ? BY_FORM : BEST_EFFORT);
	return true;
}
