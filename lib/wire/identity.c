/* SPDX-License-Identifier: Apache-2.0 */
/* What makes two messages the same one, and tool calls as they are stored. */
#include "wire/json.h"
#include "wire/wire.h"

/* The length before the bytes, so that no two fields can be read as one. */
static enum err
write_field(struct str field, struct buf *out)
{
	enum err e = buf_printf(out, "%zu:", field.len);

	return e != ERR_OK ? e : buf_append_str(out, field);
}

/* Some frameworks parse the arguments and write them again in their own way. */
static enum err
write_arguments(struct str arguments, struct buf *out)
{
	CLEANUP(json) json_t *parsed = NULL;
	CLEANUP(buf) struct buf *text = NULL;
	enum err e;

	if (json_read(arguments, &parsed, NULL) != ERR_OK)
		return write_field(arguments, out);
	e = buf_new(buf_limit(out), &text);
	if (e == ERR_OK)
		e = json_write_sorted(parsed, text);
	return e != ERR_OK ? e : write_field(buf_str(text), out);
}

enum err
wire_write_identity(const struct wire_message *message, struct buf *out)
{
	struct str name = message->role == WIRE_TOOL ? message->name : STR("");
	enum err e = buf_printf(out, "%s %zu ", wire_role_name(message->role), message->n_calls);

	if (e == ERR_OK)
		e = write_field(str_trim(message->content), out);
	if (e == ERR_OK)
		e = write_field(message->tool_call_id, out);
	if (e == ERR_OK)
		e = write_field(name, out);
	for (size_t i = 0; i < message->n_calls && e == ERR_OK; i++) {
		e = write_field(message->calls[i].id, out);
		if (e == ERR_OK)
			e = write_field(message->calls[i].name, out);
		if (e == ERR_OK)
			e = write_arguments(message->calls[i].arguments, out);
	}
	return e;
}

static enum err
write_call(const struct wire_tool_call *call, struct buf *out)
{
	enum err e = buf_append_str(out, STR("{\"id\":"));

	if (e == ERR_OK)
		e = json_write_string(call->id, out);
	if (e == ERR_OK)
		e = buf_append_str(out, STR(",\"type\":\"function\",\"function\":{\"name\":"));
	if (e == ERR_OK)
		e = json_write_string(call->name, out);
	if (e == ERR_OK)
		e = buf_append_str(out, STR(",\"arguments\":"));
	if (e == ERR_OK)
		e = json_write_string(call->arguments, out);
	return e != ERR_OK ? e : buf_append_str(out, STR("}}"));
}

enum err
wire_write_calls(const struct wire_tool_call *calls, size_t n_calls, struct buf *out)
{
	enum err e = n_calls == 0 ? ERR_OK : buf_append_byte(out, '[');

	for (size_t i = 0; i < n_calls && e == ERR_OK; i++) {
		if (i > 0)
			e = buf_append_byte(out, ',');
		if (e == ERR_OK)
			e = write_call(&calls[i], out);
	}
	return e != ERR_OK || n_calls == 0 ? e : buf_append_byte(out, ']');
}
