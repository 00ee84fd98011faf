/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handover_on - after a user message that holds a trigger the assistant hands over: it calls the
 * tool or one of the tools (globs), or says one of the texts, at some point of the rest of the
 * conversation.
 */
#include "rules/check.h"

struct params {
	struct check_list triggers;
	struct check_list tools;
	struct check_list texts;
};

static const char *const keys[] = { "triggers", "tool", "tools", "texts", NULL };

static enum err
read_tool(struct arena *a, const json_t *check, struct check_list *ret_tools,
    struct err_detail *reterr)
{
	const json_t *tool = json_object_get(check, "tool");
	struct str name = { json_string_value(tool), json_string_length(tool) };

	if (tool == NULL)
		return check_get_list(a, check, "tools", true, ret_tools, reterr);
	if (json_object_get(check, "tools") != NULL)
		return err_set(reterr, ERR_MALFORMED, "check handover_on: tool or tools, not both");
	if (name.at == NULL || name.len == 0 || name.len > CHECK_MAX_TEXT_BYTES)
		return err_set(reterr, ERR_MALFORMED,
		    "check handover_on: tool must be a name or glob");
	ret_tools->items = arena_alloc(a, sizeof(*ret_tools->items));
	if (ret_tools->items == NULL)
		return ERR_NOMEM;
	ret_tools->items[0] = arena_copy(a, name);
	ret_tools->n = 1;
	return ret_tools->items[0].at == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err
parse(struct arena *a, const json_t *check, void **ret_params, struct err_detail *reterr)
{
	struct params *p = arena_alloc(a, sizeof(*p));
	enum err e = p == NULL ? ERR_NOMEM
			       : check_get_list(a, check, "triggers", false, &p->triggers, reterr);

	if (e == ERR_OK)
		e = read_tool(a, check, &p->tools, reterr);
	if (e == ERR_OK)
		e = check_get_list(a, check, "texts", true, &p->texts, reterr);
	if (e != ERR_OK)
		return e;
	if (p->tools.n + p->texts.n == 0)
		return err_set(reterr, ERR_MALFORMED, "check handover_on: needs tool or texts");
	*ret_params = p;
	return ERR_OK;
}

/* Whether message m hands over; ret_quote shows it. */
static bool
hands_over(const struct params *p, const struct wire_message *m, struct str *ret_quote)
{
	if (m->role != WIRE_ASSISTANT)
		return false;
	for (size_t c = 0; c < m->n_calls; c++)
		if (check_matches_any_glob(&p->tools, m->calls[c].name)) {
			*ret_quote = m->calls[c].name;
			return true;
		}
	return check_find_text(&p->texts, m->content, ret_quote);
}

static enum err
follow_trigger(const struct params *p, const struct check_run *run, size_t at, struct str trigger)
{
	const struct wire_conversation *c = run->conversation;
	struct str quote;
	enum err e = check_quote(run, at, trigger);

	for (size_t i = at + 1; i < c->n_messages && e == ERR_OK; i++) {
		if (!hands_over(p, &c->messages[i], &quote))
			continue;
		e = check_quote(run, i, quote);
		return e != ERR_OK ? e
				   : check_conclude(run, VERDICT_PASS,
					 "The assistant hands over after the trigger.");
	}
	if (e == ERR_OK && at + 1 < c->n_messages)
		e = check_quote(run, at + 1, c->messages[at + 1].content);
	return e != ERR_OK ? e
			   : check_conclude(run, VERDICT_FAIL,
				 "The user gives a trigger and no hand-over follows.");
}

static enum err
run_check(const void *params, const struct check_run *run)
{
	const struct params *p = params;
	const struct wire_conversation *c = run->conversation;

	/* What hands over after the last trigger comes after all of them. */
	for (size_t i = c->n_messages; i > 0; i--) {
		const struct wire_message *m = &c->messages[i - 1];
		struct str trigger;

		if (m->role == WIRE_USER && check_find_text(&p->triggers, m->content, &trigger))
			return follow_trigger(p, run, i - 1, trigger);
	}
	return check_conclude(run, VERDICT_NOT_APPLICABLE, "The user gives no trigger.");
}

const struct check_kind check_handover_on = { "handover_on", keys, parse, run_check };
