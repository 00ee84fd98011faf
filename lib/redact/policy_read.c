/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_read - a policy from its JSON text.  What is missing is written in as it is read, so that
 * the text that is kept says everything.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strict_json.h"
#include "redact/canonical.h"
#include "redact/fold.h"
#include "redact/policy_parts.h"

#define ARENA_BYTES (POLICY_MAX_TABLE_BYTES + (1u << 20))
#define NOT_A_SCORE UINT16_MAX
#define MAX_PATTERN_TEXT ((size_t)POLICY_MAX_LITERALS * 64)

struct reader {
	struct redact_policy *p;
	struct redact_policy_fault *fault;
	json_t *root;
	char where[64];       /* "custom[2]" */
	uint16_t least_score; /* of the whole workspace */
	bool is_set[REDACT_N_TYPES];
	struct layer folded;
};

static enum err PRINTF_LIKE(4, 5)
    refuse(struct reader *r, const char *member, const char *what, const char *remedy, ...)
{
	va_list args;

	va_start(args, remedy);
	(void)vsnprintf(r->fault->remedy, sizeof(r->fault->remedy), remedy, args);
	va_end(args);
	(void)snprintf(r->fault->what, sizeof(r->fault->what), "%s", what);
	(void)snprintf(r->fault->where, sizeof(r->fault->where), "%s%s%s", r->where,
	    r->where[0] != '\0' && member[0] != '\0' ? "." : "", member);
	return ERR_MALFORMED;
}

/* ---- members */

static enum err
only(struct reader *r, const json_t *object, const char *const *names, size_t n)
{
	char known[160] = "";

	for (size_t i = 0; i < n; i++)
		(void)snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
		    i > 0 ? ", " : "", names[i]);
	if (!json_is_object(object))
		return refuse(r, "", "this is no object", "write {…} with %s", known);
	if (!strict_json_has_only(object, names, n))
		return refuse(r, "", "it has a member that does not exist", "known are %s", known);
	return ERR_OK;
}

/* The member, or what stands for it when it is left out. */
static enum err
member_or(json_t *object, const char *name, json_t *otherwise, json_t **ret_value)
{
	json_t *value = json_object_get(object, name);

	if (value != NULL) {
		json_decref(otherwise);
		*ret_value = value;
		return ERR_OK;
	}
	*ret_value = otherwise; /* the object's own from now on */
	return json_object_set_new(object, name, otherwise) == 0 ? ERR_OK : ERR_NOMEM;
}

static enum err
array_of(struct reader *r, json_t *object, const char *name, size_t most, json_t **ret_array)
{
	enum err e = member_or(object, name, json_array(), ret_array);

	if (e == ERR_OK && (!json_is_array(*ret_array) || json_array_size(*ret_array) > most))
		return refuse(r, name, "this is no list, or too long a one",
		    "write […] with at most %zu items", most);
	return e;
}

/* NULL stands for none. */
static enum err
read_confidence(struct reader *r, json_t *object, uint16_t *ret_score)
{
	json_t *value;
	double number;
	enum err e = member_or(object, "min_confidence", json_null(), &value);

	*ret_score = NOT_A_SCORE;
	if (e != ERR_OK || json_is_null(value))
		return e;
	number = json_number_value(value);
	if (!json_is_number(value) || !(number >= 0) || number * 1000 > POLICY_MAX_CONFIDENCE)
		return refuse(r, "min_confidence", "this is no minimum confidence",
		    "write null or a number from 0 to %.2f; to ignore a type, set it to off",
		    POLICY_MAX_CONFIDENCE / 1000.0);
	*ret_score = (uint16_t)(number * 1000 + 0.5);
	return ERR_OK;
}

