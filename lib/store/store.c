/* SPDX-License-Identifier: Apache-2.0 */
/* store - a connection, its transactions and its prepared statements; see store.h. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "store/parts.h"

#define PASSWORD_MAX_BYTES 256
#define CONTEXT_FRESH_MS 20000
#define CLOCK_STEP_MS 1000
#define STATE_NO_SUCH_STATEMENT "26000"

/* Plans are made once: of tables in many parts each new plan costs more than the statement, and one
 * made for the values at hand is no better where every way goes by a key. */
static const char session_options[] =
    "-c client_min_messages=warning -c plan_cache_mode=force_generic_plan "
    "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off "
    "-c jit=off -c timezone=UTC";

/* A person waits for the api: what does not come soon, because a table is locked or its disk slow,
 * is refused with all of its transaction, the event of the audit log included. */
static const char timeouts_of_api[] = " -c lock_timeout=5s -c statement_timeout=20s";

/* ---- life */

/* Read at every connect, and wiped behind it: an operator may have rotated it since the last. */
static enum err
read_password(const struct store *s, struct buf **ret_password, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *password = NULL;
	enum err e = buf_new(PASSWORD_MAX_BYTES, &password);

	if (e == ERR_OK)
		e = file_read(s->password, password, reterr);
	if (e != ERR_OK)
		return e;
	buf_truncate(password, str_trim(buf_str(password)).len);
	*ret_password = TAKE(password);
	return ERR_OK;
}

/* libpq goes on without a list that is not there. */
static enum err
find_list_of_revoked(const struct store *s, struct err_detail *reterr)
{
	CLEANUP_FD int fd = open(s->crl, O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? ERR_OK : err_set(reterr, ERR_NOT_FOUND, "%s: %s", s->crl, strerror(errno));
}

/* Once, while names can be looked up: a confined process that connects again cannot. */
static enum err
find_address(struct store *s, struct err_detail *reterr)
{
	const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int why;

	if (strcmp(s->host, "localhost") == 0) {
		(void)snprintf(s->address, sizeof(s->address), "127.0.0.1");
		return ERR_OK;
	}
	why = getaddrinfo(s->host, s->port, &wanted, &found);
	if (why == 0)
		why = getnameinfo(found->ai_addr, found->ai_addrlen, s->address, sizeof(s->address),
		    NULL, 0, NI_NUMERICHOST);
	if (found != NULL)
		freeaddrinfo(found);
	return why == 0 ? ERR_OK
			: err_set(reterr, ERR_BUSY, "PostgreSQL's name %s does not resolve: %s",
			      s->host, gai_strerror(why));
}

/* Keeps the first line: the rest of libpq's messages may quote a statement. */
void
store_keep_error(struct store *s, const char *text)
{
	(void)snprintf(s->last_error, sizeof(s->last_error), "%.*s", (int)strcspn(text, "\n"),
	    text);
}

/* Whoever could run SQL of his own on this connection must not know what our statements are called:
 * one of another text under the same name would run in the next tenant's context. */
static enum err
choose_prefix(struct store *s)
{
	uint8_t random[(STATEMENT_PREFIX_BYTES - 2) / 2];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return ERR_IO;
	s->statement_prefix[0] = 'q';
	hex_encode(random, sizeof(random), s->statement_prefix + 1);
	return ERR_OK;
}

static enum err
connect_now(struct store *s, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *password = NULL;
	char options[sizeof(session_options) + sizeof(timeouts_of_api)];
	const char *const names[] = { "host", "hostaddr", "port", "dbname", "user", "password",
		"sslmode", "ssl_min_protocol_version", "sslrootcert", "sslcrl", "sslcert", "sslkey",
		"gssencmode", "connect_timeout", "tcp_user_timeout", "application_name",
		"client_encoding", "options", NULL };
	const char *values[sizeof(names) / sizeof(names[0])] = { s->host, s->address, s->port,
		"rendfly", s->user, NULL, "verify-full", "TLSv1.3", s->ca, s->crl, s->cert, s->key,
		"disable", "5", "10000", s->role, "UTF8", options, NULL };
	enum err e;

	(void)snprintf(options, sizeof(options), "%s%s", session_options,
	    strcmp(s->role, "api") == 0 ? timeouts_of_api : "");
	if (choose_prefix(s) != ERR_OK)
		return err_set(reterr, ERR_IO, "no random bytes");
	e = read_password(s, &password, reterr);
	if (e == ERR_OK)
		e = find_list_of_revoked(s, reterr);
	if (e != ERR_OK)
		return e;
	values[5] = buf_c_string(password);
	s->connection = PQconnectdbParams(names, values, 0);
	if (s->connection == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	s->n_statements = 0;
	memset(s->contexts, 0, sizeof(s->contexts));
	s->is_in_transaction = false;
	if (PQstatus(s->connection) == CONNECTION_OK)
		return ERR_OK;
	store_keep_error(s, PQerrorMessage(s->connection));
	return err_set(reterr, ERR_BUSY, "PostgreSQL at %s:%s as %s: %s", s->host, s->port, s->user,
	    s->last_error);
}

enum err
store_open(const struct conf *conf, const char *role, struct keyd_client *keys,
    struct store **ret_store, struct err_detail *reterr)
{
	CLEANUP(store) struct store *s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	s->keys = keys;
	(void)snprintf(s->role, sizeof(s->role), "%s", role);
	(void)snprintf(s->user, sizeof(s->user), "rendfly_%s", role);
	(void)snprintf(s->host, sizeof(s->host), "%s", conf->postgres_host);
	(void)snprintf(s->port, sizeof(s->port), "%" PRId64, conf->postgres_port);
	(void)snprintf(s->ca, sizeof(s->ca), "%s/pki/ca.crt", conf->dir);
	(void)snprintf(s->crl, sizeof(s->crl), "%s/pki/ca.crl", conf->dir);
	(void)snprintf(s->cert, sizeof(s->cert), "%s/pki/db-%s.crt", conf->dir, role);
	(void)snprintf(s->key, sizeof(s->key), "%s/pki/db-%s.key", conf->dir, role);
	(void)snprintf(s->password, sizeof(s->password), "%s/pki/db-%s.password", conf->dir, role);
	e = find_address(s, reterr);
	if (e == ERR_OK)
		e = connect_now(s, reterr);
	if (e != ERR_OK)
		return e;
	*ret_store = TAKE(s);
	return ERR_OK;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	if (s->connection != NULL)
		PQfinish(s->connection);
	free(s);
}

bool
store_is_up(const struct store *s)
{
	return s->connection != NULL && PQstatus(s->connection) == CONNECTION_OK;
}

enum err
store_reconnect(struct store *s, struct err_detail *reterr)
{
	if (s->connection != NULL)
		PQfinish(s->connection);
	s->connection = NULL;
	return connect_now(s, reterr);
}

const char *
store_last_error(const struct store *s)
{
	return s->last_error;
}

/* ---- statements */

/* A statement of ours that is gone was taken away by somebody: nothing of this session is trusted.
 */
static bool
is_tampered_with(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, STATE_NO_SUCH_STATEMENT) == 0;
}

enum err
store_finish(struct store *s, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	enum err e = ERR_OK;

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
		const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

		store_keep_error(s, text != NULL ? text : PQerrorMessage(s->connection));
		e = store_error_of(result, s->connection);
		if (is_tampered_with(result)) {
			PQfinish(s->connection);
			s->connection = NULL;
			e = ERR_BUSY;
		}
	}
	PQclear(result);
	return e;
}

