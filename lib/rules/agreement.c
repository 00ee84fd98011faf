/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a user's message says yes to what was put before it; see agreement.h. */
#include "rules/agreement.h"

#include "rules/agreement_words.h"

#define LOOK_BACK_WORDS 6
#define MAX_READ_BYTES 16384 /* of the message's end, which decides */

/* One sentence: tokens [from, to), without its end mark. */
struct sentence {
	const struct text *t;
	size_t from, to;
	bool is_question;
};

static bool
has_any_at(const struct sentence *s, size_t at, const char *const *phrases, size_t *ret_after)
{
	for (size_t i = 0; phrases[i] != NULL; i++)
		if (text_has_phrase_at(s->t, at, phrases[i], ret_after) && *ret_after <= s->to)
			return true;
	return false;
}

/* The longest match, so that "claro que sí" is read whole. */
static bool
has_longest_at(const struct sentence *s, size_t at, const char *const *phrases, size_t *ret_after)
{
	size_t best = 0, after;

	for (size_t i = 0; phrases[i] != NULL; i++)
		if (text_has_phrase_at(s->t, at, phrases[i], &after) && after <= s->to &&
		    after > best)
			best = after;
	if (best > 0)
		*ret_after = best;
	return best > 0;
}

static bool
is_mark(const struct sentence *s, size_t at)
{
	return at >= s->to || s->t->tokens[at].mark != 0;
}

static size_t
skip_marks(const struct sentence *s, size_t at)
{
	while (at < s->to && s->t->tokens[at].mark != 0)
		at++;
	return at;
}

/* Past "Oh, thanks," and the like. */
static size_t
skip_fillers(const struct sentence *s)
{
	size_t at = skip_marks(s, s->from), after;

	while (at < s->to && has_longest_at(s, at, fillers, &after))
		at = skip_marks(s, after);
	return at;
}

static bool
is_clause_start(const struct sentence *s, size_t at)
{
	static const char *const joints[] = { "but", "and", "also", "please", "oh", "yes",
		"actually", "mas", "pero", "aber", "mais", "ma", NULL };
	size_t after;

	return at == s->from || is_mark(s, at - 1) || has_any_at(s, at - 1, joints, &after);
}

static bool
holds_off(const struct sentence *s)
{
	size_t after;

	for (size_t at = s->from; at < s->to; at++) {
		if (has_any_at(s, at, holds, &after))
			return true;
		if (is_clause_start(s, at) && has_any_at(s, at, clause_holds, &after))
			return true;
	}
	return false;
}

/* A word of assent opens the sentence. */
static bool
opens_with_assent(const struct sentence *s)
{
	size_t at = skip_fillers(s), after;

	if (has_longest_at(s, at, assents, &after))
		return !(s->is_question && skip_marks(s, after) == s->to);
	if (has_any_at(s, at, lone_assents, &after) && is_mark(s, after))
		return !s->is_question;
	if (s->is_question || !has_longest_at(s, at, weak_assents, &after))
		return false;
	return !has_any_at(s, skip_marks(s, after), acknowledgements, &at);
}

/* Something in the clause before the go-ahead undoes it. */
static bool
is_undone(const struct sentence *s, size_t at)
{
	size_t after;

	for (size_t n = 0; n < LOOK_BACK_WORDS && at > s->from && !is_mark(s, at - 1); n++, at--) {
		if (has_any_at(s, at - 1, undoers, &after))
			return true;
		if (has_any_at(s, at - 1, clause_openers, &after))
			return false;
	}
	return false;
}

/* The go-ahead stands inside a question or a polite request. */
static bool
is_asked(const struct sentence *s, size_t go_ahead)
{
	size_t after;

	for (size_t at = s->from; at < go_ahead; at++) {
		if (has_any_at(s, at, requests, &after))
			return true;
		if (s->is_question && is_clause_start(s, at) && has_any_at(s, at, askers, &after))
			return true;
	}
	/* "Proceed?" asks, "Please proceed, and could you…?" does not. */
	return s->is_question && skip_marks(s, go_ahead + 1) == s->to;
}

static bool
gives_go_ahead(const struct sentence *s)
{
	size_t after;

	for (size_t at = s->from; at < s->to; at++)
		if (has_any_at(s, at, go_aheads, &after) && !is_undone(s, at) && !is_asked(s, at))
			return true;
	return false;
}

static enum agreement
read_sentence(const struct sentence *s)
{
	if (holds_off(s))
		return AGREEMENT_HELD;
	if (opens_with_assent(s) || gives_go_ahead(s))
		return AGREEMENT_YES;
	return AGREEMENT_NONE;
}

/* The last sentence that agrees or holds decides.  Of a message that was cut the first sentence has
 * no beginning, so it is not read. */
static enum agreement
read_sentences(const struct text *t, bool is_cut)
{
	enum agreement last = AGREEMENT_NONE;
	struct sentence s = { .t = t };

	for (size_t i = 0; i <= t->n; i++) {
		enum agreement now;

		if (i < t->n && !text_is_sentence_end(&t->tokens[i]))
			continue;
		s.to = i;
		s.is_question = i < t->n && t->tokens[i].mark == '?';
		now = is_cut && s.from == 0 ? AGREEMENT_NONE : read_sentence(&s);
		if (now != AGREEMENT_NONE)
			last = now;
		s.from = i + 1;
	}
	return last;
}

enum err
agreement_read(struct str message, enum agreement *ret_agreement)
{
	CLEANUP(arena) struct arena *scratch = NULL;
	bool is_cut = message.len > MAX_READ_BYTES;
	struct text t;
	enum err e;

	if (is_cut)
		message = str_slice(message, message.len - MAX_READ_BYTES, message.len);
	e = arena_new(TEXT_ARENA_BYTES(message.len), &scratch);
	if (e == ERR_OK)
		e = text_read(scratch, message, &t);
	if (e == ERR_OK)
		*ret_agreement = read_sentences(&t, is_cut);
	return e;
}
