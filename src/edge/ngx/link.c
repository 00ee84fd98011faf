/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link - the connection to the collector.
 *
 *   waiting:  [sent] [sent] [being sent: block, offset] [not sent] …
 *              ACKs take from here ^ anywhere before it
 *
 * A break puts the cursor back to the first.  Nothing here waits: a collector that does not read
 * fills the queue until the worker's memory limit drops new captures.
 */
#include "edge/ngx/link.h"

#include <poll.h>
#include <sys/uio.h>

#include "base/clock.h"

#define VECTORS 64
#define RETRY_FIRST_MS 20
#define RETRY_MAX_MS 1000
#define HOLD_STEP_MS 1000
#define HOLD_STEPS_WHILE_EXITING 10

static struct edge_capture *
capture_at(const struct edge_link *l, ngx_queue_t *q)
{
	return q == ngx_queue_sentinel(&l->waiting) ? NULL
						    : ngx_queue_data(q, struct edge_capture, queue);
}

static struct edge_capture *
first_capture(const struct edge_link *l)
{
	return capture_at(l, ngx_queue_head(&l->waiting));
}

static struct edge_capture *
next_capture(const struct edge_link *l, const struct edge_capture *c)
{
	return capture_at(l, ngx_queue_next(&c->queue));
}

static void
rewind_cursor(struct edge_link *l)
{
	for (struct edge_capture *c = first_capture(l); c != NULL; c = next_capture(l, c))
		c->is_sent = 0;
	l->capture = first_capture(l);
	l->block = NULL;
	l->offset = 0;
	l->acks_len = 0;
}

static void
disconnect(struct edge_link *l)
{
	if (l->connection != NULL)
		ngx_close_connection(l->connection);
	l->connection = NULL;
	rewind_cursor(l);
	if (!l->retry.timer_set)
		ngx_add_timer(&l->retry, l->retry_after_ms);
	l->retry_after_ms = ngx_min(l->retry_after_ms * 2, RETRY_MAX_MS);
}

static int
gather(const struct edge_link *l, struct iovec *vectors)
{
	const struct edge_capture *c = l->capture;
	struct edge_block *b = l->block;
	size_t skip = l->offset;
	int n = 0;

	for (; c != NULL && n < VECTORS; c = next_capture(l, c)) {
		if (b == NULL)
			b = c->frames;
		for (; b != NULL && n < VECTORS; b = b->next) {
			vectors[n].iov_base = b->frame + skip;
			vectors[n].iov_len = EDGE_FRAME_HEAD_BYTES + b->len - skip;
			skip = 0;
			n++;
		}
	}
	return n;
}

static void
advance(struct edge_link *l, size_t sent)
{
	while (sent > 0) {
		size_t left;

		if (l->block == NULL)
			l->block = l->capture->frames;
		left = EDGE_FRAME_HEAD_BYTES + l->block->len - l->offset;
		if (sent < left) {
			l->offset += sent;
			return;
		}
		sent -= left;
		l->offset = 0;
		l->block = l->block->next;
		if (l->block == NULL) {
			l->capture->is_sent = 1;
			l->capture = next_capture(l, l->capture);
		}
	}
}

/* NGX_OK: all is sent.  NGX_AGAIN: the collector does not read now. */
static ngx_int_t
send_some(struct edge_link *l)
{
	struct iovec vectors[VECTORS];

	while (l->capture != NULL) {
		struct msghdr message = { .msg_iov = vectors };
		ssize_t sent;

		message.msg_iovlen = (size_t)gather(l, vectors);
		sent = sendmsg(l->connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0)
			advance(l, (size_t)sent);
		else if (ngx_errno == NGX_EAGAIN)
			return NGX_AGAIN;
		else if (ngx_errno != NGX_EINTR)
			return NGX_ERROR;
	}
	return NGX_OK;
}

