/* SPDX-License-Identifier: Apache-2.0 */
/* OpenAI Chat Completions: an answer put together from the deltas of a stream. */
#include "wire/formats.h"
#include "wire/parts.h"
#include "wire/sse.h"

struct call_draft {
	int64_t index;
	struct str id;
	struct buf *name;
	struct buf *arguments;
};

struct draft {
	struct arena *arena;
	struct wire_response *response;
	struct buf *content;
	struct buf *refusal;
	struct call_draft *calls; /* WIRE_MAX_TOOL_CALLS of them */
	size_t n_calls;
};

static enum err
draft_init(struct draft *d, struct arena *a, struct wire_response *response)
{
	enum err e;

	*d = (struct draft){ .arena = a, .response = response };
	d->calls = arena_alloc_array(a, WIRE_MAX_TOOL_CALLS, sizeof(*d->calls));
	if (d->calls == NULL)
		return ERR_NOMEM;
	e = buf_new(WIRE_MAX_BODY_BYTES, &d->content);
	return e != ERR_OK ? e : buf_new(WIRE_MAX_BODY_BYTES, &d->refusal);
}

static void
draft_done(struct draft *d)
{
	buf_free(d->content);
	buf_free(d->refusal);
	for (size_t i = 0; i < d->n_calls; i++) {
		buf_free(d->calls[i].name);
		buf_free(d->calls[i].arguments);
	}
}

static enum err
new_call(struct draft *d, int64_t index, struct call_draft **ret_call)
{
	struct call_draft *c = &d->calls[d->n_calls];
	enum err e;

	if (d->n_calls == WIRE_MAX_TOOL_CALLS)
		return ERR_TOO_LARGE;
	d->n_calls++;
	c->index = index;
	e = buf_new(WIRE_MAX_BODY_BYTES, &c->name);
	if (e == ERR_OK)
		e = buf_new(WIRE_MAX_BODY_BYTES, &c->arguments);
	*ret_call = c;
	return e;
}

/* By index; servers that leave it out begin each call with a new id. */
static enum err
find_call(struct draft *d, const json_t *delta, struct call_draft **ret_call)
{
	int64_t index = json_count(delta, "index");
	struct str id = json_view(json_object_get(delta, "id"));

	for (size_t i = d->n_calls; i-- > 0;) {
		struct call_draft *c = &d->calls[i];
		bool is_same =
		    index >= 0 ? c->index == index : id.len == 0 || str_equals(c->id, id);

		if (!is_same)
			continue;
		*ret_call = c;
		return ERR_OK;
	}
	return new_call(d, index, ret_call);
}

static enum err
add_call_delta(struct draft *d, struct call_draft *c, const json_t *id, const json_t *function)
{
	struct str name = json_view(json_object_get(function, "name"));
	const json_t *arguments = json_object_get(function, "arguments");
	enum err e = ERR_OK;

	if (arguments == NULL)
		arguments = json_object_get(function, "input");
	if (c->id.len == 0)
		e = json_copy_text(d->arena, id, &c->id);
	/* Some servers repeat the whole name in each delta. */
	if (e == ERR_OK && !str_equals(buf_str(c->name), name))
		e = buf_append_str(c->name, name);
	return e != ERR_OK ? e : buf_append_str(c->arguments, json_view(arguments));
}

static enum err
add_calls(struct draft *d, const json_t *delta)
{
	const json_t *calls = json_object_get(delta, "tool_calls");
	const json_t *legacy = json_object_get(delta, "function_call");
	struct call_draft *c = NULL;
	enum err e = ERR_OK;

	for (size_t i = 0; i < json_array_size(calls) && e == ERR_OK; i++) {
		const json_t *call = json_array_get(calls, i);
		const json_t *function = json_object_get(call, "function");

		if (function == NULL)
			function = json_object_get(call, "custom");
		e = find_call(d, call, &c);
		if (e == ERR_OK)
			e = add_call_delta(d, c, json_object_get(call, "id"), function);
	}
	if (e != ERR_OK || !json_is_object(legacy))
		return e;
	e = find_call(d, legacy, &c);
	return e != ERR_OK ? e : add_call_delta(d, c, NULL, legacy);
}