static enum err
read_action(struct reader *r, json_t *object, const char *const *names, size_t n, uint8_t *action)
{
	char known[80] = "";
	json_t *value;
	struct str text;
	enum err e = member_or(object, "action", json_string(names[*action]), &value);

	if (e != ERR_OK)
		return e;
	text = strict_json_text(value);
	for (size_t i = 0; i < n; i++) {
		if (names[i] != NULL && text.at != NULL && str_equals(text, str_from(names[i]))) {
			*action = (uint8_t)i;
			return ERR_OK;
		}
		if (names[i] != NULL)
			(void)snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			    known[0] != '\0' ? ", " : "", names[i]);
	}
	return refuse(r, "action", "this action is not for this entity", "choose one of %s", known);
}

static bool
type_named(struct str name, enum redact_type *ret_type)
{
	for (int i = 0; i < REDACT_N_TYPES; i++)
		if (name.at != NULL &&
		    str_equals(name, str_from(redact_type_name((enum redact_type)i)))) {
			*ret_type = (enum redact_type)i;
			return true;
		}
	return false;
}

/* ---- entities */

static enum err
read_entity_action(struct reader *r, json_t *item, enum redact_type type)
{
	struct redact_kind kind = redact_kind(type);
	struct policy_rule *rule = &r->p->rules[type];
	const char *names[] = { [REDACT_REPLACE] = "replace",
		[REDACT_MASK] = kind.may_mask ? "mask" : NULL,
		[REDACT_DROP] = "drop",
		[REDACT_FLAG] = kind.action == REDACT_FLAG ? "flag" : NULL,
		[REDACT_FLAG + 1] = kind.may_be_off ? "off" : NULL };
	enum err e = read_action(r, item, names, sizeof(names) / sizeof(names[0]), &rule->action);

	if (e == ERR_OK && rule->action == REDACT_FLAG + 1)
		rule->action = POLICY_OFF;
	return e;
}

static enum err
read_entity(struct reader *r, json_t *item)
{
	static const char *const names[] = { "type", "action", "min_confidence" };
	enum redact_type type;
	uint16_t score;
	enum err e = only(r, item, names, 3);

	if (e != ERR_OK)
		return e;
	if (!type_named(strict_json_text(json_object_get(item, "type")), &type))
		return refuse(r, "type", "there is no such type",
		    "write one of the types of docs/redaction.md, for example \"EMAIL\"");
	if (r->is_set[type])
		return refuse(r, "type", "the type stands here twice", "%s",
		    "keep one of the two entries");
	r->is_set[type] = true;
	e = read_entity_action(r, item, type);
	if (e == ERR_OK)
		e = read_confidence(r, item, &score);
	if (e != ERR_OK || score == NOT_A_SCORE)
		return e;
	if (type == REDACT_SECRET)
		return refuse(r, "min_confidence",
		    "secrets are taken out however sure a finding is", "write null");
	r->p->rules[type].min_score = score;
	return ERR_OK;
}

static enum err
read_entities(struct reader *r)
{
	json_t *list, *item;
	size_t i;
	enum err e;

	for (int type = 0; type < REDACT_N_TYPES; type++) {
		r->p->rules[type] = policy_default_rule((enum redact_type)type);
		if (type != REDACT_SECRET && r->least_score != NOT_A_SCORE)
			r->p->rules[type].min_score = r->least_score;
	}
	e = array_of(r, r->root, "entities", REDACT_N_TYPES, &list);
	if (e != ERR_OK)
		return e;
	json_array_foreach(list, i, item)
	{
		(void)snprintf(r->where, sizeof(r->where), "entities[%zu]", i);
		e = read_entity(r, item);
		if (e != ERR_OK)
			return e;
	}
	r->where[0] = '\0';
	return ERR_OK;
}

/* ---- the workspace's own entities */

