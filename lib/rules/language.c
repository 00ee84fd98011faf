/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which language a message is in; see language.h.
 *
 * Latin script: the small words that every sentence of a language uses and its neighbours do not
 * are counted.  Other scripts name their language by themselves.  A message is called foreign only
 * on clear evidence: a wrong `fail` costs trust, a short greeting proves nothing.
 */
#include "rules/language.h"

#include "rules/language_count.h"

#define MIN_HITS 3           /* small words of the foreign language */
#define MIN_LEAD 2           /* times as many as of any allowed one */
#define MAX_READ_BYTES 32768 /* of the message's beginning: enough to tell */
#define MIN_HITS_ALONE 2     /* when there is no other */
#define MIN_WORDS 4          /* a message of fewer may be a saying */
#define MIN_LETTERS 8        /* letters of a foreign script */
#define MIN_DENSE_LETTERS 4  /* of one in which a letter is a word or syllable */

uint32_t
language_bit(struct str code)
{
	for (size_t i = 0; i < N_LANGUAGES; i++)
		if (str_equals_ignoring_case(code, str_from(languages[i].code)))
			return 1u << i;
	return 0;
}

/* The best counted language among those whose bit is in the set. */
static size_t
best_of(const size_t *counts, uint32_t set)
{
	size_t best = N_LANGUAGES;

	for (size_t l = 0; l < N_LANGUAGES; l++)
		if ((set & 1u << l) != 0 && (best == N_LANGUAGES || counts[l] > counts[best]))
			best = l;
	return best;
}

/* Enough letters of a script to tell: fewer where one letter is a word or a syllable. */
static bool
is_enough(size_t language, size_t n)
{
	return n >= (languages[language].is_dense ? MIN_DENSE_LETTERS : MIN_LETTERS);
}

struct finding {
	enum language_finding finding;
	size_t foreign;
};

static struct finding
judge_script(const size_t *letters, size_t n_letters, uint32_t allowed)
{
	size_t foreign = best_of(letters, ~allowed), good = best_of(letters, allowed);

	if (foreign < N_LANGUAGES && is_enough(foreign, letters[foreign]) &&
	    letters[foreign] * 2 > n_letters && letters[foreign] > letters[good])
		return (struct finding){ LANGUAGE_OTHER, foreign };
	return (struct finding){
		is_enough(good, letters[good]) ? LANGUAGE_ALLOWED : LANGUAGE_UNCLEAR, foreign
	};
}

/* A short message counts when it has nothing of an allowed language. */
static struct finding
judge_words(const size_t *hits, size_t n_words, uint32_t allowed)
{
	size_t foreign = best_of(hits, ~allowed), good = hits[best_of(hits, allowed)];
	size_t bad = foreign < N_LANGUAGES ? hits[foreign] : 0;
	bool is_clear = bad >= MIN_HITS && bad >= good * MIN_LEAD && bad > good;
	bool is_short =
	    good == 0 && bad >= MIN_HITS_ALONE && bad * 3 >= n_words && n_words >= MIN_WORDS;

	if (is_clear || is_short)
		return (struct finding){ LANGUAGE_OTHER, foreign };
	return (struct finding){ good >= MIN_HITS_ALONE ? LANGUAGE_ALLOWED : LANGUAGE_UNCLEAR,
		foreign };
}

enum err
language_read(struct str message, uint32_t allowed, enum language_finding *ret_finding,
    const char **ret_name)
{
	struct language_counts counts;
	struct finding found;
	enum err e = language_count(text_cut(message, MAX_READ_BYTES), &counts);

	if (e != ERR_OK)
		return e;
	found = judge_script(counts.letters, counts.n_letters, allowed);
	if (found.finding == LANGUAGE_UNCLEAR)
		found = judge_words(counts.hits, counts.n_words, allowed);
	*ret_finding = found.finding;
	if (found.finding == LANGUAGE_OTHER)
		*ret_name = languages[found.foreign].code;
	return ERR_OK;
}
