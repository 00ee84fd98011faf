/* SPDX-License-Identifier: Apache-2.0 */
/* session - see session.h. */
#include "cli/prove/session.h"

#include <stdio.h>
#include <string.h>

#include "cli/prove/http.h"

#define COOKIE_BYTES 4096

struct session {
	const struct prove_context *p;
	char set_cookie[COOKIE_BYTES];
	char cookie_line[COOKIE_BYTES];
	char csrf_token[256];
};

static void
keep_answer(struct session *s, const struct http_answer *answer)
{
	struct str cookie = http_header(answer, "Set-Cookie");
	json_t *reply = json_loadb(buf_str(answer->body).at, buf_len(answer->body), 0, NULL);
	const char *token = json_string_value(json_object_get(reply, "csrf_token"));

	(void)snprintf(s->set_cookie, sizeof(s->set_cookie), "%.*s", STR_ARG(cookie));
	(void)snprintf(s->cookie_line, sizeof(s->cookie_line), "Cookie: %.*s",
	    (int)strcspn(s->set_cookie, ";"), s->set_cookie);
	(void)snprintf(s->csrf_token, sizeof(s->csrf_token), "%s", token == NULL ? "" : token);
	json_decref(reply);
}

static enum err
log_in(const struct prove_context *p, struct session *s, struct prove_result *r)
{
	const char *headers[] = { "Content-Type: application/json", NULL };
	json_t *body =
	    json_pack("{s:s, s:s}", "email", p->login.user, "password", p->login.password);
	CLEANUP_MEM char *text = json_dumps(body, 0);
	struct http_request request = { "POST", "/api/v1/login", headers, text };
	struct http_answer answer = { 0 };
	struct err_detail detail = { "" };
	enum err e;

	json_decref(body);
	if (text == NULL)
		return ERR_NOMEM;
	e = http_ask(&p->conf, &request, &answer, &detail);
	if (e == ERR_OK && answer.status == 200)
		keep_answer(s, &answer);
	else
		prove_say(r, false, "the log-in failed: status %ld %s", answer.status, detail.text);
	if (e == ERR_OK && answer.status != 200)
		e = ERR_DENIED;
	http_answer_done(&answer);
	return e;
}

enum err
session_open(const struct prove_context *p, struct session **ret_session, struct prove_result *r)
{
	struct session *s;
	enum err e;

	if (p->login.user[0] == '\0') {
		prove_say(r, false, "no user to log in as: %s/first-login is gone", p->conf.dir);
		return ERR_NOT_FOUND;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ERR_NOMEM;
	s->p = p;
	e = log_in(p, s, r);
	if (e == ERR_OK)
		*ret_session = s;
	else
		session_free(s);
	return e;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	explicit_bzero(s, sizeof(*s));
	free(s);
}

const char *
session_set_cookie(const struct session *s)
{
	return s->set_cookie;
}

const char *
session_cookie_line(const struct session *s)
{
	return s->cookie_line;
}

const char *
session_csrf_token(const struct session *s)
{
	return s->csrf_token;
}

json_t *
session_get(const struct session *s, const char *path)
{
	const char *headers[] = { s->cookie_line, NULL };
	struct http_request request = { "GET", path, headers, NULL };
	struct http_answer answer = { 0 };
	json_t *reply = NULL;

	if (http_ask(&s->p->conf, &request, &answer, NULL) == ERR_OK && answer.status == 200)
		reply = json_loadb(buf_str(answer.body).at, buf_len(answer.body), 0, NULL);
	http_answer_done(&answer);
	return reply;
}
