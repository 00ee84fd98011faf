/* SPDX-License-Identifier: Apache-2.0 */
/*
 * required_text - the assistant says one of the texts: once in the conversation, or, with "when",
 * in its next words after each user message that holds one of those.
 */
#include "rules/check.h"

struct params {
	struct check_list texts; /* any one of them will do */
	struct check_list when;  /* empty: always */
};

static const char *const keys[] = { "texts", "when", NULL };

static enum err
parse(struct arena *a, const json_t *check, void **ret_params, struct err_detail *reterr)
{
	struct params *p = arena_alloc(a, sizeof(*p));
	enum err e =
	    p == NULL ? ERR_NOMEM : check_get_list(a, check, "texts", false, &p->texts, reterr);

	if (e == ERR_OK)
		e = check_get_list(a, check, "when", true, &p->when, reterr);
	if (e == ERR_OK)
		*ret_params = p;
	return e;
}

/* The next message after from in which the assistant says something; n_messages when none. */
static size_t
next_answer(const struct wire_conversation *c, size_t from)
{
	size_t i = from;

	while (i < c->n_messages &&
	    (c->messages[i].role != WIRE_ASSISTANT || str_trim(c->messages[i].content).len == 0))
		i++;
	return i;
}

static enum err
run_always(const struct params *p, const struct check_run *run)
{
	const struct wire_conversation *c = run->conversation;
	size_t first = next_answer(c, 0);
	struct str found;
	enum err e;

	if (first == c->n_messages)
		return check_conclude(run, VERDICT_NOT_APPLICABLE, "The assistant said nothing.");
	for (size_t i = first; i < c->n_messages; i = next_answer(c, i + 1)) {
		if (!check_find_text(&p->texts, c->messages[i].content, &found))
			continue;
		e = check_quote(run, i, found);
		return e != ERR_OK
		    ? e
		    : check_conclude(run, VERDICT_PASS, "The assistant says a required text.");
	}
	e = check_quote(run, first, c->messages[first].content);
	return e != ERR_OK
	    ? e
	    : check_conclude(run, VERDICT_FAIL,
		  "The assistant never says any of the %zu required texts.", p->texts.n);
}

/* Counts one trigger at message i; quotes the trigger and the answer when it was left out. */
static enum err
follow_trigger(const struct params *p, const struct check_run *run, size_t i, size_t *n_missed)
{
	const struct wire_conversation *c = run->conversation;
	size_t answer = next_answer(c, i + 1);
	struct str trigger, found;
	enum err e;

	(void)check_find_text(&p->when, c->messages[i].content, &trigger);
	if (answer < c->n_messages &&
	    check_find_text(&p->texts, c->messages[answer].content, &found))
		return check_quote(run, answer, found);
	*n_missed += 1;
	e = check_quote(run, i, trigger);
	if (e == ERR_OK && answer < c->n_messages)
		e = check_quote(run, answer, c->messages[answer].content);
	return e;
}

static enum err
run_check(const void *params, const struct check_run *run)
{
	const struct params *p = params;
	const struct wire_conversation *c = run->conversation;
	size_t n_triggers = 0, n_missed = 0;

	if (p->when.n == 0)
		return run_always(p, run);
	for (size_t i = 0; i < c->n_messages; i++) {
		struct str trigger;
		enum err e;

		if (c->messages[i].role != WIRE_USER ||
		    !check_find_text(&p->when, c->messages[i].content, &trigger))
			continue;
		n_triggers++;
		e = follow_trigger(p, run, i, &n_missed);
		if (e != ERR_OK)
			return e;
	}
	if (n_triggers == 0)
		return check_conclude(run, VERDICT_NOT_APPLICABLE,
		    "The user never says what would call for the required text.");
	if (n_missed == 0)
		return check_conclude(run, VERDICT_PASS,
		    "The required text follows each of the %zu user messages that call for it.",
		    n_triggers);
	return check_conclude(run, VERDICT_FAIL,
	    "The required text is missing after %zu of %zu user messages that call for it.",
	    n_missed, n_triggers);
}

const struct check_kind check_required_text = { "required_text", keys, parse, run_check };
