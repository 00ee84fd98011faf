/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rule_cache.h"

#include <pthread.h>
#include <stdint.h>

#define PLACES 4096
#define SEAL_BYTES 80 /* version, key id, commitment and nonce: no two records share them */

struct entry {
	struct uuid rule;
	char seal[SEAL_BYTES];
	char *text; /* the name, then the description; NULL: free */
	size_t name_bytes, description_bytes;
};

struct rule_cache {
	pthread_mutex_t lock;
	struct entry entries[PLACES];
};

enum err
rule_cache_new(struct rule_cache **ret_cache)
{
	struct rule_cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return ERR_NOMEM;
	if (pthread_mutex_init(&c->lock, NULL) != 0) {
		free(c);
		return ERR_IO;
	}
	*ret_cache = c;
	return ERR_OK;
}

static void
drop_entry(struct entry *e)
{
	if (e->text != NULL)
		explicit_bzero(e->text, e->name_bytes + e->description_bytes);
	free(e->text);
	*e = (struct entry){ 0 };
}

void
rule_cache_free(struct rule_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < PLACES; i++)
		drop_entry(&c->entries[i]);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct entry *
place_of(struct rule_cache *c, const struct uuid *rule)
{
	/* The last bytes of a version 7 id are random. */
	return &c->entries[((size_t)rule->bytes[14] << 8 | rule->bytes[15]) % PLACES];
}

static void
copy_seal(struct str sealed, char ret_seal[static SEAL_BYTES])
{
	memset(ret_seal, 0, SEAL_BYTES);
	if (sealed.len > 0)
		memcpy(ret_seal, sealed.at, sealed.len < SEAL_BYTES ? sealed.len : SEAL_BYTES);
}

bool
rule_cache_find(struct rule_cache *c, const struct uuid *rule, struct str sealed, struct arena *a,
    struct rule_text *ret_text)
{
	char seal[SEAL_BYTES];
	struct entry *e = place_of(c, rule);
	bool found = false;

	copy_seal(sealed, seal);
	(void)pthread_mutex_lock(&c->lock);
	if (e->text != NULL && uuid_equals(&e->rule, rule) &&
	    memcmp(e->seal, seal, SEAL_BYTES) == 0) {
		ret_text->name = arena_copy(a, (struct str){ e->text, e->name_bytes });
		ret_text->description =
		    arena_copy(a, (struct str){ e->text + e->name_bytes, e->description_bytes });
		found = ret_text->name.at != NULL && ret_text->description.at != NULL;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return found;
}

void
rule_cache_keep(struct rule_cache *c, const struct uuid *rule, struct str sealed,
    const struct rule_text *text)
{
	size_t bytes = text->name.len + text->description.len;
	char *copy = malloc(bytes + 1);
	struct entry *e = place_of(c, rule);

	if (copy == NULL)
		return;
	memcpy(copy, text->name.at, text->name.len);
	memcpy(copy + text->name.len, text->description.at, text->description.len);
	(void)pthread_mutex_lock(&c->lock);
	drop_entry(e);
	e->rule = *rule;
	copy_seal(sealed, e->seal);
	e->text = copy;
	e->name_bytes = text->name.len;
	e->description_bytes = text->description.len;
	(void)pthread_mutex_unlock(&c->lock);
}
