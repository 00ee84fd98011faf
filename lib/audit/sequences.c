/* SPDX-License-Identifier: Apache-2.0 */
/* sequences - an open table, doubled when it is half full. */
#include <stdlib.h>
#include <string.h>

#include "audit/sequences.h"

#define FIRST_SIZE 64

struct slot {
	struct uuid workspace;
	uint64_t last;
	bool is_used;
};

struct sequences {
	struct slot *slots;
	size_t size; /* a power of two */
	size_t n;
};

enum err
sequences_new(struct sequences **ret_sequences)
{
	struct sequences *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_NOMEM;
	s->size = FIRST_SIZE;
	s->slots = calloc(s->size, sizeof(*s->slots));
	if (s->slots == NULL) {
		free(s);
		return ERR_NOMEM;
	}
	*ret_sequences = s;
	return ERR_OK;
}

void
sequences_free(struct sequences *s)
{
	if (s == NULL)
		return;
	free(s->slots);
	free(s);
}

static struct slot *
slot_of(struct slot *slots, size_t size, const struct uuid *workspace)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < UUID_BYTES; i++)
		hash = (hash ^ workspace->bytes[i]) * 0x100000001b3u;
	for (size_t i = (size_t)(hash >> 20);; i++) {
		struct slot *slot = &slots[i & (size - 1)];

		if (!slot->is_used || uuid_equals(&slot->workspace, workspace))
			return slot;
	}
}

static enum err
grow(struct sequences *s)
{
	struct slot *bigger = calloc(2 * s->size, sizeof(*bigger));

	if (bigger == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < s->size; i++)
		if (s->slots[i].is_used)
			*slot_of(bigger, 2 * s->size, &s->slots[i].workspace) = s->slots[i];
	free(s->slots);
	s->slots = bigger;
	s->size *= 2;
	return ERR_OK;
}

enum err
sequences_last(struct sequences *s, const struct uuid *workspace, uint64_t **ret_last)
{
	enum err e = 2 * (s->n + 1) > s->size ? grow(s) : ERR_OK;
	struct slot *slot;

	if (e != ERR_OK)
		return e;
	slot = slot_of(s->slots, s->size, workspace);
	if (!slot->is_used) {
		slot->is_used = true;
		slot->workspace = *workspace;
		s->n++;
	}
	*ret_last = &slot->last;
	return ERR_OK;
}
