/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reading of a judging model's answer; see judge.h.  Whatever is not exactly what was
 * asked for makes every rule indeterminate: an answer that is wrong in one place is not trusted in
 * another.
 */
#include "base/strict_json.h"
#include "judge/prompt.h"

#define MAX_REASON_BYTES 160

struct reading {
	struct arena *arena;
	const struct rule_set *rules;
	const struct wire_conversation *conversation;
	const struct judge_prompt *prompt;
	char canary[PROMPT_CANARY_BYTES];
	struct rule_verdict *verdicts; /* one for each rule */
	const char *fault;             /* why the answer is not taken; a fixed text */
};

/* ERR_MALFORMED with its reason. */
static enum err
fault(struct reading *r, const char *why)
{
	r->fault = why;
	return ERR_MALFORMED;
}

static struct rule_verdict
blank_verdict(const struct rule *rule, struct str judge_name, struct str why)
{
	return (struct rule_verdict){ .rule = rule->name,
		.verdict = VERDICT_INDETERMINATE,
		.why = why,
		.judge = judge_name };
}

/* "r12" -> 11; the number of rules when it is none of them. */
static size_t
rule_of_id(const struct rule_set *rules, struct str id)
{
	for (size_t i = 0; i < rules->n_rules && id.at != NULL; i++) {
		char text[24];

		(void)snprintf(text, sizeof(text), "r%zu", i + 1);
		if (str_equals(id, str_from(text)))
			return i;
	}
	return rules->n_rules;
}

static bool
verdict_of_name(struct str name, enum verdict *ret_verdict)
{
	for (int v = VERDICT_PASS; v <= VERDICT_INDETERMINATE && name.at != NULL; v++)
		if (str_equals(name, str_from(verdict_name((enum verdict)v)))) {
			*ret_verdict = (enum verdict)v;
			return true;
		}
	return false;
}

static bool
is_quoted_from(const struct wire_message *m, struct str quote)
{
	if (str_contains(m->content, quote))
		return true;
	for (size_t c = 0; c < m->n_calls; c++)
		if (str_contains(m->calls[c].name, quote) ||
		    str_contains(m->calls[c].arguments, quote))
			return true;
	return false;
}

