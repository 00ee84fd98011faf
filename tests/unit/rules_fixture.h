/* SPDX-License-Identifier: Apache-2.0 */
/* rules_fixture - conversations and rules in a line or two, for the tests of rules and judge. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "rules/rules.h"

#define FIXTURE_MAX_MESSAGES 32

/* A message and at most two calls; call names are NULL when there are none. */
struct said {
	enum wire_role role;
	const char *content;
	const char *call, *second_call;
};

static inline struct wire_conversation
conversation_of(struct arena *a, const struct said *said, size_t n)
{
	struct wire_conversation c = { .system_message = STR(""), .n_messages = n };

	c.messages = arena_alloc_array(a, n + 1, sizeof(*c.messages));
	assert_non_null(c.messages);
	for (size_t i = 0; i < n; i++) {
		struct wire_message *m = &c.messages[i];

		m->role = said[i].role;
		m->content = str_from(said[i].content == NULL ? "" : said[i].content);
		m->tool_call_id = m->name = STR("");
		m->calls = arena_alloc_array(a, 2, sizeof(*m->calls));
		assert_non_null(m->calls);
		m->n_calls = (said[i].call != NULL) + (size_t)(said[i].second_call != NULL);
		m->calls[0] =
		    (struct wire_tool_call){ STR("c0"), str_from(said[i].call), STR("{}") };
		m->calls[1] =
		    (struct wire_tool_call){ STR("c1"), str_from(said[i].second_call), STR("{}") };
	}
	return c;
}

/* The verdict of a rule with this check over these messages. */
static inline struct rule_verdict
verdict_of(struct arena *a, const char *check, const struct said *said, size_t n)
{
	struct wire_conversation c = conversation_of(a, said, n);
	struct err_detail detail = { "" };
	struct rule_verdict verdict;
	struct rule rule;
	char json[2048];

	(void)snprintf(json, sizeof(json),
	    "{\"name\":\"n\",\"description\":\"d\",\"category\":\"other\",\"check\":%s}", check);
	if (rule_parse(a, str_from(json), &rule, &detail) != ERR_OK)
		fail_msg("%s: %s", check, detail.text);
	assert_int_equal(rule_check_run(a, &rule, &c, &verdict), ERR_OK);
	assert_true(str_equals(verdict.judge, STR("deterministic")));
	assert_true(verdict.why.len > 0);
	for (size_t i = 0; i < verdict.n_evidence; i++) {
		const struct wire_message *m = &c.messages[verdict.evidence[i].message];
		bool is_quoted = str_contains(m->content, verdict.evidence[i].quote);

		for (size_t k = 0; k < m->n_calls; k++)
			is_quoted =
			    is_quoted || str_contains(m->calls[k].name, verdict.evidence[i].quote);
		assert_true(is_quoted);
	}
	return verdict;
}

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