static enum err
read_name(struct reader *r, const json_t *item, size_t n)
{
	struct str name = strict_json_text(json_object_get(item, "name"));
	char *label = r->p->custom[n].label;
	size_t len = 0;

	while (len < name.len && name.len <= POLICY_MAX_NAME_CHARS &&
	    ((name.at[len] >= 'A' && name.at[len] <= 'Z') || name.at[len] == '_'))
		len++;
	if (len == 0 || len != name.len)
		return refuse(r, "name", "this is no name for a placeholder",
		    "use 1 to %d capital letters A to Z and _", POLICY_MAX_NAME_CHARS);
	(void)snprintf(label, POLICY_LABEL_BYTES, POLICY_LABEL_PREFIX "%.*s", STR_ARG(name));
	for (size_t i = 0; i < n; i++)
		if (strcmp(r->p->custom[i].label, label) == 0)
			return refuse(r, "name", "the name stands here twice", "%s",
			    "give each custom entity a name of its own");
	return ERR_OK;
}

static enum err
fold(struct reader *r, struct str text)
{
	struct source s = source_of_text((const uint8_t *)text.at, text.len);

	layer_clear(&r->folded);
	return fold_append(&r->folded, &s, 0, text.len);
}

/* A literal as a pattern: signs behind a backslash, a space for any run of spaces. */
static enum err
append_literal(struct reader *r, struct str literal, struct buf *out)
{
	enum err e = fold(r, str_trim(literal));

	if (e == ERR_OK && buf_len(out) > 0 && buf_c_string(out)[buf_len(out) - 1] != '(')
		e = buf_append_str(out, STR("|"));
	for (size_t i = 0; i < r->folded.len && e == ERR_OK; i++) {
		uint8_t c = r->folded.text[i];

		if (c <= ' ') {
			e = buf_append_str(out, STR("\\s{1,8}"));
			while (i + 1 < r->folded.len && r->folded.text[i + 1] <= ' ')
				i++;
			continue;
		}
		if (c < 0x80 && !is_alnum(c))
			e = buf_append_byte(out, '\\');
		if (e == ERR_OK)
			e = buf_append_byte(out, (char)c);
	}
	return e;
}

static enum err
read_literals(struct reader *r, const json_t *list, struct buf *out)
{
	const json_t *item;
	size_t i;
	enum err e = buf_append_str(out, STR("\\b("));

	json_array_foreach(list, i, item)
	{
		struct str literal = str_trim(strict_json_text(item));

		if (literal.at == NULL || literal.len < 2 || literal.len > POLICY_MAX_VALUE_BYTES)
			return refuse(r, "literals",
			    "one of the literals is no text of that length",
			    "literal %zu: write 2 to %d bytes", i + 1, POLICY_MAX_VALUE_BYTES);
		if (!is_alnum((uint8_t)literal.at[0]) && (uint8_t)literal.at[0] < 0x80)
			return refuse(r, "literals", "a literal begins with a sign",
			    "literal %zu: begin and end with a letter or digit, or write a pattern",
			    i + 1);
		e = append_literal(r, literal, out);
		if (e != ERR_OK)
			break;
	}
	if (e == ERR_OK)
		e = buf_append_str(out, STR(")\\b"));
	return e == ERR_TOO_LARGE ? refuse(r, "literals", "the literals are too many together",
					"%s", "spread them over several custom entities")
				  : e;
}

static enum err
compile(struct reader *r, struct str text, bool is_case_ignored, const char *member, size_t n)
{
	struct pattern_fault fault = { 0 };
	struct pattern *p = &r->p->patterns.at[n];
	char where[48];
	uint64_t cost = 0;
	enum err e = pattern_compile(r->p->arena, text, is_case_ignored, p, &fault);

	if (e == ERR_MALFORMED) {
		(void)snprintf(where, sizeof(where), "%s, character %zu", member, fault.at);
		return refuse(r, fault.at > 0 && strcmp(member, "pattern") == 0 ? where : member,
		    fault.what, "%s", fault.remedy);
	}
	for (size_t i = 0; i <= n && e == ERR_OK; i++)
		cost += r->p->patterns.at[i].worst_cost;
	if (e == ERR_OK && cost > PATTERN_STEPS_PER_BYTE)
		return refuse(r, member, "with this one the patterns are too costly together", "%s",
		    "begin patterns with \\b or with something that seldom occurs");
	return e;
}

