/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "audit/merkle.h"
#include "audit/plan.h"
#include "base/hex.h"

#define MAX_LEAVES 70

static struct merkle_hash leaves[MAX_LEAVES];

/* RFC 6962, 2.1, to the letter: the definition that everything is held against. */
static struct merkle_hash
defined_root(size_t from, size_t n)
{
	struct merkle_hash left, right, node;
	size_t k = 1;

	if (n == 1)
		return leaves[from];
	while (2 * k < n)
		k *= 2;
	left = defined_root(from, k);
	right = defined_root(from + k, n - k);
	assert_int_equal(merkle_node_hash(&left, &right, &node), ERR_OK);
	return node;
}

static enum err
fetch(void *from, unsigned int level, uint64_t index, struct merkle_hash *ret_hash)
{
	(void)from;
	*ret_hash = defined_root((size_t)(index << level), (size_t)1 << level);
	return ERR_OK;
}

static int
make_leaves(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAX_LEAVES; i++) {
		char text[8];

		(void)snprintf(text, sizeof(text), "leaf%zu", i);
		assert_int_equal(merkle_leaf_hash(str_from(text), &leaves[i]), ERR_OK);
	}
	return 0;
}

/* The eight leaves of the Certificate Transparency reference implementation and their roots. */
static void
published_roots_come_out(void **state)
{
	static const struct str inputs[] = { { "", 0 }, { "\x00", 1 }, { "\x10", 1 },
		{ "\x20\x21", 2 }, { "\x30\x31", 2 }, { "\x40\x41\x42\x43", 4 },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 } };
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", NULL, NULL,
		NULL, NULL, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
	};
	struct merkle_frontier f = { 0 };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		struct merkle_hash leaf, root;
		char text[2 * MERKLE_HASH_BYTES + 1];

		assert_int_equal(merkle_leaf_hash(inputs[i], &leaf), ERR_OK);
		assert_int_equal(merkle_append(&f, &leaf), ERR_OK);
		assert_int_equal(merkle_root(&f, &root), ERR_OK);
		hex_encode(root.bytes, sizeof(root.bytes), text);
		if (roots[i] != NULL)
			assert_string_equal(text, roots[i]);
	}
}

static void
the_frontier_gives_the_defined_root_at_every_size(void **state)
{
	struct merkle_frontier f = { 0 };

	(void)state;
	for (size_t n = 1; n <= MAX_LEAVES; n++) {
		struct merkle_hash wanted = defined_root(0, n), root;

		assert_int_equal(merkle_append(&f, &leaves[n - 1]), ERR_OK);
		assert_int_equal(merkle_root(&f, &root), ERR_OK);
		assert_true(merkle_equals(&root, &wanted));
	}
}

/* Each hash, the leaf, the size and the index: changed, the proof does not hold. */
static void
assert_inclusion(uint64_t size, uint64_t leaf)
{
	const struct merkle_tree tree = { fetch, NULL, size };
	struct merkle_hash root = defined_root(0, (size_t)size);
	struct merkle_proof proof;

	assert_int_equal(merkle_prove_inclusion(&tree, leaf, &proof), ERR_OK);
	assert_int_equal(merkle_check_inclusion(size, leaf, &leaves[leaf], &proof, &root), ERR_OK);
	for (size_t i = 0; i < proof.n; i++) {
		proof.hashes[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
		assert_int_equal(merkle_check_inclusion(size, leaf, &leaves[leaf], &proof, &root),
		    ERR_DENIED);
		proof.hashes[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
	}
	for (uint64_t other = 0; other < size; other++)
		if (other != leaf)
			assert_int_equal(merkle_check_inclusion(size, other, &leaves[leaf], &proof,
					     &root),
			    ERR_DENIED);
	if (proof.n > 0) {
		proof.n--;
		assert_int_equal(merkle_check_inclusion(size, leaf, &leaves[leaf], &proof, &root),
		    ERR_DENIED);
	}
}

static void
inclusion_of_every_leaf_is_proved_and_nothing_else(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= 33; size++)
		for (uint64_t leaf = 0; leaf < size; leaf++)
			assert_inclusion(size, leaf);
}

static void
assert_consistency(uint64_t old_size, uint64_t size)
{
	const struct merkle_tree tree = { fetch, NULL, size };
	struct merkle_checkpoint before = { old_size, defined_root(0, (size_t)old_size) };
	struct merkle_checkpoint now = { size, defined_root(0, (size_t)size) };
	struct merkle_proof proof;

	assert_int_equal(merkle_prove_consistency(&tree, old_size, &proof), ERR_OK);
	assert_int_equal(merkle_check_consistency(&before, &now, &proof), ERR_OK);
	for (size_t i = 0; i < proof.n; i++) {
		proof.hashes[i].bytes[0] ^= 0x80;
		assert_int_equal(merkle_check_consistency(&before, &now, &proof), ERR_DENIED);
		proof.hashes[i].bytes[0] ^= 0x80;
	}
	before.root.bytes[31] ^= 1;
	assert_int_equal(merkle_check_consistency(&before, &now, &proof), ERR_DENIED);
	before.root.bytes[31] ^= 1;
	now.root.bytes[31] ^= 1;
	assert_int_equal(merkle_check_consistency(&before, &now, &proof), ERR_DENIED);
}

static void
every_size_is_proved_to_go_on_from_every_smaller_one(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= 33; size++)
		for (uint64_t old_size = 1; old_size <= size; old_size++)
			assert_consistency(old_size, size);
}

