/* SPDX-License-Identifier: Apache-2.0 */
/* single_tool_call - one tool call at a time, and no text to the user beside it. */
#include "rules/check.h"

static const char *const keys[] = { NULL };

static enum err
parse(struct arena *a, const json_t *check, void **ret_params, struct err_detail *reterr)
{
	(void)a;
	(void)check;
	(void)reterr;
	*ret_params = NULL;
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

static enum err
run_check(const void *params, const struct check_run *run)
{
	size_t n_calling = 0, n_many = 0, n_beside = 0;

	(void)params;
	for (size_t i = 0; i < run->conversation->n_messages; i++) {
		const struct wire_message *m = &run->conversation->messages[i];
		bool has_text = str_trim(m->content).len > 0;
		enum err e;

		if (m->role != WIRE_ASSISTANT || m->n_calls == 0)
			continue;
		n_calling++;
		n_many += m->n_calls > 1;
		n_beside += has_text;
		if (m->n_calls == 1 && !has_text)
			continue;
		e = quote_offence(run, i);
		if (e != ERR_OK)
			return e;
	}
	if (n_calling == 0)
		return check_conclude(run, VERDICT_NOT_APPLICABLE, "No tool was called.");
	if (n_many + n_beside == 0)
		return check_conclude(run, VERDICT_PASS,
		    "Each of the %zu messages that call a tool makes one call and says nothing beside it.",
		    n_calling);
	return check_conclude(run, VERDICT_FAIL,
	    "Of %zu messages that call a tool, %zu make more than one call and %zu speak to the user "
	    "beside the call.",
	    n_calling, n_many, n_beside);
}

const struct check_kind check_single_tool_call = { "single_tool_call", keys, parse, run_check };
