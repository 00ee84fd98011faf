/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge - the prompt for a judging model and the strict reading of its answer.  No sockets here:
 * src/judge calls the model.
 *
 * The conversation is data, never instructions: rules before and after it (the sandwich), each
 * byte of it JSON-escaped inside <conversation id=BOUNDARY>, where BOUNDARY is 128 random bits
 * that the content does not contain; the answer must echo a nonce and quote its evidence exactly.
 * Anything else is `indeterminate`, never a pass.
 */
#pragma once

#include "rules/rules.h"

#define JUDGE_BOUNDARY_CHARS 32 /* hexadecimal digits: 128 bits */
#define JUDGE_NONCE_CHARS 32
#define JUDGE_MAX_ANSWER_BYTES (1u << 20)
#define JUDGE_MAX_PROMPT_BYTES (8u << 20)
#define JUDGE_MAX_WHY_BYTES 600
#define JUDGE_MAX_EXTRACTED 100 /* rules that a model may make of a system message */

struct judge_prompt {
	char boundary[JUDGE_BOUNDARY_CHARS + 1];
	char nonce[JUDGE_NONCE_CHARS + 1];
	bool only_model_rules;
	struct str judge_name;    /* set by the caller for judge_parse: whom the prompt asks */
	struct str messages_json; /* the `messages` array of a chat request */
};

/* only_model_rules leaves out the rules that a deterministic check decides. */
MUST_CHECK enum err judge_render(struct arena *a, const struct rule_set *rules,
    const struct wire_conversation *conversation, bool only_model_rules,
    struct judge_prompt *ret_prompt);

/* The same with boundary and nonce derived from the seed by SHA-256: for tools that render in one
 * run and parse in another.  The product itself never uses it. */
MUST_CHECK enum err judge_render_seeded(struct arena *a, const struct rule_set *rules,
    const struct wire_conversation *conversation, bool only_model_rules, struct str seed,
    struct judge_prompt *ret_prompt);

/* Rules that a model would be asked about. */
size_t judge_count_model_rules(const struct rule_set *rules);

/*
 * Whether the assistant says or calls anything.  Answers like ":" or "Thought process:" alone have
 * swayed judging models; a conversation of only such is indeterminate before any model is asked,
 * and judge_parse gives no other verdict on it.
 */
bool judge_has_content(const struct wire_conversation *conversation);

/* Every rule indeterminate for one reason, as when no answer came. */
MUST_CHECK enum err judge_all_indeterminate(struct arena *a, const struct rule_set *rules,
    struct str judge_name, const char *why, struct rule_verdict **ret_verdicts);

/*
 * ret_verdicts gets rules->n_rules entries, in their order; rules that the prompt left out keep
 * VERDICT_INDETERMINATE with why "not asked".  Never fails on the answer's account: what is wrong
 * with it stands in `why`.  prompt->judge_name is copied into each verdict.
 */
MUST_CHECK enum err judge_parse(struct arena *a, const struct rule_set *rules,
    const struct wire_conversation *conversation, const struct judge_prompt *prompt,
    struct str answer, struct rule_verdict **ret_verdicts);

/* A system message split into rules by a model */

/* The prompt: the message is data in it, as a conversation is in judge_render's.  ERR_MALFORMED
 * when it is not UTF-8, ERR_TOO_LARGE when it does not fit. */
MUST_CHECK enum err judge_extract_render(struct arena *a, struct str system_message,
    struct judge_prompt *ret_prompt);

/*
 * The rules of the model's answer, each with the check that its passage's own words show, and
 * behind them those with a check that rules_extract_offline sees and the model left out.
 * ERR_MALFORMED with the reason when the answer is not exactly what was asked for: then no rule of
 * it is taken.
 */
MUST_CHECK enum err judge_extract_parse(struct arena *a, struct str system_message,
    const struct judge_prompt *prompt, struct str answer, struct rule_set *ret_rules,
    struct err_detail *reterr);
