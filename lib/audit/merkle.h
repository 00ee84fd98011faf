/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merkle - the tree of RFC 6962, section 2.1, over the leaves of the audit log.
 *
 *   leaf hash  SHA-256(0x00 || leaf)        node hash  SHA-256(0x01 || left || right)
 *
 * A growing tree keeps only its frontier: the roots of the complete subtrees that its size is made
 * of, largest first, at most 64.  Proofs are made from hashes that the caller fetches by level and
 * index, and checked without the tree.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define MERKLE_HASH_BYTES 32
#define MERKLE_MAX_DEPTH 64

struct merkle_hash {
	uint8_t bytes[MERKLE_HASH_BYTES];
};

struct merkle_frontier {
	uint64_t size; /* leaves */
	struct merkle_hash roots[MERKLE_MAX_DEPTH];
};

struct merkle_proof {
	size_t n;
	struct merkle_hash hashes[MERKLE_MAX_DEPTH + 1];
};

MUST_CHECK enum err merkle_leaf_hash(struct str leaf, struct merkle_hash *ret_hash);
MUST_CHECK enum err merkle_node_hash(const struct merkle_hash *left,
    const struct merkle_hash *right, struct merkle_hash *ret_hash);
bool merkle_equals(const struct merkle_hash *a, const struct merkle_hash *b);

/* How many subtrees a tree of this size is made of. */
size_t merkle_n_roots(uint64_t size);

/* Adds one leaf. */
MUST_CHECK enum err merkle_append(struct merkle_frontier *f, const struct merkle_hash *leaf);

/* The root; of the empty tree SHA-256 of nothing. */
MUST_CHECK enum err merkle_root(const struct merkle_frontier *f, struct merkle_hash *ret_root);

/* The hash of the complete subtree of 2^level leaves that begins at leaf index << level. */
typedef enum err merkle_fetch(void *from, unsigned int level, uint64_t index,
    struct merkle_hash *ret_hash);

struct merkle_tree {
	merkle_fetch *fetch;
	void *from;
	uint64_t size;
};

/* ERR_NOT_FOUND: no such leaf, or a larger old size than the tree's. */
MUST_CHECK enum err merkle_prove_inclusion(const struct merkle_tree *t, uint64_t leaf,
    struct merkle_proof *ret_proof);
MUST_CHECK enum err merkle_prove_consistency(const struct merkle_tree *t, uint64_t old_size,
    struct merkle_proof *ret_proof);

/* RFC 9162, 2.1.3.2 and 2.1.4.2: ERR_DENIED when the proof does not hold. */
MUST_CHECK enum err merkle_check_inclusion(uint64_t size, uint64_t leaf,
    const struct merkle_hash *leaf_hash, const struct merkle_proof *proof,
    const struct merkle_hash *root);

struct merkle_checkpoint {
	uint64_t size;
	struct merkle_hash root;
};

MUST_CHECK enum err merkle_check_consistency(const struct merkle_checkpoint *old_checkpoint,
    const struct merkle_checkpoint *new_checkpoint, const struct merkle_proof *proof);