static void
send_waiting(struct edge_link *l)
{
	ngx_event_t *wev;
	ngx_int_t rc;

	if (l->connection == NULL)
		return;
	wev = l->connection->write;
	rc = send_some(l);
	if (rc == NGX_AGAIN)
		wev->ready = 0;
	if (rc == NGX_ERROR || ngx_handle_write_event(wev, 0) != NGX_OK)
		disconnect(l);
}

static void
on_flush(ngx_event_t *ev)
{
	send_waiting(ev->data);
}

static void
on_write(ngx_event_t *ev)
{
	const ngx_connection_t *c = ev->data;

	send_waiting(c->data);
}

static struct edge_capture *
find_sent(const struct edge_link *l, const uint8_t id[static UUID_BYTES])
{
	for (struct edge_capture *c = first_capture(l); c != NULL; c = next_capture(l, c)) {
		if (!c->is_sent)
			return NULL;
		if (memcmp(c->id.bytes, id, UUID_BYTES) == 0)
			return c;
	}
	return NULL;
}

static void
release(struct edge_link *l, struct edge_capture *c)
{
	ngx_queue_remove(&c->queue);
	edge_capture_free(c);
	l->counters->in_flight--;
	if (ngx_queue_empty(&l->waiting) && l->hold.timer_set)
		ngx_del_timer(&l->hold);
}

/* False: not an ACK of something that was sent. */
static bool
take_ack(struct edge_link *l, const uint8_t ack[static EDGE_ACK_BYTES])
{
	static const uint8_t one_byte[4] = { 0, 0, 0, 1 };
	uint8_t answer = ack[EDGE_FRAME_HEAD_BYTES];
	struct edge_capture *c;

	if (ack[0] != EDGE_FRAME_ACK || memcmp(ack + 17, one_byte, 4) != 0 || answer < 1 ||
	    answer > 3)
		return false;
	c = find_sent(l, ack + 1);
	if (c == NULL)
		return false;
	l->counters->stored += answer == 1;
	l->counters->refused += answer != 1;
	l->counters->unparsed += answer == 3;
	release(l, c);
	return true;
}

static bool
take_acks(struct edge_link *l)
{
	size_t at = 0;

	for (; l->acks_len - at >= EDGE_ACK_BYTES; at += EDGE_ACK_BYTES) {
		if (take_ack(l, l->acks + at))
			continue;
		ngx_log_error(NGX_LOG_CRIT, l->log, 0,
		    "rendfly: the collector sent a frame that is no ACK of a capture");
		return false;
	}
	l->acks_len -= at;
	ngx_memmove(l->acks, l->acks + at, l->acks_len);
	l->retry_after_ms = RETRY_FIRST_MS;
	return true;
}

/* NGX_AGAIN: no more for now; NGX_ERROR: the peer left or spoke nonsense. */
static ngx_int_t
read_acks(struct edge_link *l)
{
	for (;;) {
		size_t room = sizeof(l->acks) - l->acks_len;
		ssize_t got = recv(l->connection->fd, l->acks + l->acks_len, room, MSG_DONTWAIT);

		if (got < 0 && ngx_errno == NGX_EINTR)
			continue;
		if (got < 0 && ngx_errno == NGX_EAGAIN)
			return NGX_AGAIN;
		if (got <= 0)
			return NGX_ERROR;
		l->acks_len += (size_t)got;
		if (!take_acks(l))
			return NGX_ERROR;
		/* The kernel had no more: the next ACK is an event of its own. */
		if ((size_t)got < room)
			return NGX_AGAIN;
	}
}

/* nginx also calls this for every open connection when worker_shutdown_timeout passes, with
 * close and error set: the link stays, for the captures of what was cut are still to be sent. */
static void
on_read(ngx_event_t *ev)
{
	ngx_connection_t *c = ev->data;
	struct edge_link *l = c->data;

	c->close = 0;
	c->error = 0;
	if (read_acks(l) == NGX_AGAIN) {
		ev->ready = 0;
		if (ngx_handle_read_event(ev, 0) == NGX_OK)
			return;
	}
	disconnect(l);
}

