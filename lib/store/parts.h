/* SPDX-License-Identifier: Apache-2.0 */
/* parts - what the files of lib/store share; nobody else includes it. */
#pragma once

#include <libpq-fe.h>
#include <netinet/in.h>

#include "store/store.h"

#define PATH_BYTES (CONF_PATH_BYTES + 64)
#define MAX_STATEMENTS 128
#define CONTEXT_SLOTS 64
#define LAST_ERROR_BYTES 400
#define STATEMENT_PREFIX_BYTES 34
#define STATEMENT_NAME_BYTES 48

struct context_slot {
	struct uuid workspace;
	int64_t minted_ms;
	int64_t wall_ahead_ms; /* of the monotonic clock, when minted */
	char text[KEYD_CONTEXT_BYTES];
};

struct store {
	PGconn *connection;
	struct keyd_client *keys; /* borrowed */
	char role[32], user[48], host[CONF_VALUE_BYTES], port[8];
	char address[INET6_ADDRSTRLEN]; /* the host's, looked up once */
	char ca[PATH_BYTES], crl[PATH_BYTES], cert[PATH_BYTES], key[PATH_BYTES],
	    password[PATH_BYTES];                      /* files */
	const char *statements[MAX_STATEMENTS];        /* those prepared on this connection */
	char statement_prefix[STATEMENT_PREFIX_BYTES]; /* of their names: nobody can guess it */
	size_t n_statements;
	struct context_slot contexts[CONTEXT_SLOTS];
	bool is_in_transaction;
	char last_error[LAST_ERROR_BYTES];
};

/* A statement's parameters as libpq wants them.  Texts of numbers and arrays live in `texts`. */
struct store_args {
	int n;
	const char **values;
	int *lengths;
	int *formats;
	struct buf **texts;
};

MUST_CHECK enum err store_args_make(const struct store_param *params, size_t n,
    struct store_args *ret_args);
void store_args_done(struct store_args *args);

/* Takes the result; NULL when memory is out. */
struct store_rows *store_rows_take(PGresult *result);

/* What a failed result means to a caller. */
enum err store_error_of(const PGresult *result, const PGconn *connection);

/* Several statements without parameters: for migrations only. */
MUST_CHECK enum err store_run_script(struct store *s, const char *sql);

/* Keeps the first line of a failure's text. */
void store_keep_error(struct store *s, const char *text);

/* Checks and frees a result that is done with. */
MUST_CHECK enum err store_finish(struct store *s, PGresult *result);

/* The statement's name on this connection; prepares it at its first use. */
MUST_CHECK enum err store_prepare(struct store *s, const char *sql,
    char ret_name[static STATEMENT_NAME_BYTES]);

/* The workspace's context for this connection, from keyd or from a while ago. */
MUST_CHECK enum err store_context(struct store *s, const struct uuid *workspace,
    const char **ret_text);
