/* SPDX-License-Identifier: Apache-2.0 */
/* cookie - one cookie's value out of a Cookie header. */
#pragma once

#include "base/str.h"

/* .at NULL when it is not there, or there twice: a shadowing cookie is never chosen. */
struct str cookie_find(struct str header, struct str name);
