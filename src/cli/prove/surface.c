/* SPDX-License-Identifier: Apache-2.0 */
/* surface - what the edge and the API answer to a stranger, to a forger and to the first user. */
#include <stdio.h>
#include <string.h>

#include "cli/prove/http.h"
#include "cli/prove/prove.h"
#include "cli/prove/session.h"

#define FORGED_TOKEN                                  \
	"Cookie: __Host-rendfly=eyJhbGciOiJub25lIn0." \
	"eyJzdWIiOiIwIiwid2lkIjoiMCIsInJvbGUiOiJvd25lciIsImV4cCI6OTk5OTk5OTk5OX0."

#define MOST_COUNTED_REQUESTS 60

/* The routes that need a session, one of each kind in docs/openapi.yaml. */
static const char *const guarded[][2] = {
	{ "GET", "/api/v1/me" },
	{ "GET", "/api/v1/projects" },
	{ "GET", "/api/v1/projects/00000000-0000-7000-8000-000000000000/scores" },
	{ "GET", "/api/v1/projects/00000000-0000-7000-8000-000000000000/rules" },
	{ "GET", "/api/v1/conversations?project=00000000-0000-7000-8000-000000000000" },
	{ "GET", "/api/v1/conversations/2026-01-01/00000000-0000-7000-8000-000000000000" },
	{ "GET", "/api/v1/projects/00000000-0000-7000-8000-000000000000/ingest-keys" },
	{ "POST", "/api/v1/projects/00000000-0000-7000-8000-000000000000/ingest-keys" },
	{ "DELETE",
	    "/api/v1/projects/00000000-0000-7000-8000-000000000000/ingest-keys/"
	    "00000000-0000-7000-8000-000000000000" },
	{ "GET", "/api/v1/captures" },
};

/* The status of one request without a body kept; 0 when nothing answered. */
static long
status_of(const struct conf *conf, const char *method, const char *path, const char *header,
    const char *body)
{
	const char *headers[] = { "Content-Type: application/json", header, NULL };
	struct http_request request = { method, path, headers, body };
	struct http_answer answer = { 0 };
	long status = 0;

	if (http_ask(conf, &request, &answer, NULL) == ERR_OK)
		status = answer.status;
	http_answer_done(&answer);
	return status;
}

void
prove_server_decides(const struct prove_context *p, struct prove_result *r)
{
	size_t n = sizeof(guarded) / sizeof(guarded[0]);

	for (size_t i = 0; i < n; i++) {
		const char *body = strcmp(guarded[i][0], "POST") == 0 ? "{}" : NULL;
		long bare = status_of(&p->conf, guarded[i][0], guarded[i][1], NULL, body);
		long forged = status_of(&p->conf, guarded[i][0], guarded[i][1], FORGED_TOKEN, body);

		if (bare != 401 || forged != 401) {
			prove_say(r, false,
			    "%s %s answered %ld without a session and %ld to a forged one",
			    guarded[i][0], guarded[i][1], bare, forged);
			return;
		}
	}
	prove_say(r, true, "%zu routes answered 401 without a session and to a forged token", n);
}

void
prove_fail_closed(const struct prove_context *p, struct prove_result *r)
{
	static const char *const keys[] = { NULL, "X-Rendfly-Key: pk_live_",
		"X-Rendfly-Key: ' or 1=1 --",
		"X-Rendfly-Key: pk_live_000000000000000000000000000000000AAAAAA" };
	char path[128];

	if (p->conf.n_providers == 0) {
		prove_say(r, false, "no provider is configured, so nothing can be refused");
		return;
	}
	(void)snprintf(path, sizeof(path), "/%s/v1/chat/completions", p->conf.providers[0].name);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		long status = status_of(&p->conf, "POST", path, keys[i], "{}");

		if (status != 401) {
			prove_say(r, false, "a request with %s was answered %ld, not 401",
			    keys[i] == NULL ? "no ingest key" : keys[i], status);
			return;
		}
	}
	prove_say(r, true, "missing, malformed and unknown ingest keys: 401, nothing forwarded");
}

