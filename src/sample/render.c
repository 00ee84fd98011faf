/* SPDX-License-Identifier: Apache-2.0 */
/* render - see render.h. */
#include "sample/render.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/uuid.h"

#define STREAM_PIECE_BYTES 24
#define BYTES_A_TOKEN 4 /* a rough count; the provider is a sample */

static enum err
append_json(json_t *json, struct buf *out)
{
	CLEANUP_MEM char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	enum err e = text == NULL ? ERR_NOMEM : buf_append_str(out, str_from(text));

	json_decref(json);
	return e;
}

static json_t *
text_json(struct str text)
{
	return json_stringn(text.len == 0 ? "" : text.at, text.len);
}

static size_t
count_tokens(const struct wire_message *m)
{
	size_t bytes = m->content.len;

	for (size_t i = 0; i < m->n_calls; i++)
		bytes += m->calls[i].arguments.len;
	return bytes / BYTES_A_TOKEN + 1;
}

static size_t
count_prompt_tokens(const struct wire_request *request)
{
	size_t n = request->conversation.system_message.len / BYTES_A_TOKEN + 1;

	for (size_t i = 0; i < request->conversation.n_messages; i++)
		n += count_tokens(&request->conversation.messages[i]);
	return n;
}

static void
make_id(const char *prefix, char ret_id[static 48])
{
	struct uuid id = uuid_new();
	char text[UUID_TEXT_BYTES];

	uuid_format(&id, text);
	(void)snprintf(ret_id, 48, "%s%s", prefix, text);
}

/* ---- OpenAI chat completions */

static json_t *
openai_calls(const struct wire_message *answer, bool is_delta)
{
	json_t *calls = json_array();

	for (size_t i = 0; i < answer->n_calls; i++) {
		const struct wire_tool_call *c = &answer->calls[i];
		json_t *call = json_pack("{s:o, s:s, s:{s:o, s:o}}", "id", text_json(c->id), "type",
		    "function", "function", "name", text_json(c->name), "arguments",
		    text_json(c->arguments));

		if (is_delta)
			(void)json_object_set_new(call, "index", json_integer((json_int_t)i));
		(void)json_array_append_new(calls, call);
	}
	return calls;
}

static json_t *
openai_message(const struct wire_message *answer)
{
	json_t *message = json_pack("{s:s, s:o}", "role", "assistant", "content",
	    answer->content.len == 0 && answer->n_calls > 0 ? json_null()
							    : text_json(answer->content));

	if (answer->n_calls > 0)
		(void)json_object_set_new(message, "tool_calls", openai_calls(answer, false));
	return message;
}

static json_t *
openai_usage(const struct wire_request *request, const struct wire_message *answer)
{
	json_int_t prompt = (json_int_t)count_prompt_tokens(request);
	json_int_t completion = (json_int_t)count_tokens(answer);

	return json_pack("{s:I, s:I, s:I}", "prompt_tokens", prompt, "completion_tokens",
	    completion, "total_tokens", prompt + completion);
}

static enum err
openai_answer(const struct wire_request *request, const struct wire_message *answer,
    struct buf *out)
{
	char id[48];

	make_id("chatcmpl-", id);
	return append_json(json_pack("{s:s, s:s, s:I, s:s, s:s, s:[{s:i, s:o, s:s}], s:o}", "id",
			       id, "object", "chat.completion", "created",
			       (json_int_t)(clock_wall_ms() / 1000), "model", SAMPLE_MODEL,
			       "system_fingerprint", SAMPLE_FINGERPRINT, "choices", "index", 0,
			       "message", openai_message(answer), "finish_reason",
			       answer->n_calls > 0 ? "tool_calls" : "stop", "usage",
			       openai_usage(request, answer)),
	    out);
}

