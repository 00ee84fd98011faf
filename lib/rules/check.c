/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kinds of deterministic check, and what they share; see check.h. */
#include "rules/check.h"

#include <stdarg.h>

#define MAX_WHY_BYTES 300

static const struct check_kind *const kinds[] = {
	&check_language,
	&check_forbidden_text,
	&check_required_text,
	&check_price,
	&check_single_tool_call,
	&check_confirm_before_tool,
	&check_handover_on,
};

static enum err
refuse_unknown_keys(const struct check_kind *kind, const json_t *json, struct err_detail *reterr)
{
	size_t known = 1; /* "kind" */

	for (size_t i = 0; kind->keys[i] != NULL; i++)
		known += json_object_get(json, kind->keys[i]) != NULL;
	if (json_object_size(json) != known)
		return err_set(reterr, ERR_MALFORMED, "check %s: a parameter that it does not have",
		    kind->name);
	return ERR_OK;
}

enum err
check_parse(struct arena *a, const json_t *json, const struct rule_check **ret_check,
    struct err_detail *reterr)
{
	struct str name = { json_string_value(json_object_get(json, "kind")),
		json_string_length(json_object_get(json, "kind")) };
	struct rule_check *check = arena_alloc(a, sizeof(*check));
	void *params = NULL;
	enum err e;

	if (check == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && name.at != NULL; i++)
		if (str_equals(name, str_from(kinds[i]->name)))
			check->kind = kinds[i];
	if (check->kind == NULL)
		return err_set(reterr, ERR_MALFORMED,
		    "check: kind must be one of language, forbidden_text, required_text, price, "
		    "single_tool_call, confirm_before_tool, handover_on");
	e = refuse_unknown_keys(check->kind, json, reterr);
	if (e == ERR_OK)
		e = check->kind->parse(a, json, &params, reterr);
	if (e != ERR_OK)
		return e;
	check->params = params;
	*ret_check = check;
	return ERR_OK;
}

enum err
check_get_list(struct arena *a, const json_t *check, const char *name, bool is_optional,
    struct check_list *ret_list, struct err_detail *reterr)
{
	const json_t *array = json_object_get(check, name);
	struct check_list list = { .n = json_array_size(array) };

	if (array == NULL && is_optional) {
		*ret_list = (struct check_list){ 0 };
		return ERR_OK;
	}
	if (list.n == 0 || list.n > CHECK_MAX_LIST)
		return err_set(reterr, ERR_MALFORMED, "check: %s must be an array of 1 to %d texts",
		    name, CHECK_MAX_LIST);
	list.items = arena_alloc_array(a, list.n, sizeof(*list.items));
	if (list.items == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < list.n; i++) {
		const json_t *item = json_array_get(array, i);
		struct str text = { json_string_value(item), json_string_length(item) };

		if (text.at == NULL || str_trim(text).len == 0 || text.len > CHECK_MAX_TEXT_BYTES)
			return err_set(reterr, ERR_MALFORMED,
			    "check: %s must hold texts of 1 to %d bytes", name,
			    CHECK_MAX_TEXT_BYTES);
		list.items[i] = arena_copy(a, text);
		if (list.items[i].at == NULL)
			return ERR_NOMEM;
	}
	*ret_list = list;
	return ERR_OK;
}

static bool
role_bit(const char *name, unsigned int *bits)
{
	for (int role = WIRE_SYSTEM; role <= WIRE_TOOL; role++)
		if (name != NULL && strcmp(name, wire_role_name((enum wire_role)role)) == 0) {
			*bits |= 1u << role;
			return true;
		}
	return false;
}

enum err
check_get_roles(const json_t *check, unsigned int *ret_roles, struct err_detail *reterr)
{
	const json_t *array = json_object_get(check, "roles");
	bool is_known = json_array_size(array) > 0;
	unsigned int bits = 0;

	if (array == NULL) {
		*ret_roles = 1u << WIRE_ASSISTANT;
		return ERR_OK;
	}
	for (size_t i = 0; i < json_array_size(array) && is_known; i++)
		is_known = role_bit(json_string_value(json_array_get(array, i)), &bits);
	if (!is_known)
		return err_set(reterr, ERR_MALFORMED,
		    "check: roles must be an array of user, assistant, tool");
	*ret_roles = bits;
	return ERR_OK;
}

enum err
check_quote(const struct check_run *run, size_t message, struct str quote)
{
	struct rule_verdict *v = run->verdict;

	quote = text_cut(quote, RULES_MAX_QUOTE_BYTES);
	if (v->n_evidence == RULES_MAX_EVIDENCE || quote.len == 0)
		return ERR_OK;
	if (v->evidence == NULL)
		v->evidence =
		    arena_alloc_array(run->arena, RULES_MAX_EVIDENCE, sizeof(*v->evidence));
	if (v->evidence == NULL)
		return ERR_NOMEM;
	v->evidence[v->n_evidence].message = wire_place(run->conversation, message);
	v->evidence[v->n_evidence].quote = arena_copy(run->arena, quote);
	return v->evidence[v->n_evidence++].quote.at == NULL ? ERR_NOMEM : ERR_OK;
}

enum err
check_conclude(const struct check_run *run, enum verdict verdict, const char *why, ...)
{
	char text[2 * MAX_WHY_BYTES];
	va_list args;

	va_start(args, why);
	(void)vsnprintf(text, sizeof(text), why, args);
	va_end(args);
	run->verdict->verdict = verdict;
	run->verdict->why = arena_copy(run->arena, text_cut(str_from(text), MAX_WHY_BYTES));
	return run->verdict->why.at == NULL ? ERR_NOMEM : ERR_OK;
}

bool
check_find_text(const struct check_list *list, struct str message, struct str *ret_found)
{
	for (size_t i = 0; i < list->n; i++)
		if (text_find_literal(message, list->items[i], ret_found))
			return true;
	return false;
}

bool
check_matches_any_glob(const struct check_list *globs, struct str name)
{
	for (size_t i = 0; i < globs->n; i++)
		if (text_matches_glob(name, globs->items[i]))
			return true;
	return false;
}

enum err
rule_check_run(struct arena *a, const struct rule *rule,
    const struct wire_conversation *conversation, struct rule_verdict *ret_verdict)
{
	struct rule_verdict verdict = { .rule = rule->name, .judge = STR("deterministic") };
	const struct check_run run = { a, conversation, &verdict };
	enum err e;

	if (rule->check == NULL)
		return ERR_NOT_FOUND;
	e = rule->check->kind->run(rule->check->params, &run);
	if (e == ERR_OK)
		*ret_verdict = verdict;
	return e;
}
