/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_check - the files that each see one or two kinds of check in a sentence.  Private to
 * lib/rules.
 *
 * A wrong check is worse than none, which leaves the rule to a model: what depends on a condition
 * that words cannot tell gives NULL.
 */
#pragma once

#include "base/strict_json.h"
#include "rules/extract.h"

bool extract_has(const struct text *t, const char *const *phrases);

/* The order holds only sometimes ("unless asked", "if …"; not "even if"). */
bool extract_is_conditional(const struct text *t);

/* A check as JSON, or NULL when the sentence shows none. */
json_t *extract_see_single_tool_call(const struct extract_sentence *s);
json_t *extract_see_confirm_before_tool(const struct extract_sentence *s);
json_t *extract_see_handover(const struct extract_sentence *s);
json_t *extract_see_price(const struct extract_sentence *s);
json_t *extract_see_language(const struct extract_sentence *s);
json_t *extract_see_quoted_text(const struct extract_sentence *s);