static void
give_all(struct merkle_plan *p)
{
	for (size_t i = 0; i < merkle_plan_count(p); i++) {
		struct merkle_hash hash;

		assert_int_equal(fetch(NULL, (unsigned int)merkle_plan_levels(p)[i],
				     (uint64_t)merkle_plan_indexes(p)[i], &hash),
		    ERR_OK);
		merkle_plan_put(p, i, &hash);
	}
}

static void
a_plan_gives_the_same_proofs_from_one_fetch(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= MAX_LEAVES; size += 3) {
		const struct merkle_tree tree = { fetch, NULL, size };
		CLEANUP(merkle_plan) struct merkle_plan *p = NULL;
		struct merkle_proof wanted, got;

		assert_int_equal(merkle_plan_new(size, 4096, &p), ERR_OK);
		for (uint64_t leaf = 0; leaf < size; leaf++)
			assert_int_equal(merkle_plan_inclusion(p, leaf), ERR_OK);
		assert_int_equal(merkle_plan_consistency(p, size / 2), ERR_OK);
		give_all(p);
		for (uint64_t leaf = 0; leaf < size; leaf++) {
			assert_int_equal(merkle_prove_inclusion(&tree, leaf, &wanted), ERR_OK);
			assert_int_equal(merkle_plan_prove_inclusion(p, leaf, &got), ERR_OK);
			assert_int_equal(got.n, wanted.n);
			assert_memory_equal(got.hashes, wanted.hashes,
			    wanted.n * MERKLE_HASH_BYTES);
		}
		assert_int_equal(merkle_prove_consistency(&tree, size / 2, &wanted), ERR_OK);
		assert_int_equal(merkle_plan_prove_consistency(p, size / 2, &got), ERR_OK);
		assert_int_equal(got.n, wanted.n);
		assert_memory_equal(got.hashes, wanted.hashes, wanted.n * MERKLE_HASH_BYTES);
	}
}

static void
a_plan_has_a_cap_and_its_order(void **state)
{
	CLEANUP(merkle_plan) struct merkle_plan *p = NULL;
	struct merkle_proof proof;

	(void)state;
	assert_int_equal(merkle_plan_new(8, 3, &p), ERR_OK);
	assert_int_equal(merkle_plan_inclusion(p, 1), ERR_OK);
	assert_int_equal(merkle_plan_inclusion(p, 2), ERR_TOO_LARGE);
	assert_int_equal(merkle_plan_prove_inclusion(p, 7, &proof), ERR_BUG);
	merkle_plan_clear(p);
	assert_int_equal(merkle_plan_inclusion(p, 8), ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_roots_come_out),
		cmocka_unit_test(the_frontier_gives_the_defined_root_at_every_size),
		cmocka_unit_test(inclusion_of_every_leaf_is_proved_and_nothing_else),
		cmocka_unit_test(every_size_is_proved_to_go_on_from_every_smaller_one),
		cmocka_unit_test(a_plan_gives_the_same_proofs_from_one_fetch),
		cmocka_unit_test(a_plan_has_a_cap_and_its_order),
	};

	return cmocka_run_group_tests(tests, make_leaves, NULL);
}
