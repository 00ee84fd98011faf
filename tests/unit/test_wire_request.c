/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of both formats map into one conversation; caps and odd JSON have one outcome each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "wire/wire.h"

static int
new_arena(void **state)
{
	struct arena *a = NULL;

	if (arena_new(256u << 20, &a) != ERR_OK)
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
openai_roles_and_parts_are_read(void **state)
{
	struct wire_request r;
	struct str body = STR(
	    "{\"model\":\"m\",\"stream\":true,\"messages\":["
	    "{\"role\":\"system\",\"content\":\"Be kind.\"},"
	    "{\"role\":\"user\",\"name\":\"ann\",\"content\":[{\"type\":\"text\",\"text\":\"Look\"},"
	    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}},{\"type\":\"<b>\"}]},"
	    "{\"role\":\"developer\",\"content\":\"Be brief.\"},"
	    "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"[]\"}]}");

	assert_int_equal(wire_parse_request(*state, WIRE_OPENAI_CHAT, body, &r, NULL), ERR_OK);
	assert_true(r.is_stream);
	assert_str(r.model, STR("m"));
	assert_str(r.conversation.system_message, STR("Be kind.\nBe brief."));
	assert_int_equal(r.conversation.n_messages, 2);
	assert_str(r.conversation.messages[0].content, STR("Look\n[image]\n[part]"));
	assert_str(r.conversation.messages[0].name, STR("ann"));
	assert_int_equal(r.conversation.messages[1].role, WIRE_TOOL);
	assert_str(r.conversation.messages[1].tool_call_id, STR("c1"));
}

static void
anthropic_tool_results_become_messages_of_their_own(void **state)
{
	struct wire_request r;
	const struct wire_message *m;
	struct str body = STR(
	    "{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"Be kind.\"},"
	    "{\"type\":\"text\",\"text\":\"Be brief.\"}],\"messages\":["
	    "{\"role\":\"user\",\"content\":\"Two tents\"},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"a\",\"name\":"
	    "\"find\",\"input\":{\"q\": \"tent\"}}]},"
	    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"a\","
	    "\"content\":[{\"type\":\"text\",\"text\":\"[1,2]\"}]},{\"type\":\"tool_result\","
	    "\"tool_use_id\":\"b\",\"content\":\"none\"},{\"type\":\"text\",\"text\":\"And?\"}]},"
	    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c\"}]}]}");

	assert_int_equal(wire_parse_request(*state, WIRE_ANTHROPIC_MESSAGES, body, &r, NULL),
	    ERR_OK);
	m = r.conversation.messages;
	assert_str(r.conversation.system_message, STR("Be kind.\nBe brief."));
	assert_int_equal(r.conversation.n_messages, 6);
	assert_int_equal(m[1].n_calls, 1);
	assert_str(m[1].calls[0].arguments, STR("{\"q\":\"tent\"}"));
	assert_int_equal(m[2].role, WIRE_TOOL);
	assert_str(m[2].tool_call_id, STR("a"));
	assert_str(m[2].content, STR("[1,2]"));
	assert_str(m[3].content, STR("none"));
	assert_int_equal(m[4].role, WIRE_USER);
	assert_str(m[4].content, STR("And?"));
	assert_int_equal(m[5].role, WIRE_TOOL);
}

static void
conversation_files_are_objects_or_arrays(void **state)
{
	struct wire_conversation c;

	assert_int_equal(wire_parse_conversation(*state,
			     STR("[{\"role\":\"user\",\"content\":\"a\"}]"), &c, NULL),
	    ERR_OK);
	assert_int_equal(c.n_messages, 1);
	assert_int_equal(
	    wire_parse_conversation(*state,
		STR("{\"id\":1,\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"},"
		    "{\"role\":\"user\",\"content\":\"b\"}]}"),
		&c, NULL),
	    ERR_OK);
	assert_int_equal(c.n_messages, 2);
	assert_string_equal(wire_role_name(c.messages[0].role), "assistant");
	assert_int_equal(wire_parse_conversation(*state, STR("{\"messages\":7}"), &c, NULL),
	    ERR_MALFORMED);
	assert_int_equal(wire_parse_conversation(*state, STR("[{\"role\":\"wizard\"}]"), &c, NULL),
	    ERR_MALFORMED);
}

