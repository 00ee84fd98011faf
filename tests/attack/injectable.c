/* SPDX-License-Identifier: Apache-2.0 */
/*
 * injectable - what the API never has: a handler that pastes a request's text into SQL, runs
 * whatever several statements that makes, and answers with all rows and errors.  It stands in front
 * of GET /projects of the program rendfly-attack (link option --wrap), for requests with the header
 * X-Inject, and shows what a tenant with such a hole could get: tests/tenancy/test_injection.py.
 */
#include "api/api.h"
#include "store/parts.h"

#define STATEMENT_MAX_BYTES 16384

enum err __real_projects_get(struct request *r);
enum err __wrap_projects_get(struct request *r);

static void
put_result(struct json_out *j, const PGresult *result)
{
	int rows = PQntuples(result), columns = PQnfields(result);

	if (PQresultStatus(result) == PGRES_FATAL_ERROR)
		json_put_text(j, NULL, str_from(PQresultErrorMessage(result)));
	for (int i = 0; i < rows; i++)
		for (int c = 0; c < columns; c++)
			json_put_text(j, NULL, str_from(PQgetvalue(result, i, c)));
}

static void
put_copied(struct json_out *j, PGconn *connection)
{
	char *line;

	while (PQgetCopyData(connection, &line, 0) > 0) {
		json_put_text(j, NULL, str_from(line));
		PQfreemem(line);
	}
}

static enum err
answer_whatever(struct request *r, struct str injected)
{
	CLEANUP(buf) struct buf *statement = NULL;
	PGconn *connection = r->worker->store->connection;
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	PGresult *result;
	enum err e = buf_new(STATEMENT_MAX_BYTES, &statement);

	if (e == ERR_OK)
		e = buf_printf(statement, "select content from app.messages where content = '%.*s'",
		    STR_ARG(injected));
	if (e != ERR_OK || PQsendQuery(connection, buf_c_string(statement)) != 1)
		return ERR_IO;
	json_open_object(&j, NULL);
	json_open_array(&j, "rows");
	while ((result = PQgetResult(connection)) != NULL) {
		if (PQresultStatus(result) == PGRES_COPY_OUT)
			put_copied(&j, connection);
		else
			put_result(&j, result);
		PQclear(result);
	}
	json_close_array(&j);
	json_close_object(&j);
	return json_out_end(&j);
}

enum err
__wrap_projects_get(struct request *r)
{
	struct str injected = request_header(r, "X-Inject");
	enum err e;

	if (injected.at == NULL)
		return __real_projects_get(r);
	e = worker_begin(r->worker, &r->session.workspace);
	if (e == ERR_OK)
		e = answer_whatever(r, injected);
	/* As the product ends a transaction, whatever the injected text made of it. */
	if (e == ERR_OK && store_commit(r->worker->store) != ERR_OK)
		store_rollback(r->worker->store);
	return e;
}
