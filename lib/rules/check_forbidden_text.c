/* SPDX-License-Identifier: Apache-2.0 */
/* forbidden_text - none of the texts is said; "roles" names who may not (the assistant). */
#include "rules/check.h"

struct params {
	struct check_list texts;
	unsigned int roles;
};

static const char *const keys[] = { "texts", "roles", NULL };

static enum err
parse(struct arena *a, const json_t *check, void **ret_params, struct err_detail *reterr)
{
	struct params *p = arena_alloc(a, sizeof(*p));
	enum err e = p == NULL ? ERR_NOMEM : check_get_roles(check, &p->roles, reterr);

	if (e == ERR_OK)
		e = check_get_list(a, check, "texts", false, &p->texts, reterr);
	if (e == ERR_OK)
		*ret_params = p;
	return e;
}

static enum err
run_check(const void *params, const struct check_run *run)
{
	const struct params *p = params;
	size_t n_read = 0, n_found = 0;

	for (size_t i = 0; i < run->conversation->n_messages; i++) {
		const struct wire_message *m = &run->conversation->messages[i];
		struct str found;
		enum err e;

		if ((p->roles & 1u << m->role) == 0 || str_trim(m->content).len == 0)
			continue;
		n_read++;
		if (!check_find_text(&p->texts, m->content, &found))
			continue;
		n_found++;
		e = check_quote(run, i, found);
		if (e != ERR_OK)
			return e;
	}
	if (n_read == 0)
		return check_conclude(run, VERDICT_NOT_APPLICABLE, "There is no text to read.");
	if (n_found == 0)
		return check_conclude(run, VERDICT_PASS, "None of the %zu forbidden texts is said.",
		    p->texts.n);
	return check_conclude(run, VERDICT_FAIL, "%zu of %zu messages hold a forbidden text.",
	    n_found, n_read);
}

const struct check_kind check_forbidden_text = { "forbidden_text", keys, parse, run_check };
