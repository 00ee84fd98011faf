/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire - the providers' formats, parsed once at the edge of the system into types.
 *
 * Everything returned lives in the arena that the caller gives; outside bytes past a cap or of
 * another shape are ERR_MALFORMED or ERR_TOO_LARGE, never a guess.  Text is valid UTF-8.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define WIRE_MAX_MESSAGES 4096
#define WIRE_MAX_TOOL_CALLS 256
#define WIRE_MAX_BODY_BYTES (32u << 20)
#define WIRE_MAX_JSON_DEPTH 64
#define WIRE_MAX_JSON_VALUES (512u << 10) /* an empty object of two bytes costs 200 of memory */

enum wire_role { WIRE_SYSTEM, WIRE_USER, WIRE_ASSISTANT, WIRE_TOOL };

struct wire_tool_call {
	struct str id;
	struct str name;
	struct str arguments; /* JSON text as the model wrote it (may be invalid JSON) */
};

struct wire_message {
	enum wire_role role;
	struct str
	    content; /* text parts joined with line breaks; other parts as "[image]" and so on */
	struct str tool_call_id; /* of a tool result */
	struct str name;         /* the tool's or the participant's; may be empty */
	struct wire_tool_call *calls;
	size_t n_calls;
};

/* The dialogue without system messages, and those joined into one text. */
struct wire_conversation {
	struct str system_message;
	struct wire_message *messages;
	size_t n_messages;
	const size_t
	    *places; /* of each message among all, system messages counted; NULL: its index */
};

/* The number by which others name the message: its place in the array that it was read from. */
static inline size_t
wire_place(const struct wire_conversation *c, size_t index)
{
	return c->places == NULL ? index : c->places[index];
}

/* The message of that number; false when there is none, as for a system message. */
bool wire_at_place(const struct wire_conversation *c, size_t place, size_t *ret_index);

const char *wire_role_name(enum wire_role role); /* "system", "user", "assistant", "tool" */

/* An OpenAI-format conversation: an object with `messages`, or a bare array of messages. */
MUST_CHECK enum err wire_parse_conversation(struct arena *a, struct str json,
    struct wire_conversation *ret_conversation, struct err_detail *reterr);

/* Bytes that are equal for a message and its repetition in the next request, whatever a framework
 * did to the JSON of its arguments or to white space at the ends of its content.  Hash them. */
MUST_CHECK enum err wire_write_identity(const struct wire_message *message, struct buf *out);

/* Tool calls as a JSON array in OpenAI's form; nothing when there are none. */
MUST_CHECK enum err wire_write_calls(const struct wire_tool_call *calls, size_t n_calls,
    struct buf *out);

enum wire_format { WIRE_OPENAI_CHAT, WIRE_ANTHROPIC_MESSAGES };

/* Which format a request to this path below the provider's prefix speaks, e.g.
 * "/v1/chat/completions"; false when we know none (the capture is then counted as unparsed). */
bool wire_format_of_path(struct str path, enum wire_format *ret_format);

struct wire_request {
	struct str model;
	bool is_stream;
	struct wire_conversation conversation;
};

struct wire_response {
	bool is_error;              /* an error object instead of an answer */
	struct wire_message answer; /* role WIRE_ASSISTANT; empty when is_error */
	struct str model;           /* as the provider says */
	struct str finish_reason;   /* the provider's word; empty when cut */
	struct str fingerprint;     /* system_fingerprint; may be empty */
	int64_t prompt_tokens;      /* -1 when not told */
	int64_t completion_tokens;  /* -1 when not told */
	struct str error_type;      /* the provider's word, when is_error */
};

MUST_CHECK enum err wire_parse_request(struct arena *a, enum wire_format format, struct str body,
    struct wire_request *ret_request, struct err_detail *reterr);

struct wire_reply {
	int status;              /* of HTTP */
	struct str content_type; /* decides between JSON and server-sent events */
	struct str body;         /* decoded */
};

/* A stream that was cut in the middle gives what had arrived. */
MUST_CHECK enum err wire_parse_response(struct arena *a, enum wire_format format,
    const struct wire_reply *reply, struct wire_response *ret_response, struct err_detail *reterr);

/* content_encoding "" or "identity" (a view of body), "gzip", "deflate"; others ERR_MALFORMED.
 * What unpacks to more than WIRE_MAX_BODY_BYTES is ERR_TOO_LARGE. */
MUST_CHECK enum err wire_decode_body(struct arena *a, struct str content_encoding, struct str body,
    struct str *ret_body);
