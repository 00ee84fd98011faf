/* SPDX-License-Identifier: Apache-2.0 */
/* attacks - what docs/threat-model.md says of injected SQL, tried now, as each role of the service.
 */
#include <stdio.h>

#include "cli/prove/prove.h"
#include "store/queries.h"
#include "store/store.h"

static const char *const roles[] = { "collector", "api", "judge", "steward", "operator" };

static const struct attack {
	const char *name;
	const char *sql;
} attacks[] = {
	{ "rows without a context", SQL_ATTACK_NO_CONTEXT },
	{ "rows with a forged context", SQL_ATTACK_FORGED_CONTEXT },
	{ "rows with a plain setting", SQL_ATTACK_PLAIN_SETTING },
	{ "rows with a malformed context", SQL_ATTACK_MALFORMED_CONTEXT },
	{ "the key of contexts", SQL_ATTACK_CONTEXT_KEY },
	{ "people's accounts", SQL_ATTACK_USERS },
	{ "an account by its address", SQL_ATTACK_ACCOUNT },
	{ "prepared statements of the connection", SQL_ATTACK_OTHER_SESSIONS },
	{ "ending other sessions", SQL_ATTACK_SIGNAL },
	{ "a file of the server", SQL_ATTACK_SERVER_FILE },
	{ "a large object", SQL_ATTACK_LARGE_OBJECT },
	{ "a copy without a policy", SQL_ATTACK_NEW_TABLE },
	{ "row-level security off", SQL_ATTACK_NO_POLICY },
	{ "changing the audit log", SQL_ATTACK_AUDIT_UPDATE },
	{ "emptying the audit log", SQL_ATTACK_AUDIT_TRUNCATE },
};

#define N_ROLES (sizeof(roles) / sizeof(roles[0]))
#define N_ATTACKS (sizeof(attacks) / sizeof(attacks[0]))

static bool
is_refused(struct store *store, const char *sql)
{
	enum err e = store_begin_plain(store);

	if (e == ERR_OK)
		e = store_run(store, sql, NULL, 0, NULL);
	store_rollback(store);
	return e == ERR_DENIED;
}

/* False, and says why in r, at the first attack that is not refused. */
static bool
role_is_held(const struct prove_context *p, const char *role, struct prove_result *r)
{
	CLEANUP(store) struct store *store = NULL;
	struct err_detail detail = { "" };

	if (store_open(&p->conf, role, NULL, &store, &detail) != ERR_OK) {
		prove_say(r, false, "no connection as rendfly_%s: %s", role, detail.text);
		return false;
	}
	for (size_t i = 0; i < N_ATTACKS; i++)
		if (!is_refused(store, attacks[i].sql)) {
			prove_say(r, false, "not refused to rendfly_%s: %s", role, attacks[i].name);
			return false;
		}
	return true;
}

void
prove_threats(const struct prove_context *p, struct prove_result *r)
{
	for (size_t i = 0; i < N_ROLES; i++)
		if (!role_is_held(p, roles[i], r))
			return;
	prove_say(r, true,
	    "%zu attacks as each of %zu database roles were all refused; docs/threat-model.md names the "
	    "attackers, what each can get and the test that shows it",
	    N_ATTACKS, N_ROLES);
}
