/* SPDX-License-Identifier: Apache-2.0 */
#include "api/session_life.h"

bool
session_life_is_over(const struct uuid *session, int64_t now_s)
{
	return now_s - uuid_unix_ms(session) / 1000 >= SESSION_MOST_S;
}
