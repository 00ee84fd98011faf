/* SPDX-License-Identifier: Apache-2.0 */
/*
 * origin - whether a browser says that a request comes from our own pages.
 *
 *   Sec-Fetch-Site   Origin                 allowed
 *   same-origin      absent or ours         yes
 *   anything else    -                      no
 *   absent           ours                   yes (a browser without fetch metadata)
 *   absent           absent                 yes (no browser; it has no cookie of a person to abuse)
 *   any              another, "null"        no
 *
 * Ours is the configured public URL or the Host that was asked: a page on another host cannot make
 * a browser send either.
 */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* .at NULL for a header that is absent. */
bool origin_is_ours(struct str fetch_site, struct str origin, struct str host,
    struct str public_url);
