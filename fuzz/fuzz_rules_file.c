/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any rule file: what is taken is written, read again and written alike; and any text as a system
 * message gives rules that can be written and read.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/rules.h"

#define ROOM (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_round_trip(struct arena *a, const struct rule_set *rules)
{
	CLEANUP(buf) struct buf *first = NULL, *second = NULL;
	struct rule_set again;

	if (buf_new(ROOM, &first) != ERR_OK || buf_new(ROOM, &second) != ERR_OK)
		return;
	assert(rules_write(rules, first) == ERR_OK);
	assert(rules_parse(a, buf_str(first), &again, NULL) == ERR_OK);
	assert(again.n_rules == rules->n_rules);
	assert(rules_write(&again, second) == ERR_OK);
	assert(str_equals(buf_str(first), buf_str(second)));
}

static void
check_runs(struct arena *a, const struct rule_set *rules, struct str text)
{
	struct wire_message messages[3] = { { .role = WIRE_USER, .content = text },
		{ .role = WIRE_ASSISTANT, .content = text },
		{ .role = WIRE_USER, .content = text } };
	const struct wire_conversation conversation = { .messages = messages, .n_messages = 3 };
	struct rule_verdict verdict;

	for (size_t i = 0; i < rules->n_rules; i++) {
		if (rule_check_run(a, &rules->rules[i], &conversation, &verdict) != ERR_OK)
			continue;
		for (size_t k = 0; k < verdict.n_evidence; k++)
			assert(str_contains(text, verdict.evidence[k].quote));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct str text = { (const char *)data, size };
	struct rule_set rules;

	if (size > 20000 || arena_new(ROOM, &a) != ERR_OK)
		return 0;
	if (rules_parse(a, text, &rules, NULL) == ERR_OK) {
		check_round_trip(a, &rules);
		check_runs(a, &rules, text);
	}
	if (rules_extract_offline(a, text, &rules) == ERR_OK) {
		check_round_trip(a, &rules);
		check_runs(a, &rules, text);
	}
	return 0;
}
