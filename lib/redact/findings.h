/* SPDX-License-Identifier: Apache-2.0 */
/* findings - the spans of one text with their canonical values, and what render needs to know. */
#pragma once

#include "redact/redact.h"

struct finding {
	uint32_t canonical_at;
	uint32_t canonical_len;
	uint8_t quote_levels; /* a bare number of JSON gets quotation marks, escaped this deep */
	const char *label;    /* of a custom entity, in its policy; else NULL */
};

struct redact_findings {
	struct redact_span *spans;
	size_t cap_spans;
	struct finding *more; /* beside each span */
	size_t cap_more;
	size_t n;
	uint8_t *canonical; /* all values in a row */
	size_t canonical_len;
	size_t cap_canonical;
};

void findings_clear(struct redact_findings *f);

/* Appends a span, with room for a canonical value of up to len bytes; it is written there, and then
 * told how long it is. */
MUST_CHECK enum err findings_add(struct redact_findings *f, struct redact_span span,
    uint8_t quote_levels, size_t len, uint8_t **ret_value);
void findings_set_len(struct redact_findings *f, size_t len);
void findings_take_back(struct redact_findings *f); /* the last one */
