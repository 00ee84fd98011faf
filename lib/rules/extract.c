/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a system message into rules without any model; see rules.h and extract.h. */
#include "rules/extract.h"

#include "base/strict_json.h"
#include "rules/check.h"

#define MAX_SYSTEM_MESSAGE_BYTES (1u << 20)

struct extractor {
	struct arena *arena;
	struct rule_set out;
	size_t last_block; /* of the last rule */
	bool is_coarse; /* a bullet is one rule, unless a sentence of it has a check of its own */
	bool is_cut;    /* there was more than fits */
};

/* "This cannot be undone", "point to the page instead": speaks of the sentence before it. */
static bool
leans_back(const struct text *t)
{
	static const char *const leaners[] = { "this", "these", "that", "those", "it", "they",
		"otherwise", "else", "isso", "isto", "esto", "eso", "dies", "das", "sonst", "cela",
		"sinon", NULL };
	static const char *const insteads[] = { "instead", "em vez disso", "en su lugar",
		"stattdessen", NULL };
	size_t at, after;

	return text_find_any(t, 0, 1, leaners, &at, &after) ||
	    text_find_any(t, 0, t->n, insteads, &at, &after);
}

static bool
is_same_kind(const struct rule_check *a, const struct rule_check *b)
{
	return a != NULL && b != NULL && a->kind == b->kind;
}

static enum err
read_check(struct extractor *x, const struct extract_sentence *s, struct rule *rule)
{
	CLEANUP_STRICT_JSON json_t *json = NULL;
	enum err e = extract_check(x->arena, s, &rule->check_json);

	if (e != ERR_OK || rule->check_json.len == 0)
		return e;
	e = strict_json_read(rule->check_json, MAX_SYSTEM_MESSAGE_BYTES, &json, NULL);
	if (e == ERR_OK)
		e = check_parse(x->arena, json, &rule->check, NULL);
	/* A text in the message past a check's caps: left to the model. */
	if (e == ERR_MALFORMED) {
		rule->check = NULL;
		rule->check_json = STR("");
		return ERR_OK;
	}
	return e;
}

/* The last rule takes this sentence too: the two are neighbours in the message. */
static void
widen_last(struct extractor *x, const struct extract_sentence *s)
{
	struct rule *last = &x->out.rules[x->out.n_rules - 1];
	const char *end = s->bytes.at + s->bytes.len;

	last->description =
	    text_cut((struct str){ last->description.at, (size_t)(end - last->description.at) },
		RULES_MAX_DESCRIPTION_BYTES);
}

static bool
is_name_taken(const struct extractor *x, struct str name)
{
	for (size_t i = 0; i < x->out.n_rules; i++)
		if (str_equals_ignoring_case(x->out.rules[i].name, name))
			return true;
	return false;
}

static enum err
make_name_unique(const struct extractor *x, struct str *name)
{
	struct str plain = *name;

	for (int n = 2; is_name_taken(x, *name); n++) {
		char text[RULES_MAX_NAME_BYTES];

		(void)snprintf(text, sizeof(text), "%.*s (%d)", STR_ARG(plain), n);
		*name = arena_copy(x->arena, str_from(text));
		if (name->at == NULL)
			return ERR_NOMEM;
	}
	return ERR_OK;
}

static enum err
add_rule(struct extractor *x, const struct extract_sentence *s, const struct rule *seen)
{
	struct rule rule = *seen;
	enum err e;

	/* The last place is kept for the notice. */
	if (x->out.n_rules == RULES_MAX - 1) {
		x->is_cut = true;
		return ERR_OK;
	}
	rule.description = text_cut(s->bytes, RULES_MAX_DESCRIPTION_BYTES);
	rule.category = extract_category(&s->text);
	e = extract_name(x->arena, s, &rule.name);
	if (e == ERR_OK)
		e = make_name_unique(x, &rule.name);
	if (e != ERR_OK)
		return e;
	x->out.rules[x->out.n_rules++] = rule;
	x->last_block = s->block;
	return ERR_OK;
}

static enum err
take_sentence(struct extractor *x, const struct extract_sentence *s)
{
	bool follows_rule = x->out.n_rules > 0 && s->block == x->last_block;
	struct rule seen = { 0 };
	enum err e;

	if (!extract_is_rule(&s->text))
		return ERR_OK;
	e = read_check(x, s, &seen);
	if (e != ERR_OK)
		return e;
	if (follows_rule &&
	    (is_same_kind(x->out.rules[x->out.n_rules - 1].check, seen.check) ||
		((x->is_coarse || leans_back(&s->text)) && seen.check == NULL))) {
		widen_last(x, s);
		return ERR_OK;
	}
	return add_rule(x, s, &seen);
}

static bool
is_utf8(struct str s)
{
	CLEANUP_STRICT_JSON json_t *text = strict_json_string(s);

	return text != NULL;
}

/* A copy with blanks for NULs, which our files do not hold. */
static struct str
copy_message(struct arena *a, struct str message)
{
	char *copy = arena_alloc(a, message.len + 1);

	for (size_t i = 0; i < message.len && copy != NULL; i++)
		copy[i] = (char)(message.at[i] == '\0' ? ' ' : message.at[i]);
	return (struct str){ copy, message.len };
}

/* Says in the list itself that it is not whole: people read it there. */
static void
add_notice(struct extractor *x)
{
	x->out.rules[x->out.n_rules++] = (struct rule){
		.name = STR("The system message was not split to its end"),
		.description =
		    STR("The system message holds more than can be split into rules. What "
			"follows the rules above is not judged; add rules for it by hand."),
		.category = RULE_OTHER,
		.check_json = STR(""),
	};
}

static enum err
take_all(struct extractor *x, const struct extract_sentences *sentences)
{
	enum err e = ERR_OK;

	x->is_cut = sentences->is_cut;
	x->out.n_rules = 0;
	for (size_t i = 0; e == ERR_OK && i < sentences->n; i++)
		e = take_sentence(x, &sentences->items[i]);
	return e;
}

enum err
rules_extract_offline(struct arena *a, struct str system_message, struct rule_set *ret_rules)
{
	struct extractor x = { .arena = a };
	struct extract_sentences sentences;
	struct str message;
	enum err e;

	if (!is_utf8(system_message))
		return ERR_MALFORMED;
	message = copy_message(a, text_cut(system_message, MAX_SYSTEM_MESSAGE_BYTES));
	x.out.rules = arena_alloc_array(a, RULES_MAX, sizeof(*x.out.rules));
	if (message.at == NULL || x.out.rules == NULL)
		return ERR_NOMEM;
	e = extract_split(a, message, &sentences);
	if (e != ERR_OK)
		return e;
	sentences.is_cut = sentences.is_cut || system_message.len > message.len;
	e = take_all(&x, &sentences);
	x.is_coarse = x.is_cut;
	if (e == ERR_OK && x.is_coarse)
		e = take_all(&x, &sentences);
	if (e != ERR_OK)
		return e;
	if (x.is_cut)
		add_notice(&x);
	*ret_rules = x.out;
	return ERR_OK;
}