static enum err
parse_nested(struct arena *a, int depth, struct wire_request *r)
{
	CLEANUP(buf) struct buf *body = NULL;
	enum err e = buf_new(1 << 20, &body);

	if (e == ERR_OK)
		e = buf_append_str(body, STR("{\"messages\":[],\"x\":\"[[[[\",\"deep\":"));
	for (int i = 0; i < depth && e == ERR_OK; i++)
		e = buf_append_byte(body, '[');
	for (int i = 0; i < depth && e == ERR_OK; i++)
		e = buf_append_byte(body, ']');
	if (e == ERR_OK)
		e = buf_append_byte(body, '}');
	return e != ERR_OK ? e : wire_parse_request(a, WIRE_OPENAI_CHAT, buf_str(body), r, NULL);
}

static void
nesting_past_the_cap_is_refused(void **state)
{
	struct wire_request r;

	assert_int_equal(parse_nested(*state, WIRE_MAX_JSON_DEPTH - 1, &r), ERR_OK);
	assert_int_equal(parse_nested(*state, WIRE_MAX_JSON_DEPTH, &r), ERR_MALFORMED);
	assert_int_equal(parse_nested(*state, 100000, &r), ERR_MALFORMED);
}

static enum err
parse_list_of(struct arena *a, const char *item, size_t n, struct wire_request *ret_request)
{
	CLEANUP(buf) struct buf *body = NULL;
	enum err e = buf_new(WIRE_MAX_BODY_BYTES, &body);

	if (e == ERR_OK)
		e = buf_append_str(body, STR("{\"messages\":[],\"x\":["));
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		e = buf_printf(body, "%s%s", i > 0 ? "," : "", item);
	if (e == ERR_OK)
		e = buf_append_str(body, STR("]}"));
	return e != ERR_OK
	    ? e
	    : wire_parse_request(a, WIRE_OPENAI_CHAT, buf_str(body), ret_request, NULL);
}

/* A body of 32 MiB, which may come in 32 KiB of gzip, would take 2.5 GB. */
static void
a_body_of_very_many_values_is_refused_before_they_take_memory(void **state)
{
	static const char *const items[] = { "{}", "[]", "0", "\"\"" };
	struct wire_request r;

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		assert_int_equal(parse_list_of(*state, items[i], WIRE_MAX_JSON_VALUES / 3, &r),
		    ERR_OK);
		assert_int_equal(parse_list_of(*state, items[i], WIRE_MAX_JSON_VALUES, &r),
		    ERR_TOO_LARGE);
	}
	assert_int_equal(parse_list_of(*state, "\",{[,\"", WIRE_MAX_JSON_VALUES / 2, &r), ERR_OK);
}

static void
too_many_messages_are_refused(void **state)
{
	CLEANUP(buf) struct buf *body = NULL;
	struct wire_conversation c;

	assert_int_equal(buf_new(1 << 20, &body), ERR_OK);
	assert_int_equal(buf_append_byte(body, '['), ERR_OK);
	for (int i = 0; i < WIRE_MAX_MESSAGES; i++)
		assert_int_equal(buf_printf(body, "%s{\"role\":\"user\"}", i > 0 ? "," : ""),
		    ERR_OK);
	assert_int_equal(buf_append_byte(body, ']'), ERR_OK);
	assert_int_equal(wire_parse_conversation(*state, buf_str(body), &c, NULL), ERR_OK);
	buf_truncate(body, buf_len(body) - 1);
	assert_int_equal(buf_printf(body, ",{\"role\":\"user\"}]"), ERR_OK);
	assert_int_equal(wire_parse_conversation(*state, buf_str(body), &c, NULL), ERR_TOO_LARGE);
}

static void
what_providers_take_is_taken(void **state)
{
	struct wire_conversation c;
	struct str odd = STR(
	    "{\"n\":123456789012345678901234567890,\"messages\":1,\"messages\":[{\"role\":\"user\","
	    "\"content\":\"a\\u0000b \\ud83d, \\udc00\\ud83d\\udca9\"}]}");

	assert_int_equal(wire_parse_conversation(*state, odd, &c, NULL), ERR_OK);
	assert_str(c.messages[0].content,
	    STR("a\xef\xbf\xbd"
		"b \xef\xbf\xbd, \xef\xbf\xbd\xf0\x9f\x92\xa9"));
}