static enum err
run_plain(struct store *s, const char *sql)
{
	if (!store_is_up(s))
		return ERR_BUSY;
	return store_finish(s, PQexecParams(s->connection, sql, 0, NULL, NULL, NULL, NULL, 1));
}

static void
statement_name(const struct store *s, size_t i, char ret_name[static STATEMENT_NAME_BYTES])
{
	(void)snprintf(ret_name, STATEMENT_NAME_BYTES, "%s_%zu", s->statement_prefix, i);
}

enum err
store_prepare(struct store *s, const char *sql, char ret_name[static STATEMENT_NAME_BYTES])
{
	enum err e;

	for (size_t i = 0; i < s->n_statements; i++)
		if (s->statements[i] == sql || strcmp(s->statements[i], sql) == 0) {
			statement_name(s, i, ret_name);
			return ERR_OK;
		}
	if (s->n_statements == MAX_STATEMENTS)
		return ERR_BUG;
	statement_name(s, s->n_statements, ret_name);
	e = store_finish(s, PQprepare(s->connection, ret_name, sql, 0, NULL));
	if (e == ERR_OK)
		s->statements[s->n_statements++] = sql;
	return e;
}

enum err
store_run(struct store *s, const char *sql, const struct store_param *params, size_t n_params,
    struct store_rows **ret_rows)
{
	__attribute__((cleanup(store_args_done))) struct store_args args = { 0 };
	PGresult *result;
	char name[STATEMENT_NAME_BYTES];
	enum err e;

