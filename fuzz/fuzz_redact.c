/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For any text: spans are ordered, disjoint and on character boundaries; the output is text that
 * the scanner takes, JSON where the input was, and without the values that plain_checks.h knows;
 * and redacting the output changes nothing more.
 */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>

#include "plain_checks.h"
#include "redact/redact.h"

#define OUT_BYTES (16u << 20)
#define MAX_TOKENS 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_boundary(struct str text, size_t at)
{
	return at == text.len || ((uint8_t)text.at[at] & 0xc0) != 0x80;
}

static void
assert_spans(const struct redact_findings *f, struct str text)
{
	const struct redact_span *spans = redact_spans(f);
	size_t at = 0;

	for (size_t i = 0; i < redact_count(f); i++) {
		assert(spans[i].start >= at && spans[i].start < spans[i].end);
		assert(spans[i].end <= text.len && spans[i].score <= 1000);
		assert(spans[i].type < REDACT_N_TYPES);
		assert(is_boundary(text, spans[i].start) && is_boundary(text, spans[i].end));
		at = spans[i].end;
	}
}

static bool
is_json(struct str text)
{
	json_t *json = json_loadb(text.at, text.len, JSON_ALLOW_NUL, NULL);

	json_decref(json);
	return json != NULL;
}

/* What stands between quotation marks in JSON stands between no spaces, and is not looked at. */
static void
assert_no_checked_value(struct str text)
{
	const char *at = text.at, *token;
	size_t len;

	while (plain_next_token(&at, text.at + text.len, &token, &len))
		assert(!plain_is_checked(token, len));
}

/* False: there are more findings than this fuzzer has tokens for. */
static bool
redact(struct redactor *r, struct redact_findings *f, struct str text, struct buf *out)
{
	static struct redact_token tokens[MAX_TOKENS];

	if (redact_count(f) > MAX_TOKENS)
		return false;
	for (size_t i = 0; i < redact_count(f); i++)
		memcpy(tokens[i].chars, "k7f3qa", sizeof("k7f3qa"));
	assert_spans(f, text);
	assert(redact_render(text, f, tokens, out) == ERR_OK);
	/* The output is text that the scanner takes: valid UTF-8 to the end. */
	assert(redact_find(r, buf_str(out), f) == ERR_OK);
	assert_spans(f, buf_str(out));
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	CLEANUP(buf) struct buf *once = NULL;
	CLEANUP(buf) struct buf *twice = NULL;
	struct str text = { (const char *)data, size };

	if (redactor_new(&r) != ERR_OK || redact_findings_new(&f) != ERR_OK ||
	    buf_new(OUT_BYTES, &once) != ERR_OK || buf_new(OUT_BYTES, &twice) != ERR_OK ||
	    redact_find(r, text, f) != ERR_OK || !redact(r, f, text, once))
		return 0;
	assert(!is_json(text) || is_json(buf_str(once)));
	assert_no_checked_value(buf_str(once));
	if (redact(r, f, buf_str(once), twice))
		assert(str_equals(buf_str(once), buf_str(twice)));
	return 0;
}
