/* SPDX-License-Identifier: Apache-2.0 */
/* extract - the steps from a system message to rules.  Private to lib/rules. */
#pragma once

#include "rules/rules.h"
#include "rules/text.h"

/* One sentence of the system message, read. */
struct extract_sentence {
	struct str bytes; /* trimmed, a view of the system message */
	struct text text;
	size_t block;         /* sentences of one bullet or paragraph share it */
	bool is_continuation; /* stands behind a semicolon */
	bool is_lead;         /* ends with a colon, and a list follows */
	size_t lead; /* of a bullet: the sentence that leads the list; SIZE_MAX when none */
};

struct extract_sentences {
	struct extract_sentence *items;
	size_t n;
	bool is_cut; /* the message has more sentences than are taken */
};

/* Bullets and paragraphs, cut into sentences; headings, tables, code, tags and examples are left
 * out.  A heading like "Never" or "Do not" leads the list below it. */
MUST_CHECK enum err extract_split(struct arena *a, struct str system_message,
    struct extract_sentences *ret_sentences);

/* The sentence tells the agent what to do, or what holds. */
bool extract_is_rule(const struct text *t);

/* An order begins at the given place: "tell", "do not", "nennen Sie". */
bool extract_is_order(const struct text *t, size_t at);

enum rule_category extract_category(const struct text *t);

/* The check that the sentence calls for as JSON text, allocated in the arena; empty when only a
 * model can judge it. */
MUST_CHECK enum err extract_check(struct arena *a, const struct extract_sentence *sentence,
    struct str *ret_check_json);

/* The sentence names a case in which another language is right. */
bool extract_softens_language(const struct text *t);

/* Of two sentences that make one rule, with checks of one kind: the first's check takes in what the
 * second's asks for. */
MUST_CHECK enum err extract_join_checks(struct arena *a, struct rule *first,
    const struct rule *second);

/* A few words that name the rule. */
MUST_CHECK enum err extract_name(struct arena *a, const struct extract_sentence *sentence,
    struct str *ret_name);
