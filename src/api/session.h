/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session - who asks: the cookie's token, the membership behind it, and the CSRF check.
 *
 * The token says who; what that member may is looked up with every request, so a changed role or a
 * disabled user counts at once.
 */
#pragma once

#include "api/request.h"

#define SESSION_COOKIE "__Host-rendfly"
#define SESSION_RENEW_S 300 /* a token with less left than this is replaced */

/* Whether the request may reach its handler; refuses (false) when not.  Fills r->claims and
 * r->session when the route needs a member. */
bool session_admit(struct request *r);

/* Gives the answer a cookie with r->claims, from now on. */
MUST_CHECK enum err session_issue(struct request *r);

/* Takes the cookie away. */
void session_clear(struct request *r);
