/* SPDX-License-Identifier: Apache-2.0 */
/* keys - see keys.h. */
#include "steward/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "keytable/keytable.h"
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
	explicit_bzero(p, sizeof(*p));
	free(p);
}

static enum err
read_entries(const struct store_rows *rows, struct keytable_entry *entries)
{
	for (size_t i = 0; i < store_row_count(rows); i++) {
		struct str hash = store_text(rows, i, 3);

		if (hash.len != sizeof(entries[i].hash))
			return ERR_BUG;
		memcpy(entries[i].hash, hash.at, hash.len);
		entries[i].workspace = store_uuid(rows, i, 0);
		entries[i].project = store_uuid(rows, i, 1);
		entries[i].key = store_uuid(rows, i, 2);
		entries[i].rate_per_minute = (uint32_t)store_int(rows, i, 4);
		entries[i].burst = (uint32_t)store_int(rows, i, 5);
	}
	return ERR_OK;
}

static enum err
write_table(struct key_publisher *p, const struct store_rows *rows)
{
	size_t n = store_row_count(rows);
	struct keytable_entry *entries = calloc(n + 1, sizeof(*entries));
	struct err_detail detail = { "a hash of another length" };
	enum err e;

	if (entries == NULL)
		return ERR_NOMEM;
	e = read_entries(rows, entries);
	if (e == ERR_OK)
		e = keytable_write(p->path, clock_wall_ms(), p->pepper, entries, n, &detail);
	free(entries);
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

	if (version == p->recorded || version == p->version)
		return ERR_OK;
	(void)snprintf(detail, sizeof(detail), "%zu keys in force", n);
	e = trail_add_alone(store, &act);
	if (e == ERR_OK)
		p->recorded = version;
	return e;
}

enum err
keys_publish_if_due(struct key_publisher *p, struct store *store, struct keyd_client *keyd)
{
	CLEANUP(store_rows) struct store_rows *version = NULL, *rows = NULL;
	int64_t now = clock_monotonic_ms();
	enum err e = store_run(store, SQL_KEYS_VERSION, NULL, 0, &version);

	if (e != ERR_OK)
		return e;
	if (store_int(version, 0, 0) == p->version && now - p->at_ms < PUBLISH_EVERY_MS)
		return ERR_OK;
	if (!p->has_pepper) {
		e = keyd_ingest_pepper(keyd, p->pepper);
		if (e != ERR_OK)
			return e;
		p->has_pepper = true;
	}
	e = store_run(store, SQL_PUBLISHED_KEYS, NULL, 0, &rows);
	if (e == ERR_OK)
		e = record(p, store, store_int(version, 0, 0), store_row_count(rows));
	if (e == ERR_OK)
		e = write_table(p, rows);
	if (e != ERR_OK)
		return e;
	if (store_int(version, 0, 0) != p->version)
		log_info("keys_published", LOG_INT("keys", (int64_t)store_row_count(rows)));
	p->version = store_int(version, 0, 0);
	p->at_ms = now;
	return ERR_OK;
}
