/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check - what each kind of deterministic check gives to the table in check.c.  Private to
 * lib/rules.
 *
 * A kind reads its parameters from JSON once, into the arena, and runs over a conversation as
 * often as wanted.  A run fills in verdict, evidence and why; the caller has set the rest.
 */
#pragma once

#include <jansson.h>

#include "rules/rules.h"
#include "rules/text.h"

#define CHECK_MAX_LIST 64
#define CHECK_MAX_TEXT_BYTES 400

struct check_list {
	struct str *items;
	size_t n;
};

struct check_run {
	struct arena *arena;
	const struct wire_conversation *conversation;
	struct rule_verdict *verdict;
};

struct check_kind {
	const char *name;
	const char *const *keys; /* the parameters' names, NULL-ended; others are refused */
	enum err (*parse)(struct arena *a, const json_t *check, void **ret_params,
	    struct err_detail *reterr);
	enum err (*run)(const void *params, const struct check_run *run);
};

struct rule_check {
	const struct check_kind *kind;
	const void *params;
};

extern const struct check_kind check_language, check_forbidden_text, check_required_text,
    check_price, check_single_tool_call, check_confirm_before_tool, check_handover_on;

MUST_CHECK enum err check_parse(struct arena *a, const json_t *json,
    const struct rule_check **ret_check, struct err_detail *reterr);

/* Parameters */

/* A member that is an array of 1 to CHECK_MAX_LIST non-empty strings; when it is missing and
 * is_optional, an empty list. */
MUST_CHECK enum err check_get_list(struct arena *a, const json_t *check, const char *name,
    bool is_optional, struct check_list *ret_list, struct err_detail *reterr);

/* "roles": which roles' messages to read, as bits 1 << enum wire_role; the assistant's when
 * missing. */
MUST_CHECK enum err check_get_roles(const json_t *check, unsigned int *ret_roles,
    struct err_detail *reterr);

/* Running */

/* Adds evidence while there is room; the quote is cut to RULES_MAX_QUOTE_BYTES. */
MUST_CHECK enum err check_quote(const struct check_run *run, size_t message, struct str quote);
MUST_CHECK enum err check_conclude(const struct check_run *run, enum verdict verdict,
    const char *why, ...) PRINTF_LIKE(3, 4);

/* The first of the list's texts that stands in the message; a view of the message. */
bool check_find_text(const struct check_list *list, struct str message, struct str *ret_found);

bool check_matches_any_glob(const struct check_list *globs, struct str name);
