/* SPDX-License-Identifier: Apache-2.0 */
/* parts - the steps of sandbox_enter that have files of their own. */
#pragma once

#include "sandbox/sandbox.h"

/* Denies every path and port but the listed ones, and signals to others, as far as the kernel's
 * Landlock goes; a kernel without it is not an error, since seccomp and the user stand behind it.
 */
MUST_CHECK enum err sandbox_enter_landlock(const struct sandbox *s, struct err_detail *reterr);
