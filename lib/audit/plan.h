/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan - proofs from a database in one round trip: which subtrees they need, then the proofs.
 *
 * While it gathers, a plan answers merkle_prove_…() with zeros and notes what was asked; the caller
 * fetches all of that at once, gives the hashes in the same order and proves again, in the same
 * order.
 */
#pragma once

#include "audit/merkle.h"
#include "base/err.h"

struct merkle_plan;

/* For a tree of this size and at most max_nodes subtrees. */
MUST_CHECK enum err merkle_plan_new(uint64_t size, size_t max_nodes, struct merkle_plan **ret_plan);
void merkle_plan_free(struct merkle_plan *p);
CLEANUP_DEFINE(merkle_plan);

/* Gathering.  ERR_TOO_LARGE: no room for more proofs. */
MUST_CHECK enum err merkle_plan_inclusion(struct merkle_plan *p, uint64_t leaf);
MUST_CHECK enum err merkle_plan_consistency(struct merkle_plan *p, uint64_t old_size);

/* What to fetch: levels and indexes, n of each. */
size_t merkle_plan_count(const struct merkle_plan *p);
const int64_t *merkle_plan_levels(const struct merkle_plan *p);
const int64_t *merkle_plan_indexes(const struct merkle_plan *p);

/* The hash of what stands at place i. */
void merkle_plan_put(struct merkle_plan *p, size_t i, const struct merkle_hash *hash);

/* Proving; in the order of the gathering, ERR_BUG otherwise. */
MUST_CHECK enum err merkle_plan_prove_inclusion(struct merkle_plan *p, uint64_t leaf,
    struct merkle_proof *ret_proof);
MUST_CHECK enum err merkle_plan_prove_consistency(struct merkle_plan *p, uint64_t old_size,
    struct merkle_proof *ret_proof);

/* Begins anew for the same tree. */
void merkle_plan_clear(struct merkle_plan *p);
