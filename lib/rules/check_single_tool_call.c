/* SPDX-License-Identifier: Apache-2.0 */
/*
 * single_tool_call - one tool call at a time, and no text to the user beside it; "only" narrows it
 * to the "calls" or to the "silence".
 */
#include "rules/check.h"

struct params {
	bool counts_calls;
	bool wants_silence;
};

static const char *const keys[] = { "only", NULL };

static enum err
parse(struct arena *a, const json_t *check, void **ret_params, struct err_detail *reterr)
{
	const json_t *only = json_object_get(check, "only");
	struct str word = { json_string_value(only), json_string_length(only) };
	struct params *p = arena_alloc(a, sizeof(*p));

	if (p == NULL)
		return ERR_NOMEM;
	p->counts_calls = only == NULL || (word.at != NULL && str_equals(word, STR("calls")));
	p->wants_silence = only == NULL || (word.at != NULL && str_equals(word, STR("silence")));
	if (!p->counts_calls && !p->wants_silence)
		return err_set(reterr, ERR_MALFORMED,
		    "check single_tool_call: only must be calls or silence");
	*ret_params = p;
	return ERR_OK;
}

static enum err
quote_offence(const struct check_run *run, size_t index)
{
	const struct wire_message *m = &run->conversation->messages[index];
	enum err e = ERR_OK;

	for (size_t c = 0; c < m->n_calls && c < 2 && e == ERR_OK; c++)
		e = check_quote(run, index, m->calls[c].name);
	if (e == ERR_OK)
		e = check_quote(run, index, str_trim(m->content));
	return e;
}

struct tally {
	size_t n_calling, n_many, n_beside;
};

static enum err
weigh(const struct params *p, const struct check_run *run, size_t index, struct tally *tally)
{
	const struct wire_message *m = &run->conversation->messages[index];
	bool is_many = p->counts_calls && m->n_calls > 1;
	bool is_beside = p->wants_silence && str_trim(m->content).len > 0;

	tally->n_calling++;
	tally->n_many += is_many;
	tally->n_beside += is_beside;
	return is_many || is_beside ? quote_offence(run, index) : ERR_OK;
}

static enum err
conclude_pass(const struct params *p, const struct check_run *run, size_t n_calling)
{
	const char *what = !p->wants_silence ? "makes one call"
	    : !p->counts_calls               ? "says nothing beside it"
					     : "makes one call and says nothing beside it";

	return check_conclude(run, VERDICT_PASS, "Each of the %zu messages that call a tool %s.",
	    n_calling, what);
}

static enum err
run_check(const void *params, const struct check_run *run)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < run->conversation->n_messages; i++) {
		const struct wire_message *m = &run->conversation->messages[i];
		enum err e;

		if (m->role != WIRE_ASSISTANT || m->n_calls == 0)
			continue;
		e = weigh(params, run, i, &tally);
		if (e != ERR_OK)
			return e;
	}
	if (tally.n_calling == 0)
		return check_conclude(run, VERDICT_NOT_APPLICABLE, "No tool was called.");
	if (tally.n_many + tally.n_beside == 0)
		return conclude_pass(params, run, tally.n_calling);
	return check_conclude(run, VERDICT_FAIL,
	    "Of %zu messages that call a tool, %zu make more than one call and %zu speak to the user "
	    "beside the call.",
	    tally.n_calling, tally.n_many, tally.n_beside);
}

const struct check_kind check_single_tool_call = { "single_tool_call", keys, parse, run_check };
