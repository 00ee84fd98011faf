/* SPDX-License-Identifier: Apache-2.0 */
#include "api/session.h"

#include "api/api.h"
#include "api/audit.h"
#include "api/cookie.h"
#include "api/origin.h"
#include "api/session_life.h"
#include "base/clock.h"
#include "queries.h"

#define COOKIE_FLAGS "; Path=/; Secure; HttpOnly; SameSite=Lax"

static bool
refuse(struct request *r, unsigned int status, const char *code, const char *message,
    const char *remedy)
{
	if (request_refuse(r, status, code, message, remedy) != ERR_OK)
		request_fail(r, ERR_NOMEM);
	return false;
}

static bool
refuse_session(struct request *r)
{
	return refuse(r, MHD_HTTP_UNAUTHORIZED, "no_session", "You are not logged in.",
	    "Log in; a session ends 15 minutes after its last use, and after 12 hours.");
}

/* Whether a browser says that the request is from our own pages; for what changes state. */
static bool
admit_origin(struct request *r)
{
	struct str public_url = str_from(r->worker->api->conf.public_url);

	if (origin_is_ours(request_header(r, "Sec-Fetch-Site"), request_header(r, "Origin"),
		request_header(r, "Host"), public_url))
		return true;
	if (!uuid_is_zero(&r->session.workspace))
		audit_refusal(r, AUDIT_MALICIOUS_CORS);
	return refuse(r, MHD_HTTP_FORBIDDEN, "foreign_origin",
	    "The request comes from another site.",
	    "Send it from rendfly's own pages, opened at the address in public_url.");
}

static bool
admit_csrf(struct request *r)
{
	if (auth_csrf_matches(&r->claims, request_header(r, "X-CSRF-Token")))
		return true;
	audit_refusal(r, AUDIT_MALICIOUS_CSRF);
	return refuse(r, MHD_HTTP_FORBIDDEN, "no_csrf_token",
	    "The session's token for changes is missing or wrong.",
	    "Send the csrf_token of GET /me in the header X-CSRF-Token.");
}

/* A token of a session that was ended is genuine: whoever sends it had it, and it may be stolen. */
static enum err
refuse_ended(struct request *r)
{
	r->session.user = r->claims.user;
	r->session.workspace = r->claims.workspace;
	audit_refusal(r, AUDIT_AUTHN_TOKEN_REUSE);
	r->session = (struct session){ 0 };
	return ERR_DENIED;
}

static bool
read_token(struct request *r)
{
	struct api *api = r->worker->api;
	struct str token = cookie_find(request_header(r, "Cookie"), STR(SESSION_COOKIE));
	int64_t now_ms = clock_wall_ms(), now_s = now_ms / 1000;

	return token.at != NULL &&
	    signing_verify(api->signing, token, now_ms, &r->claims, &r->is_old_key) == ERR_OK &&
	    !session_life_is_over(&r->claims.session, now_s);
}

/* The membership as it is now: ERR_DENIED when there is none any more, or the session was ended. */
static enum err
read_membership(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct store *s = r->worker->store;
	const struct store_param params[] = { P_UUID(&r->claims.user), P_UUID(&r->claims.workspace),
		P_UUID(&r->claims.session) };
	enum err e = worker_begin(r->worker, &r->claims.workspace);

	if (e == ERR_OK)
		e = store_run(s, SQL_FIND_MEMBER, params, 3, &rows);
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK) {
		store_rollback(s);
		return e;
	}
	if (store_row_count(rows) == 0)
		return ERR_DENIED;
	if (store_int(rows, 0, 3) != 0)
		return refuse_ended(r);
	r->session.user = r->claims.user;
	r->session.workspace = r->claims.workspace;
	r->session.email = arena_copy(r->arena, store_text(rows, 0, 0));
	r->session.workspace_name = arena_copy(r->arena, store_text(rows, 0, 1));
	r->session.role = arena_copy(r->arena, store_text(rows, 0, 2));
	if (r->session.email.at == NULL || r->session.workspace_name.at == NULL ||
	    r->session.role.at == NULL)
		return ERR_NOMEM;
	return ERR_OK;
}

static bool
admit_member(struct request *r)
{
	enum err e;

	if (!read_token(r))
		return refuse_session(r);
	e = read_membership(r);
	/* A connection that broke while idle shows on its first use. */
	if (e == ERR_BUSY && !store_is_up(r->worker->store))
		e = read_membership(r);
	if (e == ERR_DENIED)
		return refuse_session(r);
	if (e != ERR_OK) {
		request_fail(r, e);
		return false;
	}
	return true;
}

static bool
admit_role(struct request *r)
{
	if (role_bit_of(r->session.role) & r->route->roles)
		return true;
	audit_refusal(r, AUDIT_AUTHZ_FAIL);
	return refuse(r, MHD_HTTP_FORBIDDEN, "role", "Your role does not allow this.",
	    "Ask an owner or admin of the workspace.");
}

static void
renew(struct request *r)
{
	/* A key that was exchanged verifies no longer than its tokens live. */
	if (!r->is_old_key && r->claims.expires_s - clock_wall_ms() / 1000 >= SESSION_RENEW_S)
		return;
	/* Without a fresh cookie the old one still counts; the next request tries again. */
	if (session_issue(r) != ERR_OK)
		r->answer.has_cookie = false;
}

bool
session_admit(struct request *r)
{
	bool is_change = strcmp(r->method, "GET") != 0;

	if (r->route->roles == NOBODY_NEEDED)
		return !is_change || admit_origin(r);
	if (!admit_member(r) || (is_change && !admit_origin(r)) ||
	    (r->route->needs_csrf && !admit_csrf(r)) || !admit_role(r))
		return false;
	renew(r);
	return true;
}

enum err
session_issue(struct request *r)
{
	CLEANUP(buf) struct buf *token = NULL;
	struct api *api = r->worker->api;
	enum err e = buf_new(AUTH_TOKEN_MAX_BYTES + 1, &token);

	r->claims.issued_s = clock_wall_ms() / 1000;
	r->claims.expires_s = r->claims.issued_s + AUTH_TOKEN_LIFE_S;
	if (e == ERR_OK)
		e = signing_issue(api->signing, &r->claims, token);
	if (e != ERR_OK)
		return e;
	(void)snprintf(r->answer.cookie, sizeof(r->answer.cookie),
	    SESSION_COOKIE "=%s" COOKIE_FLAGS "; Max-Age=%d", buf_c_string(token),
	    AUTH_TOKEN_LIFE_S);
	r->answer.has_cookie = true;
	return ERR_OK;
}

void
session_clear(struct request *r)
{
	(void)snprintf(r->answer.cookie, sizeof(r->answer.cookie),
	    SESSION_COOKIE "=" COOKIE_FLAGS "; Max-Age=0");
	r->answer.has_cookie = true;
}
