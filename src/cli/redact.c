/* SPDX-License-Identifier: Apache-2.0 */
/* redact - `rendfly redact`: text in, text with placeholders (or the spans) out. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/hex.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "redact/policy.h"
#include "seal/seal.h"

#define KEY_BYTES 32
#define MAX_OUTPUT_BYTES (64u << 20)
#define MAX_INPUT_BYTES (1u << 30)

static const struct manual_option options[] = {
	{ "--spans", NULL,
	    "instead of the text, one JSON line for each finding: {\"type\",\"start\",\"end\",\"score\"}, "
	    "byte offsets into the input, score 0 to 1; \"action\" too, when it is not replaced: mask "
	    "or drop",
	    false },
	{ "--jsonl", NULL,
	    "the input is one JSON string a line; the output one JSON object a line: "
	    "{\"text\",\"spans\"}, byte offsets into the decoded string",
	    false },
	{ "--flags", NULL,
	    "lists with the spans also what is only flagged, with \"action\":\"flag\": health, religion, "
	    "union membership, sexual orientation, biometric; the text stays",
	    false },
	{ "--key", "FILE",
	    "64 hexadecimal digits from which the tokens are made, so that equal values get equal "
	    "tokens in another run; without it a new random key is used each time",
	    false },
	{ "--policy", "FILE",
	    "what a workspace sets, as JSON: actions by entity, own patterns, allowed values, minimum "
	    "confidence; docs/redaction-policy.md describes it",
	    false },
	{ "--check-policy", "FILE",
	    "says what is wrong with a policy and what to do; reads no input", false },
	{ 0 }
};

const struct manual redact_manual = {
	.name = "redact",
	.summary = "replace personal data and secrets in text",
	.usage = "[--spans] [--jsonl] [--flags] [--key FILE] [--policy FILE] < INPUT\n"
		 "--check-policy FILE",
	.about =
	    "Reads UTF-8 text from standard input and writes it with a placeholder such as "
	    "[EMAIL:k7f3qa] for each piece of personal data and each secret. Text that is JSON "
	    "stays JSON.",
	.exits =
	    "0, 1 for input that cannot be redacted (then nothing is written for it), 2 for wrong "
	    "options or a wrong policy.",
	.options = options,
};

struct run {
	uint8_t key[KEY_BYTES];
	bool is_spans;
	bool is_jsonl;
	bool wants_flags;
	struct redact_policy *policy; /* NULL: the default */
	struct redactor *redactor;
	struct redact_findings *findings;
	struct redact_token *tokens; /* room for REDACT_MAX_SPANS */
	struct buf *out;
};

static int
fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "rendfly redact: %s: %s\n", what, why);
	return 1;
}

static enum err
make_tokens(struct run *r)
{
	CLEANUP(buf) struct buf *message = NULL;
	struct str key = { (const char *)r->key, KEY_BYTES };
	enum err e = buf_new(REDACT_MAX_BYTES + 64, &message);

	for (size_t i = 0; e == ERR_OK && i < redact_count(r->findings); i++) {
		uint8_t mac[32];

		buf_clear(message);
		e = redact_value_message(redact_value(r->findings, i), message);
		if (e == ERR_OK)
			e = seal_hmac_sha256(key, buf_str(message), mac);
		if (e == ERR_OK)
			r->tokens[i] = redact_token_from_mac(mac);
	}
	return e;
}

static enum err
append_span(const struct run *r, size_t i)
{
	static const char *const actions[] = { [REDACT_REPLACE] = "",
		[REDACT_MASK] = ",\"action\":\"mask\"",
		[REDACT_DROP] = ",\"action\":\"drop\"",
		[REDACT_FLAG] = ",\"action\":\"flag\"" };
	const struct redact_span *span = &redact_spans(r->findings)[i];

	return buf_printf(r->out, "{\"type\":\"%s\",\"start\":%u,\"end\":%u,\"score\":%u.%03u%s}",
	    redact_value(r->findings, i).label, span->start, span->end, span->score / 1000u,
	    span->score % 1000u, actions[span->action]);
}