static ngx_connection_t *
open_connection(const struct edge_link *l)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ngx_connection_t *c;

	if (fd < 0)
		return NULL;
	if (connect(fd, (const struct sockaddr *)&l->address, sizeof(l->address)) != 0) {
		(void)close(fd);
		return NULL;
	}
	c = ngx_get_connection(fd, l->log);
	if (c == NULL)
		(void)close(fd);
	return c;
}

static void
connect_now(struct edge_link *l)
{
	ngx_connection_t *c = open_connection(l);

	l->connection = c;
	if (c == NULL) {
		disconnect(l);
		return;
	}
	c->data = l;
	c->log_error = NGX_ERROR_INFO;
	c->read->log = c->write->log = l->log;
	c->read->handler = on_read;
	c->write->handler = on_write;
	c->write->ready = 1;
	if ((ngx_add_conn != NULL ? ngx_add_conn(c) : ngx_handle_read_event(c->read, 0)) !=
	    NGX_OK) {
		disconnect(l);
		return;
	}
	send_waiting(l);
}

static void
on_retry(ngx_event_t *ev)
{
	connect_now(ev->data);
}

static void
on_hold(ngx_event_t *ev)
{
	struct edge_link *l = ev->data;

	if (ngx_exiting && ++l->holds_while_exiting > HOLD_STEPS_WHILE_EXITING)
		return;
	ngx_add_timer(ev, HOLD_STEP_MS);
}

static void
set_event(ngx_event_t *ev, struct edge_link *l, ngx_event_handler_pt handler)
{
	ev->handler = handler;
	ev->data = l;
	ev->log = l->log;
}

ngx_int_t
edge_link_init(struct edge_link *l, ngx_log_t *log, ngx_str_t path, struct edge_slot *counters)
{
	if (path.len >= sizeof(l->address.sun_path))
		return NGX_ERROR;
	l->log = log;
	l->counters = counters;
	l->address.sun_family = AF_UNIX;
	ngx_memcpy(l->address.sun_path, path.data, path.len);
	l->retry_after_ms = RETRY_FIRST_MS;
	ngx_queue_init(&l->waiting);
	set_event(&l->flush, l, on_flush);
	set_event(&l->retry, l, on_retry);
	set_event(&l->hold, l, on_hold);
	l->retry.cancelable = 1; /* hold alone decides how long an exiting worker stays */
	connect_now(l);
	return NGX_OK;
}

void
edge_link_queue(struct edge_link *l, struct edge_capture *c)
{
	ngx_queue_insert_tail(&l->waiting, &c->queue);
	if (l->capture == NULL) {
		l->capture = c;
		l->block = NULL;
		l->offset = 0;
	}
	if (!l->hold.timer_set)
		ngx_add_timer(&l->hold, HOLD_STEP_MS);
	ngx_post_event(&l->flush, &ngx_posted_events);
}

static void
drop_waiting(struct edge_link *l)
{
	while (!ngx_queue_empty(&l->waiting)) {
		l->counters->dropped++;
		release(l, first_capture(l));
	}
}

void
edge_link_finish(struct edge_link *l, int64_t patience_ms)
{
	int64_t until_ms = clock_monotonic_ms() + patience_ms;

	while (l->connection != NULL && !ngx_queue_empty(&l->waiting)) {
		struct pollfd p = { .fd = l->connection->fd, .events = POLLIN };
		int64_t left_ms = until_ms - clock_monotonic_ms();

		if (send_some(l) == NGX_ERROR || left_ms <= 0)
			break;
		if (l->capture != NULL)
			p.events |= POLLOUT;
		if (poll(&p, 1, (int)left_ms) < 0 && errno != EINTR)
			break;
		if ((p.revents & ~POLLOUT) != 0 && read_acks(l) == NGX_ERROR)
			break;
	}
	drop_waiting(l);
	if (l->retry.timer_set)
		ngx_del_timer(&l->retry);
	if (l->connection != NULL)
		ngx_close_connection(l->connection);
	l->connection = NULL;
}
