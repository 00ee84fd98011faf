/* SPDX-License-Identifier: Apache-2.0 */
/* policy_parts - what a policy is made of, for this folder. */
#pragma once

#include "base/arena.h"
#include "redact/pattern.h"
#include "redact/policy.h"
#include "redact/scan.h"

#define POLICY_LABEL_PREFIX "CUSTOM_"
#define POLICY_LABEL_BYTES (sizeof(POLICY_LABEL_PREFIX) + POLICY_MAX_NAME_CHARS)
#define POLICY_OFF 255 /* an action of a rule only */
#define POLICY_ANY_TYPE UINT16_MAX
#define PLACEHOLDER_REMOVED "[removed]"
#define N_CANONICALS (CANONICAL_WORDS + 1)

struct policy_rule {
	uint16_t min_score;
	uint8_t action; /* enum redact_action or POLICY_OFF */
};

struct policy_custom {
	char label[POLICY_LABEL_BYTES];
	uint8_t action;
};

/* A value that may stay, in each canonical form. */
struct policy_allowed {
	uint16_t type;
	struct str forms[N_CANONICALS];
};

struct redact_policy {
	struct arena *arena; /* all below */
	struct policy_rule rules[REDACT_N_TYPES];
	struct policy_custom *custom; /* beside the patterns */
	struct pattern_set patterns;
	struct policy_allowed *allowed;
	size_t n_allowed;
	struct str text;
};

/* A default for each type. */
struct policy_rule policy_default_rule(enum redact_type type);

/* Adds what the policy's patterns find in the layer; own is memory to work in. */
MUST_CHECK enum err policy_scan(const struct redact_policy *p, const struct layer *folded,
    struct candidates *own, struct candidates *found);

/* Takes out what is off or not sure enough, and gives each candidate its action. */
void policy_apply(const struct redact_policy *p, struct candidates *found);

/* NULL for a type of ours. */
const char *policy_label(const struct redact_policy *p, const struct candidate *c);

bool policy_allows(const struct redact_policy *p, const struct candidate *c, struct str canonical);

/* What a masked placeholder shows of the value; nothing when that would be too much. */
struct str mask_tail(struct redact_value value);
bool mask_is_tail(struct str tail, bool is_email);