static enum err
append_spans(const struct run *r, const char *between)
{
	enum err e = ERR_OK;
	size_t n = 0;

	for (size_t i = 0; i < redact_count(r->findings) && e == ERR_OK; i++) {
		if (redact_spans(r->findings)[i].action == REDACT_FLAG && !r->wants_flags)
			continue;
		if (n++ > 0)
			e = buf_append_str(r->out, str_from(between));
		if (e == ERR_OK)
			e = append_span(r, i);
	}
	return e;
}

static const char *
reason(enum err e)
{
	if (e == ERR_MALFORMED)
		return "it is not valid UTF-8";
	if (e == ERR_TOO_LARGE)
		return "it is larger than 8 MiB, holds more than 65536 findings, or is made to keep the policy's patterns busy";
	return err_text(e);
}

static enum err
redact_whole(struct run *r, struct str text)
{
	enum err e = redact_find_under(r->redactor, r->policy, text, r->findings);

	if (e != ERR_OK)
		return e;
	if (r->is_spans) {
		e = append_spans(r, "\n");
		return e == ERR_OK && buf_str(r->out).len > 0 ? buf_append_byte(r->out, '\n') : e;
	}
	e = make_tokens(r);
	return e == ERR_OK ? redact_render(text, r->findings, r->tokens, r->out) : e;
}

static enum err
append_json_string(struct buf *out, struct str text)
{
	json_t *string = json_stringn(text.at, text.len);
	char *written = json_dumps(string, JSON_ENCODE_ANY);
	enum err e;

	json_decref(string);
	if (written == NULL)
		return ERR_NOMEM;
	e = buf_append_str(out, str_from(written));
	free(written);
	return e;
}

