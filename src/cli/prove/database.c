/* SPDX-License-Identifier: Apache-2.0 */
/* database - what PostgreSQL itself says: catalogue, attacks, sealed columns, days kept. */
#include <stdio.h>

#include "cli/prove/keys.h"
#include "cli/prove/prove.h"
#include "store/catalogue.h"
#include "store/queries.h"
#include "store/store.h"

/* An attack fails when the server refuses it; one that only asks the catalogue must find nothing.
 */
static const struct attack {
	const char *name;
	const char *sql;
	bool may_run_empty;
} attacks[] = {
	{ "no context", SQL_ATTACK_NO_CONTEXT, false },
	{ "forged context in a predicate", SQL_ATTACK_FORGED_CONTEXT, false },
	{ "a plain setting in a predicate", SQL_ATTACK_PLAIN_SETTING, false },
	{ "malformed context", SQL_ATTACK_MALFORMED_CONTEXT, false },
	{ "partitions read directly", SQL_ATTACK_PARTITION, true },
	{ "the context key", SQL_ATTACK_CONTEXT_KEY, false },
};

static bool
attack_is_refused(struct store *store, const struct attack *attack)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_begin_plain(store);

	if (e == ERR_OK)
		e = store_run(store, attack->sql, NULL, 0, &rows);
	store_rollback(store);
	if (e == ERR_OK)
		return attack->may_run_empty && store_row_count(rows) == 0;
	return e == ERR_DENIED;
}

static bool
catalogue_is_right(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(buf) struct buf *faults = NULL;
	struct err_detail detail = { "" };

	if (buf_new(PROVE_EVIDENCE_BYTES, &faults) != ERR_OK)
		return false;
	if (store_open(&p->conf, "operator", NULL, &store, &detail) != ERR_OK ||
	    catalogue_check(store, faults) != ERR_OK) {
		prove_say(r, false, "the catalogue cannot be read: %s", detail.text);
		return false;
	}
	if (buf_len(faults) > 0) {
		prove_say(r, false, "the catalogue is off: %s", buf_c_string(faults));
		return false;
	}
	return true;
}

void
prove_row_level_security(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(store) struct store *store = NULL;
	struct err_detail detail = { "" };
	size_t n = sizeof(attacks) / sizeof(attacks[0]);

	if (!catalogue_is_right(p, r))
		return;
	if (store_open(&p->conf, "api", NULL, &store, &detail) != ERR_OK) {
		prove_say(r, false, "no connection as the api's role: %s", detail.text);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!attack_is_refused(store, &attacks[i])) {
			prove_say(r, false, "not refused: %s", attacks[i].name);
			return;
		}
	prove_say(r, true,
	    "the catalogue proof found nothing; %zu attacks as rendfly_api (no context, forged, plain "
	    "setting, malformed, partitions, context key) were all refused",
	    n);
}

void
prove_sealed_columns(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	CLEANUP(buf) struct buf *evidence = NULL;
	struct err_detail detail = { "" };
	int64_t records = 0, malformed = 0;
	bool are_keys_good;

	if (buf_new(PROVE_EVIDENCE_BYTES, &evidence) != ERR_OK)
		return;
	if (store_open(&p->conf, "operator", NULL, &store, &detail) != ERR_OK ||
	    store_run(store, SQL_LIST_SEALED_COLUMNS, NULL, 0, &rows) != ERR_OK) {
		prove_say(r, false, "the sealed columns cannot be read: %s", detail.text);
		return;
	}
	for (size_t i = 0; i < store_row_count(rows); i++) {
		records += store_int(rows, i, 1);
		malformed += store_int(rows, i, 2);
		(void)!buf_printf(evidence, "%s%.*s: %lld records, %lld not sealed",
		    i == 0 ? "" : "; ", STR_ARG(store_text(rows, i, 0)),
		    (long long)store_int(rows, i, 1), (long long)store_int(rows, i, 2));
	}
	are_keys_good = keys_look(&p->conf, evidence);
	if (records == 0)
		prove_say(r, false, "no sealed record is there yet to look at");
	else
		prove_say(r, are_keys_good && malformed == 0, "%s", buf_c_string(evidence));
}

void
prove_minimal_data(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(store_rows) struct store_rows *columns = NULL, *oldest = NULL;
	struct err_detail detail = { "" };
	int64_t days;

	if (store_open(&p->conf, "operator", NULL, &store, &detail) != ERR_OK ||
	    store_run(store, SQL_LIST_OPEN_PERSONAL_COLUMNS, NULL, 0, &columns) != ERR_OK ||
	    store_run(store, SQL_OLDEST_DAY, NULL, 0, &oldest) != ERR_OK) {
		prove_say(r, false, "the schema cannot be read: %s", detail.text);
		return;
	}
	if (store_row_count(columns) > 0) {
		prove_say(r, false, "%.*s and %zu more columns could hold originals",
		    STR_ARG(store_text(columns, 0, 0)), store_row_count(columns) - 1);
		return;
	}
	days = store_row_count(oldest) == 0 || store_is_null(oldest, 0, 0)
	    ? 0
	    : store_int(oldest, 0, 1);
	prove_say(r, days <= p->conf.retention_days + 1,
	    "no column of a tenant's tables holds an original; the oldest conversation kept is %lld days "
	    "old, the limit is %lld",
	    (long long)days, (long long)p->conf.retention_days);
}
