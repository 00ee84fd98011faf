/* SPDX-License-Identifier: Apache-2.0 */
#include "api/session_life.h"

#include "auth/auth.h"

bool
session_life_is_over(const struct uuid *session, int64_t now_s)
{
	return now_s - uuid_unix_ms(session) / 1000 >= SESSION_MOST_S;
}

int64_t
session_life_remember_until_s(int64_t now_s)
{
	return now_s + AUTH_TOKEN_LIFE_S + AUTH_TOKEN_SKEW_S;
}
