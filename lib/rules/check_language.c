/* SPDX-License-Identifier: Apache-2.0 */
/* language - every message of the assistant that is long enough to tell is in one of these. */
#include "rules/check.h"
#include "rules/language.h"

struct params {
	uint32_t allowed; /* bits 1 << index of language */
	struct check_list languages;
};

static const char *const keys[] = { "languages", NULL };

static enum err
parse(struct arena *a, const json_t *check, void **ret_params, struct err_detail *reterr)
{
	struct params *p = arena_alloc(a, sizeof(*p));
	enum err e = p == NULL
	    ? ERR_NOMEM
	    : check_get_list(a, check, "languages", false, &p->languages, reterr);

	for (size_t i = 0; e == ERR_OK && i < p->languages.n; i++) {
		uint32_t bit = language_bit(p->languages.items[i]);

		if (bit == 0)
			e = err_set(reterr, ERR_MALFORMED,
			    "check language: no language %.*s; these can be told apart: %s",
			    STR_ARG(text_cut(p->languages.items[i], 20)), LANGUAGE_CODES);
		p->allowed |= bit;
	}
	if (e == ERR_OK)
		*ret_params = p;
	return e;
}

static enum err
run_check(const void *params, const struct check_run *run)
{
	const struct params *p = params;
	size_t n_read = 0, n_wrong = 0;
	const char *wrong = NULL;

	for (size_t i = 0; i < run->conversation->n_messages; i++) {
		const struct wire_message *m = &run->conversation->messages[i];
		enum language_finding finding;
		enum err e;

		if (m->role != WIRE_ASSISTANT)
			continue;
		e = language_read(m->content, p->allowed, &finding, &wrong);
		n_read += e == ERR_OK && finding != LANGUAGE_UNCLEAR;
		n_wrong += e == ERR_OK && finding == LANGUAGE_OTHER;
		if (e == ERR_OK && finding == LANGUAGE_OTHER)
			e = check_quote(run, i, m->content);
		if (e != ERR_OK)
			return e;
	}
	if (n_read == 0)
		return check_conclude(run, VERDICT_NOT_APPLICABLE,
		    "No message of the assistant is long enough to tell its language.");
	if (n_wrong == 0)
		return check_conclude(run, VERDICT_PASS, "%s",
		    n_read == 1
			? "The message that is long enough to tell is in an allowed language."
			: "All messages that are long enough to tell are in an allowed language.");
	return check_conclude(run, VERDICT_FAIL,
	    "%zu of %zu message%s %s in a language that is not allowed (%s).", n_wrong, n_read,
	    n_read == 1 ? "" : "s", n_wrong == 1 ? "is" : "are", wrong);
}

const struct check_kind check_language = { "language", keys, parse, run_check };
