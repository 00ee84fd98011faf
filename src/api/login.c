/* SPDX-License-Identifier: Apache-2.0 */
/* login - in, out, and who am I. */
#include <stdio.h>

#include "api/api.h"
#include "api/audit.h"
#include "api/session.h"
#include "api/session_life.h"
#include "base/clock.h"
#include "base/log.h"
#include "queries.h"

#define MIN_EMAIL_BYTES 3
#define MAX_EMAIL_BYTES 320
#define LOCK_TOLD_EVERY_MS 1000

/* What is known of an account before its password was checked. */
struct account {
	struct uuid user;
	struct uuid workspace;
	struct str stored; /* the password's hash; .at NULL: nobody has that address */
	struct str workspace_name;
	struct str role;
};

static enum err
find_account(struct request *r, struct str email, struct account *ret_account)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	static const struct uuid installation;
	struct store *s = r->worker->store;
	enum err e = worker_begin(r->worker, &installation);

	if (e == ERR_OK)
		e = store_run(s, SQL_FIND_LOGIN, (struct store_param[]){ P_TEXT(email) }, 1, &rows);
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK)
		return e;
	*ret_account = (struct account){ 0 };
	if (store_row_count(rows) == 0)
		return ERR_OK;
	ret_account->user = store_uuid(rows, 0, 0);
	ret_account->stored = arena_copy(r->arena, store_text(rows, 0, 1));
	ret_account->workspace = store_uuid(rows, 0, 2);
	ret_account->workspace_name = arena_copy(r->arena, store_text(rows, 0, 3));
	ret_account->role = arena_copy(r->arena, store_text(rows, 0, 4));
	if (ret_account->stored.at == NULL || ret_account->workspace_name.at == NULL ||
	    ret_account->role.at == NULL)
		return ERR_NOMEM;
	return ERR_OK;
}

/* ERR_BUSY when enough passwords are being checked already: each takes 64 MiB and a core. */
static enum err
verify_password(struct api *api, struct str password, struct str stored)
{
	enum err e = ERR_BUSY;

	if (atomic_fetch_add(&api->password_checks, 1) < API_MAX_PASSWORD_CHECKS)
		e = auth_password_verify(&api->oracle, password, stored);
	(void)atomic_fetch_sub(&api->password_checks, 1);
	return e;
}

/* Told where it happened: in the account's workspace, or in the installation's log. */
static enum err
record(struct request *r, const struct account *account, enum audit_name name,
    enum audit_outcome outcome)
{
	const struct audit_own own = { account->workspace, name, outcome, account->user };

	return audit_alone(r, &own);
}

static enum err
refuse_credentials(struct request *r, const struct account *account)
{
	enum err e = record(r, account, AUDIT_AUTHN_LOGIN_FAIL, AUDIT_DENIED);

	if (e != ERR_OK)
		return e;
	return request_refuse(r, MHD_HTTP_UNAUTHORIZED, "wrong_credentials",
	    "E-mail address or password is wrong.", "Check both and try again.");
}

static enum err
refuse_for_now(struct request *r, int64_t wait_ms)
{
	const struct account nobody = { 0 };
	int64_t now_ms = clock_monotonic_ms();

	/* A flood of attempts that are not even looked at is one event a second. */
	if (now_ms - atomic_load(&r->worker->api->lock_told_ms) >= LOCK_TOLD_EVERY_MS) {
		enum err e = record(r, &nobody, AUDIT_AUTHN_LOGIN_LOCK, AUDIT_DENIED);

		if (e != ERR_OK)
			return e;
		atomic_store(&r->worker->api->lock_told_ms, now_ms);
	}
	r->answer.retry_after_s = (int)((wait_ms + 999) / 1000);
	return request_refuse(r, MHD_HTTP_TOO_MANY_REQUESTS, "too_many_attempts",
	    "There were too many wrong attempts.", "Wait a while before you try again.");
}

