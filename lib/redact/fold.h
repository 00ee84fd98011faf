/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold - copies text into a layer in the plain form that is matched: full-width and mathematical
 * letters and digits become ASCII, hyphens "-", odd spaces " ", invisible characters go, and
 * escapes that stand in the text (\n, \", \u0041, any number of backslashes deep) become what they
 * mean.  Everything else is copied as it is.
 */
#pragma once

#include "redact/layer.h"

MUST_CHECK enum err fold_append(struct layer *l, struct source *s, size_t from, size_t to);
