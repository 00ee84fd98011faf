/* SPDX-License-Identifier: Apache-2.0 */
/* ready - whether requests can be served: PostgreSQL is reached and keyd answers. */
#pragma once

#include "api/api.h"

MUST_CHECK enum err ready_check(struct worker *w);
