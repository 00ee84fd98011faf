/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy - the Content-Security-Policy header of the pages.  The built pages start with one inline
 * script each; the header admits these by hash and no other, so the pages are safe even when one
 * lacks its own meta policy (both count, and the stricter wins).
 */
#pragma once

#include "base/buf.h"

/* Adds ` 'sha256-…'` for each inline script of the page that is not in out yet. */
MUST_CHECK enum err edge_policy_add_page(struct str html, struct buf *out);

/* The whole policy for the .html files of a folder (its own, not those of folders in it). */
MUST_CHECK enum err edge_policy_write(const char *folder, struct buf *out,
    struct err_detail *reterr);
