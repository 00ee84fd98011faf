/* SPDX-License-Identifier: Apache-2.0 */
/* layer - text made from other text, with the way back. */
#include <string.h>

#include "redact/layer.h"

#define FIRST_CAP 256

enum err
grow_now(void **at, size_t *cap, size_t need, size_t element_bytes)
{
	size_t new_cap = *cap == 0 ? FIRST_CAP : *cap;
	void *moved;

	while (new_cap < need)
		new_cap *= 2;
	moved = calloc(new_cap, element_bytes);
	if (moved == NULL)
		return ERR_NOMEM;
	if (*at != NULL) {
		memcpy(moved, *at, *cap * element_bytes);
		explicit_bzero(*at, *cap * element_bytes);
		free(*at);
	}
	*at = moved;
	*cap = new_cap;
	return ERR_OK;
}

void
layer_done(struct layer *l)
{
	if (l->text != NULL)
		explicit_bzero(l->text, l->cap);
	free(l->text);
	free(l->pieces);
	*l = (struct layer){ 0 };
}

void
layer_clear(struct layer *l)
{
	if (l->len > 0)
		explicit_bzero(l->text, l->len);
	l->len = 0;
	l->n_pieces = 0;
}

struct source
source_of_text(const uint8_t *text, size_t len)
{
	return (struct source){ .text = text, .len = len };
}

struct source
source_of_layer(const struct layer *l)
{
	return (struct source){ l->text, l->len, l->pieces, l->n_pieces, 0 };
}

static const struct piece *
piece_at(struct source *s, size_t at)
{
	size_t low = 0, high = s->n_pieces;

	if (s->cursor < s->n_pieces && s->pieces[s->cursor].at <= at) {
		low = s->cursor;
		for (size_t next = low + 1; next < low + 4; next++)
			if (next >= high || s->pieces[next].at > at) {
				s->cursor = next - 1;
				return &s->pieces[next - 1];
			}
	}
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (s->pieces[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	s->cursor = low;
	return &s->pieces[low];
}

uint32_t
source_start(struct source *s, size_t at)
{
	const struct piece *p;

	if (s->n_pieces == 0)
		return (uint32_t)at;
	p = piece_at(s, at);
	return p->len == 0 ? p->from + (uint32_t)(at - p->at) : p->from;
}

uint32_t
source_end(struct source *s, size_t end)
{
	const struct piece *p;

	if (s->n_pieces == 0)
		return (uint32_t)end;
	p = piece_at(s, end - 1);
	return p->len == 0 ? p->from + (uint32_t)(end - p->at) : p->from + p->len;
}

static enum err
make_room(struct layer *l, size_t len)
{
	void *text = l->text, *pieces = l->pieces;
	enum err e = grow(&text, &l->cap, l->len + len + LAYER_PADDING, 1);

	l->text = text;
	if (e == ERR_OK)
		e = grow(&pieces, &l->cap_pieces, l->n_pieces + 1, sizeof(*l->pieces));
	l->pieces = pieces;
	return e;
}

static inline bool
has_room(const struct layer *l, size_t len)
{
	return l->len + len + LAYER_PADDING <= l->cap && l->n_pieces < l->cap_pieces;
}

/* Notes where the next bytes came from; whole_len as in struct piece. */
static inline void
note_piece(struct layer *l, uint32_t from, uint32_t whole_len)
{
	const struct piece *last = l->pieces + l->n_pieces;

	if (whole_len == 0 && l->n_pieces > 0 && (--last)->len == 0 &&
	    last->from + (l->len - last->at) == from)
		return;
	l->pieces[l->n_pieces++] = (struct piece){ (uint32_t)l->len, from, whole_len };
}

/* Appends bytes that came from one place. */
static inline enum err
append(struct layer *l, const uint8_t *bytes, size_t len, uint32_t from, uint32_t whole_len)
{
	if (!has_room(l, len)) {
		enum err e = make_room(l, len);

		if (e != ERR_OK)
			return e;
	}
	note_piece(l, from, whole_len);
	memcpy(l->text + l->len, bytes, len);
	l->len += len;
	return ERR_OK;
}

enum err
layer_copy(struct layer *l, struct source *s, size_t from, size_t to)
{
	if (from >= to)
		return ERR_OK;
	if (s->n_pieces == 0)
		return append(l, s->text + from, to - from, (uint32_t)from, 0);
	while (from < to) {
		const struct piece *p = piece_at(s, from);
		size_t index = (size_t)(p - s->pieces);
		size_t end = index + 1 < s->n_pieces ? s->pieces[index + 1].at : s->len;
		enum err e;

		if (end > to)
			end = to;
		e = append(l, s->text + from, end - from,
		    p->len == 0 ? p->from + (uint32_t)(from - p->at) : p->from, p->len);
		if (e != ERR_OK)
			return e;
		from = end;
	}
	return ERR_OK;
}

enum err
layer_put(struct layer *l, struct source *s, size_t from, size_t to, const uint8_t *bytes,
    size_t len)
{
	uint32_t start = source_start(s, from), end = source_end(s, to);
	enum err e;

	if (len > 1)
		return append(l, bytes, len, start, end - start);
	if (!has_room(l, 1) && (e = make_room(l, 1)) != ERR_OK)
		return e;
	note_piece(l, start, end - start);
	l->text[l->len++] = bytes[0];
	return ERR_OK;
}

enum err
layer_copy_and_put(struct layer *l, struct source *s, size_t from, size_t to, size_t end,
    uint8_t byte)
{
	size_t len = to - from;

	/* Of text in pieces, each byte must be looked up. */
	if (s->n_pieces != 0 || l->n_pieces + 2 > l->cap_pieces || !has_room(l, len + 1)) {
		enum err e = layer_copy(l, s, from, to);

		return e == ERR_OK ? layer_put(l, s, to, end, &byte, 1) : e;
	}
	if (len > 0) {
		note_piece(l, (uint32_t)from, 0);
		memcpy(l->text + l->len, s->text + from, len);
		l->len += len;
	}
	l->pieces[l->n_pieces++] =
	    (struct piece){ (uint32_t)l->len, (uint32_t)to, (uint32_t)(end - to) };
	l->text[l->len++] = byte;
	return ERR_OK;
}

enum err
layer_break(struct layer *l, struct source *s, size_t at)
{
	static const uint8_t byte = LAYER_BREAK;

	return append(l, &byte, 1, source_start(s, at), 0);
}
