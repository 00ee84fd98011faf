/* SPDX-License-Identifier: Apache-2.0 */
/* parts - the steps of sandbox_enter that have files of their own. */
#pragma once

#include "sandbox/sandbox.h"

/* Denies every path but the listed ones; a kernel without Landlock is not an error, since seccomp
 * and the user stand behind it. */
MUST_CHECK enum err sandbox_restrict_paths(const struct sandbox_path *paths,
    struct err_detail *reterr);
