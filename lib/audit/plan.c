/* SPDX-License-Identifier: Apache-2.0 */
/* plan - see plan.h. */
#include "audit/plan.h"

#include <stdlib.h>

struct merkle_plan {
	uint64_t size;
	size_t max;
	size_t n;       /* gathered */
	size_t n_given; /* to proofs so far */
	int64_t *levels;
	int64_t *indexes;
	struct merkle_hash *hashes;
};

enum err
merkle_plan_new(uint64_t size, size_t max_nodes, struct merkle_plan **ret_plan)
{
	struct merkle_plan *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return ERR_NOMEM;
	p->size = size;
	p->max = max_nodes;
	p->levels = calloc(max_nodes + 1, sizeof(*p->levels));
	p->indexes = calloc(max_nodes + 1, sizeof(*p->indexes));
	p->hashes = calloc(max_nodes + 1, sizeof(*p->hashes));
	if (p->levels == NULL || p->indexes == NULL || p->hashes == NULL) {
		merkle_plan_free(p);
		return ERR_NOMEM;
	}
	*ret_plan = p;
	return ERR_OK;
}

void
merkle_plan_free(struct merkle_plan *p)
{
	if (p == NULL)
		return;
	free(p->levels);
	free(p->indexes);
	free(p->hashes);
	free(p);
}

static enum err
note(void *from, unsigned int level, uint64_t index, struct merkle_hash *ret_hash)
{
	struct merkle_plan *p = from;

	if (p->n == p->max)
		return ERR_TOO_LARGE;
	p->levels[p->n] = level;
	p->indexes[p->n++] = (int64_t)index;
	*ret_hash = (struct merkle_hash){ { 0 } };
	return ERR_OK;
}

static enum err
give(void *from, unsigned int level, uint64_t index, struct merkle_hash *ret_hash)
{
	struct merkle_plan *p = from;

	if (p->n_given == p->n || p->levels[p->n_given] != (int64_t)level ||
	    p->indexes[p->n_given] != (int64_t)index)
		return ERR_BUG;
	*ret_hash = p->hashes[p->n_given++];
	return ERR_OK;
}

enum err
merkle_plan_inclusion(struct merkle_plan *p, uint64_t leaf)
{
	const struct merkle_tree tree = { note, p, p->size };
	struct merkle_proof unused;

	return merkle_prove_inclusion(&tree, leaf, &unused);
}

enum err
merkle_plan_consistency(struct merkle_plan *p, uint64_t old_size)
{
	const struct merkle_tree tree = { note, p, p->size };
	struct merkle_proof unused;

	return merkle_prove_consistency(&tree, old_size, &unused);
}

size_t
merkle_plan_count(const struct merkle_plan *p)
{
	return p->n;
}

const int64_t *
merkle_plan_levels(const struct merkle_plan *p)
{
	return p->levels;
}

const int64_t *
merkle_plan_indexes(const struct merkle_plan *p)
{
	return p->indexes;
}

void
merkle_plan_put(struct merkle_plan *p, size_t i, const struct merkle_hash *hash)
{
	if (i < p->n)
		p->hashes[i] = *hash;
}

enum err
merkle_plan_prove_inclusion(struct merkle_plan *p, uint64_t leaf, struct merkle_proof *ret_proof)
{
	const struct merkle_tree tree = { give, p, p->size };

	return merkle_prove_inclusion(&tree, leaf, ret_proof);
}

enum err
merkle_plan_prove_consistency(struct merkle_plan *p, uint64_t old_size,
    struct merkle_proof *ret_proof)
{
	const struct merkle_tree tree = { give, p, p->size };

	return merkle_prove_consistency(&tree, old_size, ret_proof);
}

void
merkle_plan_clear(struct merkle_plan *p)
{
	p->n = p->n_given = 0;
}
