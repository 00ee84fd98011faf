/* SPDX-License-Identifier: Apache-2.0 */
/* merkle - hashes, the frontier and the root. */
#include <string.h>

#include "audit/merkle.h"
#include "base/buf.h"
#include "seal/seal.h"

enum { LEAF_PREFIX = 0x00, NODE_PREFIX = 0x01 };

static enum err
hash_of(struct str bytes, struct merkle_hash *ret_hash)
{
	return seal_sha256(bytes, ret_hash->bytes);
}

enum err
merkle_leaf_hash(struct str leaf, struct merkle_hash *ret_hash)
{
	CLEANUP(buf) struct buf *b = NULL;
	enum err e = buf_new(leaf.len + 1, &b);

	if (e == ERR_OK)
		e = buf_append_byte(b, LEAF_PREFIX);
	if (e == ERR_OK)
		e = buf_append_str(b, leaf);
	return e == ERR_OK ? hash_of(buf_str(b), ret_hash) : e;
}

enum err
merkle_node_hash(const struct merkle_hash *left, const struct merkle_hash *right,
    struct merkle_hash *ret_hash)
{
	char node[1 + 2 * MERKLE_HASH_BYTES];

	node[0] = NODE_PREFIX;
	memcpy(node + 1, left->bytes, MERKLE_HASH_BYTES);
	memcpy(node + 1 + MERKLE_HASH_BYTES, right->bytes, MERKLE_HASH_BYTES);
	return hash_of((struct str){ node, sizeof(node) }, ret_hash);
}

bool
merkle_equals(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->bytes, b->bytes, MERKLE_HASH_BYTES) == 0;
}

size_t
merkle_n_roots(uint64_t size)
{
	return (size_t)__builtin_popcountll(size);
}

enum err
merkle_append(struct merkle_frontier *f, const struct merkle_hash *leaf)
{
	size_t n = merkle_n_roots(f->size);
	struct merkle_hash hash = *leaf;

	if (f->size == UINT64_MAX)
		return ERR_TOO_LARGE;
	/* Each one bit at the end of the size is a subtree that is now complete with its sibling.
	 */
	for (uint64_t size = f->size; (size & 1) != 0; size >>= 1) {
		enum err e = merkle_node_hash(&f->roots[--n], &hash, &hash);

		if (e != ERR_OK)
			return e;
	}
	f->roots[n] = hash;
	f->size++;
	return ERR_OK;
}

enum err
merkle_root(const struct merkle_frontier *f, struct merkle_hash *ret_root)
{
	size_t n = merkle_n_roots(f->size);
	enum err e = ERR_OK;

	if (n == 0)
		return hash_of(STR(""), ret_root);
	*ret_root = f->roots[--n];
	while (n > 0 && e == ERR_OK)
		e = merkle_node_hash(&f->roots[--n], ret_root, ret_root);
	return e;
}
