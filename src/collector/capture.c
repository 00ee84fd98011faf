/* SPDX-License-Identifier: Apache-2.0 */
/* A capture put together from its frames; see capture.h. */
#include "collector/capture.h"

#include <jansson.h>

#define TEXTS_BYTES (64u << 10)

static void
json_cleanup(json_t **at)
{
	json_decref(*at);
}

void
capture_free(struct capture *c)
{
	if (c == NULL)
		return;
	arena_free(c->arena);
	buf_free(c->request);
	buf_free(c->response);
	free(c);
}

size_t
capture_bytes(const struct capture *c)
{
	return sizeof(*c) + TEXTS_BYTES + buf_len(c->request) + buf_len(c->response);
}

static enum err
read_text(struct capture *c, const json_t *object, const char *name, struct str *ret_text)
{
	const json_t *value = json_object_get(object, name);
	struct str text;

	if (!json_is_string(value))
		return ERR_MALFORMED;
	text = arena_copy(c->arena,
	    (struct str){ json_string_value(value), json_string_length(value) });
	if (text.at == NULL)
		return ERR_TOO_LARGE;
	*ret_text = text;
	return ERR_OK;
}

static enum err
read_uuid(const json_t *object, const char *name, struct uuid *ret_id)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_string(value) || !uuid_parse(str_from(json_string_value(value)), ret_id))
		return ERR_MALFORMED;
	return ERR_OK;
}

static enum err
read_number(const json_t *object, const char *name, int64_t *ret_number)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return ERR_MALFORMED;
	*ret_number = json_integer_value(value);
	return ERR_OK;
}

static enum err
read_object(struct str body, json_t **ret_object)
{
	if (body.len > TEXTS_BYTES)
		return ERR_TOO_LARGE;
	*ret_object = json_loadb(body.at, body.len, JSON_REJECT_DUPLICATES, NULL);
	return json_is_object(*ret_object) ? ERR_OK : ERR_MALFORMED;
}

static enum err
read_head(struct capture *c, struct str body)
{
	__attribute__((cleanup(json_cleanup))) json_t *o = NULL;
	struct capture_head *h = &c->head;

	const struct {
		const char *name;
		struct str *text;
	} texts[] = {
		{ "provider", &h->provider },
		{ "method", &h->method },
		{ "path", &h->path },
		{ "content_type", &h->content_type },
		{ "content_encoding", &h->content_encoding },
		{ "conversation", &h->conversation },
	};
	enum err e = read_object(body, &o);

	if (e == ERR_OK)
		e = read_uuid(o, "workspace", &h->workspace);
	if (e == ERR_OK)
		e = read_uuid(o, "project", &h->project);
	if (e == ERR_OK)
		e = read_uuid(o, "key", &h->key);
	if (e == ERR_OK)
		e = read_number(o, "started_at_us", &h->started_at_us);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && e == ERR_OK; i++)
		e = read_text(c, o, texts[i].name, texts[i].text);
	return e;
}

static enum err
read_tail(struct capture *c, struct str body)
{
	__attribute__((cleanup(json_cleanup))) json_t *o = NULL;
	struct capture_tail *t = &c->tail;
	enum err e = read_object(body, &o);

	if (e == ERR_OK)
		e = read_number(o, "status", &t->status);
	if (e == ERR_OK)
		e = read_number(o, "latency_us", &t->latency_us);
	if (e == ERR_OK)
		e = read_number(o, "first_byte_us", &t->first_byte_us);
	if (e == ERR_OK)
		e = read_text(c, o, "content_type", &t->content_type);
	if (e == ERR_OK)
		e = read_text(c, o, "content_encoding", &t->content_encoding);
	return e != ERR_OK ? e : read_text(c, o, "reason", &t->reason);
}

static enum err
start(const struct frame *frame, size_t limit_bytes, struct capture **ret_capture)
{
	CLEANUP(capture) struct capture *c = calloc(1, sizeof(*c));
	enum err e;

	if (c == NULL)
		return ERR_NOMEM;
	c->id = frame->capture;
	c->peer = -1;
	e = arena_new(TEXTS_BYTES * 3, &c->arena);
	if (e == ERR_OK)
		e = buf_new(limit_bytes, &c->request);
	if (e == ERR_OK)
		e = buf_new(limit_bytes, &c->response);
	if (e != ERR_OK)
		return e;
	c->is_unreadable = read_head(c, frame->body) != ERR_OK;
	*ret_capture = TAKE(c);
	return ERR_OK;
}

static enum err
add_bytes(struct capture *c, const struct frame *frame, size_t limit_bytes)
{
	struct buf *to = frame->type == FRAME_REQUEST ? c->request : c->response;

	if (buf_len(c->request) + buf_len(c->response) + frame->body.len > limit_bytes)
		c->is_too_large = true;
	if (!c->is_too_large)
		return buf_append_str(to, frame->body);
	buf_clear(c->request);
	buf_clear(c->response);
	return ERR_OK;
}

enum err
capture_feed(struct capture **open, const struct frame *frame, size_t limit_bytes,
    struct capture **ret_done)
{
	*ret_done = NULL;
	if (frame->type == FRAME_START)
		return *open != NULL ? ERR_MALFORMED : start(frame, limit_bytes, open);
	if (*open == NULL || !uuid_equals(&(*open)->id, &frame->capture))
		return ERR_MALFORMED;
	if (frame->type != FRAME_END)
		return add_bytes(*open, frame, limit_bytes);
	(*open)->is_unreadable |= read_tail(*open, frame->body) != ERR_OK;
	*ret_done = TAKE(*open);
	return ERR_OK;
}