static long
number_in(struct str text)
{
	long number = -1;

	if (text.len > 0 && text.len < 20) {
		char digits[20];

		(void)snprintf(digits, sizeof(digits), "%.*s", STR_ARG(text));
		number = strtol(digits, NULL, 10);
	}
	return number;
}

static long
remaining_after_request(const struct prove_context *p, long *ret_limit)
{
	char path[128], key[200];
	const char *headers[] = { "Content-Type: application/json", key, NULL };
	struct http_request request = { "GET", path, headers, NULL };
	struct http_answer answer = { 0 };
	long remaining = -1;

	(void)snprintf(path, sizeof(path), "/%s/v1/models", p->conf.providers[0].name);
	(void)snprintf(key, sizeof(key), "X-Rendfly-Key: %s", p->login.ingest_key);
	if (http_ask(&p->conf, &request, &answer, NULL) == ERR_OK) {
		*ret_limit = number_in(http_header(&answer, "RateLimit-Limit"));
		remaining = number_in(http_header(&answer, "RateLimit-Remaining"));
	}
	http_answer_done(&answer);
	return remaining;
}

void
prove_rate_limit(const struct prove_context *p, struct prove_result *r)
{
	long limit = -1, lowest = -1, first;
	int asked = 0;

	if (p->login.ingest_key[0] == '\0' || p->conf.n_providers == 0) {
		prove_say(r, false, "no ingest key to ask with: %s/first-login is gone",
		    p->conf.dir);
		return;
	}
	first = remaining_after_request(p, &limit);
	/* The bucket refills while we ask, so it may take several until more is gone than came. */
	while (asked < MOST_COUNTED_REQUESTS && (asked == 0 || lowest >= first)) {
		lowest = remaining_after_request(p, &limit);
		asked++;
	}
	prove_say(r, limit > 0 && first > 0 && lowest >= 0 && lowest < first,
	    "limit %ld; %ld requests remained after the first and %ld after %d more", limit, first,
	    lowest, asked);
}

static long
create_key_status(const struct prove_context *p, const char *const *headers)
{
	char path[200];
	struct http_request request = { "POST", path, headers, "{\"name\":\"prove\"}" };
	struct http_answer answer = { 0 };
	long status = 0;

	(void)snprintf(path, sizeof(path), "/api/v1/projects/%s/ingest-keys", p->login.project);
	if (http_ask(&p->conf, &request, &answer, NULL) == ERR_OK)
		status = answer.status;
	http_answer_done(&answer);
	return status;
}

void
prove_cookies_and_csrf(const struct prove_context *p, struct prove_result *r)
{
	static const char *const attributes[] = { "__Host-", "HttpOnly", "Secure", "SameSite=Lax",
		"Path=/" };
	CLEANUP(session) struct session *s = NULL;
	long bare, forged;

	if (session_open(p, &s, r) != ERR_OK)
		return;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (strstr(session_set_cookie(s), attributes[i]) == NULL) {
			prove_say(r, false, "the session cookie lacks %s", attributes[i]);
			return;
		}
	bare = create_key_status(p,
	    (const char *const[]){
		"Content-Type: application/json", session_cookie_line(s), NULL });
	forged = create_key_status(p,
	    (const char *const[]){ "Content-Type: application/json", session_cookie_line(s),
		"X-CSRF-Token: forged", NULL });
	prove_say(r, bare == 403 && forged == 403 && session_csrf_token(s)[0] != '\0',
	    "the cookie is __Host-, HttpOnly, Secure, SameSite=Lax; a state change without a CSRF token: "
	    "%ld, with a forged one: %ld",
	    bare, forged);
}

/* Half of this promise is not built, so it cannot hold; what is there is shown. */
void
prove_passwords_and_tokens(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(session) struct session *s = NULL;

	if (session_open(p, &s, r) != ERR_OK)
		return;
	prove_say(r, false, "a fresh token lives %s; refresh tokens are not built",
	    strstr(session_set_cookie(s), "Max-Age=900") != NULL ? "15 minutes"
								 : "another time than 15 minutes");
}
