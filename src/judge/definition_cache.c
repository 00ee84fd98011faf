/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that were unsealed last; see definition_cache.h. */
#include "judge/definition_cache.h"

#include <string.h>

#define SLOTS 1024 /* a power of two */
#define TAIL_BYTES 32

/* A record's end is its authentication tag and differs with every sealing. */
struct slot {
	struct uuid rule;
	uint8_t tail[TAIL_BYTES];
	size_t sealed_len;
	char *definition;
	size_t len;
};

struct definition_cache {
	struct slot slots[SLOTS];
};

enum err
definition_cache_new(struct definition_cache **ret_cache)
{
	struct definition_cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return ERR_NOMEM;
	*ret_cache = c;
	return ERR_OK;
}

static void
empty_slot(struct slot *s)
{
	if (s->definition != NULL)
		explicit_bzero(s->definition, s->len);
	free(s->definition);
	*s = (struct slot){ 0 };
}

void
definition_cache_free(struct definition_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		empty_slot(&c->slots[i]);
	free(c);
}

/* The last bytes of a version 7 id are random. */
static size_t
slot_of(const struct uuid *rule)
{
	return ((size_t)rule->bytes[14] << 8 | rule->bytes[15]) & (SLOTS - 1);
}

bool
definition_cache_get(const struct definition_cache *c, const struct uuid *rule, struct str sealed,
    struct str *ret_definition)
{
	const struct slot *s = &c->slots[slot_of(rule)];

	if (s->definition == NULL || !uuid_equals(&s->rule, rule) || s->sealed_len != sealed.len ||
	    sealed.len < TAIL_BYTES ||
	    memcmp(s->tail, sealed.at + sealed.len - TAIL_BYTES, TAIL_BYTES) != 0)
		return false;
	*ret_definition = (struct str){ s->definition, s->len };
	return true;
}

enum err
definition_cache_put(struct definition_cache *c, const struct uuid *rule, struct str sealed,
    struct str definition)
{
	struct slot *s = &c->slots[slot_of(rule)];

	empty_slot(s);
	if (sealed.len < TAIL_BYTES)
		return ERR_OK;
	s->definition = malloc(definition.len + 1);
	if (s->definition == NULL)
		return ERR_NOMEM;
	memcpy(s->definition, definition.at, definition.len);
	s->len = definition.len;
	s->rule = *rule;
	s->sealed_len = sealed.len;
	memcpy(s->tail, sealed.at + sealed.len - TAIL_BYTES, TAIL_BYTES);
	return ERR_OK;
}
