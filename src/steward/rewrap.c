/* SPDX-License-Identifier: Apache-2.0 */
#include "steward/rewrap.h"

#include <stdlib.h>
#include <string.h>

#include "audit/event.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/queries.h"

#define BATCH 100
#define RECORDS_MAX_BYTES (16u << 20)
#define DUE_AT_ONCE 64
#define ASK_EVERY_MS 2000
/* What was sealed just before the rotation may reach the database after the first look. */
#define LOOK_AGAIN_MS 180000
#define N_DONE 256

/* As rewrap_find.sql and rewrap_store.sql number them. */
static const struct sealed_column {
	const char *table;
	const char *column;
} columns[] = { { "system_messages", "sealed" }, { "rules", "sealed" },
	{ "redaction_policies", "sealed" }, { "redaction_policies", "sealed_reason" } };

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct rewrapper {
	struct keyd_due due[DUE_AT_ONCE];
	size_t n, at;      /* which of them is worked on */
	struct uuid after; /* of them all, to ask for the next */
	size_t column;
	struct uuid row; /* the last one done */
	int64_t count;   /* rewrapped of this workspace */
	int64_t again_ms;

	/* The keys whose workspaces were finished lately, the next one to forget first. */
	struct {
		struct uuid key;
		int64_t at_ms;
	} done[N_DONE];

	size_t next_done;
	/* The batch. */
	size_t n_rows;
	struct uuid rows[BATCH];
	struct str old[BATCH], fresh[BATCH];
	struct buf *records; /* the fresh ones, one behind the other */
};

enum err
rewrapper_new(struct rewrapper **ret_rewrapper)
{
	CLEANUP(rewrapper) struct rewrapper *r = calloc(1, sizeof(*r));
	enum err e;

	if (r == NULL)
		return ERR_NOMEM;
	e = buf_new(RECORDS_MAX_BYTES, &r->records);
	if (e == ERR_OK)
		*ret_rewrapper = TAKE(r);
	return e;
}

void
rewrapper_free(struct rewrapper *r)
{
	if (r == NULL)
		return;
	buf_free(r->records);
	free(r);
}

static enum err
find_batch(struct rewrapper *r, struct store *s, struct store_rows **ret_rows)
{
	const struct keyd_due *due = &r->due[r->at];

	return store_run(s, SQL_REWRAP_FIND,
	    (struct store_param[]){ P_INT((int64_t)r->column), P_UUID(&r->row),
		P_UUID(&due->newest_key), P_INT(BATCH) },
	    4, ret_rows);
}

/* A record that does not open is left where it is: nothing is lost, retiring its key is refused. */
static enum err
rewrap_one(struct rewrapper *r, struct keyd_client *keyd, struct str record, size_t *ret_len)
{
	const struct keyd_place place = { columns[r->column].table, columns[r->column].column,
		r->due[r->at].workspace, r->row };
	size_t before = buf_len(r->records);
	enum err e = keyd_rewrap(keyd, &place, record, r->records);

	*ret_len = buf_len(r->records) - before;
	if (e == ERR_DENIED)
		log_warn("record_not_rewrapped", LOG_STR("table", place.table), LOG_ERR(e));
	return e == ERR_DENIED || e == ERR_CONFLICT ? ERR_OK : e;
}

static enum err
make_batch(struct rewrapper *r, const struct store_rows *rows, struct keyd_client *keyd)
{
	size_t lengths[BATCH] = { 0 }, at = 0;
	enum err e = ERR_OK;

	r->n_rows = 0;
	buf_clear(r->records);
	for (size_t i = 0; i < store_row_count(rows) && i < BATCH && e == ERR_OK; i++) {
		size_t len = 0;

		r->row = store_uuid(rows, i, 0);
		e = rewrap_one(r, keyd, store_text(rows, i, 1), &len);
		if (e != ERR_OK || len == 0)
			continue;
		r->rows[r->n_rows] = r->row;
		r->old[r->n_rows] = store_text(rows, i, 1);
		lengths[r->n_rows++] = len;
	}
	for (size_t i = 0; i < r->n_rows; at += lengths[i++])
		r->fresh[i] = str_slice(buf_str(r->records), at, at + lengths[i]);
	return e;
}

static enum err
store_batch(struct rewrapper *r, struct store *s)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = ERR_OK;

	if (r->n_rows == 0)
		return ERR_OK;
	e = store_run(s, SQL_REWRAP_STORE,
	    (struct store_param[]){ P_INT((int64_t)r->column), P_UUIDS(r->rows, r->n_rows),
		P_BYTEAS(r->old, r->n_rows), P_BYTEAS(r->fresh, r->n_rows) },
	    4, &rows);
	if (e == ERR_OK)
		r->count += store_int(rows, 0, 0);
	return e;
}

/* In the workspace's context; says how many rows were looked at. */
static enum err
do_batch(struct rewrapper *r, struct store *s, struct keyd_client *keyd, size_t *ret_n)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_begin(s, &r->due[r->at].workspace);

	if (e == ERR_OK)
		e = find_batch(r, s, &rows);
	if (e == ERR_OK)
		e = make_batch(r, rows, keyd);
	if (e == ERR_OK)
		e = store_batch(r, s);
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK) {
		store_rollback(s);
		return e;
	}
	*ret_n = store_row_count(rows);
	return ERR_OK;
}

