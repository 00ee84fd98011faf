/* SPDX-License-Identifier: Apache-2.0 */
/* session - logged in to our own API as the first user. */
#pragma once

#include <jansson.h>

#include "cli/prove/prove.h"

struct session;

/* On failure says why in r. */
MUST_CHECK enum err session_open(const struct prove_context *p, struct session **ret_session,
    struct prove_result *r);
void session_free(struct session *s);
CLEANUP_DEFINE(session);

const char *session_set_cookie(const struct session *s);  /* the header's value as it came */
const char *session_cookie_line(const struct session *s); /* "Cookie: …" for requests */
const char *session_csrf_token(const struct session *s);  /* "" when none came */

/* The answer of a GET as JSON that the caller gives back; NULL when it is not 200 or not JSON. */
json_t *session_get(const struct session *s, const char *path);
