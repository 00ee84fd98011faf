/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox - what keyd may still do once it holds keys. */
#pragma once

#include "sandbox/sandbox.h"

extern const struct sandbox KEYD_SANDBOX;
