/* SPDX-License-Identifier: Apache-2.0 */
#include "api/origin.h"

#define HTTPS STR("https://")

static bool
is_https_of(struct str origin, struct str host)
{
	return host.len > 0 && str_starts_with(origin, HTTPS) &&
	    str_equals_ignoring_case(str_slice(origin, HTTPS.len, origin.len), host);
}

bool
origin_is_ours(struct str fetch_site, struct str origin, struct str host, struct str public_url)
{
	if (fetch_site.at != NULL && !str_equals(fetch_site, STR("same-origin")))
		return false;
	if (origin.at == NULL)
		return true;
	if (public_url.len > 0 && public_url.at[public_url.len - 1] == '/')
		public_url.len--;
	return str_equals_ignoring_case(origin, public_url) || is_https_of(origin, host);
}
