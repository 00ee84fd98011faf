/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any answer of a model that was asked to split a system message: rules are taken only from strict
 * JSON that carries the nonce, they can be written and read again, and the checks are those of the
 * message's own words.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "judge/judge.h"

#define NONCE "00112233445566778899aabbccddeeff"
#define MESSAGE "Answer in English only. Never quote a price. Be kind."

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_rules(struct arena *a, const struct rule_set *rules)
{
	CLEANUP(buf) struct buf *out = NULL;
	size_t n_languages = 0, n_prices = 0;
	struct rule_set again;

	for (size_t i = 0; i < rules->n_rules; i++) {
		struct str check = rules->rules[i].check_json;

		assert((check.len > 0) == (rules->rules[i].check != NULL));
		n_languages += str_contains(check, STR("\"language\""));
		n_prices += str_contains(check, STR("\"price\""));
		assert(check.len == 0 || str_contains(check, STR("\"language\"")) ||
		    str_contains(check, STR("\"price\"")));
	}
	assert(n_languages > 0 && n_prices > 0);
	assert(buf_new(8u << 20, &out) == ERR_OK && rules_write(rules, out) == ERR_OK);
	assert(rules_parse(a, buf_str(out), &again, NULL) == ERR_OK);
	assert(again.n_rules == rules->n_rules);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena) struct arena *a = NULL;
	const struct judge_prompt prompt = { .nonce = NONCE };
	struct str answer = { (const char *)data, size };
	struct rule_set rules = { 0 };

	if (arena_new(64u << 20, &a) != ERR_OK ||
	    judge_extract_parse(a, STR(MESSAGE), &prompt, answer, &rules, NULL) != ERR_OK) {
		assert(rules.n_rules == 0);
		return 0;
	}
	answer = str_trim(answer);
	assert(answer.at[0] == '{' && str_contains(answer, STR(NONCE)));
	check_rules(a, &rules);
	return 0;
}
