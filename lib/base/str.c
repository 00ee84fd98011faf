/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <strings.h>

bool
str_equals_ignoring_case(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.at, b.at, a.len) == 0);
}

bool
str_starts_with(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_equals(str_slice(s, 0, prefix.len), prefix);
}

bool
str_contains(struct str s, struct str part)
{
	return part.len == 0 || (s.len > 0 && memmem(s.at, s.len, part.at, part.len) != NULL);
}

bool
str_contains_ignoring_case(struct str s, struct str part)
{
	for (size_t i = 0; i + part.len <= s.len; i++)
		if (str_equals_ignoring_case(str_slice(s, i, i + part.len), part))
			return true;
	return false;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

struct str
str_trim(struct str s)
{
	while (s.len > 0 && is_space(s.at[0]))
		s = str_slice(s, 1, s.len);
	while (s.len > 0 && is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}