static enum err
openai_event(const char *id, json_t *delta, const char *finish_reason, struct buf *out)
{
	enum err e = buf_append_str(out, STR("data: "));

	if (e == ERR_OK)
		e = append_json(json_pack("{s:s, s:s, s:s, s:s, s:[{s:i, s:o, s:o}]}", "id", id,
				    "object", "chat.completion.chunk", "model", SAMPLE_MODEL,
				    "system_fingerprint", SAMPLE_FINGERPRINT, "choices", "index", 0,
				    "delta", delta, "finish_reason",
				    finish_reason == NULL ? json_null()
							  : json_string(finish_reason)),
		    out);
	else
		json_decref(delta);
	return e == ERR_OK ? buf_append_str(out, STR("\n\n")) : e;
}

/* The end of a piece of text that starts at `from` and cuts no UTF-8 character. */
static size_t
piece_end(struct str text, size_t from)
{
	size_t to = from + STREAM_PIECE_BYTES < text.len ? from + STREAM_PIECE_BYTES : text.len;

	while (to < text.len && ((unsigned char)text.at[to] & 0xc0) == 0x80)
		to++;
	return to;
}

static enum err
openai_usage_event(const char *id, const struct wire_request *request,
    const struct wire_message *answer, struct buf *out)
{
	enum err e = buf_append_str(out, STR("data: "));

	if (e == ERR_OK)
		e = append_json(json_pack("{s:s, s:s, s:s, s:[], s:o}", "id", id, "object",
				    "chat.completion.chunk", "model", SAMPLE_MODEL, "choices",
				    "usage", openai_usage(request, answer)),
		    out);
	return e == ERR_OK ? buf_append_str(out, STR("\n\ndata: [DONE]\n\n")) : e;
}

static enum err
openai_stream(const struct wire_request *request, const struct wire_message *answer,
    struct buf *out)
{
	char id[48];
	enum err e;

	make_id("chatcmpl-", id);
	e = openai_event(id, json_pack("{s:s, s:s}", "role", "assistant", "content", ""), NULL,
	    out);
	for (size_t from = 0, to; e == ERR_OK && from < answer->content.len; from = to) {
		to = piece_end(answer->content, from);
		e = openai_event(id,
		    json_pack("{s:o}", "content", text_json(str_slice(answer->content, from, to))),
		    NULL, out);
	}
	if (e == ERR_OK && answer->n_calls > 0)
		e = openai_event(id, json_pack("{s:o}", "tool_calls", openai_calls(answer, true)),
		    NULL, out);
	if (e == ERR_OK)
		e = openai_event(id, json_object(), answer->n_calls > 0 ? "tool_calls" : "stop",
		    out);
	return e == ERR_OK ? openai_usage_event(id, request, answer, out) : e;
}

static enum err
openai_error(const char *type, const char *message, struct buf *out)
{
	return append_json(json_pack("{s:{s:s, s:s, s:n, s:s}}", "error", "message", message,
			       "type", type, "param", "code", type),
	    out);
}

/* ---- Anthropic messages */

static json_t *
anthropic_input(struct str arguments)
{
	json_t *input = json_loadb(arguments.at, arguments.len, 0, NULL);

	return input != NULL ? input : json_object();
}

static json_t *
anthropic_blocks(const struct wire_message *answer)
{
	json_t *blocks = json_array();

	if (answer->content.len > 0)
		(void)json_array_append_new(blocks,
		    json_pack("{s:s, s:o}", "type", "text", "text", text_json(answer->content)));
	for (size_t i = 0; i < answer->n_calls; i++)
		(void)json_array_append_new(blocks,
		    json_pack("{s:s, s:o, s:o, s:o}", "type", "tool_use", "id",
			text_json(answer->calls[i].id), "name", text_json(answer->calls[i].name),
			"input", anthropic_input(answer->calls[i].arguments)));
	return blocks;
}

static json_t *
anthropic_envelope(const struct wire_request *request, const struct wire_message *answer,
    json_t *blocks)
{
	char id[48];

	make_id("msg_", id);
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:n, s:{s:I, s:I}}", "id", id, "type",
	    "message", "role", "assistant", "model", SAMPLE_MODEL, "content", blocks, "stop_reason",
	    answer->n_calls > 0 ? "tool_use" : "end_turn", "stop_sequence", "usage", "input_tokens",
	    (json_int_t)count_prompt_tokens(request), "output_tokens",
	    (json_int_t)count_tokens(answer));
}

