/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy - what a workspace sets about redaction: what becomes of each entity, how sure a finding
 * must be, patterns of its own, values that may stay.  Made from one JSON text, immutable, and
 * shared between threads:
 *
 *   {"min_confidence": 0.3,
 *    "entities": [{"type": "CARD", "action": "mask", "min_confidence": null}],
 *    "custom": [{"name": "ORDER", "pattern": "\\bORD-\\d{6,10}\\b", "literals": [],
 *                "ignore_case": false, "action": "replace"}],
 *    "allow": [{"value": "support@shop.example", "type": "EMAIL"}]}
 *
 * Every member may be left out; one that does not exist is refused.  Actions: replace, mask, drop,
 * off; flag for the special categories only.  Secrets are replaced or dropped: they cannot be
 * turned off, allowed or thinned out by a minimum confidence.  A name becomes the placeholder
 * [CUSTOM_NAME:k7f3qa].
 *
 * Patterns: literals, . \d \w \s \D \W \S, classes of ASCII characters [a-z_] and [^…], groups (…)
 * and (?:…), |, ?, {m}, {m,n} and {m,} with n up to PATTERN_MAX_REPEAT, * and + which mean up to
 * PATTERN_MAX_REPEAT times; \b at the beginning and at the end only.  The longest match counts.
 * They see the text in its plain form: decoded, full-width letters as ASCII, hyphens "-", spaces "
 * ".  No pattern matches across a placeholder or from one JSON string into the next.
 *
 * Each pattern becomes a finite automaton when the policy is read, so matching allocates nothing,
 * and one whose automaton or cost is past the limits below is refused then.  What remains possible
 * in theory, a text made against several patterns at once, ends at PATTERN_STEPS_PER_BYTE with
 * ERR_TOO_LARGE: it fails closed and is never slow.
 */
#pragma once

#include "redact/redact.h"

#define POLICY_MAX_BYTES (64u << 10)
#define POLICY_MAX_PATTERNS 32
#define POLICY_MAX_LITERALS 256 /* of one custom entity */
#define POLICY_MAX_ALLOWED 256
#define POLICY_MAX_VALUE_BYTES 256
#define POLICY_MAX_NAME_CHARS 24
#define POLICY_MAX_CONFIDENCE 950 /* of 1000: a higher one would turn everything off unseen */
#define PATTERN_MAX_REPEAT 64
#define PATTERN_MAX_BYTES 1024            /* of its text */
#define PATTERN_MAX_STATES 4096           /* of its automaton */
#define PATTERN_MAX_MATCH_BYTES 1024      /* of the longest text that it can match */
#define POLICY_MAX_TABLE_BYTES (1u << 20) /* of all automata */
#define PATTERN_STEPS_PER_BYTE 128

/* What is wrong with a policy, for the person who wrote it. */
struct redact_policy_fault {
	char where[96]; /* "custom[2].pattern, character 7" */
	char what[160];
	char remedy[160];
};

/* ERR_MALFORMED with the fault; ERR_NOMEM. */
MUST_CHECK enum err redact_policy_read(struct str json, struct redact_policy **ret_policy,
    struct redact_policy_fault *ret_fault);
void redact_policy_free(struct redact_policy *p);
CLEANUP_DEFINE(redact_policy);

/* The same policy with every member written out. */
struct str redact_policy_text(const struct redact_policy *p);

/* Nothing of this type is taken out of a text; NULL is the default policy. */
bool redact_policy_is_off(const struct redact_policy *p, enum redact_type type);

/* What may be said of a type. */
struct redact_kind {
	const char *group;
	enum redact_action action; /* without a policy */
	bool may_mask;
	bool may_be_off;
};

struct redact_kind redact_kind(enum redact_type type);
