/* SPDX-License-Identifier: Apache-2.0 */
/* Anthropic Messages: requests and answers as JSON documents. */
#include "wire/anthropic.h"
#include "wire/formats.h"

enum err
turn_init(struct turn *t, struct arena *a)
{
	*t = (struct turn){ .arena = a };
	return buf_new(WIRE_MAX_BODY_BYTES, &t->text);
}

void
turn_done(struct turn *t)
{
	buf_free(t->text);
	t->text = NULL;
}

static enum err
next_call(struct turn *t, struct wire_tool_call **ret_call)
{
	if (t->n_calls == WIRE_MAX_TOOL_CALLS)
		return ERR_TOO_LARGE;
	if (t->calls == NULL)
		t->calls = arena_alloc_array(t->arena, WIRE_MAX_TOOL_CALLS, sizeof(*t->calls));
	if (t->calls == NULL)
		return ERR_NOMEM;
	*ret_call = &t->calls[t->n_calls++];
	return ERR_OK;
}

enum err
turn_add_call(struct turn *t, struct str id, struct str name, struct str arguments)
{
	CLEANUP(json) json_t *parsed = NULL;
	struct wire_tool_call *call = NULL;
	enum err e = next_call(t, &call);

	if (e == ERR_OK)
		e = json_copy_view(t->arena, id, &call->id);
	if (e == ERR_OK)
		e = json_copy_view(t->arena, name, &call->name);
	if (e != ERR_OK)
		return e;
	if (arguments.len == 0)
		arguments = STR("{}");
	/* Half an argument of a cut stream stays as it came. */
	if (json_read(arguments, &parsed, NULL) != ERR_OK)
		return json_copy_view(t->arena, arguments, &call->arguments);
	return parts_write_json(t->arena, parsed, &call->arguments);
}

static enum err
add_call_block(struct turn *t, const json_t *block)
{
	json_t *input = json_object_get(block, "input");
	struct wire_tool_call *call = NULL;
	enum err e = next_call(t, &call);

	if (e == ERR_OK)
		e = json_copy_text(t->arena, json_object_get(block, "id"), &call->id);
	if (e == ERR_OK)
		e = json_copy_text(t->arena, json_object_get(block, "name"), &call->name);
	if (e != ERR_OK)
		return e;
	if (input == NULL) {
		call->arguments = STR("{}");
		return ERR_OK;
	}
	return parts_write_json(t->arena, input, &call->arguments);
}

enum err
turn_add_block(struct turn *t, const json_t *block)
{
	struct str type = json_view(json_object_get(block, "type"));

	if (str_equals(type, STR("tool_use")))
		return add_call_block(t, block);
	if (str_equals(type, STR("thinking")) || str_equals(type, STR("redacted_thinking")))
		return ERR_OK;
	return parts_join_one(t->text, block);
}

enum err
turn_finish(struct turn *t, struct wire_message *ret_message)
{
	ret_message->calls = t->calls;
	ret_message->n_calls = t->n_calls;
	return parts_take(t->arena, t->text, &ret_message->content);
}

static enum err
read_blocks(struct arena *a, const json_t *content, struct wire_message *m,
    struct err_detail *reterr)
{
	CLEANUP_TURN struct turn turn = { 0 };
	enum err e;

	if (!json_is_array(content))
		return parts_read(a, content, &m->content, reterr);
	e = turn_init(&turn, a);
	for (size_t i = 0; i < json_array_size(content) && e == ERR_OK; i++)
		e = turn_add_block(&turn, json_array_get(content, i));
	return e != ERR_OK ? e : turn_finish(&turn, m);
}

static enum err
add_tool_result(struct message_list *list, const json_t *block, struct err_detail *reterr)
{
	struct wire_message m = { .role = WIRE_TOOL };
	enum err e = parts_read(list->arena, json_object_get(block, "content"), &m.content, reterr);

	if (e == ERR_OK)
		e = json_copy_text(list->arena, json_object_get(block, "tool_use_id"),
		    &m.tool_call_id);
	return e != ERR_OK ? e : message_list_add(list, &m);
}

