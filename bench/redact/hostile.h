/* SPDX-License-Identifier: Apache-2.0 */
/* hostile - texts that are meant to make a scanner slow: one piece again and again. */
#pragma once

#include <stddef.h>

#include "base/buf.h"

size_t hostile_count(void);
const char *hostile_name(size_t i);

/* Replaces what out held with about so many bytes of shape i. */
MUST_CHECK enum err hostile_make(size_t i, size_t bytes, struct buf *out);