static enum err
read_pattern(struct reader *r, json_t *item, size_t n)
{
	CLEANUP(buf) struct buf *text = NULL;
	json_t *pattern, *literals, *ignore_case;
	struct str given;
	enum err e = member_or(item, "pattern", json_null(), &pattern);

	if (e == ERR_OK)
		e = array_of(r, item, "literals", POLICY_MAX_LITERALS, &literals);
	if (e == ERR_OK)
		e = member_or(item, "ignore_case", json_boolean(json_is_null(pattern)),
		    &ignore_case);
	if (e == ERR_OK && !json_is_boolean(ignore_case))
		return refuse(r, "ignore_case", "this is neither true nor false",
		    "write true or false");
	if (e == ERR_OK && json_is_null(pattern) == (json_array_size(literals) == 0))
		return refuse(r, "", "an entity has a pattern or literals, one of the two",
		    "give it \"pattern\", or \"literals\" with at least one text");
	if (e == ERR_OK)
		e = buf_new(MAX_PATTERN_TEXT, &text);
	if (e != ERR_OK)
		return e;
	if (json_is_null(pattern)) {
		e = read_literals(r, literals, text);
		return e == ERR_OK
		    ? compile(r, buf_str(text), json_is_true(ignore_case), "literals", n)
		    : e;
	}
	given = strict_json_text(pattern);
	if (given.at == NULL || given.len == 0 || given.len > PATTERN_MAX_BYTES)
		return refuse(r, "pattern", "this is no pattern", "write a text of 1 to %d bytes",
		    PATTERN_MAX_BYTES);
	return compile(r, given, json_is_true(ignore_case), "pattern", n);
}

static enum err
read_custom_item(struct reader *r, json_t *item, size_t n)
{
	static const char *const names[] = { "name", "pattern", "literals", "ignore_case",
		"action" };
	static const char *const actions[] = {
		[REDACT_REPLACE] = "replace", [REDACT_MASK] = "mask", [REDACT_DROP] = "drop"
	};
	enum err e = only(r, item, names, 5);

	if (e == ERR_OK)
		e = read_name(r, item, n);
	if (e == ERR_OK)
		e = read_action(r, item, actions, 3, &r->p->custom[n].action);
	return e == ERR_OK ? read_pattern(r, item, n) : e;
}

static enum err
read_custom(struct reader *r)
{
	struct redact_policy *p = r->p;
	json_t *list, *item;
	size_t i;
	enum err e = array_of(r, r->root, "custom", POLICY_MAX_PATTERNS, &list);

	if (e != ERR_OK)
		return e;
	p->custom = arena_alloc_array(p->arena, POLICY_MAX_PATTERNS, sizeof(*p->custom));
	p->patterns.at = arena_alloc_array(p->arena, POLICY_MAX_PATTERNS, sizeof(*p->patterns.at));
	if (p->custom == NULL || p->patterns.at == NULL)
		return ERR_NOMEM;
	json_array_foreach(list, i, item)
	{
		(void)snprintf(r->where, sizeof(r->where), "custom[%zu]", i);
		e = read_custom_item(r, item, i);
		if (e != ERR_OK)
			return e;
		p->patterns.n++;
	}
	r->where[0] = '\0';
	pattern_set_index(&p->patterns);
	return ERR_OK;
}

/* ---- values that may stay */

static enum err
keep_forms(struct reader *r, struct policy_allowed *a)
{
	for (int how = 0; how < N_CANONICALS; how++) {
		char *form = arena_alloc(r->p->arena, r->folded.len + 1);
		bool is_gap = true;
		size_t n = 0;

		if (form == NULL)
			return ERR_NOMEM;
		for (size_t i = 0; i < r->folded.len; i++) {
			int byte = canonical_byte((enum canonical)how, r->folded.text[i], &is_gap);

			if (byte != CANONICAL_NOTHING)
				form[n++] = (char)byte;
		}
		a->forms[how] = (struct str){ form, n };
	}
	return ERR_OK;
}

