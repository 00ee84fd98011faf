/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which language a message is in; see language.h.
 *
 * Latin script: the small words that every sentence of a language uses and its neighbours do not
 * are counted.  Other scripts name their language by themselves.  A message is called foreign only
 * on clear evidence: a wrong `fail` costs trust, a short greeting proves nothing.
 */
#include "rules/language.h"

#define MIN_HITS 3           /* small words of the foreign language */
#define MIN_LEAD 2           /* times as many as of any allowed one */
#define MAX_READ_BYTES 32768 /* of the message's beginning: enough to tell */
#define MIN_LETTERS 12       /* letters of a foreign script */

struct language {
	const char *code;
	const char *small_words;            /* parted and enclosed by blanks; NULL: by script */
	uint32_t first_letter, last_letter; /* of the script */
	uint32_t first_letter_2, last_letter_2;
};

/* Words that two of the languages share with the same spelling are left out where they would
 * decide alone; see the tests for pairs. */
static const struct language languages[] = {
	{ "en",
	    " the and is are was were you your i'm i've it's this that with for of to have has will "
	    "would can't don't from what which please my we our not be been if there their they it ",
	    0, 0, 0, 0 },
	{ "pt",
	    " não você vocês o os e é uma um do da dos das em no na nos nas para com que seu sua "
	    "está são pelo pela mas também obrigado obrigada sim isso ao à como mais já foi eu ",
	    0, 0, 0, 0 },
	{ "es",
	    " el la los las y es una un del de en para con que su está son por pero también gracias "
	    "sí usted como más ya fue yo lo se nuestro nuestra puede hola ",
	    0, 0, 0, 0 },
	{ "de",
	    " der die das und ist sind ein eine einen nicht mit für auf von zu den dem des sie ich "
	    "wir ihr ihre ihnen haben hat kann können bitte danke auch wie wird oder aber im ",
	    0, 0, 0, 0 },
	{ "fr",
	    " le la les et est sont un une des du de en pour avec que vous votre vos nous pas ne je "
	    "c'est n'est ce cette mais aussi merci oui sur dans au aux plus bonjour être avez ",
	    0, 0, 0, 0 },
	{ "it",
	    " il lo la gli le e è sono un una di del della che per con non mi si ma anche grazie sì "
	    "suo sua come più questo questa nel nella ho può ciao ",
	    0, 0, 0, 0 },
	{ "nl",
	    " de het een en is zijn niet met voor op van te dat die ik wij we u uw jij je heeft kan "
	    "ook maar bedankt graag naar bij ",
	    0, 0, 0, 0 },
	{ "ru", NULL, 0x0400, 0x04ff, 0, 0 },
	{ "el", NULL, 0x0370, 0x03ff, 0, 0 },
	{ "he", NULL, 0x0590, 0x05ff, 0, 0 },
	{ "ar", NULL, 0x0600, 0x06ff, 0, 0 },
	{ "hi", NULL, 0x0900, 0x097f, 0, 0 },
	{ "th", NULL, 0x0e00, 0x0e7f, 0, 0 },
	{ "zh", NULL, 0x4e00, 0x9fff, 0, 0 },
	{ "ja", NULL, 0x3040, 0x30ff, 0x4e00, 0x9fff },
	{ "ko", NULL, 0xac00, 0xd7af, 0, 0 },
};

#define N_LANGUAGES (sizeof(languages) / sizeof(languages[0]))

uint32_t
language_bit(struct str code)
{
	for (size_t i = 0; i < N_LANGUAGES; i++)
		if (str_equals_ignoring_case(code, str_from(languages[i].code)))
			return 1u << i;
	return 0;
}

static bool
is_small_word(const char *small_words, struct str word)
{
	struct str all = str_from(small_words);

	for (size_t i = 1; i + word.len < all.len; i++)
		if (all.at[i - 1] == ' ' && all.at[i + word.len] == ' ' &&
		    str_equals(str_slice(all, i, i + word.len), word))
			return true;
	return false;
}

static bool
is_letter_of(const struct language *l, uint32_t c)
{
	return l->small_words == NULL &&
	    ((c >= l->first_letter && c <= l->last_letter) ||
		(l->last_letter_2 > 0 && c >= l->first_letter_2 && c <= l->last_letter_2));
}

static void
count_words(const struct text *t, size_t *hits)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t l = 0; l < N_LANGUAGES && t->tokens[i].mark == 0; l++)
			hits[l] += languages[l].small_words != NULL &&
			    is_small_word(languages[l].small_words, t->tokens[i].word);
}

static size_t
count_letters(struct str message, size_t *letters)
{
	size_t n = 0;

	for (size_t at = 0; at < message.len;) {
		uint32_t c;

		at += text_read_char(message, at, &c);
		n += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xc0;
		for (size_t l = 0; l < N_LANGUAGES; l++)
			letters[l] += is_letter_of(&languages[l], c);
	}
	return n;
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

enum err
language_read(struct str message, uint32_t allowed, enum language_finding *ret_finding,
    const char **ret_name)
{
	size_t words[N_LANGUAGES] = { 0 }, letters[N_LANGUAGES] = { 0 };
	size_t n_letters;
	CLEANUP(arena) struct arena *scratch = NULL;
	size_t good = 0, foreign;
	struct text t;
	enum err e;

	message = text_cut(message, MAX_READ_BYTES);
	n_letters = count_letters(message, letters);
	e = arena_new(TEXT_ARENA_BYTES(message.len), &scratch);
	if (e == ERR_OK)
		e = text_read(scratch, message, &t);
	if (e != ERR_OK)
		return e;
	count_words(&t, words);
	*ret_finding = LANGUAGE_UNCLEAR;

	foreign = best_of(letters, ~allowed);
	good = letters[best_of(letters, allowed)];
	if (foreign < N_LANGUAGES && letters[foreign] >= MIN_LETTERS &&
	    letters[foreign] * 2 > n_letters && letters[foreign] > good) {
		*ret_finding = LANGUAGE_OTHER;
		*ret_name = languages[foreign].code;
		return ERR_OK;
	}
	if (good >= MIN_LETTERS) {
		*ret_finding = LANGUAGE_ALLOWED;
		return ERR_OK;
	}
	foreign = best_of(words, ~allowed);
	good = words[best_of(words, allowed)];
	if (foreign < N_LANGUAGES && words[foreign] >= MIN_HITS &&
	    words[foreign] >= good * MIN_LEAD && words[foreign] > good) {
		*ret_finding = LANGUAGE_OTHER;
		*ret_name = languages[foreign].code;
	} else if (good >= MIN_HITS) {
		*ret_finding = LANGUAGE_ALLOWED;
	}
	return ERR_OK;
}
