/* SPDX-License-Identifier: Apache-2.0 */
/*
 * label - words that say what stands behind them where the value alone is too short or too plain to
 * be found: "CVV 123", "sort code 20-00-00", "BIC DEUTDEFF", the words of a wallet's seed.
 *
 * Such a word arms the scan for the bytes behind it; while it is armed, short numbers and codes are
 * asked for their context, which would cost too much everywhere.
 */
#include <string.h>

#include "redact/lexicon.h"
#include "redact/token.h"
#include "redact/words.h"

#define ARMED 64      /* bytes from the label on */
#define SEED_BYTES 80 /* from the label to the first word */
#define SEED_WORDS 24
#define MIN_SEED_WORD 3
#define MAX_SEED_WORD 8
#define SCORE_SEED 900
#define ARMING (WORD_CARD_CODE | WORD_EXPIRY | WORD_BANK_CODE | WORD_TYPE(BANK_ACCOUNT))

/* Words that stand in sentences and in no seed. */
static const char not_of_seeds[] =
    " the and you your with for are not never please make sure from have was will its they them our "
    "que por uma com para não seu sua las los una con und die der das ist mit les des une pour avec ";

static bool
is_of_sentence(const uint8_t *word, size_t len)
{
	char padded[MAX_SEED_WORD + 3];

	padded[0] = ' ';
	for (size_t i = 0; i < len; i++)
		padded[i + 1] = (char)lower(word[i]);
	padded[len + 1] = ' ';
	padded[len + 2] = '\0';
	return strstr(not_of_seeds, padded) != NULL;
}

/* Where the next word of the seed begins: behind a space, a comma, a line break, a number. */
static size_t
skip_to_word(const struct scan *s, size_t at)
{
	size_t from = at;

	while (at < s->len && at - from < 8 && s->text[at] != 0 &&
	    (is_digit(s->text[at]) || strchr(" ,\n.)\t-\"'[", s->text[at]) != NULL))
		at++;
	return at;
}

/* Where a seed that begins at `at` ends; 0 when none does. */
static size_t
seed_end(const struct scan *s, size_t at)
{
	size_t n_words = 0, end = 0;

	while (n_words < SEED_WORDS) {
		size_t len = 0;

		at = skip_to_word(s, at);
		while (at + len < s->len && len <= MAX_SEED_WORD && is_letter(s->text[at + len]))
			len++;
		if (len < MIN_SEED_WORD || len > MAX_SEED_WORD || is_of_sentence(s->text + at, len))
			break;
		at += len;
		n_words++;
		if (n_words >= 12 && n_words % 3 == 0)
			end = at;
	}
	return end;
}

/* Tries where a value may begin: behind a sign, and behind "is" and its like. */
static void
match_seed(struct scan *s, size_t start)
{
	static const char verbs[] = " is are es son ist sind est sont sao zijn ";
	size_t limit = s->len - start > SEED_BYTES ? start + SEED_BYTES : s->len, word = start;

	if (start < s->code_resume)
		return;
	s->code_resume = start + SEED_BYTES / 2;
	for (size_t at = start; at < limit && s->text[at] != 0xFF; at++) {
		bool is_sign = strchr(":=\n\"'`(", s->text[at]) != NULL && s->text[at] != 0;
		bool is_verb = s->text[at] == ' ' && at - word < MAX_SEED_WORD && at > word;
		size_t from = at + 1, end;

		if (is_verb) {
			char padded[MAX_SEED_WORD + 3] = " ";

			memcpy(padded + 1, s->text + word, at - word);
			memcpy(padded + 1 + (at - word), " ", 2);
			/* "é" and "è" */
			is_verb = strstr(verbs, padded) != NULL || s->text[word] == 0xC3;
		}
		if (s->text[at] == ' ')
			word = at + 1;
		if (!is_sign && !is_verb)
			continue;
		end = seed_end(s, from);
		if (end == 0)
			continue;
		from = skip_to_word(s, from);
		scan_add_secret(s, from, end, SCORE_SEED);
		s->code_resume = end;
		return;
	}
}

void
match_code_label(struct scan *s, size_t start, size_t len)
{
	uint64_t types;

	if (start < s->armed_until && (len == 8 || len == 11) &&
	    (scan_context_near(s, start) & WORD_BANK_CODE) != 0 && match_bic(s, start, len))
		return;
	if (!lexicon_may_label(s->text + start, len))
		return;
	types = words_at(s->text, start, s->len);
	if ((types & ARMING) != 0 && s->armed_until < start + ARMED)
		s->armed_until = start + ARMED;
	if ((types & WORD_SEED) != 0)
		match_seed(s, start);
}
