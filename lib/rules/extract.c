/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a system message into rules without any model; see rules.h and extract.h. */
#include "rules/extract.h"

#include "base/strict_json.h"
#include "rules/check.h"

#define MAX_SYSTEM_MESSAGE_BYTES (1u << 20)

struct extractor {
	struct arena *arena;
	const struct extract_sentences *sentences;
	struct rule_set out;
	size_t last_block; /* of the last rule */
	size_t last_lead; /* the sentence that leads a list and became the last rule, or SIZE_MAX */
	bool is_coarse;   /* a bullet is one rule, unless a sentence of it has a check of its own */
	bool is_cut;      /* there was more than fits */
};

/* "This cannot be undone", "point to the page instead", "do not process them yourself": speaks of
 * the sentence before it. */
static bool
leans_back(const struct extract_sentence *s)
{
	static const char *const leaners[] = { "this", "these", "that", "those", "it", "they",
		"otherwise", "else", "isso", "isto", "esto", "eso", "dies", "das", "sonst", "cela",
		"sinon", NULL };
	static const char *const insteads[] = { "instead", "em vez disso", "en su lugar",
		"stattdessen", NULL };
	static const char *const pronouns[] = { "them", "it", NULL };
	static const char *const selves[] = { "yourself", "yourselves", NULL };
	static const char *const pointers[] = { "point to", "refer to", "link to", "redirect to",
		"direct to", "indique", "aponte", "verweise", "renvoyez", NULL };
	const struct text *t = &s->text;
	size_t at, after;
	bool has_pronoun = text_find_any(t, 0, t->n, pronouns, &at, &after);

	if (text_find_any(t, 0, 1, leaners, &at, &after) ||
	    text_find_any(t, 0, t->n, insteads, &at, &after))
		return true;
	if (has_pronoun && text_find_any(t, 0, t->n, selves, &at, &after))
		return true;
	return s->is_continuation && (has_pronoun || text_find_any(t, 0, 1, pointers, &at, &after));
}

