/* SPDX-License-Identifier: Apache-2.0 */
#include "api/cookie.h"

static struct str
value_if_named(struct str pair, struct str name)
{
	if (!str_starts_with(pair, name) || pair.len <= name.len || pair.at[name.len] != '=')
		return (struct str){ NULL, 0 };
	return str_slice(pair, name.len + 1, pair.len);
}

struct str
cookie_find(struct str header, struct str name)
{
	const struct str none = { NULL, 0 };
	struct str found = none;
	size_t from = 0;

	while (from < header.len) {
		size_t to = from;
		struct str value;

		while (to < header.len && header.at[to] != ';')
			to++;
		value = value_if_named(str_trim(str_slice(header, from, to)), name);
		if (value.at != NULL && found.at != NULL)
			return none;
		if (value.at != NULL)
			found = value;
		from = to + 1;
	}
	return found;
}
