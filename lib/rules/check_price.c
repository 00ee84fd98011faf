/* SPDX-License-Identifier: Apache-2.0 */
/*
 * price - the assistant never quotes an amount of money: a currency beside a number, or a number
 * behind "it costs".  Repeating an amount that the user stated is no quote.
 */
#include "rules/check.h"
#include "rules/money.h"

#define MAX_REPEATED 100

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

/* The user stated the amount before message index; an amount in a question was not stated. */
static bool
is_users_own(const struct wire_conversation *c, size_t index, struct str amount)
{
	for (size_t i = 0; i < index; i++) {
		const struct wire_message *m = &c->messages[i];

		if (m->role == WIRE_USER && !str_contains(m->content, STR("?")) &&
		    money_repeats(m->content, amount))
			return true;
	}
	return false;
}

/* The first amount of message index that is the assistant's own. */
static bool
find_quoted(const struct wire_conversation *c, size_t index, struct str *ret_amount)
{
	struct str rest = c->messages[index].content;
	struct str amount;

	for (size_t n = 0; money_find(rest, &amount); n++) {
		const char *end = amount.at + amount.len;

		/* A list that long is the assistant's. */
		if (n == MAX_REPEATED || !is_users_own(c, index, amount)) {
			*ret_amount = amount;
			return true;
		}
		rest = str_slice(rest, (size_t)(end - rest.at), rest.len);
	}
	return false;
}

static enum err
run_check(const void *params, const struct check_run *run)
{
	size_t n_read = 0, n_found = 0;

	(void)params;
	for (size_t i = 0; i < run->conversation->n_messages; i++) {
		const struct wire_message *m = &run->conversation->messages[i];
		struct str amount;
		enum err e;

		if (m->role != WIRE_ASSISTANT || str_trim(m->content).len == 0)
			continue;
		n_read++;
		if (!find_quoted(run->conversation, i, &amount))
			continue;
		n_found++;
		e = check_quote(run, i, amount);
		if (e != ERR_OK)
			return e;
	}
	if (n_read == 0)
		return check_conclude(run, VERDICT_NOT_APPLICABLE, "The assistant said nothing.");
	if (n_found == 0)
		return check_conclude(run, VERDICT_PASS,
		    "The assistant quotes no amount of money.");
	return check_conclude(run, VERDICT_FAIL,
	    "The assistant quotes an amount of money in %zu of "
	    "its %zu messages.",
	    n_found, n_read);
}

const struct check_kind check_price = { "price", keys, parse, run_check };
