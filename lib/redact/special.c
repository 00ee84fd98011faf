/* SPDX-License-Identifier: Apache-2.0 */
/*
 * special - special categories: a term of health, belief, union, love or body, in a sentence that
 * speaks of a person: a word such as "my" or "patient" before it, a name, or the key of the field.
 */
#include "redact/value.h"
#include "redact/words.h"

#define MAX_BEFORE 80 /* bytes of the sentence before a term */
#define MAX_AFTER 40  /* and behind it, for what is of the body: "facial recognition of my face" */
#define SCORE 750

static const struct {
	uint64_t role;
	enum redact_type type;
} kinds[] = {
	{ LEXICON_ROLE(CUE_HEALTH), REDACT_HEALTH },
	{ LEXICON_ROLE(CUE_RELIGION), REDACT_RELIGION },
	{ LEXICON_ROLE(CUE_UNION), REDACT_UNION_MEMBERSHIP },
	{ LEXICON_ROLE(CUE_ORIENTATION), REDACT_ORIENTATION },
	{ LEXICON_ROLE(CUE_BIOMETRIC), REDACT_BIOMETRIC },
};

/* Where the sentence begins, MAX_BEFORE bytes back at most; no word is cut. */
static size_t
sentence_start(const struct scan *s, size_t at)
{
	size_t from = at;

	while (from > 0 && at - from < MAX_BEFORE) {
		uint8_t c = s->text[from - 1];

		if (c == '\n' || c == LAYER_BREAK || c == '!' || c == '?' || c == ';' ||
		    (c == '.' && s->text[from] == ' '))
			return from;
		from--;
	}
	while (from > 0 && from < at && lexicon_is_letter(s->text[from - 1]))
		from++;
	return from;
}

static size_t
sentence_end(const struct scan *s, size_t at)
{
	size_t to = at, limit = s->len - at > MAX_AFTER ? at + MAX_AFTER : s->len;

	while (to < limit && s->text[to] != '\n' && s->text[to] != LAYER_BREAK &&
	    s->text[to] != '.' && s->text[to] != ';' && s->text[to] != '!' && s->text[to] != '?')
		to++;
	while (to == limit && limit < s->len && to > at && lexicon_is_letter(s->text[to - 1]))
		to--;
	return to;
}

/* A name that was found in the sentence before the term. */
static bool
has_name(const struct scan *s, size_t from)
{
	const struct candidates *found = s->found;

	for (size_t i = found->n; i > 0 && found->at[i - 1].start >= from; i--)
		if (found->at[i - 1].type == REDACT_PERSON)
			return true;
	return false;
}

/* "type 2 diabetes": a number inside a term that the lexicon cannot hold. */
static size_t
term_start(const struct scan *s, size_t at)
{
	size_t i = at;

	if (i < 7 || s->text[i - 1] != ' ' || !is_digit(s->text[i - 2]) || s->text[i - 3] != ' ')
		return at;
	i -= 7;
	return lower(s->text[i]) == 't' && memcmp(s->text + i + 1, "ype", 3) == 0 ? i : at;
}

bool
match_special(struct scan *s, const struct cue *cue)
{
	size_t from = sentence_start(s, cue->start), kind = 0;
	uint64_t said = words_between(s->text + from, cue->end - from);

	while ((cue->roles & kinds[kind].role) == 0)
		kind++;
	if (kinds[kind].type == REDACT_BIOMETRIC)
		said |= words_between(s->text + cue->end, sentence_end(s, cue->end) - cue->end);
	/* The fingerprint of a key is no one's finger. */
	if (kinds[kind].type == REDACT_BIOMETRIC && (said & WORD_MAYBE_SECRET) != 0)
		return false;
	if (((said | scan_field_types(s, cue->start)) & WORD_SPECIAL) == 0 && !has_name(s, from))
		return false;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)term_start(s, cue->start),
		.end = (uint32_t)cue->end,
		.type = (uint16_t)kinds[kind].type,
		.score = SCORE,
		.how = CANONICAL_WORDS,
	    });
	/* A name may begin with the same word: "my friend Gay Talese". */
	return false;
}
