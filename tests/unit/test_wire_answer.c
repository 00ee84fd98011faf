/* SPDX-License-Identifier: Apache-2.0 */
/* The message of an answer is the message that the next request repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "wire/wire.h"

#define ARENA_BYTES (64u << 20)

/* One assistant turn as a document, as a stream and as the history of the next request. */
struct turn_case {
	const char *claim;
	enum wire_format format;
	const char *document;
	const char *stream;
	const char *history; /* the message, as an SDK repeats it */
};

static const struct turn_case turn_cases[] = {
	{ "plain text", WIRE_OPENAI_CHAT,
	    "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
	    "\"H\\u00e9 \\ud83c\\udf32, a tent?\",\"refusal\":null},\"finish_reason\":\"stop\"}]}",
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\xc3\xa9 \"}}]}\n\n"
	    ": a comment\n\n"
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83c\\udf32, a\"}}]}\n\n"
	    "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"another choice\"}}]}\n\n"
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" tent?\"}}]}\n\n"
	    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
	    "data: [DONE]\n\n",
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"H\xc3\xa9 "
	    "\xf0\x9f\x8c\xb2, a tent?\"}]}" },
	{ "two tool calls without text", WIRE_OPENAI_CHAT,
	    "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	    "{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"find\",\"arguments\":"
	    "\"{\\\"sku\\\": 7}\"}},{\"id\":\"call_2\",\"type\":\"function\",\"function\":{\"name\":"
	    "\"price\",\"arguments\":\"{}\"}}]}}]}",
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":null,\"tool_calls\":[{\"index\":0,"
	    "\"id\":\"call_1\",\"function\":{\"name\":\"find\",\"arguments\":\"\"}}]}}]}\n\n"
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
	    "{\"arguments\":\"{\\\"sku\"}}]}}]}\n\n"
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":"
	    "\"call_2\",\"function\":{\"name\":\"price\",\"arguments\":\"{}\"}}]}}]}\n\n"
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
	    "{\"arguments\":\"\\\": 7}\"}}]}}]}\n\n"
	    "data: [DONE]\n\n",
	    "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"call_1\",\"type\":"
	    "\"function\",\"function\":{\"name\":\"find\",\"arguments\":\"{\\\"sku\\\": 7}\"}},{\"id\":"
	    "\"call_2\",\"type\":\"function\",\"function\":{\"arguments\":\"{}\",\"name\":"
	    "\"price\"}}]}" },
	{ "legacy function call", WIRE_OPENAI_CHAT,
	    "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":null,\"function_call\":"
	    "{\"name\":\"find\",\"arguments\":\"{\\\"a\\\":1}\"}}}]}",
	    "data: {\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"find\",\"arguments\":"
	    "\"{\\\"a\"}}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"function_call\":{\"arguments\":\"\\\":1}\"}}}]}\n\n",
	    "{\"role\":\"assistant\",\"content\":null,\"function_call\":{\"name\":\"find\","
	    "\"arguments\":\"{\\\"a\\\":1}\"}}" },
	{ "refusal", WIRE_OPENAI_CHAT,
	    "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":\"No, "
	    "sorry.\"}}]}",
	    "data: {\"choices\":[{\"delta\":{\"refusal\":\"No, \"}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"refusal\":\"sorry.\"}}]}\n\n",
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"refusal\",\"refusal\":\"No, "
	    "sorry.\"}]}" },
	{ "blocks with thinking and a tool", WIRE_ANTHROPIC_MESSAGES,
	    "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
	    "\"thinking\":\"hm\",\"signature\":\"x\"},{\"type\":\"text\",\"text\":\"Let me look.\"},"
	    "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"find\",\"input\":{\"sku\":\"T-1\","
	    "\"price\":12.50,\"n\":2.0,\"deep\":{\"a\":[1,null,true]}}}],\"stop_reason\":"
	    "\"tool_use\"}",
	    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\"}}\n\n"
	    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
	    "\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
	    "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
	    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
	    "event: ping\ndata: {\"type\":\"ping\"}\n\n"
	    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,"
	    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":"
	    "{\"type\":\"text_delta\",\"text\":\"Let me\"}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":"
	    "{\"type\":\"text_delta\",\"text\":\" look.\"}}\n\n"
	    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
	    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":2,"
	    "\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"find\",\"input\":"
	    "{}}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":"
	    "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"sku\\\": \\\"T-1\\\", \"}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":"
	    "{\"type\":\"input_json_delta\",\"partial_json\":\"\\\"price\\\": 12.5, \\\"n\\\": 2,"
	    "\\\"deep\\\":{\\\"a\\\":[1, null, true]}}\"}}\n\n"
	    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
	    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
	    "\"tool_use\"},\"usage\":{\"output_tokens\":9}}\n\n"
	    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"Let me look.\"},"
	    "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"find\",\"input\":{\"sku\":\"T-1\","
	    "\"price\":12.5,\"n\":2,\"deep\":{\"a\":[1,null,true]}}}]}" },
	{ "two texts and a call without arguments", WIRE_ANTHROPIC_MESSAGES,
	    "{\"content\":[{\"type\":\"text\",\"text\":\"One.\"},{\"type\":\"text\",\"text\":\"Two.\"},"
	    "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"list\",\"input\":{}}]}",
	    "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":"
	    "\"One\"}}\n\n"
	    "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":"
	    "\".\"}}\n\n"
	    "data: {\"type\":\"content_block_stop\"}\n\n"
	    "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":"
	    "\"\"}}\n\n"
	    "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":"
	    "\"Two.\"}}\n\n"
	    "data: {\"type\":\"content_block_stop\"}\n\n"
	    "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\",\"id\":"
	    "\"t\",\"name\":\"list\",\"input\":{}}}\n\n"
	    "data: {\"type\":\"content_block_stop\"}\n\n",
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"One.\"},{\"type\":"
	    "\"text\",\"text\":\"Two.\"},{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"list\","
	    "\"input\":{}}]}" },
};

#define N_TURN_CASES (sizeof(turn_cases) / sizeof(turn_cases[0]))

static int
new_arena(void **state)
{
	struct arena *a = NULL;

	if (arena_new(ARENA_BYTES, &a) != ERR_OK)
		return -1;
	*state = a;
	return 0;
}

static int
free_arena(void **state)
{
	arena_free(*state);
	return 0;
}

static void
assert_str(struct str got, struct str wanted)
{
	if (!str_equals(got, wanted))
		fail_msg("got \"%.*s\", wanted \"%.*s\"", STR_ARG(got), STR_ARG(wanted));
}

static void
assert_same_message(const struct wire_message *got, const struct wire_message *wanted)
{
	assert_int_equal(got->role, wanted->role);
	assert_str(got->content, wanted->content);
	assert_int_equal(got->n_calls, wanted->n_calls);
	for (size_t i = 0; i < got->n_calls; i++) {
		assert_str(got->calls[i].id, wanted->calls[i].id);
		assert_str(got->calls[i].name, wanted->calls[i].name);
		assert_str(got->calls[i].arguments, wanted->calls[i].arguments);
	}
}

static struct wire_message
answer_of(struct arena *a, enum wire_format format, const char *type, struct str body)
{
	struct wire_response r;
	struct err_detail detail;

	if (wire_parse_response(a, format, &(struct wire_reply){ 200, str_from(type), body }, &r,
		&detail) != ERR_OK)
		fail_msg("%s", detail.text);
	assert_false(r.is_error);
	return r.answer;
}

static struct wire_message
repeated(struct arena *a, const struct turn_case *c)
{
	CLEANUP(buf) struct buf *body = NULL;
	struct wire_request r;

	assert_int_equal(buf_new(1 << 20, &body), ERR_OK);
	assert_int_equal(
	    buf_printf(body,
		"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},%s,"
		"{\"role\":\"user\",\"content\":\"y\"}]}",
		c->history),
	    ERR_OK);
	assert_int_equal(wire_parse_request(a, c->format, buf_str(body), &r, NULL), ERR_OK);
	assert_int_equal(r.conversation.n_messages, 3);
	return r.conversation.messages[1];
}

static void
an_answer_equals_its_repetition_in_the_next_request(void **state)
{
	for (size_t i = 0; i < N_TURN_CASES; i++) {
		const struct turn_case *c = &turn_cases[i];
		struct wire_message wanted = repeated(*state, c);
		struct wire_message document =
		    answer_of(*state, c->format, "application/json", str_from(c->document));
		struct wire_message stream = answer_of(*state, c->format,
		    "text/event-stream; charset=utf-8", str_from(c->stream));

		print_message("# %s\n", c->claim);
		assert_same_message(&document, &wanted);
		assert_same_message(&stream, &wanted);
	}
}

/* The stream with another line end in the place of each LF. */
static void
stream_with_line_ends(const char *stream, const char *line_end, struct buf *out)
{
	buf_clear(out);
	for (const char *c = stream; *c != '\0'; c++)
		assert_int_equal(*c == '\n' ? buf_append(out, line_end, strlen(line_end))
					    : buf_append_byte(out, *c),
		    ERR_OK);
}

static void
line_ends_do_not_change_an_answer(void **state)
{
	static const char *const line_ends[] = { "\r\n", "\r" };
	CLEANUP(buf) struct buf *body = NULL;

	assert_int_equal(buf_new(1 << 20, &body), ERR_OK);
	for (size_t i = 0; i < N_TURN_CASES * 2; i++) {
		const struct turn_case *c = &turn_cases[i / 2];
		struct wire_message wanted = repeated(*state, c);
		struct wire_message got;

		stream_with_line_ends(c->stream, line_ends[i % 2], body);
		got = answer_of(*state, c->format, "text/event-stream", buf_str(body));
		assert_same_message(&got, &wanted);
	}
}

static void
a_stream_cut_anywhere_gives_the_beginning_of_the_answer(void **state)
{
	for (size_t i = 0; i < N_TURN_CASES; i++) {
		const struct turn_case *c = &turn_cases[i];
		struct str whole = str_from(c->stream);
		struct wire_message wanted = repeated(*state, c);

		for (size_t end = 0; end <= whole.len; end++) {
			struct wire_message got = answer_of(*state, c->format, "text/event-stream",
			    str_slice(whole, 0, end));

			assert_true(str_starts_with(wanted.content, got.content));
			assert_true(got.n_calls <= wanted.n_calls);
		}
		arena_clear(*state);
	}
}

static void
usage_model_and_reason_are_read_from_documents_and_streams(void **state)
{
	struct wire_response r;
	struct str openai = STR(
	    "data: {\"model\":\"m-1\",\"system_fingerprint\":\"fp\",\"choices\":[{\"delta\":"
	    "{\"content\":\"a\"},\"finish_reason\":null}],\"usage\":null}\n\n"
	    "data: {\"model\":\"m-1\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
	    "data: {\"model\":\"m-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,"
	    "\"completion_tokens\":2}}\n\ndata: [DONE]\n\n");
	struct str anthropic = STR(
	    "{\"type\":\"message\",\"model\":\"m-2\",\"content\":[],\"stop_reason\":\"end_turn\","
	    "\"usage\":{\"input_tokens\":5,\"cache_read_input_tokens\":90,\"output_tokens\":0}}");

	assert_int_equal(wire_parse_response(*state, WIRE_OPENAI_CHAT,
			     &(struct wire_reply){ 200, STR("text/event-stream"), openai }, &r,
			     NULL),
	    ERR_OK);
	assert_str(r.model, STR("m-1"));
	assert_str(r.fingerprint, STR("fp"));
	assert_str(r.finish_reason, STR("stop"));
	assert_int_equal(r.prompt_tokens, 11);
	assert_int_equal(r.completion_tokens, 2);
	assert_int_equal(wire_parse_response(*state, WIRE_ANTHROPIC_MESSAGES,
			     &(struct wire_reply){ 200, STR("application/json"), anthropic }, &r,
			     NULL),
	    ERR_OK);
	assert_str(r.model, STR("m-2"));
	assert_str(r.finish_reason, STR("end_turn"));
	assert_int_equal(r.prompt_tokens, 95);
	assert_int_equal(r.completion_tokens, 0);
}

static void
errors_are_errors_whatever_their_body(void **state)
{
	struct wire_response r;

	assert_int_equal(
	    wire_parse_response(*state, WIRE_OPENAI_CHAT,
		&(struct wire_reply){ 429, STR("application/json"),
		    STR("{\"error\":{\"type\":\"rate_limit\",\"message\":\"slow\"}}") },
		&r, NULL),
	    ERR_OK);
	assert_true(r.is_error);
	assert_str(r.error_type, STR("rate_limit"));
	assert_int_equal(wire_parse_response(*state, WIRE_ANTHROPIC_MESSAGES,
			     &(struct wire_reply){
				 502, STR("text/html"), STR("<h1>Bad gateway</h1>") },
			     &r, NULL),
	    ERR_OK);
	assert_true(r.is_error);
	assert_int_equal(r.answer.content.len, 0);
	assert_int_equal(wire_parse_response(*state, WIRE_ANTHROPIC_MESSAGES,
			     &(struct wire_reply){ 200, STR("text/event-stream"),
				 STR("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
				     "\"overloaded_error\"}}\n\n") },
			     &r, NULL),
	    ERR_OK);
	assert_true(r.is_error);
	assert_str(r.error_type, STR("overloaded_error"));
}

static void
an_answer_of_another_shape_is_malformed(void **state)
{
	static const char *const bodies[] = { "", "{}", "[]", "null", "{\"choices\":[]}",
		"{\"choices\":[{\"message\":", "{\"choices\":{}}", "\"text\"",
		"{\"content\":\"x\"}" };
	struct wire_response r;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]) * 2; i++)
		assert_int_equal(wire_parse_response(*state,
				     i % 2 == 0 ? WIRE_OPENAI_CHAT : WIRE_ANTHROPIC_MESSAGES,
				     &(struct wire_reply){
					 200, STR("application/json"), str_from(bodies[i / 2]) },
				     &r, NULL),
		    ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_equals_its_repetition_in_the_next_request),
		cmocka_unit_test(line_ends_do_not_change_an_answer),
		cmocka_unit_test(a_stream_cut_anywhere_gives_the_beginning_of_the_answer),
		cmocka_unit_test(usage_model_and_reason_are_read_from_documents_and_streams),
		cmocka_unit_test(errors_are_errors_whatever_their_body),
		cmocka_unit_test(an_answer_of_another_shape_is_malformed),
	};

	return cmocka_run_group_tests(tests, new_arena, free_arena);
}
