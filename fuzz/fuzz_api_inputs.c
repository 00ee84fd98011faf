/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes with any request: a Cookie header, a path, a day, an origin.  The property: what is
 * found lies inside the input, a day is written as it was read, and an origin is ours only when it
 * is one of the two spellings.
 */
#include <stdint.h>
#include <stdlib.h>

#include "api/cookie.h"
#include "api/json_out.h"
#include "api/origin.h"
#include "api/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_inside(struct str part, struct str whole)
{
	return part.at == NULL ||
	    (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void
demand(bool holds)
{
	if (!holds)
		abort();
}

static void
check_path(struct str input)
{
	struct str captures[PATH_MAX_CAPTURES] = { { NULL, 0 } };

	if (!path_matches("/conversations/{day}/{id}", input, captures))
		return;
	for (size_t i = 0; i < PATH_MAX_CAPTURES; i++)
		demand(captures[i].len > 0 && is_inside(captures[i], input) &&
		    !str_contains(captures[i], STR("/")));
}

static void
check_day(struct str input)
{
	char text[DAY_TEXT_BYTES];
	int64_t days;

	if (!day_parse(input, &days))
		return;
	day_format(days, text);
	demand(str_equals(input, str_from(text)));
}

static void
check_origin(struct str input)
{
	const struct str none = { NULL, 0 }, host = STR("localhost:8443");

	if (input.at == NULL || !origin_is_ours(none, input, host, STR("https://rendfly.example")))
		return;
	demand(str_equals_ignoring_case(input, STR("https://rendfly.example")) ||
	    str_equals_ignoring_case(input, STR("https://localhost:8443")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size };
	struct str cookie = cookie_find(input, STR("__Host-rendfly"));

	demand(is_inside(cookie, input) && !str_contains(cookie, STR(";")));
	check_path(input);
	check_day(input);
	check_origin(input);
	return 0;
}
