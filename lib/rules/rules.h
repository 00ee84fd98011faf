/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules - what an agent must do, taken from its system message, and the checks that need no model.
 *
 * A rule file is a JSON array of {"name","description","category","check"}; `check` is null or
 * {"kind": …, parameters}.  A verdict file is a JSON array in the order of the rules of
 * {"rule","verdict","evidence":[{"message","quote"}],"why","judge"}.  Everything lives in the arena
 * that the caller gives.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "wire/wire.h"

#define RULES_MAX 200
#define RULES_MAX_NAME_BYTES 120
#define RULES_MAX_DESCRIPTION_BYTES 4000
#define RULES_MAX_EVIDENCE 20
#define RULES_MAX_QUOTE_BYTES 400

enum rule_category { RULE_REFUSAL, RULE_TONE, RULE_ROUTING, RULE_FACTUAL, RULE_OTHER };

struct rule_check; /* private to lib/rules; NULL when only a model can judge */

struct rule {
	struct str name;
	struct str description;
	enum rule_category category;
	const struct rule_check *check;
	struct str check_json; /* as in the file; empty when check is NULL */
};

struct rule_set {
	struct rule *rules;
	size_t n_rules;
};

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_NOT_APPLICABLE, VERDICT_INDETERMINATE };

struct rule_evidence {
	size_t message; /* its place (wire_place): in a file, its index, system messages counted */
	struct str quote; /* an exact substring of that message's content or tool-call arguments */
};

struct rule_verdict {
	struct str rule; /* its name */
	enum verdict verdict;
	struct rule_evidence *evidence;
	size_t n_evidence;
	struct str why;   /* one sentence */
	struct str judge; /* "deterministic", or the model's name */
};

const char *rule_category_name(enum rule_category category);
const char *verdict_name(enum verdict verdict); /* pass fail not_applicable indeterminate */

/* Files */

MUST_CHECK enum err rules_parse(struct arena *a, struct str json, struct rule_set *ret_rules,
    struct err_detail *reterr);
MUST_CHECK enum err rules_write(const struct rule_set *rules, struct buf *out);
MUST_CHECK enum err verdicts_write(const struct rule_verdict *verdicts, size_t n_verdicts,
    struct buf *out);

/* One rule's definition as a JSON object, as stored (sealed) in the database, and back. */
MUST_CHECK enum err rule_write(const struct rule *rule, struct buf *out);
MUST_CHECK enum err rule_parse(struct arena *a, struct str json, struct rule *ret_rule,
    struct err_detail *reterr);

/* Splits a system message into rules, without any model.  What is too long for RULES_MAX is split
 * more coarsely; when that does not do either, the last rule says that the list is not whole. */
MUST_CHECK enum err rules_extract_offline(struct arena *a, struct str system_message,
    struct rule_set *ret_rules);

/* The deterministic verdict of a rule that has a check; ERR_NOT_FOUND when it has none. */
MUST_CHECK enum err rule_check_run(struct arena *a, const struct rule *rule,
    const struct wire_conversation *conversation, struct rule_verdict *ret_verdict);
