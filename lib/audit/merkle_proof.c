/* SPDX-License-Identifier: Apache-2.0 */
/* merkle_proof - proofs made (RFC 6962, 2.1.1 and 2.1.2) and checked (RFC 9162, 2.1.3.2 and
 * 2.1.4.2). */
#include "audit/merkle.h"
#include "seal/seal.h"

/* The largest power of two below n. */
static uint64_t
split_of(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* The root of the leaves [from, from + n): a complete subtree is fetched, another is made of its
 * complete parts, from the right. */
static enum err
root_of(const struct merkle_tree *t, uint64_t from, uint64_t n, struct merkle_hash *ret_hash)
{
	bool has_right = false;
	struct merkle_hash right = { 0 }, part;
	enum err e = ERR_OK;

	while (n > 0 && e == ERR_OK) {
		unsigned int level = (unsigned int)__builtin_ctzll(n);

		n -= UINT64_C(1) << level;
		e = t->fetch(t->from, level, (from + n) >> level, &part);
		if (e == ERR_OK && has_right)
			e = merkle_node_hash(&part, &right, &part);
		right = part;
		has_right = true;
	}
	if (e == ERR_OK)
		*ret_hash = right;
	return e;
}

static enum err
add_root(const struct merkle_tree *t, uint64_t from, uint64_t n, struct merkle_proof *proof)
{
	if (proof->n > MERKLE_MAX_DEPTH)
		return ERR_BUG;
	return root_of(t, from, n, &proof->hashes[proof->n++]);
}

static void
reverse(struct merkle_proof *proof)
{
	for (size_t i = 0, j = proof->n; i + 1 < j; i++) {
		struct merkle_hash h = proof->hashes[i];

		proof->hashes[i] = proof->hashes[--j];
		proof->hashes[j] = h;
	}
}

/* From the root down; what is met first stands last in a proof. */
enum err
merkle_prove_inclusion(const struct merkle_tree *t, uint64_t leaf, struct merkle_proof *ret_proof)
{
	uint64_t from = 0, n = t->size;
	enum err e = ERR_OK;

	ret_proof->n = 0;
	if (leaf >= t->size)
		return ERR_NOT_FOUND;
	while (n > 1 && e == ERR_OK) {
		uint64_t k = split_of(n);

		if (leaf < from + k) {
			e = add_root(t, from + k, n - k, ret_proof);
			n = k;
		} else {
			e = add_root(t, from, k, ret_proof);
			from += k;
			n -= k;
		}
	}
	reverse(ret_proof);
	return e;
}

enum err
merkle_prove_consistency(const struct merkle_tree *t, uint64_t old_size,
    struct merkle_proof *ret_proof)
{
	uint64_t from = 0, n = t->size, m = old_size;
	bool is_whole = true; /* the old tree is a subtree that the checker knows */
	enum err e = ERR_OK;

	ret_proof->n = 0;
	if (old_size > t->size)
		return ERR_NOT_FOUND;
	if (old_size == 0 || old_size == t->size)
		return ERR_OK;
	while (m != n && e == ERR_OK) {
		uint64_t k = split_of(n);

		if (m <= k) {
			e = add_root(t, from + k, n - k, ret_proof);
			n = k;
		} else {
			e = add_root(t, from, k, ret_proof);
			from += k;
			n -= k;
			m -= k;
			is_whole = false;
		}
	}
	if (e == ERR_OK && !is_whole)
		e = add_root(t, from, n, ret_proof);
	reverse(ret_proof);
	return e;
}

enum err
merkle_check_inclusion(uint64_t size, uint64_t leaf, const struct merkle_hash *leaf_hash,
    const struct merkle_proof *proof, const struct merkle_hash *root)
{
	uint64_t fn = leaf, sn = size - 1;
	struct merkle_hash r = *leaf_hash;

	if (leaf >= size || proof->n > MERKLE_MAX_DEPTH)
		return ERR_DENIED;
	for (size_t i = 0; i < proof->n; i++) {
		const struct merkle_hash *p = &proof->hashes[i];
		bool is_right = (fn & 1) != 0 || fn == sn;
		enum err e;

		if (sn == 0)
			return ERR_DENIED;
		e = is_right ? merkle_node_hash(p, &r, &r) : merkle_node_hash(&r, p, &r);
		if (e != ERR_OK)
			return e;
		while (is_right && (fn & 1) == 0 && fn != 0) {
			fn >>= 1;
			sn >>= 1;
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && merkle_equals(&r, root) ? ERR_OK : ERR_DENIED;
}

/* What both roots are made of so far. */
struct climb {
	uint64_t fn;
	uint64_t sn;
	struct merkle_hash fr;
	struct merkle_hash sr;
};

static enum err
climb_by(struct climb *c, const struct merkle_hash *p)
{
	enum err e = ERR_OK;

	if (c->sn == 0)
		return ERR_DENIED;
	if ((c->fn & 1) == 0 && c->fn != c->sn) {
		e = merkle_node_hash(&c->sr, p, &c->sr);
	} else {
		e = merkle_node_hash(p, &c->fr, &c->fr);
		if (e == ERR_OK)
			e = merkle_node_hash(p, &c->sr, &c->sr);
		while ((c->fn & 1) == 0 && c->fn != 0) {
			c->fn >>= 1;
			c->sn >>= 1;
		}
	}
	c->fn >>= 1;
	c->sn >>= 1;
	return e;
}

enum err
merkle_check_consistency(const struct merkle_checkpoint *old_checkpoint,
    const struct merkle_checkpoint *new_checkpoint, const struct merkle_proof *proof)
{
	uint64_t m = old_checkpoint->size, n = new_checkpoint->size;
	struct climb c = { .fn = m - 1, .sn = n - 1 };
	size_t i = 0;

	if (m > n || proof->n > MERKLE_MAX_DEPTH + 1)
		return ERR_DENIED;
	if (m == n)
		return proof->n == 0 && merkle_equals(&old_checkpoint->root, &new_checkpoint->root)
		    ? ERR_OK
		    : ERR_DENIED;
	if (m == 0)
		return proof->n == 0 ? ERR_OK : ERR_DENIED;
	if (proof->n == 0)
		return ERR_DENIED;
	/* An old size that is a power of two: its root begins the climb. */
	c.fr = c.sr = (m & (m - 1)) == 0 ? old_checkpoint->root : proof->hashes[i++];
	while ((c.fn & 1) != 0) {
		c.fn >>= 1;
		c.sn >>= 1;
	}
	for (; i < proof->n; i++) {
		enum err e = climb_by(&c, &proof->hashes[i]);

		if (e != ERR_OK)
			return e;
	}
	return c.sn == 0 && merkle_equals(&c.fr, &old_checkpoint->root) &&
		merkle_equals(&c.sr, &new_checkpoint->root)
	    ? ERR_OK
	    : ERR_DENIED;
}
