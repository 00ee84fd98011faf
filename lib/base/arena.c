/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#define ARENA_CHUNK_BYTES 16384

struct chunk {
	struct chunk *next;
	size_t used;
	size_t room;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct chunk *chunks; /* the newest first */
	size_t total;
	size_t limit;
};

enum err
arena_new(size_t limit_bytes, struct arena **ret_arena)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return ERR_NOMEM;
	a->limit = limit_bytes;
	*ret_arena = a;
	return ERR_OK;
}

void
arena_clear(struct arena *a)
{
	while (a->chunks != NULL) {
		struct chunk *gone = a->chunks;

		a->chunks = gone->next;
		explicit_bzero(gone->bytes, gone->used);
		free(gone);
	}
	a->total = 0;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_clear(a);
	free(a);
}

void *
arena_alloc(struct arena *a, size_t bytes)
{
	size_t align = alignof(max_align_t);
	struct chunk *c = a->chunks;
	void *at;

	if (bytes > a->limit)
		return NULL;
	bytes = (bytes + align - 1) / align * align;
	if (bytes > a->limit - a->total)
		return NULL;
	if (c == NULL || c->room - c->used < bytes) {
		size_t room = bytes > ARENA_CHUNK_BYTES ? bytes : ARENA_CHUNK_BYTES;

		c = calloc(1, sizeof(*c) + room);
		if (c == NULL)
			return NULL;
		c->room = room;
		c->next = a->chunks;
		a->chunks = c;
	}
	at = c->bytes + c->used;
	c->used += bytes;
	a->total += bytes;
	return at;
}

void *
arena_alloc_array(struct arena *a, size_t count, size_t element_bytes)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, element_bytes, &bytes))
		return NULL;
	return arena_alloc(a, bytes);
}

struct str
arena_copy(struct arena *a, struct str s)
{
	char *at = s.len == SIZE_MAX ? NULL : arena_alloc(a, s.len + 1);

	if (at == NULL)
		return (struct str){ NULL, 0 };
	if (s.len > 0)
		memcpy(at, s.at, s.len);
	return (struct str){ at, s.len };
}