static enum err
read_evidence(struct reading *r, const json_t *json, struct rule_evidence *ret_evidence)
{
	static const char *const names[] = { "message", "quote" };
	const json_t *message = json_object_get(json, "message");
	struct str quote = strict_json_text(json_object_get(json, "quote"));
	json_int_t place = json_integer_value(message);
	size_t index = 0;

	if (!json_is_object(json) || json_object_size(json) != 2 ||
	    !strict_json_has_only(json, names, 2))
		return fault(r, "evidence has other members than message and quote");
	if (!json_is_integer(message) || place < 0 ||
	    !wire_at_place(r->conversation, (size_t)place, &index))
		return fault(r, "evidence names a message that does not exist");
	if (quote.at == NULL || str_trim(quote).len == 0 || quote.len > RULES_MAX_QUOTE_BYTES)
		return fault(r, "an evidence quote is empty or too long");
	if (!is_quoted_from(&r->conversation->messages[index], quote))
		return fault(r, "an evidence quote is not in the message that it names");
	ret_evidence->message = (size_t)place;
	ret_evidence->quote = arena_copy(r->arena, quote);
	return ret_evidence->quote.at == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err
read_all_evidence(struct reading *r, const json_t *array, struct rule_verdict *verdict)
{
	size_t n = json_array_size(array);
	enum err e = ERR_OK;

	if (!json_is_array(array) || n > RULES_MAX_EVIDENCE)
		return fault(r, "evidence is not a short array");
	if (n == 0 && verdict->verdict == VERDICT_FAIL)
		return fault(r, "a fail comes without evidence");
	verdict->evidence = arena_alloc_array(r->arena, n + 1, sizeof(*verdict->evidence));
	if (verdict->evidence == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = read_evidence(r, json_array_get(array, i), &verdict->evidence[i]);
	verdict->n_evidence = n;
	return e;
}

static enum err
read_why(struct reading *r, const json_t *json, struct str *ret_why)
{
	struct str why = strict_json_text(json);

	if (why.at == NULL || str_trim(why).len == 0 || why.len > JUDGE_MAX_WHY_BYTES)
		return fault(r, "why is empty or too long");
	if (str_contains_ignoring_case(why, str_from(r->canary)))
		return fault(r, "the answer gives away the prompt's private marker");
	*ret_why = arena_copy(r->arena, why);
	return ret_why->at == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err
read_verdict(struct reading *r, const json_t *json, bool *is_given)
{
	static const char *const names[] = { "rule", "verdict", "evidence", "why" };
	struct rule_verdict verdict;
	enum err e;
	size_t i;

	if (!json_is_object(json) || json_object_size(json) != 4 ||
	    !strict_json_has_only(json, names, 4))
		return fault(r, "a verdict has other members than rule, verdict, evidence and why");
	i = rule_of_id(r->rules, strict_json_text(json_object_get(json, "rule")));
	if (i == r->rules->n_rules || !prompt_asks(r->prompt, &r->rules->rules[i]))
		return fault(r, "a verdict names a rule that was not asked about");
	if (is_given[i])
		return fault(r, "a rule has two verdicts");
	verdict = r->verdicts[i];
	if (!verdict_of_name(strict_json_text(json_object_get(json, "verdict")), &verdict.verdict))
		return fault(r, "a verdict is none of the four words");
	e = read_all_evidence(r, json_object_get(json, "evidence"), &verdict);
	if (e == ERR_OK)
		e = read_why(r, json_object_get(json, "why"), &verdict.why);
	if (e != ERR_OK)
		return e;
	is_given[i] = true;
	r->verdicts[i] = verdict;
	return ERR_OK;
}

static enum err
read_verdicts(struct reading *r, const json_t *array)
{
	bool is_given[RULES_MAX] = { false };
	enum err e = ERR_OK;

	if (!json_is_array(array) || json_array_size(array) > r->rules->n_rules)
		return fault(r, "verdicts is not an array with one entry for each rule");
	for (size_t i = 0; i < json_array_size(array) && e == ERR_OK; i++)
		e = read_verdict(r, json_array_get(array, i), is_given);
	for (size_t i = 0; i < r->rules->n_rules && e == ERR_OK; i++)
		if (prompt_asks(r->prompt, &r->rules->rules[i]) && !is_given[i])
			e = fault(r, "a rule has no verdict");
	return e;
}

static enum err
read_answer(struct reading *r, struct str answer)
{
	static const char *const names[] = { "nonce", "verdicts" };
	CLEANUP_STRICT_JSON json_t *root = NULL;
	enum err e;

	if (!judge_has_content(r->conversation))
		return fault(r, "the agent's messages hold nothing to judge");
	if (answer.len > JUDGE_MAX_ANSWER_BYTES)
		return fault(r, "the answer is too large");
	if (str_contains_ignoring_case(answer, str_from(r->canary)))
		return fault(r, "the answer gives away the prompt's private marker");
	answer = str_trim(answer);
	if (answer.len == 0)
		return fault(r, "the answer is empty");
	e = strict_json_read(answer, JUDGE_MAX_ANSWER_BYTES, &root, NULL);
	if (e == ERR_NOMEM)
		return e;
	if (e != ERR_OK)
		return fault(r, "the answer is not one JSON object and nothing else");
	if (!json_is_object(root) || json_object_size(root) != 2 ||
	    !strict_json_has_only(root, names, 2))
		return fault(r, "the answer has other members than nonce and verdicts");
	if (!str_equals(strict_json_text(json_object_get(root, "nonce")),
		str_from(r->prompt->nonce)))
		return fault(r, "the answer does not carry this prompt's nonce");
	return read_verdicts(r, json_object_get(root, "verdicts"));
}

enum err
judge_all_indeterminate(struct arena *a, const struct rule_set *rules, struct str judge_name,
    const char *why, struct rule_verdict **ret_verdicts)
{
	struct rule_verdict *verdicts = arena_alloc_array(a, rules->n_rules + 1, sizeof(*verdicts));
	struct str reason = arena_copy(a, str_from(why));
	struct str name = arena_copy(a, judge_name);

	if (verdicts == NULL || reason.at == NULL || name.at == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < rules->n_rules; i++)
		verdicts[i] = blank_verdict(&rules->rules[i], name, reason);
	*ret_verdicts = verdicts;
	return ERR_OK;
}

/* Rules that the prompt left out say so, whatever became of the answer. */
static void
mark_not_asked(const struct judge_prompt *prompt, const struct rule_set *rules,
    struct rule_verdict *verdicts)
{
	for (size_t i = 0; i < rules->n_rules; i++)
		if (!prompt_asks(prompt, &rules->rules[i]))
			verdicts[i].why = STR("not asked");
}

enum err
judge_parse(struct arena *a, const struct rule_set *rules,
    const struct wire_conversation *conversation, const struct judge_prompt *prompt,
    struct str answer, struct rule_verdict **ret_verdicts)
{
	struct reading r = {
		.arena = a, .rules = rules, .conversation = conversation, .prompt = prompt
	};
	char why[MAX_REASON_BYTES];
	enum err e;

	if (rules->n_rules > RULES_MAX)
		return ERR_BUG;
	e = prompt_canary(prompt, r.canary);
	if (e == ERR_OK)
		e = judge_all_indeterminate(a, rules, prompt->judge_name, "no verdict",
		    &r.verdicts);
	if (e == ERR_OK)
		e = read_answer(&r, answer);
	if (e == ERR_MALFORMED) {
		(void)snprintf(why, sizeof(why), "%s", r.fault);
		e = judge_all_indeterminate(a, rules, prompt->judge_name, why, &r.verdicts);
	}
	if (e != ERR_OK)
		return e;
	mark_not_asked(prompt, rules, r.verdicts);
	*ret_verdicts = r.verdicts;
	return ERR_OK;
}
