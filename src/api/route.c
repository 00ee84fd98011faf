/* SPDX-License-Identifier: Apache-2.0 */
#include "api/route.h"

#include <stdio.h>

const struct route route_table[] = {

#define ROUTE_ROW(method, pattern, function, roles, csrf, has_body, ...) \
	{ method, pattern, function, roles, csrf, has_body, { __VA_ARGS__ } },
	ROUTE_TABLE(ROUTE_ROW)
#undef ROUTE_ROW
};

const size_t route_count = sizeof(route_table) / sizeof(route_table[0]);

static const struct {
	const char *name;
	unsigned int bit;
} roles[] = {
	{ "owner", ROLE_OWNER_BIT },
	{ "admin", ROLE_ADMIN_BIT },
	{ "member", ROLE_MEMBER_BIT },
	{ "viewer", ROLE_VIEWER_BIT },
};

#define N_ROLES (sizeof(roles) / sizeof(roles[0]))

unsigned int
role_bit_of(struct str role)
{
	for (size_t i = 0; i < N_ROLES; i++)
		if (str_equals(role, str_from(roles[i].name)))
			return roles[i].bit;
	return 0;
}

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
route_matches(const char *pattern, struct str path,
    struct str ret_captures[static ROUTE_MAX_CAPTURES])
{
	struct str wanted = str_from(pattern);
	size_t n_captures = 0;

	while (wanted.len > 0) {
		struct str want = next_segment(&wanted), got = next_segment(&path);

		if (got.at == NULL || got.len == 0)
			return false;
		if (want.at[0] == '{' && n_captures < ROUTE_MAX_CAPTURES)
			ret_captures[n_captures++] = got;
		else if (!str_equals(want, got))
			return false;
	}
	return path.len == 0;
}

static void
print_route(const struct route *route)
{
	const char *comma = "";

	(void)printf("{\"method\":\"%s\",\"path\":\"%s\",\"csrf\":%s,\"body\":%s,\"roles\":[",
	    route->method, route->pattern, route->needs_csrf ? "true" : "false",
	    route->has_body ? "true" : "false");
	for (size_t i = 0; i < N_ROLES; i++)
		if (route->roles & roles[i].bit) {
			(void)printf("%s\"%s\"", comma, roles[i].name);
			comma = ",";
		}
	(void)printf("],\"query\":[");
	for (size_t i = 0; i < ROUTE_MAX_QUERIES && route->queries[i] != NULL; i++)
		(void)printf("%s\"%s\"", i > 0 ? "," : "", route->queries[i]);
	(void)printf("]}\n");
}

void
route_print_table(void)
{
	for (size_t i = 0; i < route_count; i++)
		print_route(&route_table[i]);
}
