/* SPDX-License-Identifier: Apache-2.0 */
/* capture - collects the bytes of one exchange under two limits and frames them. */
#include "edge/ngx/capture.h"

#include "base/big_endian.h"

#include <string.h>

#define BLOCK_FIRST_BYTES ((size_t)4096)
#define BLOCK_MAX_BYTES ((size_t)65536)

static bool
has_room(const struct edge_budget *b, size_t bytes)
{
	size_t used = *b->used_bytes + bytes;

	return used <= b->limit_bytes &&
	    *b->share_bytes + bytes <= EDGE_SHARE_FACTOR * (b->limit_bytes - used);
}

static void
count_bytes(struct edge_capture *c, size_t bytes)
{
	c->memory_bytes += bytes;
	*c->budget.used_bytes += bytes;
	*c->budget.share_bytes += bytes;
}

static struct edge_block *
block_new(struct edge_capture *c, size_t room)
{
	size_t bytes = sizeof(struct edge_block) + EDGE_FRAME_HEAD_BYTES + room;
	struct edge_block *b;

	if (c->memory_bytes + bytes > c->budget.max_bytes || !has_room(&c->budget, bytes))
		return NULL;
	b = malloc(bytes);
	if (b == NULL)
		return NULL;
	b->next = NULL;
	b->room = room;
	b->len = 0;
	count_bytes(c, bytes);
	return b;
}

static void
blocks_free(struct edge_block *b)
{
	while (b != NULL) {
		struct edge_block *next = b->next;

		explicit_bzero(b->frame, EDGE_FRAME_HEAD_BYTES + b->len);
		free(b);
		b = next;
	}
}

struct edge_capture *
edge_capture_new(const struct edge_budget *budget, struct uuid id)
{
	struct edge_capture *c;

	if (!has_room(budget, sizeof(*c)))
		return NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->budget = *budget;
	count_bytes(c, sizeof(*c));
	c->id = id;
	return c;
}

void
edge_capture_free(struct edge_capture *c)
{
	if (c == NULL)
		return;
	blocks_free(c->frames);
	blocks_free(c->start);
	blocks_free(c->end);
	blocks_free(c->request_body.first);
	blocks_free(c->response_body.first);
	*c->budget.used_bytes -= c->memory_bytes;
	*c->budget.share_bytes -= c->memory_bytes;
	free(c);
}

/* Blocks grow with the body, so that a short one costs little and a long one few frames. */
static size_t
next_room(const struct edge_body *body, size_t wanted)
{
	size_t room = body->last == NULL ? BLOCK_FIRST_BYTES : body->last->room * 2;

	if (room < wanted)
		room = wanted;
	return room < BLOCK_MAX_BYTES ? room : BLOCK_MAX_BYTES;
}

static enum err
add_block(struct edge_capture *c, struct edge_body *body, size_t wanted)
{
	struct edge_block *b = block_new(c, next_room(body, wanted));

	if (b == NULL)
		return ERR_TOO_LARGE;
	if (body->last == NULL)
		body->first = b;
	else
		body->last->next = b;
	body->last = b;
	return ERR_OK;
}

enum err
edge_capture_append(struct edge_capture *c, struct edge_body *body, struct str bytes)
{
	while (bytes.len > 0) {
		struct edge_block *b = body->last;
		size_t step;

		if (b == NULL || b->len == b->room) {
			enum err e = add_block(c, body, bytes.len);

			if (e != ERR_OK)
				return e;
			b = body->last;
		}
		step = b->room - b->len < bytes.len ? b->room - b->len : bytes.len;
		memcpy(b->frame + EDGE_FRAME_HEAD_BYTES + b->len, bytes.at, step);
		b->len += step;
		body->bytes += step;
		bytes = str_slice(bytes, step, bytes.len);
	}
	return ERR_OK;
}

static void
write_heads(const struct edge_capture *c, struct edge_block *b, enum edge_frame type)
{
	for (; b != NULL; b = b->next) {
		b->frame[0] = (uint8_t)type;
		memcpy(b->frame + 1, c->id.bytes, sizeof(c->id.bytes));
		big_endian_put(b->frame + 17, b->len, 4);
	}
}

enum err
edge_capture_set_text(struct edge_capture *c, enum edge_frame type, struct str json)
{
	struct edge_block *b = block_new(c, json.len);

	if (b == NULL)
		return ERR_TOO_LARGE;
	memcpy(b->frame + EDGE_FRAME_HEAD_BYTES, json.at, json.len);
	b->len = json.len;
	write_heads(c, b, type);
	*(type == EDGE_FRAME_START ? &c->start : &c->end) = b;
	return ERR_OK;
}

static void
move_blocks(struct edge_block **tail, struct edge_body *body)
{
	if (body->first == NULL)
		return;
	(*tail)->next = body->first;
	*tail = body->last;
	body->first = body->last = NULL;
}

void
edge_capture_seal(struct edge_capture *c)
{
	struct edge_block *tail = c->start;

	write_heads(c, c->request_body.first, EDGE_FRAME_REQUEST);
	write_heads(c, c->response_body.first, EDGE_FRAME_RESPONSE);
	c->frames = TAKE(c->start);
	move_blocks(&tail, &c->request_body);
	move_blocks(&tail, &c->response_body);
	tail->next = TAKE(c->end);
}
