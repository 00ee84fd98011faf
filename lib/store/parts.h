/* SPDX-License-Identifier: Apache-2.0 */
/* parts - what the files of lib/store share; nobody else includes it. */
#pragma once

#include <libpq-fe.h>

#include "store/store.h"

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