static enum err
anthropic_answer(const struct wire_request *request, const struct wire_message *answer,
    struct buf *out)
{
	return append_json(anthropic_envelope(request, answer, anthropic_blocks(answer)), out);
}

static enum err
anthropic_event(const char *type, json_t *data, struct buf *out)
{
	enum err e = buf_printf(out, "event: %s\ndata: ", type);

	(void)json_object_set_new(data, "type", json_string(type));
	if (e != ERR_OK) {
		json_decref(data);
		return e;
	}
	e = append_json(data, out);
	return e == ERR_OK ? buf_append_str(out, STR("\n\n")) : e;
}

static enum err
anthropic_block_events(json_int_t index, json_t *start, json_t *delta, struct buf *out)
{
	enum err e = anthropic_event("content_block_start",
	    json_pack("{s:I, s:o}", "index", index, "content_block", start), out);

	if (e == ERR_OK)
		e = anthropic_event("content_block_delta",
		    json_pack("{s:I, s:o}", "index", index, "delta", delta), out);
	else
		json_decref(delta);
	return e == ERR_OK
	    ? anthropic_event("content_block_stop", json_pack("{s:I}", "index", index), out)
	    : e;
}

static enum err
anthropic_stream(const struct wire_request *request, const struct wire_message *answer,
    struct buf *out)
{
	json_int_t index = 0;
	enum err e = anthropic_event("message_start",
	    json_pack("{s:o}", "message", anthropic_envelope(request, answer, json_array())), out);

	if (e == ERR_OK && answer->content.len > 0)
		e = anthropic_block_events(index++,
		    json_pack("{s:s, s:s}", "type", "text", "text", ""),
		    json_pack("{s:s, s:o}", "type", "text_delta", "text",
			text_json(answer->content)),
		    out);
	for (size_t i = 0; e == ERR_OK && i < answer->n_calls; i++)
		e = anthropic_block_events(index++,
		    json_pack("{s:s, s:o, s:o, s:{}}", "type", "tool_use", "id",
			text_json(answer->calls[i].id), "name", text_json(answer->calls[i].name),
			"input"),
		    json_pack("{s:s, s:o}", "type", "input_json_delta", "partial_json",
			text_json(answer->calls[i].arguments)),
		    out);
	if (e == ERR_OK)
		e = anthropic_event("message_delta",
		    json_pack("{s:{s:s, s:n}, s:{s:I}}", "delta", "stop_reason",
			answer->n_calls > 0 ? "tool_use" : "end_turn", "stop_sequence", "usage",
			"output_tokens", (json_int_t)count_tokens(answer)),
		    out);
	return e == ERR_OK ? anthropic_event("message_stop", json_object(), out) : e;
}

static enum err
anthropic_error(const char *type, const char *message, struct buf *out)
{
	return append_json(json_pack("{s:s, s:{s:s, s:s}}", "type", "error", "error", "type", type,
			       "message", message),
	    out);
}

/* ---- by format */

static const struct renderer {
	enum err (*answer)(const struct wire_request *, const struct wire_message *, struct buf *);
	enum err (*stream)(const struct wire_request *, const struct wire_message *, struct buf *);
	enum err (*error)(const char *, const char *, struct buf *);
} renderers[] = {
	[WIRE_OPENAI_CHAT] = { openai_answer, openai_stream, openai_error },
	[WIRE_ANTHROPIC_MESSAGES] = { anthropic_answer, anthropic_stream, anthropic_error },
};

enum err
render_answer(enum wire_format format, const struct wire_request *request,
    const struct wire_message *answer, struct buf *out)
{
	return renderers[format].answer(request, answer, out);
}

enum err
render_stream(enum wire_format format, const struct wire_request *request,
    const struct wire_message *answer, struct buf *out)
{
	return renderers[format].stream(request, answer, out);
}

enum err
render_error(enum wire_format format, const char *type, const char *message, struct buf *out)
{
	return renderers[format].error(type, message, out);
}
