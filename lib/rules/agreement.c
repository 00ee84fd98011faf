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
	bool is_answer; /* the message answers a request for a yes */
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
	static const char *const joints[] = { "but", "and", "also", "please", "oh", "yes", "ok",
		"okay", "sure", "no", "actually", "mas", "pero", "aber", "mais", "ma", NULL };
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

static size_t
skip_leads(const struct sentence *s, size_t at)
{
	size_t after;

	at = skip_marks(s, at);
	while (at < s->to && has_longest_at(s, at, leads, &after))
		at = skip_marks(s, after);
	return at;
}

static bool
looks_up(const struct sentence *s, size_t at)
{
	size_t after;

	return has_any_at(s, skip_leads(s, at), look_ups, &after);
}

/* "my user ID", "the reservation number": a thing that the agent asked for. */
static bool
names_particular(const struct sentence *s, size_t at)
{
	size_t found, after;

	return has_any_at(s, at, owners, &after) &&
	    text_find_any(s->t, after, after + 3, particulars, &found, &after);
}

/* "Sure, my user ID is …" only hands out what was asked for; so does "Sure! My user ID is …". */
static bool
hands_out(const struct sentence *s, size_t opener, size_t at)
{
	struct sentence rest = *s;
	size_t after;

	if (!has_any_at(s, opener, plain_yes, &after))
		rest.to = s->t->n;
	at = skip_marks(&rest, at);
	return has_any_at(&rest, at, hand_outs, &after) || names_particular(&rest, at);
}

/* What follows the word of assent makes it something else than a yes. */
static bool
turns_away(const struct sentence *s, size_t opener, size_t at)
{
	size_t after;

	if (has_any_at(s, at, spoilers, &after) || looks_up(s, at) ||
	    has_any_at(s, skip_marks(s, at), holdings, &after))
		return true;
	if (s->is_question && has_any_at(s, skip_leads(s, at), interrogatives, &after))
		return true;
	return !s->is_answer && hands_out(s, opener, at);
}

/* The word of assent that stands at the given place; ret_after is behind it. */
static bool
is_assent(const struct sentence *s, size_t at, size_t *ret_after)
{
	size_t after;

	if (has_longest_at(s, at, assents, ret_after))
		return !(s->is_question && skip_marks(s, *ret_after) == s->to);
	if (s->is_question)
		return false;
	if (has_longest_at(s, at, lone_assents, ret_after) && is_mark(s, *ret_after))
		return true;
	return has_longest_at(s, at, weak_assents, ret_after) &&
	    !has_any_at(s, skip_marks(s, *ret_after), acknowledgements, &after);
}

/* A word of assent opens the sentence. */
static bool
opens_with_assent(const struct sentence *s)
{
	size_t at = skip_fillers(s), after;

	return is_assent(s, at, &after) && !turns_away(s, at, after);
}

/* "Please book it", where the agent asked whether to. */
static bool
gives_order(const struct sentence *s)
{
	size_t at = skip_leads(s, skip_fillers(s)), after;

	return s->is_answer && !s->is_question && has_any_at(s, at, orders, &after);
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

/* The go-ahead at [at, to) counts. */
static bool
is_go_ahead(const struct sentence *s, size_t at, size_t to)
{
	size_t after;

	if (is_undone(s, at) || is_asked(s, at) || looks_up(s, to))
		return false;
	return !has_any_at(s, at, plain_yes, &after) || !turns_away(s, at, to);
}

static bool
gives_go_ahead(const struct sentence *s)
{
	size_t after;

	for (size_t at = s->from; at < s->to; at++)
		if (has_longest_at(s, at, go_aheads, &after) && is_go_ahead(s, at, after))
			return true;
	return false;
}

static enum agreement
read_sentence(const struct sentence *s)
{
	if (holds_off(s))
		return AGREEMENT_HELD;
	if (opens_with_assent(s) || gives_go_ahead(s) || gives_order(s))
		return AGREEMENT_YES;
	return AGREEMENT_NONE;
}

/* The last sentence that agrees or holds decides.  Of a message that was cut the first sentence has
 * no beginning, so it is not read. */
static enum agreement
read_sentences(const struct text *t, bool is_cut, bool is_answer)
{
	enum agreement last = AGREEMENT_NONE;
	struct sentence s = { .t = t, .is_answer = is_answer };

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

/* The end of a message decides; where it was cut, ret_is_cut says so. */
static enum err
read_end(struct arena **scratch, struct str message, struct text *ret_text, bool *ret_is_cut)
{
	enum err e;

	*ret_is_cut = message.len > MAX_READ_BYTES;
	if (*ret_is_cut)
		message = str_slice(message, message.len - MAX_READ_BYTES, message.len);
	e = arena_new(TEXT_ARENA_BYTES(message.len), scratch);
	return e == ERR_OK ? text_read(*scratch, message, ret_text) : e;
}

static enum err
asks_for_a_yes(struct str question, bool *ret_asks)
{
	CLEANUP(arena) struct arena *scratch = NULL;
	size_t at, after;
	struct text t;
	bool is_cut;
	enum err e = read_end(&scratch, question, &t, &is_cut);

	if (e == ERR_OK)
		*ret_asks = text_find_any(&t, 0, t.n, asks_for_yes, &at, &after);
	return e;
}

enum err
agreement_read(struct str message, struct str question, enum agreement *ret_agreement)
{
	CLEANUP(arena) struct arena *scratch = NULL;
	bool is_cut = false, is_answer = false;
	struct text t;
	enum err e = asks_for_a_yes(question, &is_answer);

	if (e == ERR_OK)
		e = read_end(&scratch, message, &t, &is_cut);
	if (e == ERR_OK)
		*ret_agreement = read_sentences(&t, is_cut, is_answer);
	return e;
}
