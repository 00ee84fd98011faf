/* SPDX-License-Identifier: Apache-2.0 */
/* Spans are ordered, disjoint and inside the text, and what was redacted can be redacted again. */
#include <assert.h>
#include <stdint.h>

#include "redact/redact.h"

#define OUT_BYTES (16u << 20)
#define MAX_TOKENS 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
assert_spans(const struct redact_findings *f, size_t len)
{
	const struct redact_span *spans = redact_spans(f);
	size_t at = 0;

	for (size_t i = 0; i < redact_count(f); i++) {
		assert(spans[i].start >= at && spans[i].start < spans[i].end &&
		    spans[i].end <= len);
		at = spans[i].end;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	CLEANUP(buf) struct buf *once = NULL;
	static struct redact_token tokens[MAX_TOKENS];
	struct str text = { (const char *)data, size };

	if (redactor_new(&r) != ERR_OK || redact_findings_new(&f) != ERR_OK ||
	    buf_new(OUT_BYTES, &once) != ERR_OK || redact_find(r, text, f) != ERR_OK ||
	    redact_count(f) > MAX_TOKENS)
		return 0;
	assert_spans(f, size);
	for (size_t i = 0; i < redact_count(f); i++)
		memcpy(tokens[i].chars, "k7f3qa", sizeof("k7f3qa"));
	assert(redact_render(text, f, tokens, once) == ERR_OK);
	/* The output is text that the scanner takes: valid UTF-8 to the end. */
	assert(redact_find(r, buf_str(once), f) == ERR_OK);
	assert_spans(f, buf_len(once));
	return 0;
}
