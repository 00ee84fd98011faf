/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any answer of a judging model: a verdict is taken only from strict JSON that carries the nonce,
 * and its quotes stand in the messages that they name.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "judge/judge.h"

#define NONCE "00112233445566778899aabbccddeeff"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_verdict(const struct rule_verdict *v, const struct wire_message *messages, struct str answer)
{
	if (v->verdict == VERDICT_INDETERMINATE && v->n_evidence == 0)
		return;
	answer = str_trim(answer);
	assert(str_contains(answer, STR(NONCE)));
	assert(answer.at[0] == '{' && answer.at[answer.len - 1] == '}');
	assert(v->verdict != VERDICT_FAIL || v->n_evidence > 0);
	for (size_t i = 0; i < v->n_evidence; i++) {
		assert(v->evidence[i].message < 2);
		assert(str_contains(messages[v->evidence[i].message].content,
		    v->evidence[i].quote));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct wire_message messages[2] = {
		{ .role = WIRE_USER, .content = STR("hello there") },
		{ .role = WIRE_ASSISTANT, .content = STR("good day to you") },
	};
	struct wire_conversation conversation = { .messages = messages, .n_messages = 2 };
	struct rule rules[2] = { { .name = STR("a"), .description = STR("a") },
		{ .name = STR("b"), .description = STR("b") } };
	const struct rule_set set = { rules, 2 };
	const struct judge_prompt prompt = {
		.nonce = NONCE, .only_model_rules = true, .judge_name = STR("m")
	};
	struct str answer = { (const char *)data, size };
	struct rule_verdict *verdicts;

	if (arena_new(16u << 20, &a) != ERR_OK ||
	    judge_parse(a, &set, &conversation, &prompt, answer, &verdicts) != ERR_OK)
		return 0;
	for (size_t i = 0; i < 2; i++)
		check_verdict(&verdicts[i], messages, answer);
	return 0;
}
