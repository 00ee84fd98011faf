/* SPDX-License-Identifier: Apache-2.0 */
/* rows - an answer's values, read from PostgreSQL's binary formats. */
#include <stdlib.h>
#include <string.h>

#include "store/parts.h"

/* Days and microseconds between 1970 and PostgreSQL's year 2000. */
#define EPOCH_DAYS 10957
#define EPOCH_US (10957ll * 86400 * 1000000)

/* pg_type.dat */
#define OID_DATE 1082
#define OID_TIMESTAMPTZ 1184

struct store_rows {
	PGresult *result;
};

struct store_rows *
store_rows_take(PGresult *result)
{
	struct store_rows *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		PQclear(result);
		return NULL;
	}
	r->result = result;
	return r;
}

void
store_rows_free(struct store_rows *r)
{
	if (r == NULL)
		return;
	PQclear(r->result);
	free(r);
}

size_t
store_row_count(const struct store_rows *r)
{
	return (size_t)PQntuples(r->result);
}

bool
store_is_null(const struct store_rows *r, size_t row, size_t column)
{
	return PQgetisnull(r->result, (int)row, (int)column) != 0;
}

struct str
store_text(const struct store_rows *r, size_t row, size_t column)
{
	return (struct str){ PQgetvalue(r->result, (int)row, (int)column),
		(size_t)PQgetlength(r->result, (int)row, (int)column) };
}

int64_t
store_int(const struct store_rows *r, size_t row, size_t column)
{
	struct str bytes = store_text(r, row, column);
	Oid type = PQftype(r->result, (int)column);
	uint64_t bits = 0;
	int64_t number;

	if (bytes.len == 0 || bytes.len > 8)
		return 0;
	/* The sign of the shorter numbers fills the rest. */
	if (bytes.len > 1 && ((unsigned char)bytes.at[0] & 0x80) != 0)
		bits = UINT64_MAX;
	for (size_t i = 0; i < bytes.len; i++)
		bits = bits << 8 | (unsigned char)bytes.at[i];
	memcpy(&number, &bits, sizeof(number));
	if (type == OID_DATE)
		return number + EPOCH_DAYS;
	return type == OID_TIMESTAMPTZ ? number + EPOCH_US : number;
}

struct uuid
store_uuid(const struct store_rows *r, size_t row, size_t column)
{
	struct str bytes = store_text(r, row, column);
	struct uuid id = { { 0 } };

	if (bytes.len == UUID_BYTES)
		memcpy(id.bytes, bytes.at, UUID_BYTES);
	return id;
}

/* ---- failures */

static const struct {
	const char *state; /* a prefix of SQLSTATE */
	enum err e;
} states[] = {
	{ "23505", ERR_CONFLICT },  /* unique_violation */
	{ "42501", ERR_DENIED },    /* insufficient_privilege, and app.ws() */
	{ "02000", ERR_NOT_FOUND }, /* no_data, raised by our functions */
	{ "P0002", ERR_NOT_FOUND },
	{ "08", ERR_BUSY },    /* connection exception */
	{ "53", ERR_BUSY },    /* out of resources, disk full among them */
	{ "57P0", ERR_BUSY },  /* shut down, starting up */
	{ "57014", ERR_BUSY }, /* cancelled by statement_timeout */
	{ "40001", ERR_BUSY }, /* serialization_failure */
	{ "40P01", ERR_BUSY }, /* deadlock_detected */
	{ "55P03", ERR_BUSY }, /* lock_not_available */
	{ "22", ERR_MALFORMED },
	{ "23", ERR_MALFORMED },
};

enum err
store_error_of(const PGresult *result, const PGconn *connection)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (PQstatus(connection) == CONNECTION_BAD)
		return ERR_BUSY;
	for (size_t i = 0; state != NULL && i < sizeof(states) / sizeof(states[0]); i++)
		if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
			return states[i].e;
	return state == NULL ? ERR_BUSY : ERR_IO;
}
