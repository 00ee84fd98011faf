/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_life - how long a session lives, however often its token is renewed, and how long one
 * that was ended must be remembered.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "auth/auth.h"
#include "base/uuid.h"

#define SESSION_MOST_S (12ll * 3600)

/* Its id, a version 7 UUID of the signed token, says when it began. */
bool session_life_is_over(const struct uuid *session, int64_t now_s);

/* How long a session that was ended is remembered: until no token of it can be in force.  Another
 * browser's, or a copy, may have been renewed later than the one that it was ended with. */
#define SESSION_REMEMBERED_S (AUTH_TOKEN_LIFE_S + AUTH_TOKEN_SKEW_S)
