/* SPDX-License-Identifier: Apache-2.0 */
/* held - see held.h. */
#include "collector/held.h"

void
held_add(struct held *h, struct capture *c)
{
	struct capture **at = &h->first;

	/* UUIDv7: the order of bytes is the order of time. */
	while (*at != NULL && memcmp((*at)->id.bytes, c->id.bytes, UUID_BYTES) <= 0)
		at = &(*at)->next;
	c->next = *at;
	*at = c;
	h->bytes += capture_bytes(c);
}

static struct capture *
unlink_at(struct held *h, struct capture **at)
{
	struct capture *c = *at;

	*at = c->next;
	c->next = NULL;
	h->bytes -= capture_bytes(c);
	return c;
}

struct capture *
held_take_first(struct held *h)
{
	return h->first == NULL ? NULL : unlink_at(h, &h->first);
}

void
held_free_all(struct held *h)
{
	while (h->first != NULL)
		capture_free(held_take_first(h));
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
	struct capture **at = &from->first;

	while (*at != NULL)
		if (waits_for(*at, tip))
			held_add(to, unlink_at(from, at));
		else
			at = &(*at)->next;
}

void
held_release_old(struct held *from, int64_t since_ms, struct held *to)
{
	struct capture **at = &from->first;

	while (*at != NULL) {
		if ((*at)->received_ms > since_ms) {
			at = &(*at)->next;
			continue;
		}
		(*at)->has_waited = true;
		held_add(to, unlink_at(from, at));
	}
}