static void
start_workspace(struct rewrapper *r, size_t at)
{
	r->at = at;
	r->column = 0;
	r->row = (struct uuid){ { 0 } };
	r->count = 0;
}

static bool
is_done(const struct rewrapper *r, const struct uuid *key, int64_t now_ms)
{
	for (size_t i = 0; i < N_DONE; i++)
		if (uuid_equals(&r->done[i].key, key))
			return now_ms - r->done[i].at_ms < LOOK_AGAIN_MS;
	return false;
}

/* In its own place, or is_done() would find the older time for ever. */
static void
remember_done(struct rewrapper *r)
{
	const struct uuid *key = &r->due[r->at].newest_key;
	size_t i = 0;

	while (i < N_DONE && !uuid_equals(&r->done[i].key, key))
		i++;
	if (i == N_DONE) {
		i = r->next_done;
		r->next_done = (i + 1) % N_DONE;
	}
	r->done[i].key = *key;
	r->done[i].at_ms = clock_monotonic_ms();
}

/* The workspace is done: an event when there was something to do. */
static enum err
finish_workspace(struct rewrapper *r, struct store *s)
{
	const struct keyd_due *due = &r->due[r->at];
	const struct uuid id = uuid_new();
	char workspace[UUID_TEXT_BYTES], key[UUID_TEXT_BYTES], detail[64];
	enum err e;

	if (r->count == 0)
		return ERR_OK;
	uuid_format(&due->workspace, workspace);
	uuid_format(&due->newest_key, key);
	(void)snprintf(detail, sizeof(detail), "%lld records", (long long)r->count);
	e = store_run(s, SQL_STEWARD_ADD_EVENT,
	    (struct store_param[]){ P_UUID(&due->workspace), P_UUID(&id),
		P_INT(AUDIT_CRYPT_KEY_REWRAPPED), P_INT(AUDIT_SUCCESS), P_TEXT(STR("process")),
		P_TEXT(STR("steward")), P_BYTEA(STR("")), P_TEXT(STR("")), P_TEXT(STR("key")),
		P_TEXT(str_from(key)), P_TEXT(str_from(detail)) },
	    11, NULL);
	if (e == ERR_OK)
		log_info("rewrapped", LOG_STR("workspace", workspace), LOG_STR("key", key),
		    LOG_INT("records", r->count));
	return e;
}

/* The next workspaces, or from the first one again after a while. */
static enum err
ask_for_work(struct rewrapper *r, struct keyd_client *keyd)
{
	int64_t now_ms = clock_monotonic_ms();
	size_t n;
	enum err e;

	start_workspace(r, 0);
	r->n = 0;
	if (now_ms < r->again_ms)
		return ERR_OK;
	e = keyd_rewrap_due(keyd, &r->after, r->due, DUE_AT_ONCE, &n);
	if (e != ERR_OK)
		return e;
	if (n > 0)
		r->after = r->due[n - 1].workspace;
	else {
		r->after = (struct uuid){ { 0 } };
		r->again_ms = now_ms + ASK_EVERY_MS;
	}
	for (size_t i = 0; i < n; i++)
		if (!is_done(r, &r->due[i].newest_key, now_ms))
			r->due[r->n++] = r->due[i];
	return ERR_OK;
}

/* One batch, or the step to the next column or workspace. */
static enum err
go_on(struct rewrapper *r, struct store *s, struct keyd_client *keyd)
{
	size_t n = 0;
	enum err e = do_batch(r, s, keyd, &n);

	/* Destroyed meanwhile: nothing is left to do for it. */
	if (e == ERR_GONE) {
		start_workspace(r, r->at + 1);
		return ERR_OK;
	}
	if (e != ERR_OK || n == BATCH)
		return e;
	r->row = (struct uuid){ { 0 } };
	if (++r->column < N_COLUMNS)
		return ERR_OK;
	e = finish_workspace(r, s);
	if (e == ERR_OK) {
		remember_done(r);
		start_workspace(r, r->at + 1);
	}
	return e;
}

enum err
rewrap_some(struct rewrapper *r, struct store *store, struct keyd_client *keyd)
{
	int64_t until_ms = clock_monotonic_ms() + REWRAP_TURN_MS;
	enum err e = ERR_OK;

	if (r->at >= r->n)
		e = ask_for_work(r, keyd);
	while (e == ERR_OK && r->at < r->n && clock_monotonic_ms() < until_ms) {
		const struct uuid row = r->row;

		e = go_on(r, store, keyd);
		/* The workspace's budget: this batch again at the next turn. */
		if (e == ERR_BUSY && keyd_put_it_off(keyd)) {
			r->row = row;
			return ERR_OK;
		}
	}
	/* It starts over with this workspace; what is done is passed over. */
	if (e != ERR_OK && r->at < r->n)
		start_workspace(r, r->at);
	return e;
}
