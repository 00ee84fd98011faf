/* SPDX-License-Identifier: Apache-2.0 */
/* migrate - see migrate.h. */
#include "store/migrate.h"

#include <stdio.h>
#include <string.h>

#include "store/parts.h"
#include "store/queries.h"

struct migration {
	int number;
	const char *name;
	const char *checksum;
	const char *text;
};

#include "store/migrations.inc"

#define N_MIGRATIONS (sizeof(migrations) / sizeof(migrations[0]))

#define MAKE_LIST                                                                                      \
	"create table if not exists migrations.done (number integer primary key, name text not null, " \
	"checksum text not null, done_at timestamptz not null default now())"

static enum err
prepare_session(struct store *s)
{
	static const char *const statements[] = { "set role rendfly_owner",
		"create schema if not exists migrations", MAKE_LIST };

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		enum err e = store_run_script(s, statements[i]);

		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* What was done must be what this build would do. */
static enum err
compare(const struct store_rows *rows, struct err_detail *reterr)
{
	for (size_t i = 0; i < store_row_count(rows); i++) {
		int64_t number = store_int(rows, i, 0);

		if (number < 1 || number > (int64_t)N_MIGRATIONS)
			return err_set(reterr, ERR_CONFLICT,
			    "the database is newer than this program (step %d): use the newer program",
			    (int)number);
		if (!str_equals(store_text(rows, i, 1), str_from(migrations[number - 1].checksum)))
			return err_set(reterr, ERR_CONFLICT,
			    "step %04d_%s was done with another text: a step never changes after release",
			    (int)number, migrations[number - 1].name);
	}
	return ERR_OK;
}

static enum err
run_step(struct store *s, const struct migration *m)
{
	const struct store_param params[] = { P_INT(m->number), P_TEXT(str_from(m->name)),
		P_TEXT(str_from(m->checksum)) };
	enum err e = store_begin_plain(s);

	if (e == ERR_OK)
		e = store_run_script(s, m->text);
	if (e == ERR_OK)
		e = store_run(s, SQL_RECORD_MIGRATION, params, 3, NULL);
	if (e == ERR_OK)
		return store_commit(s);
	store_rollback(s);
	return e;
}

static enum err
run_missing(struct store *s, void (*told)(int number, const char *name), int *ret_done,
    struct err_detail *reterr)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	size_t first;
	enum err e = store_run(s, SQL_LIST_MIGRATIONS, NULL, 0, &rows);

	if (e != ERR_OK)
		return err_set(reterr, e, "the list of steps cannot be read: %s",
		    store_last_error(s));
	e = compare(rows, reterr);
	first = store_row_count(rows);
	for (size_t i = first; e == ERR_OK && i < N_MIGRATIONS; i++) {
		told(migrations[i].number, migrations[i].name);
		e = run_step(s, &migrations[i]);
		if (e != ERR_OK)
			return err_set(reterr, e, "step %04d_%s: %s", migrations[i].number,
			    migrations[i].name, store_last_error(s));
		(*ret_done)++;
	}
	return e;
}

enum err
store_migrate(struct store *s, void (*told)(int number, const char *name), int *ret_done,
    struct err_detail *reterr)
{
	enum err e = store_run_script(s, "select pg_advisory_lock(727164)");

	*ret_done = 0;
	if (e == ERR_OK)
		e = prepare_session(s);
	if (e != ERR_OK)
		return err_set(reterr, e, "the migrations cannot begin: %s", store_last_error(s));
	e = run_missing(s, told, ret_done, reterr);
	if (store_run_script(s, "reset role") != ERR_OK ||
	    store_run_script(s, "select pg_advisory_unlock(727164)") != ERR_OK)
		return err_set(reterr, ERR_BUSY, "the connection was lost");
	return e;
}
