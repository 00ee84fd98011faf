/* SPDX-License-Identifier: Apache-2.0 */
/* held - see held.h. */
#include "collector/held.h"

/* From the end on: most come in their order. */
void
held_add(struct held *h, struct capture *c)
{
	struct capture *before = h->last;

	/* UUIDv7: the order of bytes is the order of time. */
	while (before != NULL && memcmp(before->id.bytes, c->id.bytes, UUID_BYTES) > 0)
		before = before->previous;
	c->previous = before;
	c->next = before == NULL ? h->first : before->next;
	*(before == NULL ? &h->first : &before->next) = c;
	*(c->next == NULL ? &h->last : &c->next->previous) = c;
	h->bytes += capture_bytes(c);
}

bool
held_takes_again(struct held *h, struct capture *c)
{
	struct capture *at = h->last;
	int order = 1;

	while (at != NULL && (order = memcmp(at->id.bytes, c->id.bytes, UUID_BYTES)) > 0)
		at = at->previous;
	if (order != 0)
		return false;
	at->peer = c->peer;
	capture_free(c);
	return true;
}

static struct capture *
take_out(struct held *h, struct capture *c)
{
	*(c->previous == NULL ? &h->first : &c->previous->next) = c->next;
	*(c->next == NULL ? &h->last : &c->next->previous) = c->previous;
	c->next = c->previous = NULL;
	h->bytes -= capture_bytes(c);
	return c;
}

size_t
held_take_some(struct held *h, struct capture **ret_captures, size_t n)
{
	size_t taken = 0, bytes = 0;

	for (struct capture *c = h->first, *next; c != NULL && taken < n; c = next) {
		next = c->next;
		if (taken > 0 && !uuid_equals(&c->head.workspace, &ret_captures[0]->head.workspace))
			continue;
		bytes += capture_bytes(c);
		if (taken > 0 && bytes > HELD_BATCH_BYTES)
			break;
		ret_captures[taken++] = take_out(h, c);
	}
	return taken;
}

struct capture *
held_take_last(struct held *h)
{
	return take_out(h, h->last);
}

bool
held_is_at_least(const struct held *h, size_t n)
{
	const struct capture *c = h->first;

	for (; c != NULL && n > 0; c = c->next)
		n--;
	return n == 0;
}

void
held_free_all(struct held *h)
{
	while (h->first != NULL)
		capture_free(take_out(h, h->first));
}

void
held_forget_peer(struct held *h, int peer)
{
	for (struct capture *c = h->first; c != NULL; c = c->next)
		if (c->peer == peer)
			c->peer = -1;
}

static bool
waits_for(const struct capture *c, struct str tip)
{
	for (size_t i = 0; i < c->n_waits_for; i++)
		if (str_equals(c->waits_for[i], tip))
			return true;
	return false;
}

void
held_release(struct held *from, struct str tip, struct held *to)
{
	for (struct capture *c = from->first, *next; c != NULL; c = next) {
		next = c->next;
		if (waits_for(c, tip))
			held_add(to, take_out(from, c));
	}
}

void
held_release_old(struct held *from, int64_t since_ms, struct held *to)
{
	for (struct capture *c = from->first, *next; c != NULL; c = next) {
		next = c->next;
		if (c->received_ms > since_ms)
			continue;
		c->has_waited = true;
		held_add(to, take_out(from, c));
	}
}
