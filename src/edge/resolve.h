/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve - the upstream blocks of nginx: each provider's addresses, found now.  nginx 1.22 cannot
 * follow a name while it keeps connections open, so a changed set of addresses means a new file
 * and a reload.
 */
#pragma once

#include "base/buf.h"
#include "base/conf.h"

/* Appends one block; *ret_is_resolved false when the name has no address now: its server is then
 * a socket that is never there, and requests get 502 with the cause. */
MUST_CHECK enum err edge_resolve_provider(const struct conf_provider *p, const char *run_folder,
    struct buf *out, bool *ret_is_resolved);
