/* SPDX-License-Identifier: Apache-2.0 */
/* Anthropic Messages: an answer put together from the events of a stream. */
#include "wire/anthropic.h"
#include "wire/formats.h"
#include "wire/sse.h"

#define MAX_BLOCKS 4096

/* Blocks come one after the other, each between its start and stop. */
struct stream {
	struct arena *arena;
	struct wire_response *response;
	struct turn turn;
	json_t *block;       /* the open block as its start gave it; NULL between blocks */
	struct buf *written; /* its text or its arguments so far */
	size_t n_blocks;
};

static enum err
stream_init(struct stream *s, struct arena *a, struct wire_response *response)
{
	enum err e;

	*s = (struct stream){ .arena = a, .response = response };
	e = turn_init(&s->turn, a);
	return e != ERR_OK ? e : buf_new(WIRE_MAX_BODY_BYTES, &s->written);
}

static void
stream_done(struct stream *s)
{
	turn_done(&s->turn);
	json_decref(s->block);
	buf_free(s->written);
}

/* A block without deltas (other kinds, or input sent whole) counts as its start gave it. */
static enum err
close_block(struct stream *s)
{
	CLEANUP(json) json_t *block = TAKE(s->block);
	struct str type = json_view(json_object_get(block, "type"));

	if (block == NULL)
		return ERR_OK;
	if (str_equals(type, STR("text")))
		return parts_join(s->turn.text, buf_str(s->written));
	if (!str_equals(type, STR("tool_use")) || buf_len(s->written) == 0)
		return turn_add_block(&s->turn, block);
	return turn_add_call(&s->turn, json_view(json_object_get(block, "id")),
	    json_view(json_object_get(block, "name")), buf_str(s->written));
}

static enum err
on_block_start(struct stream *s, const json_t *root)
{
	json_t *block = json_object_get(root, "content_block");
	enum err e = close_block(s);

	if (e != ERR_OK)
		return e;
	if (++s->n_blocks > MAX_BLOCKS)
		return ERR_TOO_LARGE;
	if (!json_is_object(block))
		return ERR_MALFORMED;
	s->block = json_incref(block);
	buf_clear(s->written);
	return buf_append_str(s->written, json_view(json_object_get(block, "text")));
}

static enum err
on_block_delta(struct stream *s, const json_t *root)
{
	const json_t *delta = json_object_get(root, "delta");
	struct str type = json_view(json_object_get(delta, "type"));

	if (str_equals(type, STR("text_delta")))
		return buf_append_str(s->written, json_view(json_object_get(delta, "text")));
	if (str_equals(type, STR("input_json_delta")))
		return buf_append_str(s->written,
		    json_view(json_object_get(delta, "partial_json")));
	return ERR_OK;
}

static enum err
on_block_stop(struct stream *s, const json_t *root)
{
	(void)root;
	return close_block(s);
}

static enum err
on_message_start(struct stream *s, const json_t *root)
{
	const json_t *message = json_object_get(root, "message");

	anthropic_read_usage(json_object_get(message, "usage"), s->response);
	return json_copy_text(s->arena, json_object_get(message, "model"), &s->response->model);
}

static enum err
on_message_delta(struct stream *s, const json_t *root)
{
	const json_t *reason = json_object_get(json_object_get(root, "delta"), "stop_reason");

	anthropic_read_usage(json_object_get(root, "usage"), s->response);
	if (!json_is_string(reason))
		return ERR_OK;
	return json_copy_text(s->arena, reason, &s->response->finish_reason);
}

static enum err
on_error(struct stream *s, const json_t *root)
{
	return formats_read_error(s->arena, root, s->response, &s->response->is_error);
}

static const struct {
	const char *type;
	enum err (*handle)(struct stream *, const json_t *);
} handlers[] = {
	{ "message_start", on_message_start },
	{ "content_block_start", on_block_start },
	{ "content_block_delta", on_block_delta },
	{ "content_block_stop", on_block_stop },
	{ "message_delta", on_message_delta },
	{ "error", on_error },
};

/* The data repeats the event's name as its type, so the name itself is not needed. */
static enum err
handle_event(struct stream *s, const json_t *root)
{
	struct str type = json_view(json_object_get(root, "type"));

	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (str_equals(type, str_from(handlers[i].type)))
			return handlers[i].handle(s, root);
	return ERR_OK;
}

static enum err
read_events(struct stream *s, struct str body, struct err_detail *reterr)
{
	CLEANUP_SSE struct sse_reader reader = { 0 };
	struct sse_event event;
	enum err e = sse_init(&reader, body);

	while (e == ERR_OK && (e = sse_next(&reader, &event)) == ERR_OK) {
		CLEANUP(json) json_t *root = NULL;

		e = json_read(event.data, &root, reterr);
		/* The last event of a cut stream may be half an event. */
		if (e == ERR_MALFORMED && !event.is_complete)
			return ERR_OK;
		if (e == ERR_OK)
			e = handle_event(s, root);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err
anthropic_read_stream(struct arena *a, struct str body, struct wire_response *ret_response,
    struct err_detail *reterr)
{
	struct wire_message *answer = &ret_response->answer;
	struct stream s;
	enum err e = stream_init(&s, a, ret_response);

	if (e == ERR_OK)
		e = read_events(&s, body, reterr);
	if (e == ERR_OK)
		e = close_block(&s);
	if (e == ERR_OK)
		e = turn_finish(&s.turn, answer);
	stream_done(&s);
	/* An error after part of an answer: the part is what the agent got. */
	if (answer->content.len > 0 || answer->n_calls > 0)
		ret_response->is_error = false;
	return e;
}