static enum err
read_allowed_item(struct reader *r, json_t *item, struct policy_allowed *a)
{
	static const char *const names[] = { "value", "type" };
	enum redact_type type;
	json_t *type_value;
	struct str value;
	enum err e = only(r, item, names, 2);

	if (e == ERR_OK)
		e = member_or(item, "type", json_null(), &type_value);
	if (e != ERR_OK)
		return e;
	value = str_trim(strict_json_text(json_object_get(item, "value")));
	if (value.at == NULL || value.len == 0 || value.len > POLICY_MAX_VALUE_BYTES)
		return refuse(r, "value", "this is no value", "write a text of 1 to %d bytes",
		    POLICY_MAX_VALUE_BYTES);
	a->type = POLICY_ANY_TYPE;
	if (!json_is_null(type_value)) {
		if (!type_named(strict_json_text(type_value), &type))
			return refuse(r, "type", "there is no such type",
			    "write null for any, or one of the types, for example \"EMAIL\"");
		if (type == REDACT_SECRET)
			return refuse(r, "type", "secrets are always taken out",
			    "take this entry out");
		a->type = (uint16_t)type;
	}
	e = fold(r, value);
	return e == ERR_OK ? keep_forms(r, a) : e;
}

static enum err
read_allowed(struct reader *r)
{
	struct redact_policy *p = r->p;
	json_t *list, *item;
	size_t i;
	enum err e = array_of(r, r->root, "allow", POLICY_MAX_ALLOWED, &list);

	if (e != ERR_OK)
		return e;
	p->allowed = arena_alloc_array(p->arena, POLICY_MAX_ALLOWED, sizeof(*p->allowed));
	if (p->allowed == NULL)
		return ERR_NOMEM;
	json_array_foreach(list, i, item)
	{
		(void)snprintf(r->where, sizeof(r->where), "allow[%zu]", i);
		e = read_allowed_item(r, item, &p->allowed[i]);
		if (e != ERR_OK)
			return e;
		p->n_allowed++;
	}
	r->where[0] = '\0';
	return ERR_OK;
}

/* ---- the whole */

static enum err
keep_text(struct reader *r)
{
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = buf_new(4 * (size_t)POLICY_MAX_BYTES, &text);

	if (e == ERR_OK)
		e = strict_json_write(r->root, text);
	if (e != ERR_OK)
		return e;
	if (buf_len(text) > POLICY_MAX_BYTES)
		return refuse(r, "", "the policy is larger than 64 KiB", "make it smaller");
	r->p->text = arena_copy(r->p->arena, buf_str(text));
	return r->p->text.at == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err
read_all(struct reader *r)
{
	static const char *const names[] = { "min_confidence", "entities", "custom", "allow" };
	enum err e = only(r, r->root, names, 4);

	if (e == ERR_OK)
		e = read_confidence(r, r->root, &r->least_score);
	if (e == ERR_OK)
		e = read_entities(r);
	if (e == ERR_OK)
		e = read_custom(r);
	if (e == ERR_OK)
		e = read_allowed(r);
	return e == ERR_OK ? keep_text(r) : e;
}

enum err
redact_policy_read(struct str json, struct redact_policy **ret_policy,
    struct redact_policy_fault *ret_fault)
{
	CLEANUP(redact_policy) struct redact_policy *p = calloc(1, sizeof(*p));
	CLEANUP_STRICT_JSON json_t *root = NULL;
	struct err_detail detail = { "" };
	struct reader r = { .p = p, .fault = ret_fault };
	enum err e = p == NULL ? ERR_NOMEM : arena_new(ARENA_BYTES, &p->arena);

	if (e != ERR_OK)
		return e;
	e = strict_json_read(json, POLICY_MAX_BYTES, &root, &detail);
	if (e == ERR_TOO_LARGE || e == ERR_MALFORMED)
		return refuse(&r, "", detail.text, "write one JSON object of at most 64 KiB");
	r.root = root;
	if (e == ERR_OK)
		e = read_all(&r);
	layer_done(&r.folded);
	if (e == ERR_OK)
		*ret_policy = TAKE(p);
	return e;
}
