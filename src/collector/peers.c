/* SPDX-License-Identifier: Apache-2.0 */
/* peers - see peers.h. */
#include "collector/peers.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#define MAX_PEERS 64
#define READ_BYTES (256u << 10)
#define INPUT_MAX_BYTES (2 * (FRAME_HEAD_BYTES + FRAME_MAX_BODY_BYTES))
#define RETRY_FIRST_MS 20
#define RETRY_MOST_MS 1000
#define ACK_PATIENCE_S 10

struct peer {
	int fd; /* -1: the place is free */
	struct buf *input;
	struct capture *open;
};

struct peers {
	struct keeper *keeper;
	size_t limit_bytes;
	struct peer places[MAX_PEERS];
};

static void
end_peer(struct peer *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	buf_free(p->input);
	capture_free(p->open);
	*p = (struct peer){ .fd = -1 };
}

static void
accept_peer(struct peers *all, int listener)
{
	const struct timeval patience = { .tv_sec = ACK_PATIENCE_S };
	CLEANUP_FD int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0)
		return;
	for (size_t i = 0; i < MAX_PEERS; i++) {
		struct peer *p = &all->places[i];

		if (p->fd >= 0)
			continue;
		if (buf_new(INPUT_MAX_BYTES, &p->input) == ERR_OK)
			p->fd = TAKE_FD(fd);
		return;
	}
	log_warn("too_many_peers", LOG_INT("most", MAX_PEERS));
}

static void
pause_ms(int64_t ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* Until it is decided, with pauses that double; the database's return is noticed here. */
static enum err
keep_with_patience(struct keeper *k, const struct capture *c, enum capture_fate *ret_fate)
{
	int64_t pause = RETRY_FIRST_MS;
	bool is_told = false;

	for (;;) {
		struct err_detail detail = { "" };
		enum err e = store_is_up(k->store) ? keep_capture(k, c, ret_fate) : ERR_BUSY;

		if (e != ERR_BUSY) {
			if (is_told)
				log_info("captures_go_on");
			return e;
		}
		if (!is_told && pause > RETRY_FIRST_MS * 4) {
			is_told = true;
			log_warn("captures_wait", LOG_STR("database", store_last_error(k->store)));
		}
		pause_ms(pause);
		pause = pause * 2 < RETRY_MOST_MS ? pause * 2 : RETRY_MOST_MS;
		if (!store_is_up(k->store))
			(void)!store_reconnect(k->store, &detail);
	}
}

static enum err
finish_capture(struct peers *all, struct peer *p, struct capture *done)
{
	CLEANUP(capture) struct capture *c = done;
	CLEANUP(buf) struct buf *ack = NULL;
	enum capture_fate fate = FATE_UNKNOWN;
	enum err e = keep_with_patience(all->keeper, c, &fate);

	if (e != ERR_OK)
		return e;
	e = buf_new(FRAME_HEAD_BYTES + 1, &ack);
	if (e == ERR_OK)
		e = frame_write_ack(&c->id, fate, ack);
	/* A worker that has gone sends the capture again to the next connection. */
	if (e == ERR_OK && file_write_all(p->fd, buf_str(ack)) != ERR_OK)
		end_peer(p);
	return e;
}

/* ERR_MALFORMED ends the peer, any other failure the process. */
static enum err
take_frames(struct peers *all, struct peer *p)
{
	while (p->fd >= 0) {
		struct str left = buf_str(p->input);
		struct capture *done = NULL;
		struct frame frame;
		enum err e = frame_take(&left, &frame);

		if (e == ERR_OK)
			e = capture_feed(&p->open, &frame, all->limit_bytes, &done);
		if (e == ERR_BUSY)
			return ERR_OK;
		if (e != ERR_OK)
			return ERR_MALFORMED;
		buf_drop_front(p->input, buf_len(p->input) - left.len);
		if (done != NULL)
			e = finish_capture(all, p, done);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
read_peer(struct peers *all, struct peer *p)
{
	size_t room = buf_limit(p->input) - buf_len(p->input);
	char *to = NULL;
	ssize_t got;
	enum err e = buf_reserve(p->input, room < READ_BYTES ? room : READ_BYTES, &to);

	if (e != ERR_OK)
		return e;
	got = recv(p->fd, to, room < READ_BYTES ? room : READ_BYTES, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return ERR_OK;
	if (got <= 0) {
		end_peer(p);
		return ERR_OK;
	}
	buf_commit(p->input, (size_t)got);
	e = take_frames(all, p);
	if (e != ERR_MALFORMED)
		return e;
	log_error("peer_ended", LOG_STR("why", "a frame out of order or of another shape"));
	end_peer(p);
	return ERR_OK;
}

enum err
peers_serve(struct keeper *k, int listener, size_t capture_limit_bytes)
{
	struct peers all = { .keeper = k, .limit_bytes = capture_limit_bytes };

	for (size_t i = 0; i < MAX_PEERS; i++)
		all.places[i].fd = -1;
	for (;;) {
		struct pollfd waiting[MAX_PEERS + 1] = { { .fd = listener, .events = POLLIN } };

		for (size_t i = 0; i < MAX_PEERS; i++)
			waiting[i + 1] =
			    (struct pollfd){ .fd = all.places[i].fd, .events = POLLIN };
		if (poll(waiting, MAX_PEERS + 1, -1) < 0 && errno != EINTR)
			return ERR_IO;
		for (size_t i = 0; i < MAX_PEERS; i++) {
			enum err e = waiting[i + 1].revents == 0 || all.places[i].fd < 0
			    ? ERR_OK
			    : read_peer(&all, &all.places[i]);

			if (e != ERR_OK)
				return e;
		}
		if (waiting[0].revents != 0)
			accept_peer(&all, listener);
	}
}
