/* SPDX-License-Identifier: Apache-2.0 */
/* OpenAI Chat Completions: requests and answers as JSON documents. */
#include "wire/formats.h"
#include "wire/parts.h"

static const struct {
	const char *name;
	enum wire_role role;
} roles[] = {
	{ "system", WIRE_SYSTEM },
	{ "developer", WIRE_SYSTEM },
	{ "user", WIRE_USER },
	{ "assistant", WIRE_ASSISTANT },
	{ "tool", WIRE_TOOL },
	{ "function", WIRE_TOOL },
};

static bool
read_role(const json_t *value, enum wire_role *ret_role)
{
	struct str name = json_view(value);

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (!str_equals(name, str_from(roles[i].name)))
			continue;
		*ret_role = roles[i].role;
		return true;
	}
	return false;
}

/* `function` or, of a custom tool, `custom`, whose input is free text. */
static enum err
read_call(struct arena *a, const json_t *id, const json_t *function, struct wire_tool_call *call)
{
	json_t *arguments = json_object_get(function, "arguments");
	enum err e;

	if (arguments == NULL)
		arguments = json_object_get(function, "input");
	e = json_copy_text(a, id, &call->id);
	if (e == ERR_OK)
		e = json_copy_text(a, json_object_get(function, "name"), &call->name);
	if (e != ERR_OK)
		return e;
	/* Some servers send the object itself. */
	if (json_is_object(arguments))
		return parts_write_json(a, arguments, &call->arguments);
	return json_copy_text(a, arguments, &call->arguments);
}

static enum err
read_calls(struct arena *a, const json_t *object, struct wire_message *m)
{
	const json_t *calls = json_object_get(object, "tool_calls");
	const json_t *legacy = json_object_get(object, "function_call");
	size_t n = json_array_size(calls);
	enum err e = ERR_OK;

	if (n == 0 && !json_is_object(legacy))
		return ERR_OK;
	if (n > WIRE_MAX_TOOL_CALLS)
		return ERR_TOO_LARGE;
	m->calls = arena_alloc_array(a, n == 0 ? 1 : n, sizeof(*m->calls));
	if (m->calls == NULL)
		return ERR_NOMEM;
	m->n_calls = n == 0 ? 1 : n;
	if (n == 0)
		return read_call(a, NULL, legacy, &m->calls[0]);
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		const json_t *call = json_array_get(calls, i);
		const json_t *function = json_object_get(call, "function");

		if (function == NULL)
			function = json_object_get(call, "custom");
		e = read_call(a, json_object_get(call, "id"), function, &m->calls[i]);
	}
	return e;
}

/* Content, and behind it the refusal that newer models send beside it. */
static enum err
read_content(struct arena *a, const json_t *object, struct str *ret_text, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *both = NULL;
	const json_t *refusal = json_object_get(object, "refusal");
	struct str content;
	enum err e = parts_read(a, json_object_get(object, "content"), &content, reterr);

	if (e != ERR_OK)
		return e;
	if (json_view(refusal).len == 0) {
		*ret_text = content;
		return ERR_OK;
	}
	e = buf_new(WIRE_MAX_BODY_BYTES, &both);
	if (e == ERR_OK)
		e = parts_join(both, content);
	if (e == ERR_OK)
		e = parts_join(both, json_view(refusal));
	return e != ERR_OK ? e : parts_take(a, both, ret_text);
}

static enum err
read_message(struct arena *a, const json_t *object, struct wire_message *m,
    struct err_detail *reterr)
{
	enum err e;

	if (!read_role(json_object_get(object, "role"), &m->role))
		return err_set(reterr, ERR_MALFORMED, "a message without a known role");
	e = read_content(a, object, &m->content, reterr);
	if (e == ERR_OK)
		e = json_copy_text(a, json_object_get(object, "name"), &m->name);
	if (e == ERR_OK)
		e = json_copy_text(a, json_object_get(object, "tool_call_id"), &m->tool_call_id);
	return e == ERR_OK && m->role == WIRE_ASSISTANT ? read_calls(a, object, m) : e;
}

enum err
openai_read_messages(struct arena *a, const json_t *messages,
    struct wire_conversation *ret_conversation, struct err_detail *reterr)
{
	CLEANUP_LIST struct message_list list = { 0 };
	enum err e;

	if (!json_is_array(messages))
		return err_set(reterr, ERR_MALFORMED, "messages is not an array");
	e = message_list_init(&list, a);
	for (size_t i = 0; i < json_array_size(messages) && e == ERR_OK; i++) {
		struct wire_message m = { 0 };

		e = read_message(a, json_array_get(messages, i), &m, reterr);
		if (e == ERR_OK)
			e = message_list_add(&list, &m);
	}
	return e != ERR_OK ? e : message_list_finish(&list, ret_conversation);
}

enum err
openai_read_request(struct arena *a, const json_t *root, struct wire_request *ret_request,
    struct err_detail *reterr)
{
	struct wire_request r = { .is_stream = json_is_true(json_object_get(root, "stream")) };
	enum err e = json_copy_text(a, json_object_get(root, "model"), &r.model);

	if (e == ERR_OK)
		e = openai_read_messages(a, json_object_get(root, "messages"), &r.conversation,
		    reterr);
	if (e == ERR_OK)
		*ret_request = r;
	return e;
}

/* The first choice is the one that an agent goes on with. */
static const json_t *
first_choice(const json_t *root)
{
	return json_array_get(json_object_get(root, "choices"), 0);
}

enum err
openai_read_response(struct arena *a, const json_t *root, struct wire_response *ret_response,
    struct err_detail *reterr)
{
	struct wire_response *r = ret_response;
	const json_t *choice = first_choice(root);
	const json_t *message = json_object_get(choice, "message");
	const json_t *usage = json_object_get(root, "usage");
	enum err e;

	if (!json_is_object(message))
		return err_set(reterr, ERR_MALFORMED, "an answer without choices");
	r->answer.role = WIRE_ASSISTANT;
	r->prompt_tokens = json_count(usage, "prompt_tokens");
	r->completion_tokens = json_count(usage, "completion_tokens");
	e = json_copy_text(a, json_object_get(root, "model"), &r->model);
	if (e == ERR_OK)
		e = json_copy_text(a, json_object_get(root, "system_fingerprint"), &r->fingerprint);
	if (e == ERR_OK)
		e = json_copy_text(a, json_object_get(choice, "finish_reason"), &r->finish_reason);
	if (e == ERR_OK)
		e = read_content(a, message, &r->answer.content, reterr);
	return e != ERR_OK ? e : read_calls(a, message, &r->answer);
}
