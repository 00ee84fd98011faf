/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events out of a whole body; see sse.h. */
#include "wire/sse.h"

#define BYTE_ORDER_MARK STR("\xef\xbb\xbf")

enum err
sse_init(struct sse_reader *r, struct str body)
{
	if (str_starts_with(body, BYTE_ORDER_MARK))
		body = str_slice(body, BYTE_ORDER_MARK.len, body.len);
	*r = (struct sse_reader){ .left = body };
	return buf_new(body.len + 1, &r->data);
}

void
sse_done(struct sse_reader *r)
{
	buf_free(r->data);
	r->data = NULL;
}

/* Takes one line; false when the body ends before the line does (the rest is still given). */
static bool
take_line(struct str *left, struct str *ret_line)
{
	size_t end = 0;
	size_t skip;

	while (end < left->len && left->at[end] != '\n' && left->at[end] != '\r')
		end++;
	*ret_line = str_slice(*left, 0, end);
	if (end == left->len) {
		*left = str_slice(*left, end, end);
		return false;
	}
	skip = left->at[end] == '\r' && end + 1 < left->len && left->at[end + 1] == '\n' ? 2 : 1;
	*left = str_slice(*left, end + skip, left->len);
	return true;
}

static enum err
take_field(struct sse_reader *r, struct str line, bool *has_data, struct sse_event *event)
{
	const char *colon = line.len == 0 ? NULL : memchr(line.at, ':', line.len);
	size_t name_len = colon == NULL ? line.len : (size_t)(colon - line.at);
	struct str name = str_slice(line, 0, name_len);
	struct str value = str_slice(line, name_len + 1, line.len);
	enum err e = ERR_OK;

	if (value.len > 0 && value.at[0] == ' ')
		value = str_slice(value, 1, value.len);
	if (str_equals(name, STR("event")))
		event->name = value;
	if (!str_equals(name, STR("data")))
		return ERR_OK;
	if (*has_data)
		e = buf_append_byte(r->data, '\n');
	*has_data = true;
	return e != ERR_OK ? e : buf_append_str(r->data, value);
}

enum err
sse_next(struct sse_reader *r, struct sse_event *ret_event)
{
	struct sse_event event = { 0 };
	bool has_data = false;

	buf_clear(r->data);
	while (r->left.len > 0) {
		struct str line;
		bool is_whole = take_line(&r->left, &line);
		enum err e = ERR_OK;

		if (line.len > 0)
			e = take_field(r, line, &has_data, &event);
		if (e != ERR_OK)
			return e;
		if (line.len == 0 && is_whole && has_data) {
			event.is_complete = true;
			break;
		}
		if (line.len == 0)
			event.name = STR("");
	}
	if (!has_data)
		return ERR_NOT_FOUND;
	event.data = buf_str(r->data);
	*ret_event = event;
	return ERR_OK;
}
