/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue - see catalogue.h; each rule is a query of sql/queries/catalogue. */
#include "store/catalogue.h"

#include "store/queries.h"

static const char *const rules[] = { SQL_CATALOGUE_TABLES, SQL_CATALOGUE_STRANGERS,
	SQL_CATALOGUE_POLICIES, SQL_CATALOGUE_KEYS, SQL_CATALOGUE_ROLES, SQL_CATALOGUE_GRANTS,
	SQL_CATALOGUE_FUNCTIONS, SQL_CATALOGUE_COLUMNS, SQL_CATALOGUE_AUDIT, SQL_CATALOGUE_CONTEXT,
	SQL_CATALOGUE_LINTS };

static enum err
check_rule(struct store *s, const char *sql, struct buf *faults)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(s, sql, NULL, 0, &rows);

	for (size_t i = 0; e == ERR_OK && i < store_row_count(rows); i++)
		e = buf_printf(faults, "%.*s\n", STR_ARG(store_text(rows, i, 0)));
	return e;
}

enum err
catalogue_check(struct store *s, struct buf *faults)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		enum err e = check_rule(s, rules[i], faults);

		/* A list that is longer than its room is a list of faults all the same. */
		if (e != ERR_OK && !(e == ERR_TOO_LARGE && buf_len(faults) > 0))
			return e;
	}
	return ERR_OK;
}
