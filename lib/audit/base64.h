/* SPDX-License-Identifier: Apache-2.0 */
/* base64 - RFC 4648, section 4, with padding, as signed notes want it; each value has exactly one
 * spelling. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

MUST_CHECK enum err base64_encode(struct str bytes, struct buf *out);

/* ERR_MALFORMED: white space, missing padding, bits left over. */
MUST_CHECK enum err base64_decode(struct str text, struct buf *out);
