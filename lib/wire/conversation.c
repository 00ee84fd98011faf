/* SPDX-License-Identifier: Apache-2.0 */
/* Conversation files and the doors of the library: which format, JSON or events, answer or error.
 */
#include "wire/formats.h"

static const char *const role_names[] = {
	[WIRE_SYSTEM] = "system",
	[WIRE_USER] = "user",
	[WIRE_ASSISTANT] = "assistant",
	[WIRE_TOOL] = "tool",
};

static const struct {
	const char *ending; /* of the path below the provider's prefix */
	bool is_whole;
	enum wire_format format;
} paths[] = {
	{ "/chat/completions", false, WIRE_OPENAI_CHAT },
	{ "/v1/messages", false, WIRE_ANTHROPIC_MESSAGES },
	{ "/messages", true, WIRE_ANTHROPIC_MESSAGES },
};

static const struct {
	enum err (*read_request)(struct arena *, const json_t *, struct wire_request *,
	    struct err_detail *);
	enum err (*read_response)(struct arena *, const json_t *, struct wire_response *,
	    struct err_detail *);
	enum err (*read_stream)(struct arena *, struct str, struct wire_response *,
	    struct err_detail *);
} formats[] = {
	[WIRE_OPENAI_CHAT] = { openai_read_request, openai_read_response, openai_read_stream },
	[WIRE_ANTHROPIC_MESSAGES] = { anthropic_read_request, anthropic_read_response,
	    anthropic_read_stream },
};

const char *
wire_role_name(enum wire_role role)
{
	return role_names[role];
}

enum err
wire_parse_conversation(struct arena *a, struct str json,
    struct wire_conversation *ret_conversation, struct err_detail *reterr)
{
	CLEANUP(json) json_t *root = NULL;
	enum err e = json_read(json, &root, reterr);

	if (e != ERR_OK)
		return e;
	return openai_read_messages(a,
	    json_is_array(root) ? root : json_object_get(root, "messages"), ret_conversation,
	    reterr);
}

bool
wire_format_of_path(struct str path, enum wire_format *ret_format)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct str ending = str_from(paths[i].ending);

		if (path.len < ending.len || (paths[i].is_whole && path.len != ending.len) ||
		    !str_equals(str_slice(path, path.len - ending.len, path.len), ending))
			continue;
		*ret_format = paths[i].format;
		return true;
	}
	return false;
}

enum err
wire_parse_request(struct arena *a, enum wire_format format, struct str body,
    struct wire_request *ret_request, struct err_detail *reterr)
{
	CLEANUP(json) json_t *root = NULL;
	enum err e = json_read(body, &root, reterr);

	return e != ERR_OK ? e : formats[format].read_request(a, root, ret_request, reterr);
}

enum err
formats_read_error(struct arena *a, const json_t *root, struct wire_response *response,
    bool *ret_is_error)
{
	const json_t *error = json_object_get(root, "error");
	const json_t *type = json_object_get(error, "type");
	struct str word = json_view(type);

	*ret_is_error = error != NULL && !json_is_null(error);
	if (!*ret_is_error)
		return ERR_OK;
	/* A provider's word is short; anything long is a message, which may quote the request. */
	return json_copy_view(a, str_slice(word, 0, word.len > 100 ? 0 : word.len),
	    &response->error_type);
}

/* An error's body may be anything (a proxy's page); what counts is that there is no answer. */
static enum err
read_error_body(struct arena *a, struct str body, struct wire_response *response)
{
	CLEANUP(json) json_t *root = NULL;
	bool is_error;

	response->is_error = true;
	if (json_read(body, &root, NULL) != ERR_OK)
		return ERR_OK;
	return formats_read_error(a, root, response, &is_error);
}

static enum err
read_document(struct arena *a, enum wire_format format, struct str body,
    struct wire_response *response, struct err_detail *reterr)
{
	CLEANUP(json) json_t *root = NULL;
	enum err e = json_read(body, &root, reterr);

	if (e == ERR_OK)
		e = formats_read_error(a, root, response, &response->is_error);
	if (e != ERR_OK || response->is_error)
		return e;
	return formats[format].read_response(a, root, response, reterr);
}

static bool
is_event_stream(struct str content_type)
{
	struct str events = STR("text/event-stream");
	struct str type = str_trim(content_type);

	return str_equals_ignoring_case(str_slice(type, 0, events.len), events);
}

enum err
wire_parse_response(struct arena *a, enum wire_format format, const struct wire_reply *reply,
    struct wire_response *ret_response, struct err_detail *reterr)
{
	struct wire_response r = {
		.answer = { .role = WIRE_ASSISTANT },
		.prompt_tokens = -1,
		.completion_tokens = -1,
	};
	enum err e;

	if (reply->body.len > WIRE_MAX_BODY_BYTES)
		return err_set(reterr, ERR_TOO_LARGE, "a body over %u bytes", WIRE_MAX_BODY_BYTES);
	if (reply->status < 200 || reply->status > 299)
		e = read_error_body(a, reply->body, &r);
	else if (is_event_stream(reply->content_type))
		e = formats[format].read_stream(a, reply->body, &r, reterr);
	else
		e = read_document(a, format, reply->body, &r, reterr);
	if (e == ERR_OK)
		*ret_response = r;
	return e;
}
