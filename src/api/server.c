/* SPDX-License-Identifier: Apache-2.0 */
#include "api/server.h"

#include <fcntl.h>
#include <stdio.h>

#include "api/audit.h"
#include "api/session.h"
#include "base/clock.h"
#include "base/log.h"

#define CONNECTIONS_A_WORKER 128
#define IDLE_S 30

/* Finding the operation */

static bool
is_query_known(const struct route *route, const char *name)
{
	for (size_t i = 0; i < ROUTE_MAX_QUERIES && route->queries[i] != NULL; i++)
		if (strcmp(route->queries[i], name) == 0)
			return true;
	return false;
}

struct query_check {
	const struct route *route;
	const char *seen[ROUTE_MAX_QUERIES];
	size_t n_seen;
	bool is_unknown, is_twice;
};

static enum MHD_Result
check_query(void *closure, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct query_check *check = closure;

	(void)kind;
	if (value == NULL || !is_query_known(check->route, name)) {
		check->is_unknown = true;
		return MHD_NO;
	}
	for (size_t i = 0; i < check->n_seen; i++)
		if (strcmp(check->seen[i], name) == 0)
			check->is_twice = true;
	if (check->is_twice || check->n_seen == ROUTE_MAX_QUERIES)
		return MHD_NO;
	check->seen[check->n_seen++] = name;
	return MHD_YES;
}

static bool
has_only_known_inputs(struct request *r)
{
	struct query_check check = { .route = r->route };

	(void)MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, check_query, &check);
	if (check.is_unknown)
		(void)request_refuse(r, MHD_HTTP_BAD_REQUEST, "unknown_parameter",
		    "The query has a parameter that does not exist.",
		    "Send only the parameters that docs/openapi.yaml lists for this operation.");
	else if (check.is_twice)
		(void)request_refuse(r, MHD_HTTP_BAD_REQUEST, "repeated_parameter",
		    "The query has a parameter twice.", "Send each parameter once.");
	else if (!r->route->has_body && (buf_len(r->body) > 0 || r->is_too_large))
		(void)request_refuse(r, MHD_HTTP_BAD_REQUEST, "unexpected_body",
		    "This operation takes no body.", "Send the request without a body.");
	else
		return true;
	return false;
}

static enum err
refuse_method(struct request *r, const char *allow)
{
	r->answer.allow = allow;
	return request_refuse(r, MHD_HTTP_METHOD_NOT_ALLOWED, "method_not_allowed",
	    "This address does not take that method.",
	    "The Allow header lists those that it takes.");
}

/* The path's methods, for Allow. */
static const char *
methods_of(struct request *r)
{
	struct str captures[PATH_MAX_CAPTURES];
	char text[64] = "";
	size_t len = 0;

	for (size_t i = 0; i < route_count; i++)
		if (path_matches(route_table[i].pattern, r->path, captures))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
			    len > 0 ? ", " : "", route_table[i].method);
	return len == 0 ? NULL : arena_copy(r->arena, str_from(text)).at;
}

static bool
find_route(struct request *r)
{
	const char *allow;

	for (size_t i = 0; i < route_count; i++)
		if (strcmp(route_table[i].method, r->method) == 0 &&
		    path_matches(route_table[i].pattern, r->path, r->captures)) {
			r->route = &route_table[i];
			return true;
		}
	allow = methods_of(r);
	if (allow != NULL)
		(void)refuse_method(r, allow);
	else
		request_fail(r, ERR_NOT_FOUND);
	return false;
}

/* Answering */

static enum err
handle_once(struct request *r)
{
	enum err e = r->route->handle(r);

	if (e != ERR_OK)
		store_rollback(r->worker->store);
	/* What was done unrecorded must not be told either. */
	else if (r->route->event != AUDIT_NOT_AUDITED && r->answer.status < MHD_HTTP_BAD_REQUEST &&
	    !r->is_audited)
		e = ERR_BUG;
	return e;
}

static void
handle(struct request *r)
{
	enum err e = handle_once(r);

	/* A connection that broke while idle shows on its next use; reading again is harmless. */
	if (e == ERR_BUSY && !store_is_up(r->worker->store) && strcmp(r->method, "GET") == 0)
		e = handle_once(r);
	if (e == ERR_OK)
		return;
	if (e != ERR_NOT_FOUND)
		log_warn("request_failed", LOG_STR("route", r->route->pattern), LOG_ERR(e),
		    LOG_STR("store", store_last_error(r->worker->store)));
	/* keyd opens no such record, or not so many of them. */
	if (e == ERR_DENIED && !uuid_is_zero(&r->session.workspace))
		audit_refusal(r, AUDIT_CRYPT_DECRYPT_FAIL);
	request_fail(r, e);
}

