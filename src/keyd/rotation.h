/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rotation - the root key exchanged for another one, at a start of keyd.
 *
 * `rendfly keys rotate-root` makes the folder dir/keys/next with the file "wanted" in it and lets
 * keyd start again.  Then
 *
 *   1. another root key is made in next, opened again to see that it opens, and the keys of the
 *      installation, the one of log-in tokens too, are written down under it; the file "ready" ends
 *      this;
 *   2. the keyring gets another wrapping key under the new root key: from this moment on the old
 * one opens nothing;
 *   3. the files of next take the places of the old ones, which are wiped; the folder goes.
 *
 * A crash anywhere is taken up at the next start: before "ready" from the beginning, behind it by
 * what opens the keyring.  What fails before "ready" leaves the old root key in force and
 * next/failed, with the cause.
 */
#pragma once

#include "keyd/root_backend.h"

#define ROTATION_WANTED "wanted"
#define ROTATION_FAILED "failed"

/* The root key in force, after what was wanted or under way.  Before the sandbox. */
MUST_CHECK enum err rotation_open(const struct conf *conf, const struct root_backend *backend,
    struct root_source *ret_source, struct err_detail *reterr);