/* Tool results are messages of their own, before what the person says beside them. */
static enum err
add_user_blocks(struct message_list *list, const json_t *blocks, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *text = NULL;
	struct wire_message m = { .role = WIRE_USER };
	size_t n_results = 0;
	enum err e = buf_new(WIRE_MAX_BODY_BYTES, &text);

	for (size_t i = 0; i < json_array_size(blocks) && e == ERR_OK; i++) {
		const json_t *block = json_array_get(blocks, i);

		if (str_equals(json_view(json_object_get(block, "type")), STR("tool_result"))) {
			e = add_tool_result(list, block, reterr);
			n_results++;
		} else {
			e = parts_join_one(text, block);
		}
	}
	if (e != ERR_OK || (n_results > 0 && buf_len(text) == 0))
		return e;
	e = parts_take(list->arena, text, &m.content);
	return e != ERR_OK ? e : message_list_add(list, &m);
}

static enum err
add_message(struct message_list *list, const json_t *object, struct err_detail *reterr)
{
	struct wire_message m = { 0 };
	struct str role = json_view(json_object_get(object, "role"));
	const json_t *content = json_object_get(object, "content");
	enum err e;

	if (str_equals(role, STR("user")) && json_is_array(content))
		return add_user_blocks(list, content, reterr);
	if (str_equals(role, STR("user")))
		m.role = WIRE_USER;
	else if (str_equals(role, STR("assistant")))
		m.role = WIRE_ASSISTANT;
	else if (str_equals(role, STR("system")))
		m.role = WIRE_SYSTEM;
	else
		return err_set(reterr, ERR_MALFORMED, "a message without a known role");
	e = read_blocks(list->arena, content, &m, reterr);
	return e != ERR_OK ? e : message_list_add(list, &m);
}

static enum err
read_messages(struct arena *a, const json_t *root, struct wire_conversation *ret_conversation,
    struct err_detail *reterr)
{
	CLEANUP_LIST struct message_list list = { 0 };
	const json_t *messages = json_object_get(root, "messages");
	struct wire_message system = { .role = WIRE_SYSTEM };
	enum err e;

	if (!json_is_array(messages))
		return err_set(reterr, ERR_MALFORMED, "messages is not an array");
	e = message_list_init(&list, a);
	if (e == ERR_OK)
		e = parts_read(a, json_object_get(root, "system"), &system.content, reterr);
	if (e == ERR_OK)
		e = message_list_add(&list, &system);
	for (size_t i = 0; i < json_array_size(messages) && e == ERR_OK; i++)
		e = add_message(&list, json_array_get(messages, i), reterr);
	return e != ERR_OK ? e : message_list_finish(&list, ret_conversation);
}

enum err
anthropic_read_request(struct arena *a, const json_t *root, struct wire_request *ret_request,
    struct err_detail *reterr)
{
	struct wire_request r = { .is_stream = json_is_true(json_object_get(root, "stream")) };
	enum err e = json_copy_text(a, json_object_get(root, "model"), &r.model);

	if (e == ERR_OK)
		e = read_messages(a, root, &r.conversation, reterr);
	if (e == ERR_OK)
		*ret_request = r;
	return e;
}

/* Tokens read from or written to the provider's cache are part of the prompt. */
void
anthropic_read_usage(const json_t *usage, struct wire_response *response)
{
	static const char *const prompt[] = { "input_tokens", "cache_creation_input_tokens",
		"cache_read_input_tokens" };
	int64_t sum = 0;

	if (json_count(usage, "output_tokens") >= 0)
		response->completion_tokens = json_count(usage, "output_tokens");
	if (json_count(usage, "input_tokens") < 0)
		return;
	for (size_t i = 0; i < sizeof(prompt) / sizeof(prompt[0]); i++) {
		int64_t count = json_count(usage, prompt[i]);

		if (count > 0 && count < INT64_MAX / 4)
			sum += count;
	}
	response->prompt_tokens = sum;
}

enum err
anthropic_read_response(struct arena *a, const json_t *root, struct wire_response *ret_response,
    struct err_detail *reterr)
{
	struct wire_response *r = ret_response;
	const json_t *content = json_object_get(root, "content");
	enum err e;

	if (!json_is_array(content))
		return err_set(reterr, ERR_MALFORMED, "an answer without content");
	anthropic_read_usage(json_object_get(root, "usage"), r);
	e = json_copy_text(a, json_object_get(root, "model"), &r->model);
	if (e == ERR_OK)
		e = json_copy_text(a, json_object_get(root, "stop_reason"), &r->finish_reason);
	return e != ERR_OK ? e : read_blocks(a, content, &r->answer, reterr);
}
