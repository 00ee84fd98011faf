/* SPDX-License-Identifier: Apache-2.0 */
/* items - personal data and secrets to plant in a corpus, most with valid check digits. */
#pragma once

#include "base/buf.h"
#include "dice.h"

/* Appends one item of a kind by chance, with what people write before it. */
MUST_CHECK enum err items_append(struct dice *d, struct buf *out);

/* Fills a form: {d4} four digits, {u2} capitals, {l3} small letters, {h8} hexadecimal digits, {x9}
 * letters and digits; everything else stands as it is. */
MUST_CHECK enum err items_append_form(struct dice *d, const char *form, struct buf *out);
