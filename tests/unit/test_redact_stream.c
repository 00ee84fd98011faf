/* SPDX-License-Identifier: Apache-2.0 */
/* A value that a stream cuts in two, wherever, is found as if it had come whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <jansson.h>

#include "redact/redact.h"
#include "wire/wire.h"

#define STREAM_BYTES (64u << 10)
#define ARENA_BYTES (4u << 20)

static const char *const answers[] = {
	"Sure, I will write to joao.silva@gmail.com today.",
	"Your card 4111 1111 1111 1111 was charged.",
	"O CPF 390.533.447-05 está certo, obrigado.",
	"Die IBAN DE89 3704 0044 0532 0130 00 stimmt.",
	"Call +55 11 98765-4321 or (415) 555-2671, caf\u00e9 \u2615.",
	"The server 203.0.114.77 said password=correct-horse-9 to https://ann:s3cretword@db.example/.",
};

struct fixture {
	struct redactor *redactor;
	struct redact_findings *whole;
	struct redact_findings *parts;
};

/* One event of a stream in the format, with so many bytes of the answer. */
static void
append_event(struct buf *stream, enum wire_format format, const char *at, size_t len)
{
	json_t *text = json_stringn(at, len);
	char *quoted;

	assert_non_null(text); /* jansson takes whole characters only */
	quoted = json_dumps(text, JSON_ENCODE_ANY);
	assert_non_null(quoted);
	assert_int_equal(
	    buf_printf(stream,
		format == WIRE_OPENAI_CHAT
		    ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%s}}]}\n\n"
		    : "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
		      "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":%s}}\n\n",
		quoted),
	    ERR_OK);
	free(quoted);
	json_decref(text);
}

static void
begin_stream(struct buf *stream, enum wire_format format)
{
	buf_clear(stream);
	if (format == WIRE_ANTHROPIC_MESSAGES)
		assert_int_equal(buf_append_str(stream,
				     STR("event: content_block_start\ndata: {\"type\":"
					 "\"content_block_start\",\"index\":0,\"content_block\":"
					 "{\"type\":\"text\",\"text\":\"\"}}\n\n")),
		    ERR_OK);
}

static void
assert_found_alike(struct fixture *x, enum wire_format format, struct buf *stream)
{
	CLEANUP(arena) struct arena *arena = NULL;
	struct err_detail detail = { { 0 } };
	struct wire_response response;

	assert_int_equal(arena_new(ARENA_BYTES, &arena), ERR_OK);
	assert_int_equal(wire_parse_response(arena, format,
			     &(struct wire_reply){ 200, STR("text/event-stream"), buf_str(stream) },
			     &response, &detail),
	    ERR_OK);
	assert_int_equal(redact_find(x->redactor, response.answer.content, x->parts), ERR_OK);
	assert_int_equal(redact_count(x->parts), redact_count(x->whole));
	for (size_t i = 0; i < redact_count(x->whole); i++) {
		assert_int_equal(redact_spans(x->parts)[i].start, redact_spans(x->whole)[i].start);
		assert_int_equal(redact_spans(x->parts)[i].end, redact_spans(x->whole)[i].end);
		assert_int_equal(redact_spans(x->parts)[i].type, redact_spans(x->whole)[i].type);
		assert_true(str_equals(redact_value(x->parts, i).canonical,
		    redact_value(x->whole, i).canonical));
	}
}

static void
cut_everywhere(struct fixture *x, enum wire_format format, const char *answer)
{
	CLEANUP(buf) struct buf *stream = NULL;
	size_t len = strlen(answer);

	assert_int_equal(buf_new(STREAM_BYTES, &stream), ERR_OK);
	assert_int_equal(redact_find(x->redactor, str_from(answer), x->whole), ERR_OK);
	assert_true(redact_count(x->whole) > 0);
	for (size_t cut = 1; cut < len; cut++) {
		if (((uint8_t)answer[cut] & 0xc0) == 0x80)
			continue;
		begin_stream(stream, format);
		append_event(stream, format, answer, cut);
		append_event(stream, format, answer + cut, len - cut);
		assert_found_alike(x, format, stream);
	}
	begin_stream(stream, format);
	for (size_t at = 0, next = 1; at < len; at = next, next++) {
		while (((uint8_t)answer[next] & 0xc0) == 0x80)
			next++;
		append_event(stream, format, answer + at, next - at);
	}
	assert_found_alike(x, format, stream);
}

static void
a_value_cut_by_a_stream_is_found_as_if_it_were_whole(void **state)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *whole = NULL;
	CLEANUP(redact_findings) struct redact_findings *parts = NULL;

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&whole), ERR_OK);
	assert_int_equal(redact_findings_new(&parts), ERR_OK);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct fixture x = { r, whole, parts };

		cut_everywhere(&x, WIRE_OPENAI_CHAT, answers[i]);
		cut_everywhere(&x, WIRE_ANTHROPIC_MESSAGES, answers[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_cut_by_a_stream_is_found_as_if_it_were_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
