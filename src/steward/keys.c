/* SPDX-License-Identifier: Apache-2.0 */
/* keys - see keys.h. */
#include "steward/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keytable/keytable.h"
#include "steward/destroyed.h"
#include "store/queries.h"
#include "trail/trail.h"

struct key_publisher {
	char path[CONF_PATH_BYTES + 32];
	uint8_t pepper[32];
	bool has_pepper;
	bool is_told;     /* that it cannot be written */
	int64_t version;  /* of what is published; 0: nothing yet */
	int64_t recorded; /* what the audit log was told of: once, however often writing fails */
	int64_t at_ms;
	struct destroyed destroyed; /* their keys are not published */
};

enum err
key_publisher_new(const char *dir, struct key_publisher **ret_publisher)
{
	struct key_publisher *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return ERR_NOMEM;
	(void)snprintf(p->path, sizeof(p->path), "%s/run/keytable", dir);
	*ret_publisher = p;
	return ERR_OK;
}

void
key_publisher_free(struct key_publisher *p)
{
	if (p == NULL)
		return;
	destroyed_free(&p->destroyed);
	explicit_bzero(p, sizeof(*p));
	free(p);
}

/* Those of workspaces that are there; how many. */
static enum err
read_entries(const struct key_publisher *p, const struct store_rows *rows,
    struct keytable_entry *entries, size_t *ret_n)
{
	size_t n = 0;

	for (size_t i = 0; i < store_row_count(rows); i++) {
		struct str hash = store_text(rows, i, 3);
		struct uuid workspace = store_uuid(rows, i, 0);

		if (hash.len != sizeof(entries[n].hash))
			return ERR_BUG;
		if (destroyed_has(&p->destroyed, &workspace))
			continue;
		memcpy(entries[n].hash, hash.at, hash.len);
		entries[n].workspace = workspace;
		entries[n].project = store_uuid(rows, i, 1);
		entries[n].key = store_uuid(rows, i, 2);
		entries[n].rate_per_minute = (uint32_t)store_int(rows, i, 4);
		entries[n].burst = (uint32_t)store_int(rows, i, 5);
		n++;
	}
	*ret_n = n;
	return ERR_OK;
}

static enum err
write_entries(struct key_publisher *p, struct keytable_entry *entries, size_t n)
{
	struct err_detail detail = { "" };
	enum err e = keytable_write(p->path, clock_wall_ms(), p->pepper, entries, n, &detail);

	if (e != ERR_OK && !p->is_told)
		log_error("keytable_not_written", LOG_STR("cause", detail.text));
	p->is_told = e != ERR_OK;
	return e;
}

void
keys_publish_anew(struct key_publisher *p)
{
	p->at_ms = clock_monotonic_ms() - PUBLISH_EVERY_MS;
}

/* Before the edge sees them: which keys count is what decides who may send. */
static enum err
record(struct key_publisher *p, struct store *store, int64_t version, size_t n)
{
	char detail[32];
	const struct trail_act act = { .by = AUDIT_BY_STEWARD,
		.name = AUDIT_INGEST_KEYS_PUBLISHED,
		.outcome = AUDIT_SUCCESS,
		.object_kind = "ingest_keys",
		.detail = detail };
	enum err e;

	if (version == p->recorded)
		return ERR_OK;
	(void)snprintf(detail, sizeof(detail), "%zu keys in force", n);
	e = trail_add_alone(store, &act);
	if (e == ERR_OK)
		p->recorded = version;
	return e;
}

static enum err
publish(struct key_publisher *p, struct store *store, int64_t version)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct keytable_entry *entries;
	size_t n = 0;
	enum err e = store_run(store, SQL_PUBLISHED_KEYS, NULL, 0, &rows);

	if (e != ERR_OK)
		return e;
	entries = calloc(store_row_count(rows) + 1, sizeof(*entries));
	if (entries == NULL)
		return ERR_NOMEM;
	e = read_entries(p, rows, entries, &n);
	if (e == ERR_OK)
		e = record(p, store, version, n);
	if (e == ERR_OK)
		e = write_entries(p, entries, n);
	free(entries);
	if (e == ERR_OK && version != p->version)
		log_info("keys_published", LOG_INT("keys", (int64_t)n));
	return e;
}

static enum err
publish_if_due(struct key_publisher *p, struct store *store)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	int64_t now = clock_monotonic_ms(), version;
	enum err e = store_run(store, SQL_KEYS_VERSION, NULL, 0, &rows);

	if (e != ERR_OK)
		return e;
	version = store_int(rows, 0, 0);
	if (version == p->version && now - p->at_ms < PUBLISH_EVERY_MS)
		return ERR_OK;
	e = publish(p, store, version);
	if (e != ERR_OK)
		return e;
	p->version = version;
	p->at_ms = now;
	return ERR_OK;
}

/* Of a workspace that was destroyed meanwhile the keys go at once. */
static enum err
learn_destroyed(struct key_publisher *p, struct keyd_client *keyd)
{
	bool is_changed = false;
	enum err e = destroyed_learn(&p->destroyed, keyd, &is_changed);

	if (e == ERR_OK && is_changed)
		p->version = p->recorded = 0;
	return e;
}

enum err
keys_publish_if_due(struct key_publisher *p, struct store *store, struct keyd_client *keyd)
{
	enum err e = ERR_OK;

	if (!p->has_pepper)
		e = keyd_ingest_pepper(keyd, p->pepper);
	p->has_pepper = e == ERR_OK;
	/* What changed in the database does not wait for keyd once it was heard. */
	if (e == ERR_OK && p->destroyed.is_known)
		e = publish_if_due(p, store);
	if (e == ERR_OK)
		e = learn_destroyed(p, keyd);
	return e == ERR_OK && p->version == 0 ? publish_if_due(p, store) : e;
}