static enum err
keep_first(struct arena *a, const json_t *value, struct str *text)
{
	if (text->len > 0 || json_view(value).len == 0)
		return ERR_OK;
	return json_copy_text(a, value, text);
}

static enum err
add_choice(struct draft *d, const json_t *choice)
{
	const json_t *delta = json_object_get(choice, "delta");
	enum err e;

	if (json_count(choice, "index") > 0)
		return ERR_OK;
	e = keep_first(d->arena, json_object_get(choice, "finish_reason"),
	    &d->response->finish_reason);
	if (e == ERR_OK)
		e = buf_append_str(d->content, json_view(json_object_get(delta, "content")));
	if (e == ERR_OK)
		e = buf_append_str(d->refusal, json_view(json_object_get(delta, "refusal")));
	return e != ERR_OK ? e : add_calls(d, delta);
}

static enum err
add_chunk(struct draft *d, const json_t *root)
{
	struct wire_response *r = d->response;
	const json_t *choices = json_object_get(root, "choices");
	const json_t *usage = json_object_get(root, "usage");
	bool is_error = false;
	enum err e = formats_read_error(d->arena, root, r, &is_error);

	r->is_error = r->is_error || is_error;
	if (e == ERR_OK)
		e = keep_first(d->arena, json_object_get(root, "model"), &r->model);
	if (e == ERR_OK)
		e = keep_first(d->arena, json_object_get(root, "system_fingerprint"),
		    &r->fingerprint);
	if (json_is_object(usage)) {
		r->prompt_tokens = json_count(usage, "prompt_tokens");
		r->completion_tokens = json_count(usage, "completion_tokens");
	}
	for (size_t i = 0; i < json_array_size(choices) && e == ERR_OK; i++)
		e = add_choice(d, json_array_get(choices, i));
	return e;
}

static enum err
finish(struct draft *d)
{
	struct wire_message *answer = &d->response->answer;
	enum err e = parts_join(d->content, buf_str(d->refusal));

	if (e == ERR_OK)
		e = parts_take(d->arena, d->content, &answer->content);
	if (e != ERR_OK || d->n_calls == 0)
		return e;
	answer->calls = arena_alloc_array(d->arena, d->n_calls, sizeof(*answer->calls));
	if (answer->calls == NULL)
		return ERR_NOMEM;
	answer->n_calls = d->n_calls;
	for (size_t i = 0; i < d->n_calls && e == ERR_OK; i++) {
		answer->calls[i].id = d->calls[i].id;
		e = parts_take(d->arena, d->calls[i].name, &answer->calls[i].name);
		if (e == ERR_OK)
			e = parts_take(d->arena, d->calls[i].arguments,
			    &answer->calls[i].arguments);
	}
	return e;
}

static enum err
read_events(struct draft *d, struct str body, struct err_detail *reterr)
{
	CLEANUP_SSE struct sse_reader reader = { 0 };
	struct sse_event event;
	enum err e = sse_init(&reader, body);

	while (e == ERR_OK && (e = sse_next(&reader, &event)) == ERR_OK) {
		CLEANUP(json) json_t *root = NULL;

		if (str_equals(str_trim(event.data), STR("[DONE]")))
			return ERR_OK;
		e = json_read(event.data, &root, reterr);
		/* The last event of a cut stream may be half an event. */
		if (e == ERR_MALFORMED && !event.is_complete)
			return ERR_OK;
		if (e == ERR_OK)
			e = add_chunk(d, root);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err
openai_read_stream(struct arena *a, struct str body, struct wire_response *ret_response,
    struct err_detail *reterr)
{
	struct draft d;
	enum err e = draft_init(&d, a, ret_response);

	if (e == ERR_OK)
		e = read_events(&d, body, reterr);
	if (e == ERR_OK)
		e = finish(&d);
	draft_done(&d);
	/* An error after part of an answer: the part is what the agent got. */
	if (ret_response->answer.content.len > 0 || ret_response->answer.n_calls > 0)
		ret_response->is_error = false;
	return e;
}
