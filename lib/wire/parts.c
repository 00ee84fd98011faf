/* SPDX-License-Identifier: Apache-2.0 */
/* Content made of parts, and the list of messages; see parts.h. */
#include "wire/parts.h"

/* Parts whose type says more than what the reader of a conversation needs. */
static const struct {
	const char *type;
	const char *shown;
} known_parts[] = {
	{ "image_url", "[image]" },
	{ "input_image", "[image]" },
	{ "input_audio", "[audio]" },
	{ "input_file", "[file]" },
};

enum err
parts_join(struct buf *text, struct str part)
{
	enum err e = ERR_OK;

	if (part.len == 0)
		return ERR_OK;
	if (buf_len(text) > 0)
		e = buf_append_byte(text, '\n');
	return e != ERR_OK ? e : buf_append_str(text, part);
}

/* Only a plain word may be shown: the type is outside text like all the rest. */
static bool
is_plain_word(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] < 'a' || s.at[i] > 'z') && s.at[i] != '_')
			return false;
	return s.len > 0 && s.len <= 40;
}

static enum err
join_placeholder(struct buf *text, struct str type)
{
	enum err e;

	for (size_t i = 0; i < sizeof(known_parts) / sizeof(known_parts[0]); i++)
		if (str_equals(type, str_from(known_parts[i].type)))
			return parts_join(text, str_from(known_parts[i].shown));
	if (!is_plain_word(type))
		return parts_join(text, STR("[part]"));
	e = parts_join(text, STR("["));
	if (e == ERR_OK)
		e = buf_append_str(text, type);
	return e != ERR_OK ? e : buf_append_byte(text, ']');
}

enum err
parts_join_one(struct buf *text, const json_t *part)
{
	struct str type = json_view(json_object_get(part, "type"));

	if (json_is_string(part))
		return parts_join(text, json_view(part));
	if (str_equals(type, STR("text")) || str_equals(type, STR("input_text")) ||
	    str_equals(type, STR("output_text")))
		return parts_join(text, json_view(json_object_get(part, "text")));
	if (str_equals(type, STR("refusal")))
		return parts_join(text, json_view(json_object_get(part, "refusal")));
	return join_placeholder(text, type);
}

enum err
parts_take(struct arena *a, const struct buf *text, struct str *ret_text)
{
	return json_copy_view(a, buf_str(text), ret_text);
}

enum err
parts_read(struct arena *a, const json_t *content, struct str *ret_text, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *text = NULL;
	enum err e;

	if (content == NULL || json_is_null(content) || json_is_string(content))
		return json_copy_text(a, content, ret_text);
	if (!json_is_array(content))
		return err_set(reterr, ERR_MALFORMED, "content is neither text nor parts");
	e = buf_new(WIRE_MAX_BODY_BYTES, &text);
	for (size_t i = 0; i < json_array_size(content) && e == ERR_OK; i++)
		e = parts_join_one(text, json_array_get(content, i));
	return e != ERR_OK ? e : parts_take(a, text, ret_text);
}

enum err
parts_write_json(struct arena *a, json_t *value, struct str *ret_text)
{
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = buf_new(WIRE_MAX_BODY_BYTES, &text);

	if (e == ERR_OK)
		e = json_write(value, text);
	return e != ERR_OK ? e : parts_take(a, text, ret_text);
}

enum err
message_list_init(struct message_list *l, struct arena *a)
{
	*l = (struct message_list){ .arena = a };
	return buf_new(WIRE_MAX_BODY_BYTES, &l->system);
}

void
message_list_done(struct message_list *l)
{
	buf_free(l->system);
	l->system = NULL;
}

static enum err
make_room(struct message_list *l)
{
	size_t room = l->room == 0 ? 16 : l->room * 2;
	struct wire_message *messages = arena_alloc_array(l->arena, room, sizeof(*messages));
	size_t *places = arena_alloc_array(l->arena, room, sizeof(*places));

	if (messages == NULL || places == NULL)
		return ERR_NOMEM;
	if (l->n > 0) {
		memcpy(messages, l->messages, l->n * sizeof(*messages));
		memcpy(places, l->places, l->n * sizeof(*places));
	}
	l->messages = messages;
	l->places = places;
	l->room = room;
	return ERR_OK;
}

enum err
message_list_add(struct message_list *l, const struct wire_message *m)
{
	size_t place = l->n_seen++;
	enum err e = ERR_OK;

	if (m->role == WIRE_SYSTEM)
		return parts_join(l->system, m->content);
	if (l->n == WIRE_MAX_MESSAGES)
		return ERR_TOO_LARGE;
	if (l->n == l->room)
		e = make_room(l);
	if (e != ERR_OK)
		return e;
	l->places[l->n] = place;
	l->messages[l->n++] = *m;
	return ERR_OK;
}

enum err
message_list_finish(struct message_list *l, struct wire_conversation *ret_c)
{
	struct wire_conversation c = {
		.messages = l->messages,
		.n_messages = l->n,
		.places = l->places,
	};
	enum err e = parts_take(l->arena, l->system, &c.system_message);

	if (e == ERR_OK)
		*ret_c = c;
	return e;
}

bool
wire_at_place(const struct wire_conversation *c, size_t place, size_t *ret_index)
{
	for (size_t i = 0; i < c->n_messages; i++)
		if (wire_place(c, i) == place) {
			*ret_index = i;
			return true;
		}
	return false;
}
