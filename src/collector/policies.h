/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies - the redaction policies in force, by workspace, read and compiled once a version.
 *
 * Whether there is a newer version is asked in a transaction of its own when the last answer is
 * older than POLICY_CHECK_MS, so a change counts within a second.  A policy that cannot be read,
 * opened or compiled is an error, never the default one: what it should have covered must not be
 * stored.
 */
#pragma once

#include "redact/policy.h"
#include "store/store.h"

#define POLICY_CHECK_MS 500
#define POLICIES_KEPT 64

struct policies;

struct policy_in_force {
	const struct redact_policy *policy; /* NULL: the default; valid until the next call */
	int64_t version;                    /* 0: the default */
};

MUST_CHECK enum err policies_new(struct keyd_client *keys, struct policies **ret_policies);
void policies_free(struct policies *p);
CLEANUP_DEFINE(policies);

/* Outside a transaction.  ERR_BUSY: try again later; anything else: it is unusable. */
MUST_CHECK enum err policies_find(struct policies *p, struct store *s, const struct uuid *workspace,
    struct policy_in_force *ret_policy);
