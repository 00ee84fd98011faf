/* SPDX-License-Identifier: Apache-2.0 */
/* path - whether a path has the shape of a pattern such as /projects/{project}/rules. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

#define PATH_MAX_CAPTURES 2

/* Captures get the parts that stand for {names}; a part is never empty. */
bool path_matches(const char *pattern, struct str path,
    struct str ret_captures[static PATH_MAX_CAPTURES]);