static void
dispatch(struct request *r)
{
	if (!find_route(r) || !has_only_known_inputs(r))
		return;
	if (r->is_too_large) {
		(void)request_refuse(r, MHD_HTTP_CONTENT_TOO_LARGE, "body_too_large",
		    "The body is over 64 KiB.", "Send less at once.");
		return;
	}
	if (session_admit(r))
		handle(r);
}

static const char *const fixed_headers[][2] = {
	{ "Content-Type", "application/json" },
	{ "Cache-Control", "no-store" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

static bool
add_headers(const struct request *r, struct MHD_Response *response)
{
	const struct answer *a = &r->answer;
	char id[UUID_TEXT_BYTES], seconds[16];
	bool ok = true;

	uuid_format(&r->id, id);
	(void)snprintf(seconds, sizeof(seconds), "%d", a->retry_after_s);
	for (size_t i = 0; i < sizeof(fixed_headers) / sizeof(fixed_headers[0]); i++)
		ok = ok &&
		    MHD_add_response_header(response, fixed_headers[i][0], fixed_headers[i][1]);
	ok = ok && MHD_add_response_header(response, "X-Request-Id", id);
	if (a->has_cookie)
		ok = ok && MHD_add_response_header(response, "Set-Cookie", a->cookie);
	if (a->retry_after_s > 0)
		ok = ok && MHD_add_response_header(response, "Retry-After", seconds);
	if (a->allow != NULL)
		ok = ok && MHD_add_response_header(response, "Allow", a->allow);
	return ok;
}

static enum MHD_Result
send_answer(struct request *r)
{
	struct str body = buf_str(r->answer.body);
	struct MHD_Response *response = MHD_create_response_from_buffer(body.len,
	    (void *)(uintptr_t)body.at, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result = MHD_NO;

	if (response == NULL)
		return MHD_NO;
	if (add_headers(r, response))
		result = MHD_queue_response(r->connection, r->answer.status, response);
	MHD_destroy_response(response);
	return result;
}

/* libmicrohttpd's callbacks */

static void
take_bytes(struct request *r, const char *bytes, size_t len)
{
	if (!r->is_too_large && buf_append(r->body, bytes, len) != ERR_OK)
		r->is_too_large = true; /* the rest is read and forgotten */
}

/* NOLINTBEGIN(readability-function-size): libmicrohttpd gives eight parameters */
static enum MHD_Result
on_request(void *closure, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload_data, size_t *upload_data_size, void **at)
{
	struct worker *w = closure;
	struct request *r = *at;

	(void)version;
	if (r == NULL) {
		if (strncmp(url, ROUTE_PREFIX, sizeof(ROUTE_PREFIX) - 1) == 0)
			url += sizeof(ROUTE_PREFIX) - 1;
		else
			url = ""; /* nothing else is here: 404 */
		if (request_new(w, connection, method, url, &r) != ERR_OK)
			return MHD_NO;
		*at = r;
		return MHD_YES;
	}
	if (*upload_data_size > 0) {
		take_bytes(r, upload_data, *upload_data_size);
		*upload_data_size = 0;
		return MHD_YES;
	}
	if (r->answer.status == 0)
		dispatch(r);
	return send_answer(r);
}

/* NOLINTEND(readability-function-size) */

static void
on_completed(void *closure, struct MHD_Connection *connection, void **at,
    enum MHD_RequestTerminationCode how)
{
	struct worker *w = closure;
	struct request *r = *at;
	int64_t took_us;
	unsigned int status_class;

	(void)connection;
	if (r == NULL)
		return;
	took_us = clock_monotonic_us() - r->started_us;
	status_class = r->answer.status / 100;
	atomic_fetch_add(&w->api
			      ->n_requests[status_class < API_N_STATUS_CLASSES ? status_class : 0],
	    1);
	atomic_fetch_add(&w->api->request_us, (uint64_t)took_us);
	if (r->answer.status != 0)
		log_info("request", LOG_STR("method", r->route != NULL ? r->method : "-"),
		    LOG_STR("route", r->route != NULL ? r->route->pattern : "-"),
		    LOG_INT("status", r->answer.status), LOG_INT("us", took_us),
		    LOG_STR("code", r->answer.code != NULL ? r->answer.code : "-"),
		    LOG_INT("cut", how != MHD_REQUEST_TERMINATED_COMPLETED_OK));
	request_free(r);
	*at = NULL;
}

enum err
server_start(struct worker *w, int listen_fd)
{
	/* Each daemon closes its own. */
	int own_fd = fcntl(listen_fd, F_DUPFD_CLOEXEC, 0);

	if (own_fd < 0)
		return ERR_IO;
	w->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request, w,
	    MHD_OPTION_LISTEN_SOCKET, own_fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, w,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_A_WORKER,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_S, MHD_OPTION_END);
	return w->daemon == NULL ? ERR_IO : ERR_OK;
}

void
server_stop(struct worker *w)
{
	if (w->daemon != NULL)
		MHD_stop_daemon(w->daemon);
	w->daemon = NULL;
}
