/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store - the only place that knows libpq.
 *
 * A store is one connection of one role: TLS 1.3, verify-full, SCRAM and a client certificate.
 * Work on a tenant's rows happens between store_begin(workspace) and store_commit: the begin sends
 * BEGIN and the authenticated context (asked of keyd, cached 20 s) in one round trip.  Statements
 * are the constants made from sql/queries (SQL_…); parameters always travel apart from the text.
 *
 * A lost connection is ERR_BUSY from the running call; store_is_up() is then false and
 * store_reconnect() tries again.  Nothing is retried behind the caller's back.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/uuid.h"
#include "ipc/keyd_client.h"

struct store;

/* Connects with dir/pki/db-ROLE.{crt,key,password}, which are read at every connect: the sandbox
 * must leave that folder readable.  keys may be NULL for roles that never touch tenant rows. */
MUST_CHECK enum err store_open(const struct conf *conf, const char *role, struct keyd_client *keys,
    struct store **ret_store, struct err_detail *reterr);
void store_free(struct store *s);
CLEANUP_DEFINE(store);

bool store_is_up(const struct store *s);
MUST_CHECK enum err store_reconnect(struct store *s, struct err_detail *reterr);

/* Parameters, always in the statement's order; views must live until the call returns. */
enum store_type {
	STORE_TEXT,
	STORE_BYTEA,
	STORE_UUID,
	STORE_INT,
	STORE_BOOL,
	STORE_NULL,
	STORE_UUID_ARRAY,
	STORE_BYTEA_ARRAY,
	STORE_TEXT_ARRAY,
	STORE_INT_ARRAY
};

struct store_param {
	enum store_type type;
	struct str bytes;          /* TEXT, BYTEA */
	const struct uuid *uuid;   /* UUID */
	int64_t number;            /* INT (int8), BOOL */
	const struct uuid *uuids;  /* arrays: n of them */
	const struct str *strings; /* TEXT_ARRAY, BYTEA_ARRAY; .at NULL is an SQL NULL */
	const int64_t *numbers;
	size_t n;
};

#define P_TEXT(v) ((struct store_param){ .type = STORE_TEXT, .bytes = (v) })
#define P_BYTEA(v) ((struct store_param){ .type = STORE_BYTEA, .bytes = (v) })
#define P_UUID(v) ((struct store_param){ .type = STORE_UUID, .uuid = (v) })
#define P_INT(v) ((struct store_param){ .type = STORE_INT, .number = (v) })
#define P_BOOL(v) ((struct store_param){ .type = STORE_BOOL, .number = (v) })
#define P_NULL ((struct store_param){ .type = STORE_NULL })
#define P_UUIDS(v, k) ((struct store_param){ .type = STORE_UUID_ARRAY, .uuids = (v), .n = (k) })
#define P_BYTEAS(v, k) ((struct store_param){ .type = STORE_BYTEA_ARRAY, .strings = (v), .n = (k) })
#define P_TEXTS(v, k) ((struct store_param){ .type = STORE_TEXT_ARRAY, .strings = (v), .n = (k) })
#define P_INTS(v, k) ((struct store_param){ .type = STORE_INT_ARRAY, .numbers = (v), .n = (k) })

/* Transactions */

MUST_CHECK enum err store_begin(struct store *s, const struct uuid *workspace);
MUST_CHECK enum err store_begin_plain(struct store *s); /* no workspace: functions only */
MUST_CHECK enum err store_commit(struct store *s);
void store_rollback(struct store *s); /* a no-op outside a transaction */

/* A whole transaction in one round trip: all of its statements take effect, or none does.
 * workspace NULL: no context, functions only.  Not for large parameters and large answers in one:
 * the two would wait for each other.  Each ret_rows that is not NULL is set on success. */
struct store_rows;

struct store_statement {
	const char *sql;
	const struct store_param *params;
	size_t n_params;
	struct store_rows **ret_rows;
};

#define STORE_MAX_STATEMENTS 4
MUST_CHECK enum err store_transact(struct store *s, const struct uuid *workspace,
    const struct store_statement *statements, size_t n);

/* Runs one statement, prepared once a connection.  ret_rows may be NULL.  A unique violation is
 * ERR_CONFLICT, a refused permission or context ERR_DENIED, a lost connection ERR_BUSY. */
MUST_CHECK enum err store_run(struct store *s, const char *sql, const struct store_param *params,
    size_t n_params, struct store_rows **ret_rows);
void store_rows_free(struct store_rows *r);
CLEANUP_DEFINE(store_rows);

size_t store_row_count(const struct store_rows *r);
bool store_is_null(const struct store_rows *r, size_t row, size_t column);
struct str store_text(const struct store_rows *r, size_t row, size_t column); /* TEXT, BYTEA */
int64_t store_int(const struct store_rows *r, size_t row,
    size_t column); /* int2/4/8, bool, date as days since 1970, timestamptz as Unix us */
struct uuid store_uuid(const struct store_rows *r, size_t row, size_t column);

/* The server's text of the last failure, for logs: never holds parameter values. */
const char *store_last_error(const struct store *s);