static void
text_that_is_not_utf8_is_refused(void **state)
{
	struct wire_conversation c;

	assert_int_equal(wire_parse_conversation(*state,
			     STR("[{\"role\":\"user\",\"content\":\"\xff\"}]"), &c, NULL),
	    ERR_MALFORMED);
	assert_int_equal(wire_parse_conversation(*state,
			     STR("[{\"role\":\"user\",\"content\":\"\xed\xa0\x80\"}]"), &c, NULL),
	    ERR_MALFORMED);
}

static void
assert_identity(struct arena *a, const char *first, const char *second, bool is_same)
{
	CLEANUP(buf) struct buf *one = NULL;
	CLEANUP(buf) struct buf *two = NULL;
	struct wire_conversation c, d;

	assert_int_equal(buf_new(1 << 20, &one), ERR_OK);
	assert_int_equal(buf_new(1 << 20, &two), ERR_OK);
	assert_int_equal(wire_parse_conversation(a, str_from(first), &c, NULL), ERR_OK);
	assert_int_equal(wire_parse_conversation(a, str_from(second), &d, NULL), ERR_OK);
	assert_int_equal(wire_write_identity(&c.messages[0], one), ERR_OK);
	assert_int_equal(wire_write_identity(&d.messages[0], two), ERR_OK);
	assert_int_equal(str_equals(buf_str(one), buf_str(two)), is_same);
}

static void
identity_survives_frameworks_and_nothing_else(void **state)
{
	assert_identity(*state,
	    "[{\"role\":\"assistant\",\"content\":\" A tent.\\n\",\"tool_calls\":[{\"id\":\"c\","
	    "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"b\\\": 1.0, \\\"a\\\": [2]}\"}}]}]",
	    "[{\"role\":\"assistant\",\"content\":\"A tent.\",\"tool_calls\":[{\"id\":\"c\","
	    "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":[2],\\\"b\\\":1}\"}}]}]",
	    true);
	assert_identity(*state, "[{\"role\":\"user\",\"content\":\"a\"}]",
	    "[{\"role\":\"assistant\",\"content\":\"a\"}]", false);
	assert_identity(*state, "[{\"role\":\"user\",\"content\":\"a\"}]",
	    "[{\"role\":\"user\",\"content\":\"b\"}]", false);
	assert_identity(*state, "[{\"role\":\"tool\",\"content\":\"1\",\"tool_call_id\":\"2\"}]",
	    "[{\"role\":\"tool\",\"content\":\"\",\"tool_call_id\":\"12\"}]", false);
	assert_identity(*state,
	    "[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":"
	    "\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]}]",
	    "[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":"
	    "\"f\",\"arguments\":\"{\\\"a\\\":2}\"}}]}]",
	    false);
}

static void
paths_tell_their_format(void **state)
{
	static const struct {
		const char *path;
		int format; /* -1: none */
	} cases[] = {
		{ "/v1/chat/completions", WIRE_OPENAI_CHAT },
		{ "/openai/v1/chat/completions", WIRE_OPENAI_CHAT },
		{ "/v1/messages", WIRE_ANTHROPIC_MESSAGES },
		{ "/messages", WIRE_ANTHROPIC_MESSAGES },
		{ "/v1/messages/count_tokens", -1 },
		{ "/v1/threads/t/messages", -1 },
		{ "/v1/embeddings", -1 },
		{ "", -1 },
	};
	enum wire_format format;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is_known = wire_format_of_path(str_from(cases[i].path), &format);

		assert_int_equal(is_known ? (int)format : -1, cases[i].format);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openai_roles_and_parts_are_read),
		cmocka_unit_test(anthropic_tool_results_become_messages_of_their_own),
		cmocka_unit_test(conversation_files_are_objects_or_arrays),
		cmocka_unit_test(nesting_past_the_cap_is_refused),
		cmocka_unit_test(a_body_of_very_many_values_is_refused_before_they_take_memory),
		cmocka_unit_test(too_many_messages_are_refused),
		cmocka_unit_test(what_providers_take_is_taken),
		cmocka_unit_test(text_that_is_not_utf8_is_refused),
		cmocka_unit_test(identity_survives_frameworks_and_nothing_else),
		cmocka_unit_test(paths_tell_their_format),
	};

	return cmocka_run_group_tests(tests, new_arena, free_arena);
}
