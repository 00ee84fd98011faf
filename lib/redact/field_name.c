/* SPDX-License-Identifier: Apache-2.0 */
/* field_name - a value that stands alone, in a field, a cell or on the line of its label: is all of
 * it somebody's name? */
#include "redact/cue.h"

#define BY_FORM 720
#define BEST_EFFORT 620
#define MAX_WORDS 6
#define MAX_ROLE_WORDS 4
#define MIN_UNKNOWN 3

/* Behind titles: "Mr. ", "Prof. Dr. ". */
static size_t
behind_titles(const struct scan *s, size_t at, size_t end)
{
	struct cue title;

	for (int i = 0; i < 2; i++) {
		size_t next;

		if (!cue_may_begin(s->text + at) ||
		    !cue_read(s, at, LEXICON_ROLE(CUE_TITLE), &title))
			break;
		next = cue_skip(s, title.end, ". ");
		if (next == title.end || next >= end || s->text[next - 1] != ' ')
			break;
		at = next;
	}
	return at;
}

/* What parts two words of a name, or the surname from the first name: where the next begins. */
static size_t
next_word(const struct scan *s, const struct name_word *w)
{
	size_t at = w->end + (w->is_initial ? 1 : 0), from = at;

	at += s->text[at] == ',';
	at += s->text[at] == ' ';
	return at == from && !w->is_initial ? 0 : at;
}

static bool
may_be_of_name(const struct name_word *w, bool is_first)
{
	unsigned int known = w->classes & (is_first ? NAME_FIRST : NAME_LAST);

	if ((w->classes & (NAME_STOP | NAME_HEAD)) != 0 && (known == 0 || w->how == CASE_SMALL))
		return false;
	return w->is_initial || w->end - w->start > 1;
}

/* All words from start to end as one run; false when one of them can be of no name.  *ret_n_plain
 * of them are words of a language too. */
static bool
read_all(const struct scan *s, size_t start, size_t end, struct name_run *ret_run,
    size_t *ret_n_plain)
{
	struct name_run run = { .start = start, .end = end };
	size_t at = behind_titles(s, start, end);
	struct name_word w;

	*ret_n_plain = 0;
	while (at < end && run.n_words < MAX_WORDS) {
		bool is_first = run.n_words == 0;

		if (!name_word_read(s, at, &w) || w.end > end)
			return false;
		w.is_initial |= w.end - w.start == 1 && s->text[w.end] == '.';
		at = next_word(s, &w);
		if ((w.classes & NAME_PARTICLE) == 0 || w.end == end) {
			if (!may_be_of_name(&w, is_first))
				return false;
			name_run_take(&run, &w);
			*ret_n_plain += (w.classes & (NAME_WORD | NAME_THING)) != 0;
		}
		if (w.end + w.is_initial >= end)
			break;
		if (at == 0)
			return false;
	}
	run.end = end;
	*ret_run = run;
	return run.n_words > 0 && w.end + w.is_initial == end;
}

/* A key that says no more than "name" has products and places under it too; under one that people
 * only have, capitals are enough. */
static bool
is_name(const struct name_run *run, size_t n_plain, bool is_of_people)
{
	bool is_small = run->how == CASE_SMALL;

	if (run->begins_with_first && run->ends_with_last)
		return !is_small || is_of_people || n_plain < 2;
	if (run->begins_with_first && !run->is_ambiguous)
		return !is_small || run->n_words > 1 || is_of_people;
	if (run->is_word || run->n_words > MAX_ROLE_WORDS)
		return false;
	if (run->n_words > 1 && run->ends_with_last)
		return is_of_people || (!is_small && run->n_unknown == 1);
	if (!is_of_people)
		return false;
	return run->n_first + run->n_last > 0 || (!is_small && run->n_words > 1);
}

bool
match_name_field(struct scan *s, size_t start, size_t end, bool is_of_people)
{
	struct name_run run;
	size_t n_plain;

	if (end < start + MIN_UNKNOWN || !read_all(s, start, end, &run, &n_plain) ||
	    !is_name(&run, n_plain, is_of_people))
		return false;
	name_add(s, &run, run.begins_with_first && run.ends_with_last ? BY_FORM : BEST_EFFORT);
	return true;
}
