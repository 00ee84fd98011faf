/* SPDX-License-Identifier: Apache-2.0 */
/* extract_check - what the files that see checks in sentences share.  Private to lib/rules. */
#pragma once

#include "base/strict_json.h"
#include "rules/extract.h"

bool extract_has(const struct text *t, const char *const *phrases);

/* Writes the JSON into the arena and lets go of it. */
MUST_CHECK enum err extract_keep_json(struct arena *a, json_t *json, struct str *ret_json);

/* A check as JSON, or NULL when the sentence shows none. */
json_t *extract_see_handover(const struct extract_sentence *s);
json_t *extract_see_quoted_text(const struct extract_sentence *s);
