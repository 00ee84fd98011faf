/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a workspace chose: spans are ordered and disjoint, what is JSON stays JSON, and
 * redacting the output under the same policy changes nothing more where the default policy
 * (fuzz_redact) does not either.  Long words are left out of that: a pattern of the workspace's own
 * can cut what was no base64 so that what is left is.  The first byte chooses the policy.
 */
#include <assert.h>
#include <ctype.h>
#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "redact/policy.h"

#define OUT_BYTES (16u << 20)
#define POLICY_BYTES 8192
#define MAX_TOKENS 4096
#define N_POLICIES 5

#define OWN                                                                                             \
	"\"custom\":[{\"name\":\"ORDER\",\"pattern\":\"\\\\bORD-\\\\d{2,10}\\\\b\",\"action\":\"%s\"}," \
	"{\"name\":\"PAIR\",\"pattern\":\"\\\\bx.{0,9}y\\\\b\",\"action\":\"%s\"},"                     \
	"{\"name\":\"RUN\",\"pattern\":\"\\\\b\\\\d{3,5}-?[a-f]\\\\b\",\"action\":\"%s\"},"             \
	"{\"name\":\"WORDS\",\"literals\":[\"main street\",\"email\"],\"action\":\"%s\"}]"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct redact_policy *policies[N_POLICIES];

/* Every type by the action where it is allowed, else replaced; and patterns of its own. */
static struct redact_policy *
make(const char *action, const char *custom_action, const char *confidence)
{
	char json[POLICY_BYTES];
	struct redact_policy *p = NULL;
	struct redact_policy_fault fault;
	size_t n = (size_t)snprintf(json, sizeof(json), "{\"min_confidence\":%s,", confidence);

	n += (size_t)snprintf(json + n, sizeof(json) - n, OWN ",\"entities\":[", custom_action,
	    custom_action, custom_action, custom_action);
	for (int i = 0; i < REDACT_N_TYPES; i++) {
		struct redact_kind kind = redact_kind((enum redact_type)i);
		bool is_allowed = (strcmp(action, "mask") != 0 || kind.may_mask) &&
		    (strcmp(action, "off") != 0 || (kind.may_be_off && i % 2 == 0));

		n += (size_t)snprintf(json + n, sizeof(json) - n,
		    "%s{\"type\":\"%s\",\"action\":\"%s\"}", i > 0 ? "," : "",
		    redact_type_name((enum redact_type)i), is_allowed ? action : "replace");
		assert(n < sizeof(json));
	}
	(void)snprintf(json + n, sizeof(json) - n, "]}");
	assert(redact_policy_read(str_from(json), &p, &fault) == ERR_OK);
	return p;
}

static const struct redact_policy *
policy_of(uint8_t choice)
{
	if (policies[0] == NULL) {
		policies[0] = make("replace", "replace", "null");
		policies[1] = make("mask", "mask", "null");
		policies[2] = make("drop", "drop", "null");
		policies[3] = make("off", "mask", "null");
		policies[4] = make("mask", "drop", "0.8");
	}
	return policies[choice % N_POLICIES];
}

static bool
is_json(struct str text)
{
	json_t *json = json_loadb(text.at, text.len, JSON_ALLOW_NUL, NULL);

	json_decref(json);
	return json != NULL;
}

/* False when the text cannot be redacted, or holds more than there are tokens for. */
static bool
redact(struct redactor *r, const struct redact_policy *p, struct str text, struct buf *out)
{
	static struct redact_token tokens[MAX_TOKENS];
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	size_t at = 0;

	if (redact_findings_new(&f) != ERR_OK || redact_find_under(r, p, text, f) != ERR_OK ||
	    redact_count(f) > MAX_TOKENS)
		return false;
	for (size_t i = 0; i < redact_count(f); i++) {
		const struct redact_span *span = &redact_spans(f)[i];

		assert(span->start >= at && span->start < span->end && span->end <= text.len);
		at = span->end;
		memcpy(tokens[i].chars, "k7f3qa", sizeof("k7f3qa"));
	}
	assert(redact_render(text, f, tokens, out) == ERR_OK);
	return true;
}

#define LONG_WORD 16

static bool
has_long_word(struct str text)
{
	size_t run = 0;

	for (size_t i = 0; i < text.len && run < LONG_WORD; i++)
		run = isalnum((unsigned char)text.at[i]) || strchr("+/=-_%\\", text.at[i]) != NULL
		    ? run + 1
		    : 0;
	return run == LONG_WORD;
}

/* Redacting twice changes nothing more. */
static bool
is_settled(struct redactor *r, const struct redact_policy *p, struct str text)
{
	CLEANUP(buf) struct buf *once = NULL, *twice = NULL;

	return buf_new(OUT_BYTES, &once) != ERR_OK || buf_new(OUT_BYTES, &twice) != ERR_OK ||
	    !redact(r, p, text, once) || !redact(r, p, buf_str(once), twice) ||
	    str_equals(buf_str(once), buf_str(twice));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(buf) struct buf *once = NULL;
	const struct redact_policy *p = policy_of(size > 0 ? data[0] : 0);
	struct str text = { (const char *)data + (size > 0), size - (size > 0) };

	if (redactor_new(&r) != ERR_OK || buf_new(OUT_BYTES, &once) != ERR_OK ||
	    !redact(r, p, text, once))
		return 0;
	assert(!is_json(text) || is_json(buf_str(once)));
	assert(has_long_word(text) || !is_settled(r, NULL, text) || is_settled(r, p, text));
	return 0;
}
