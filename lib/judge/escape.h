/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape - a JSON string in which nothing can look like a tag, hide, or turn around.  Private to
 * lib/judge.
 *
 * Beside what JSON asks for, these are written as \u escapes: < > & (so that no tag can open or
 * close), control, invisible, bidirectional, tag, private-use and non-characters, and the
 * full-width and small forms of < >.  Reading it as JSON gives back the same text.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* With the quotation marks.  Bytes that are not UTF-8 are ERR_MALFORMED. */
MUST_CHECK enum err escape_append(struct buf *out, struct str text);

/* Whether a reader would not see this character, or not where it stands. */
bool escape_is_hidden(uint32_t code_point);