/* One line of --jsonl. */
static enum err
redact_line(struct run *r, struct str line)
{
	json_t *string = json_loadb(line.at, line.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	CLEANUP(buf) struct buf *text = NULL;
	struct str decoded;
	enum err e = ERR_MALFORMED;

	if (json_is_string(string)) {
		decoded = (struct str){ json_string_value(string), json_string_length(string) };
		e = redact_find_under(r->redactor, r->policy, decoded, r->findings);
		if (e == ERR_OK)
			e = make_tokens(r);
		if (e == ERR_OK)
			e = buf_new(MAX_OUTPUT_BYTES, &text);
		if (e == ERR_OK)
			e = redact_render(decoded, r->findings, r->tokens, text);
	}
	json_decref(string);
	if (e == ERR_OK)
		e = buf_append_str(r->out, STR("{\"text\":"));
	if (e == ERR_OK)
		e = append_json_string(r->out, buf_str(text));
	if (e == ERR_OK)
		e = buf_append_str(r->out, STR(",\"spans\":["));
	if (e == ERR_OK)
		e = append_spans(r, ",");
	return e == ERR_OK ? buf_append_str(r->out, STR("]}\n")) : e;
}

/* Writes each line's answer before the next is read, so that memory does not grow with the input.
 */
static int
redact_lines(struct run *r, struct str input)
{
	size_t number = 1;

	while (input.len > 0) {
		const char *newline = memchr(input.at, '\n', input.len);
		size_t len = newline == NULL ? input.len : (size_t)(newline - input.at);
		char where[32];
		enum err e = redact_line(r, str_slice(input, 0, len));

		if (e == ERR_OK)
			e = file_write_all(1, buf_str(r->out));
		if (e != ERR_OK) {
			(void)snprintf(where, sizeof(where), "line %zu", number);
			return fail(where,
			    e == ERR_MALFORMED ? "it is not one JSON string" : reason(e));
		}
		buf_clear(r->out);
		input = str_slice(input, len + 1, input.len);
		number++;
	}
	return 0;
}

static int
redact_input(struct run *r)
{
	CLEANUP(buf) struct buf *input = NULL;
	enum err e = buf_new(r->is_jsonl ? MAX_INPUT_BYTES : REDACT_MAX_BYTES, &input);

	if (e == ERR_OK)
		e = file_read_fd(0, input);
	if (e != ERR_OK)
		return fail("the input", reason(e));
	if (r->is_jsonl)
		return redact_lines(r, buf_str(input));
	e = redact_whole(r, buf_str(input));
	if (e == ERR_OK)
		e = file_write_all(1, buf_str(r->out));
	return e == ERR_OK ? 0 : fail("the input", reason(e));
}

/* The key file: 64 hexadecimal digits, a line break may follow. */
static int
load_key(const char *path, uint8_t ret_key[static KEY_BYTES])
{
	CLEANUP(buf) struct buf *text = NULL;
	struct err_detail detail = { { 0 } };
	enum err e;

	if (path == NULL)
		return seal_random(ret_key, KEY_BYTES) == ERR_OK ? 0
								 : fail("a key", "no randomness");
	e = buf_new(4096, &text);
	if (e == ERR_OK)
		e = file_read(path, text, &detail);
	if (e != ERR_OK)
		return fail(path, detail.text[0] != '\0' ? detail.text : err_text(e));
	if (!hex_decode(str_trim(buf_str(text)), ret_key, KEY_BYTES))
		return fail(path, "a key is 64 hexadecimal digits");
	return 0;
}

/* 0 with the policy, or the exit code after saying what is wrong. */
static int
load_policy(const char *path, struct redact_policy **ret_policy)
{
	CLEANUP(buf) struct buf *text = NULL;
	struct redact_policy_fault fault = { .what = "" };
	struct err_detail detail = { "" };
	enum err e = buf_new(POLICY_MAX_BYTES + 1, &text);

	if (e == ERR_OK)
		e = file_read(path, text, &detail);
	if (e == ERR_OK)
		e = redact_policy_read(buf_str(text), ret_policy, &fault);
	if (e == ERR_OK)
		return 0;
	if (fault.what[0] == '\0') {
		(void)fail(path, detail.text[0] != '\0' ? detail.text : err_text(e));
		return 2;
	}
	(void)fprintf(stderr, "rendfly redact: %s: %s%s%s\n  what to do: %s\n", path, fault.where,
	    fault.where[0] != '\0' ? ": " : "", fault.what, fault.remedy);
	return 2;
}

static int
check_policy(const char *path)
{
	CLEANUP(redact_policy) struct redact_policy *policy = NULL;
	int code = load_policy(path, &policy);

	if (code == 0)
		(void)printf("%s: the policy is in order; written out it is\n%.*s\n", path,
		    STR_ARG(redact_policy_text(policy)));
	return code;
}

static int
run_with_tokens(struct run *r, struct redact_token *tokens)
{
	CLEANUP(redactor) struct redactor *redactor = NULL;
	CLEANUP(redact_findings) struct redact_findings *findings = NULL;
	CLEANUP(buf) struct buf *out = NULL;

	if (tokens == NULL || redactor_new(&redactor) != ERR_OK ||
	    redact_findings_new(&findings) != ERR_OK || buf_new(MAX_OUTPUT_BYTES, &out) != ERR_OK)
		return fail("start", err_text(ERR_NOMEM));
	r->redactor = redactor;
	r->findings = findings;
	r->tokens = tokens;
	r->out = out;
	return redact_input(r);
}

static int
run_with_key(struct run *r)
{
	struct redact_token *tokens = calloc(REDACT_MAX_SPANS, sizeof(*tokens));
	int code = run_with_tokens(r, tokens);

	r->tokens = NULL;
	free(tokens);
	return code;
}

int
redact_main(int argc, char **argv)
{
	CLEANUP(redact_policy) struct redact_policy *policy = NULL;
	struct run r = { .is_spans = false };
	struct args args;
	int code;

	if (!args_read(&redact_manual, argc, argv, &args, &code))
		return code;
	if (args_has(&args, "--check-policy"))
		return check_policy(args_value(&args, "--check-policy"));
	r.is_spans = args_has(&args, "--spans");
	r.is_jsonl = args_has(&args, "--jsonl");
	r.wants_flags = args_has(&args, "--flags");
	if (args_has(&args, "--policy"))
		code = load_policy(args_value(&args, "--policy"), &policy);
	r.policy = policy;
	if (code == 0)
		code = load_key(args_value(&args, "--key"), r.key);
	if (code == 0)
		code = run_with_key(&r);
	explicit_bzero(r.key, sizeof(r.key));
	return code;
}
