/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and verdicts as JSON files; see rules.h. */
#include "base/strict_json.h"
#include "rules/check.h"

#define MAX_FILE_BYTES (8u << 20)

static const char *const category_names[] = {
	[RULE_REFUSAL] = "refusal",
	[RULE_TONE] = "tone",
	[RULE_ROUTING] = "routing",
	[RULE_FACTUAL] = "factual",
	[RULE_OTHER] = "other",
};

static const char *const verdict_names[] = {
	[VERDICT_PASS] = "pass",
	[VERDICT_FAIL] = "fail",
	[VERDICT_NOT_APPLICABLE] = "not_applicable",
	[VERDICT_INDETERMINATE] = "indeterminate",
};

const char *
rule_category_name(enum rule_category category)
{
	return category_names[category];
}

const char *
verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

static enum err
read_text(struct arena *a, const json_t *rule, const char *name, size_t limit, struct str *ret_text,
    struct err_detail *reterr)
{
	struct str text = strict_json_text(json_object_get(rule, name));

	if (text.at == NULL || str_trim(text).len == 0 || text.len > limit)
		return err_set(reterr, ERR_MALFORMED, "%s must be a text of 1 to %zu bytes", name,
		    limit);
	*ret_text = arena_copy(a, text);
	return ret_text->at == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err
read_category(const json_t *rule, enum rule_category *ret_category, struct err_detail *reterr)
{
	struct str text = strict_json_text(json_object_get(rule, "category"));

	for (int c = RULE_REFUSAL; c <= RULE_OTHER && text.at != NULL; c++)
		if (str_equals(text, str_from(category_names[c]))) {
			*ret_category = (enum rule_category)c;
			return ERR_OK;
		}
	return err_set(reterr, ERR_MALFORMED,
	    "category must be one of refusal, tone, routing, factual, other");
}

static enum err
read_check(struct arena *a, const json_t *json, struct rule *rule, struct err_detail *reterr)
{
	const json_t *check = json_object_get(json, "check");
	CLEANUP(buf) struct buf *text = NULL;
	enum err e;

	if (check == NULL || json_is_null(check))
		return ERR_OK;
	if (!json_is_object(check))
		return err_set(reterr, ERR_MALFORMED, "check must be null or an object with kind");
	e = check_parse(a, check, &rule->check, reterr);
	if (e == ERR_OK)
		e = buf_new(MAX_FILE_BYTES, &text);
	if (e == ERR_OK)
		e = strict_json_write(check, text);
	if (e != ERR_OK)
		return e;
	rule->check_json = arena_copy(a, buf_str(text));
	return rule->check_json.at == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err
read_rule(struct arena *a, const json_t *json, struct rule *ret_rule, struct err_detail *reterr)
{
	static const char *const names[] = { "name", "description", "category", "check" };
	struct rule rule = { 0 };
	enum err e;

	if (!json_is_object(json))
		return err_set(reterr, ERR_MALFORMED, "a rule must be an object");
	if (!strict_json_has_only(json, names, 4))
		return err_set(reterr, ERR_MALFORMED,
		    "a rule has the members name, description, category, check and no other");
	e = read_text(a, json, "name", RULES_MAX_NAME_BYTES, &rule.name, reterr);
	if (e == ERR_OK)
		e = read_text(a, json, "description", RULES_MAX_DESCRIPTION_BYTES,
		    &rule.description, reterr);
	if (e == ERR_OK)
		e = read_category(json, &rule.category, reterr);
	if (e == ERR_OK)
		e = read_check(a, json, &rule, reterr);
	if (e == ERR_OK)
		*ret_rule = rule;
	return e;
}

enum err
rule_parse(struct arena *a, struct str json, struct rule *ret_rule, struct err_detail *reterr)
{
	CLEANUP_STRICT_JSON json_t *root = NULL;
	enum err e = strict_json_read(json, MAX_FILE_BYTES, &root, reterr);

	return e != ERR_OK ? e : read_rule(a, root, ret_rule, reterr);
}

enum err
rules_parse(struct arena *a, struct str json, struct rule_set *ret_rules, struct err_detail *reterr)
{
	CLEANUP_STRICT_JSON json_t *root = NULL;
	struct err_detail detail = { "" };
	struct rule_set set = { 0 };
	enum err e = strict_json_read(json, MAX_FILE_BYTES, &root, reterr);

	if (e != ERR_OK)
		return e;
	if (!json_is_array(root))
		return err_set(reterr, ERR_MALFORMED, "a rule file is a JSON array of rules");
	set.n_rules = json_array_size(root);
	if (set.n_rules > RULES_MAX)
		return err_set(reterr, ERR_TOO_LARGE, "more than %d rules", RULES_MAX);
	set.rules = arena_alloc_array(a, set.n_rules + 1, sizeof(*set.rules));
	if (set.rules == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < set.n_rules; i++) {
		e = read_rule(a, json_array_get(root, i), &set.rules[i], &detail);
		if (e != ERR_OK)
			return err_set(reterr, e, "rule %zu: %s", i + 1, detail.text);
	}
	*ret_rules = set;
	return ERR_OK;
}

/* The rule as JSON; NULL when memory is short or a text is not UTF-8. */
static json_t *
rule_as_json(const struct rule *rule)
{
	json_t *check = rule->check == NULL
	    ? json_null()
	    : json_loadb(rule->check_json.at, rule->check_json.len, 0, NULL);

	return json_pack("{s:o,s:o,s:s,s:o}", "name", strict_json_string(rule->name), "description",
	    strict_json_string(rule->description), "category", category_names[rule->category],
	    "check", check);
}

enum err
rule_write(const struct rule *rule, struct buf *out)
{
	CLEANUP_STRICT_JSON json_t *json = rule_as_json(rule);

	return json == NULL ? ERR_NOMEM : strict_json_write(json, out);
}

/* An array with one element a line: a file that people read and diff. */
static enum err
write_lines(json_t *const *items, size_t n, struct buf *out)
{
	enum err e = buf_append_str(out, n == 0 ? STR("[]\n") : STR("[\n"));

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		e = items[i] == NULL ? ERR_NOMEM : strict_json_write(items[i], out);
		if (e == ERR_OK)
			e = buf_append_str(out, i + 1 < n ? STR(",\n") : STR("\n]\n"));
	}
	return e;
}

enum err
rules_write(const struct rule_set *rules, struct buf *out)
{
	CLEANUP_MEM json_t **items = calloc(rules->n_rules + 1, sizeof(json_t *));
	enum err e;

	if (items == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < rules->n_rules; i++)
		items[i] = rule_as_json(&rules->rules[i]);
	e = write_lines(items, rules->n_rules, out);
	for (size_t i = 0; i < rules->n_rules; i++)
		json_decref(items[i]);
	return e;
}

static json_t *
verdict_as_json(const struct rule_verdict *v)
{
	json_t *evidence = json_array();

	for (size_t i = 0; i < v->n_evidence; i++)
		(void)json_array_append_new(evidence,
		    json_pack("{s:I,s:o}", "message", (json_int_t)v->evidence[i].message, "quote",
			strict_json_string(v->evidence[i].quote)));
	return json_pack("{s:o,s:s,s:o,s:o,s:o}", "rule", strict_json_string(v->rule), "verdict",
	    verdict_names[v->verdict], "evidence", evidence, "why", strict_json_string(v->why),
	    "judge", strict_json_string(v->judge));
}

enum err
verdicts_write(const struct rule_verdict *verdicts, size_t n_verdicts, struct buf *out)
{
	CLEANUP_MEM json_t **items = calloc(n_verdicts + 1, sizeof(json_t *));
	enum err e;

	if (items == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n_verdicts; i++)
		items[i] = verdict_as_json(&verdicts[i]);
	e = write_lines(items, n_verdicts, out);
	for (size_t i = 0; i < n_verdicts; i++)
		json_decref(items[i]);
	return e;
}