/* Two demands of these kinds are one demand for all that both ask for. */
static bool
may_join(const struct rule_check *a, const struct rule_check *b)
{
	return a != NULL && b != NULL && a->kind == b->kind && a->kind != &check_required_text &&
	    a->kind != &check_handover_on;
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

/* The last rule takes this sentence too. */
static enum err
widen_last(struct extractor *x, const struct extract_sentence *s)
{
	struct rule *last = &x->out.rules[x->out.n_rules - 1];
	struct str old = last->description;
	struct str gap = s->is_continuation ? STR("; ") : STR(" ");
	size_t len = old.len + gap.len + s->bytes.len;
	char *joined = arena_alloc(x->arena, len);

	if (joined == NULL)
		return ERR_NOMEM;
	if (old.len >= RULES_MAX_DESCRIPTION_BYTES)
		return ERR_OK;
	memcpy(joined, old.at, old.len);
	memcpy(joined + old.len, gap.at, gap.len);
	memcpy(joined + old.len + gap.len, s->bytes.at, s->bytes.len);
	last->description = text_cut((struct str){ joined, len }, RULES_MAX_DESCRIPTION_BYTES);
	return ERR_OK;
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

/* The rule before takes in this sentence of its block. */
static bool
joins_last(const struct extractor *x, const struct extract_sentence *s, const struct rule *seen)
{
	const struct rule *last;

	if (x->out.n_rules == 0 || s->block != x->last_block)
		return false;
	last = &x->out.rules[x->out.n_rules - 1];
	if (may_join(last->check, seen->check))
		return true;
	return (x->is_coarse || leans_back(s)) && seen->check == NULL;
}

/* "Answer in English. If the customer prefers French, use French." */
static bool
is_softened(const struct extractor *x, const struct extract_sentence *s, const struct rule *seen)
{
	const struct extract_sentence *end = x->sentences->items + x->sentences->n;

	if (seen->check == NULL || seen->check->kind != &check_language)
		return false;
	/* A composed sentence is not among the items. */
	for (const struct extract_sentence *other = x->sentences->items; other < end; other++)
		if (other->block == s->block && !str_equals(other->bytes, s->bytes) &&
		    extract_softens_language(&other->text))
			return true;
	return false;
}

static enum err
take_sentence(struct extractor *x, const struct extract_sentence *s)
{
	struct rule seen = { 0 };
	enum err e;

	if (!extract_is_rule(&s->text))
		return ERR_OK;
	e = read_check(x, s, &seen);
	if (e != ERR_OK)
		return e;
	if (is_softened(x, s, &seen)) {
		seen.check = NULL;
		seen.check_json = STR("");
	}
	if (!joins_last(x, s, &seen))
		return add_rule(x, s, &seen);
	e = extract_join_checks(x->arena, &x->out.rules[x->out.n_rules - 1], &seen);
	return e == ERR_OK ? widen_last(x, s) : e;
}

/* "You must never:" ends where the bullet goes on. */
static bool
is_open_end(const struct extract_sentence *lead)
{
	static const char *const ends[] = { "never", "must", "should", "shall", "always", "not",
		"don't", "cannot", "can't", "mustn't", "to", "nunca", "não", "deve", "sempre",
		"debe", "debes", "no", "siempre", "jamás", "jamais", "toujours", "nie", "niemals",
		"immer", NULL };
	const struct text *t = &lead->text;
	size_t last = t->n, at, after;

	while (last > 0 && t->tokens[last - 1].mark != 0)
		last--;
	return last > 0 && text_find_any(t, last - 1, last, ends, &at, &after);
}

/* "If the user asks for a refund:" holds for each bullet. */
static bool
is_condition(const struct extract_sentence *lead)
{
	static const char *const conditions[] = { "if", "when", "whenever", "unless", "before",
		"after", "se", "quando", "antes", "si", "cuando", "wenn", "falls", "bevor", "quand",
		"avant", NULL };
	size_t at, after;

	return text_find_any(&lead->text, 0, 1, conditions, &at, &after);
}

/* The lead without its colon, then the bullet, as one sentence. */
static enum err
compose(struct extractor *x, const struct extract_sentence *lead, const struct extract_sentence *s,
    struct extract_sentence *ret_whole)
{
	struct str head = lead->bytes, tail = s->bytes;
	size_t gap = is_condition(lead) ? 2 : 1;
	char *whole;

	while (head.len > 0 && strchr(":* ", head.at[head.len - 1]) != NULL)
		head.len--;
	while (head.len > 0 && head.at[0] == '*')
		head = str_slice(head, 1, head.len);
	whole = arena_alloc(x->arena, head.len + gap + tail.len);
	if (whole == NULL)
		return ERR_NOMEM;
	memcpy(whole, head.at, head.len);
	memcpy(whole + head.len, gap == 2 ? ", " : " ", gap);
	memcpy(whole + head.len + gap, tail.at, tail.len);
	/* The bullet's first word now stands inside; a name or abbreviation keeps its capital. */
	if (tail.len > 1 && tail.at[0] >= 'A' && tail.at[0] <= 'Z' && tail.at[1] >= 'a' &&
	    tail.at[1] <= 'z')
		whole[head.len + gap] = (char)(tail.at[0] + 0x20);
	*ret_whole = *s;
	ret_whole->bytes = (struct str){ whole, head.len + gap + tail.len };
	return text_read(x->arena, ret_whole->bytes, &ret_whole->text);
}

/* A bullet below a sentence that ends with a colon. */
static enum err
take_bullet(struct extractor *x, const struct extract_sentence *s)
{
	static const char *const negations[] = { "never", "do not", "don't", "no", "nunca", "não",
		NULL };
	const struct extract_sentence *lead = &x->sentences->items[s->lead];
	bool is_first = s[-1].block != s->block; /* the lead at least stands before it */
	struct extract_sentence whole;
	size_t at, after;
	enum err e = ERR_OK;

	if ((is_open_end(lead) || is_condition(lead)) && !is_first)
		return s->block == x->last_block && x->out.n_rules > 0 ? widen_last(x, s)
								       : take_sentence(x, s);
	if ((is_open_end(lead) || is_condition(lead)) &&
	    !text_find_any(&s->text, 0, 1, negations, &at, &after)) {
		e = compose(x, lead, s, &whole);
		return e == ERR_OK ? take_sentence(x, &whole) : e;
	}
	if (extract_is_rule(&s->text) || !extract_is_rule(&lead->text))
		return take_sentence(x, s);
	/* The list says what the lead asks for. */
	if (x->last_lead != s->lead)
		e = take_sentence(x, lead);
	x->last_lead = s->lead;
	return e == ERR_OK && x->out.n_rules > 0 ? widen_last(x, s) : e;
}

static enum err
take(struct extractor *x, const struct extract_sentence *s)
{
	if (s->lead != SIZE_MAX && !s->is_lead)
		return take_bullet(x, s);
	/* What leads a list of rules is none itself. */
	return s->is_lead ? ERR_OK : take_sentence(x, s);
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

	x->sentences = sentences;
	x->is_cut = sentences->is_cut;
	x->out.n_rules = 0;
	x->last_lead = SIZE_MAX;
	for (size_t i = 0; e == ERR_OK && i < sentences->n; i++)
		e = take(x, &sentences->items[i]);
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
