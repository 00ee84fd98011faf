/* SPDX-License-Identifier: Apache-2.0 */
#include "api/route.h"

#include <stdio.h>

const struct route route_table[] = {

#define ROUTE_ROW(method, pattern, function, event, object, roles, csrf, has_body, ...) \
	{ method, pattern, function, AUDIT_##event, object, roles, csrf, has_body,      \
		{ __VA_ARGS__ } },
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
	(void)printf("],\"event\":\"%s\"}\n",
	    route->event == AUDIT_NOT_AUDITED ? "" : audit_name_text(route->event));
}

void
route_print_table(void)
{
	for (size_t i = 0; i < route_count; i++)
		print_route(&route_table[i]);
}
