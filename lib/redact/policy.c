/* SPDX-License-Identifier: Apache-2.0 */
/* policy - obeyed: candidates filtered and told what becomes of them, own patterns, what may stay.
 */
#include <string.h>

#include "redact/policy_parts.h"

void
redact_policy_free(struct redact_policy *p)
{
	if (p == NULL)
		return;
	arena_free(p->arena);
	free(p);
}

struct str
redact_policy_text(const struct redact_policy *p)
{
	return p->text;
}

static struct policy_rule
rule_of(const struct redact_policy *p, unsigned int type)
{
	return p == NULL ? policy_default_rule((enum redact_type)type) : p->rules[type];
}

bool
redact_policy_is_off(const struct redact_policy *p, enum redact_type type)
{
	return rule_of(p, type).action == POLICY_OFF;
}

void
policy_apply(const struct redact_policy *p, struct candidates *found)
{
	size_t kept = 0;

	for (size_t i = 0; i < found->n; i++) {
		struct candidate c = found->at[i];

		if (c.type == REDACT_CUSTOM && p != NULL) {
			c.action = p->custom[c.custom].action;
		} else {
			struct policy_rule rule = rule_of(p, c.type);

			if (rule.action == POLICY_OFF || c.score < rule.min_score)
				continue;
			c.action = rule.action;
		}
		found->at[kept++] = c;
	}
	found->n = kept;
}

const char *
policy_label(const struct redact_policy *p, const struct candidate *c)
{
	return p == NULL || c->type != REDACT_CUSTOM ? NULL : p->custom[c->custom].label;
}

/* Digits may have been written with or without the country's code and the 0 before an area. */
static bool
are_same_digits(struct str canonical, unsigned int country, struct str allowed)
{
	char prefix[8];
	size_t n = 0;

	if (str_equals(canonical, allowed))
		return true;
	if (country == 0)
		return false;
	(void)snprintf(prefix, sizeof(prefix), "%u", country);
	while (n < allowed.len && allowed.at[n] == '0')
		n++;
	return str_equals(str_slice(canonical, strlen(prefix), canonical.len),
	    str_slice(allowed, n, allowed.len));
}

bool
policy_allows(const struct redact_policy *p, const struct candidate *c, struct str canonical)
{
	if (p == NULL || c->type == REDACT_SECRET)
		return false;
	for (size_t i = 0; i < p->n_allowed; i++) {
		const struct policy_allowed *a = &p->allowed[i];
		struct str form = a->forms[c->how];

		if ((a->type != POLICY_ANY_TYPE && a->type != c->type) || form.len == 0)
			continue;
		if (c->how == CANONICAL_DIGITS ? are_same_digits(canonical, c->country, form)
					       : str_equals(canonical, form))
			return true;
	}
	return false;
}

/* ---- patterns */

static enum err
append(struct candidates *list, const struct candidate *c)
{
	void *at = list->at;
	enum err e = grow(&at, &list->cap, list->n + 1, sizeof(*list->at));

	list->at = at;
	if (e == ERR_OK)
		list->at[list->n++] = *c;
	return e;
}

/* Both lists are in the order of their starts; from the back, so that nothing moves twice. */
static enum err
merge_lists(struct candidates *into, const struct candidates *other)
{
	size_t a = into->n, b = other->n, out = a + b;
	void *at = into->at;
	enum err e = grow(&at, &into->cap, out, sizeof(*into->at));

	into->at = at;
	if (e != ERR_OK)
		return e;
	into->n = out;
	while (b > 0) {
		if (a > 0 && into->at[a - 1].start > other->at[b - 1].start)
			into->at[--out] = into->at[--a];
		else
			into->at[--out] = other->at[--b];
	}
	return ERR_OK;
}

enum err
policy_scan(const struct redact_policy *p, const struct layer *folded, struct candidates *own,
    struct candidates *found)
{
	struct pattern_scan s;
	struct pattern_match m;
	enum err e = ERR_OK;

	if (p == NULL || p->patterns.n == 0)
		return ERR_OK;
	own->n = 0;
	s = pattern_scan_begin(&p->patterns, folded->text, folded->len);
	while (e == ERR_OK && own->n < REDACT_MAX_SPANS && pattern_scan_next(&s, &m)) {
		const struct candidate c = { .start = (uint32_t)m.start,
			.end = (uint32_t)m.end,
			.type = REDACT_CUSTOM,
			.score = 1000,
			.how = CANONICAL_WORDS,
			.custom = (uint8_t)m.pattern };

		e = append(own, &c);
	}
	if (e == ERR_OK && (s.is_over_budget || own->n == REDACT_MAX_SPANS))
		e = ERR_TOO_LARGE;
	return e == ERR_OK && own->n > 0 ? merge_lists(found, own) : e;
}