	if (!store_is_up(s))
		return ERR_BUSY;
	e = store_prepare(s, sql, name);
	if (e == ERR_OK)
		e = store_args_make(params, n_params, &args);
	if (e != ERR_OK)
		return e;
	result =
	    PQexecPrepared(s->connection, name, args.n, args.values, args.lengths, args.formats, 1);
	if (PQresultStatus(result) != PGRES_TUPLES_OK || ret_rows == NULL)
		return store_finish(s, result);
	*ret_rows = store_rows_take(result);
	return *ret_rows == NULL ? ERR_NOMEM : ERR_OK;
}

enum err
store_run_script(struct store *s, const char *sql)
{
	if (!store_is_up(s))
		return ERR_BUSY;
	return store_finish(s, PQexec(s->connection, sql));
}

/* ---- transactions */

/* PostgreSQL judges a context by the wall clock, so one from before a step of that is of no use. */
static bool
is_fresh(const struct context_slot *slot, int64_t now, int64_t wall_ahead_ms)
{
	int64_t step_ms = wall_ahead_ms - slot->wall_ahead_ms;

	return now - slot->minted_ms <= CONTEXT_FRESH_MS && step_ms < CLOCK_STEP_MS &&
	    step_ms > -CLOCK_STEP_MS;
}

enum err
store_context(struct store *s, const struct uuid *workspace, const char **ret_text)
{
	struct context_slot *slot = &s->contexts[workspace->bytes[15] % CONTEXT_SLOTS];
	int64_t now = clock_monotonic_ms(), wall_ahead_ms = clock_wall_ms() - now;
	enum err e;

	if (s->keys == NULL)
		return ERR_DENIED;
	if (!uuid_equals(&slot->workspace, workspace) || !is_fresh(slot, now, wall_ahead_ms)) {
		*slot = (struct context_slot){ 0 };
		e = keyd_context(s->keys, workspace, (uint32_t)PQbackendPID(s->connection),
		    slot->text);
		if (e != ERR_OK)
			return e;
		slot->workspace = *workspace;
		slot->minted_ms = now;
		slot->wall_ahead_ms = wall_ahead_ms;
	}
	*ret_text = slot->text;
	return ERR_OK;
}

/* Reads the results of a pipeline up to its end; the first failure is what is told. */
static enum err
drain_pipeline(struct store *s)
{
	enum err first = ERR_OK;

	for (int empty = 0; empty < 2;) {
		PGresult *result = PQgetResult(s->connection);
		enum err e;

		if (result == NULL) {
			empty++;
			if (!store_is_up(s))
				return ERR_BUSY;
			continue;
		}
		empty = 0;
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			break;
		}
		e = store_finish(s, result);
		if (first == ERR_OK)
			first = e;
	}
	return first;
}

static enum err
begin_in_context(struct store *s, const char *context)
{
	const char *const values[] = { context };
	enum err e;

	if (PQenterPipelineMode(s->connection) != 1 ||
	    PQsendQueryParams(s->connection, "begin", 0, NULL, NULL, NULL, NULL, 1) != 1 ||
	    PQsendQueryParams(s->connection, "select set_config('app.context', $1, true)", 1, NULL,
		values, NULL, NULL, 1) != 1 ||
	    PQpipelineSync(s->connection) != 1) {
		store_keep_error(s, PQerrorMessage(s->connection));
		(void)PQexitPipelineMode(s->connection);
		return ERR_BUSY;
	}
	e = drain_pipeline(s);
	if (PQexitPipelineMode(s->connection) != 1 && e == ERR_OK)
		e = ERR_BUSY;
	return e;
}

enum err
store_begin(struct store *s, const struct uuid *workspace)
{
	const char *context = NULL;
	enum err e;

	if (s->is_in_transaction)
		return ERR_BUG;
	if (!store_is_up(s))
		return ERR_BUSY;
	e = store_context(s, workspace, &context);
	if (e == ERR_OK)
		e = begin_in_context(s, context);
	s->is_in_transaction = e == ERR_OK;
	return e;
}

enum err
store_begin_plain(struct store *s)
{
	enum err e;

	if (s->is_in_transaction)
		return ERR_BUG;
	e = run_plain(s, "begin");
	s->is_in_transaction = e == ERR_OK;
	return e;
}

enum err
store_commit(struct store *s)
{
	enum err e;

	if (!s->is_in_transaction)
		return ERR_BUG;
	s->is_in_transaction = false;
	/* COMMIT of a failed transaction is a ROLLBACK and says so only in its tag. */
	if (PQtransactionStatus(s->connection) == PQTRANS_INERROR) {
		(void)!run_plain(s, "rollback");
		return ERR_CONFLICT;
	}
	e = run_plain(s, "commit");
	return e;
}

void
store_rollback(struct store *s)
{
	if (!s->is_in_transaction)
		return;
	s->is_in_transaction = false;
	(void)!run_plain(s, "rollback");
}
