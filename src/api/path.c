/* SPDX-License-Identifier: Apache-2.0 */
#include "api/path.h"

/* Cuts the first segment ("/x") off a path; an empty .at when there is none. */
static struct str
next_segment(struct str *path)
{
	struct str segment = { NULL, 0 };
	size_t end = 1;

	if (path->len == 0 || path->at[0] != '/')
		return segment;
	while (end < path->len && path->at[end] != '/')
		end++;
	segment = str_slice(*path, 1, end);
	*path = str_slice(*path, end, path->len);
	return segment;
}

bool
path_matches(const char *pattern, struct str path,
    struct str ret_captures[static PATH_MAX_CAPTURES])
{
	struct str wanted = str_from(pattern);
	size_t n_captures = 0;

	while (wanted.len > 0) {
		struct str want = next_segment(&wanted), got = next_segment(&path);

		if (want.at == NULL || got.at == NULL || got.len == 0)
			return false;
		if (want.at[0] == '{' && n_captures < PATH_MAX_CAPTURES)
			ret_captures[n_captures++] = got;
		else if (!str_equals(want, got))
			return false;
	}
	return path.len == 0;
}