static enum err
write_session(struct request *r)
{
	struct json_out j = request_answer(r, MHD_HTTP_OK);

	json_open_object(&j, NULL);
	json_open_object(&j, "user");
	json_put_uuid(&j, "user_id", &r->session.user);
	json_put_text(&j, "email", r->session.email);
	json_close_object(&j);
	json_open_object(&j, "workspace");
	json_put_uuid(&j, "workspace_id", &r->session.workspace);
	json_put_text(&j, "name", r->session.workspace_name);
	json_close_object(&j);
	json_put_text(&j, "role", r->session.role);
	json_put_text(&j, "csrf_token", str_from(r->claims.csrf));
	json_put_time(&j, "expires_at", r->claims.expires_s * 1000000);
	json_close_object(&j);
	return json_out_end(&j);
}

static enum err
open_session(struct request *r, const struct account *account, struct str email)
{
	enum err e;

	r->claims = (struct auth_claims){
		.user = account->user,
		.workspace = account->workspace,
		.session = uuid_new(),
	};
	if (account->role.len >= sizeof(r->claims.role))
		return ERR_BUG;
	(void)snprintf(r->claims.role, sizeof(r->claims.role), "%.*s", STR_ARG(account->role));
	r->session.user = account->user;
	r->session.workspace = account->workspace;
	r->session.email = email;
	r->session.workspace_name = account->workspace_name;
	r->session.role = account->role;
	e = auth_csrf_new(r->claims.csrf);
	if (e == ERR_OK)
		e = session_issue(r);
	return e == ERR_OK ? write_session(r) : e;
}

/* Addresses are compared without regard to case; so are their failures counted. */
static struct str
lower_case(struct request *r, struct str email)
{
	char *at = arena_alloc(r->arena, email.len + 1);

	if (at == NULL)
		return (struct str){ NULL, 0 };
	for (size_t i = 0; i < email.len; i++) {
		at[i] = email.at[i];
		if (at[i] >= 'A' && at[i] <= 'Z')
			at[i] = "abcdefghijklmnopqrstuvwxyz"[at[i] - 'A'];
	}
	return (struct str){ at, email.len };
}

static enum err
log_in(struct request *r, struct str email, struct str password)
{
	struct api *api = r->worker->api;
	struct str address = request_header(r, "X-Forwarded-For");
	struct account account = { 0 };
	int64_t wait_ms = throttle_try(api->throttle, email, address, clock_monotonic_ms());
	enum err e;

	if (wait_ms > 0)
		return refuse_for_now(r, wait_ms);
	e = find_account(r, email, &account);
	/* A connection that broke while idle shows on its first use. */
	if (e == ERR_BUSY && !store_is_up(r->worker->store))
		e = find_account(r, email, &account);
	if (e == ERR_OK)
		e = verify_password(api, password, account.stored);
	if (e == ERR_DENIED)
		return refuse_credentials(r, &account);
	if (e != ERR_OK)
		return e; /* still counted: being busy must not clear what was guessed before */
	e = record(r, &account, AUDIT_AUTHN_LOGIN_SUCCESS, AUDIT_SUCCESS);
	if (e != ERR_OK)
		return e;
	throttle_forget(api->throttle, email, address);
	return open_session(r, &account, email);
}

enum err
login_post(struct request *r)
{
	struct str email, password;
	const struct body_field fields[] = {
		{ "email", MIN_EMAIL_BYTES, MAX_EMAIL_BYTES, &email },
		{ "password", 1, AUTH_PASSWORD_MAX_BYTES, &password },
	};

	if (!request_read_body(r, fields, sizeof(fields) / sizeof(fields[0])))
		return ERR_OK;
	email = lower_case(r, email);
	return email.at == NULL ? ERR_NOMEM : log_in(r, email, password);
}

enum err
logout_post(struct request *r)
{
	const struct store_param params[] = { P_UUID(&r->claims.session),
		P_INT(SESSION_REMEMBERED_S) };
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = store_run(r->worker->store, SQL_END_SESSION, params, 2, NULL);
	if (e == ERR_OK)
		e = audit_commit(r, &r->claims.session);
	if (e != ERR_OK)
		return e;
	session_clear(r);
	(void)request_answer(r, MHD_HTTP_NO_CONTENT);
	return ERR_OK;
}

enum err
me_get(struct request *r)
{
	return write_session(r);
}
