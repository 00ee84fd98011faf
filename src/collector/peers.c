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
#include "collector/aside.h"

#define MAX_PEERS 64
#define READ_BYTES (256u << 10)
#define INPUT_MAX_BYTES (2 * (size_t)(FRAME_HEAD_BYTES + FRAME_MAX_BODY_BYTES))
#define RETRY_FIRST_MS 20
#define RETRY_MOST_MS 1000
#define ACK_PATIENCE_S 10
/* Captures that come one by one are taken a few at a time: a transaction costs more than a capture
 * more in it. */
#define GATHER_MS 50

struct peer {
	int fd; /* -1: the place is free */
	struct buf *input;
	struct capture *open;
};

struct peers {
	struct keeper *keeper;
	size_t limit_bytes;
	struct peer places[MAX_PEERS];
	struct held ready;
	struct held early;
	struct aside *aside;
	int64_t caught_up_ms; /* when nothing was left to read or to keep, for the last time */
};

static void
end_peer(struct peers *all, struct peer *p)
{
	int place = (int)(p - all->places);

	if (p->fd >= 0)
		(void)close(p->fd);
	buf_free(p->input);
	capture_free(p->open);
	*p = (struct peer){ .fd = -1 };
	held_forget_peer(&all->ready, place);
	held_forget_peer(&all->early, place);
	aside_forget_peer(all->aside, place);
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
	(void)poll(NULL, 0, (int)ms);
}

/* While the database is away, with pauses that double; its return is noticed here. */
static enum err
keep_with_patience(struct keeper *k, struct capture *const *captures, size_t n,
    struct keep_result *ret_results)
{
	int64_t pause = RETRY_FIRST_MS;
	bool is_told = false;

	for (;;) {
		struct err_detail detail = { "" };
		enum err e =
		    store_is_up(k->store) ? keep_captures(k, captures, n, ret_results) : ERR_BUSY;

		if (e != ERR_BUSY || store_is_up(k->store)) {
			if (is_told)
				log_info("captures_go_on");
			return e;
		}
		if (!is_told && pause > (int64_t)RETRY_FIRST_MS * 4) {
			is_told = true;
			log_warn("captures_wait", LOG_STR("database", store_last_error(k->store)));
		}
		pause_ms(pause);
		pause = pause * 2 < RETRY_MOST_MS ? pause * 2 : RETRY_MOST_MS;
		(void)!store_reconnect(k->store, &detail);
	}
}

/* A worker that has gone sends what has no ACK again, to a new connection. */
static void
acknowledge(struct peers *all, const struct capture *c, enum capture_fate fate)
{
	CLEANUP(buf) struct buf *ack = NULL;
	struct peer *p;

	if (c->peer < 0)
		return;
	p = &all->places[c->peer];
	if (buf_new(FRAME_HEAD_BYTES + 1, &ack) != ERR_OK ||
	    frame_write_ack(&c->id, fate, ack) != ERR_OK ||
	    file_write_all(p->fd, buf_str(ack)) != ERR_OK)
		end_peer(all, p);
}

static void
add_ready(struct peers *all, struct capture *c)
{
	if (!aside_take(all->aside, c))
		held_add(&all->ready, c);
}

static void
settle(struct peers *all, struct capture *c, const struct keep_result *r)
{
	/* Its peer may have ended at another's ACK; the place can be a new one's soon. */
	if (c->peer >= 0 && all->places[c->peer].fd < 0)
		c->peer = -1;
	if (r->fate == FATE_UNKNOWN)
		add_ready(all, c);
	else if (r->fate == FATE_EARLY)
		held_add(&all->early, c);
	else {
		acknowledge(all, c, r->fate);
		capture_free(c);
	}
	if (r->fate == FATE_STORED)
		held_release(&all->early, (struct str){ (const char *)r->tip, sizeof(r->tip) },
		    &all->ready);
}

/* Nothing was decided.  With no place left aside they are tried again with everybody else. */
static void
put_off(struct peers *all, struct capture *const *captures, size_t n)
{
	const struct keeper *k = all->keeper;
	const struct uuid *workspace = &captures[0]->head.workspace;
	bool is_budget = keyd_put_it_off(k->keys);
	char id[UUID_TEXT_BYTES];

	uuid_format(workspace, id);
	if (!aside_has(all->aside, workspace))
		log_warn("captures_stand_aside", LOG_STR("workspace", id),
		    LOG_STR("why",
			is_budget ? "its budget at keyd is spent" : store_last_error(k->store)));
	if (!aside_put_off(all->aside, workspace, is_budget ? ASIDE_FOR_BUDGET : ASIDE_FOR_A_MOMENT,
		clock_monotonic_ms()))
		pause_ms(RETRY_FIRST_MS);
	for (size_t i = 0; i < n; i++)
		add_ready(all, captures[i]);
}

static enum err
keep_some(struct peers *all)
{
	struct capture *captures[KEEP_AT_ONCE];
	struct keep_result results[KEEP_AT_ONCE];
	size_t n = held_take_some(&all->ready, captures, KEEP_AT_ONCE);
	struct uuid workspace = captures[0]->head.workspace;
	enum err e = keep_with_patience(all->keeper, captures, n, results);

	if (e == ERR_BUSY) {
		put_off(all, captures, n);
		return ERR_OK;
	}
	for (size_t i = 0; i < n; i++)
		if (e == ERR_OK)
			settle(all, captures[i], &results[i]);
		else
			capture_free(captures[i]);
	aside_went_well(all->aside, &workspace, clock_monotonic_ms());
	return e;
}

/* One that is over its budget, or behind a lock, for long is not kept at the others' cost. */
static enum err
refuse_excess(struct peers *all)
{
	struct capture *captures[KEEP_AT_ONCE];
	enum aside_why why;
	size_t n = aside_take_excess(all->aside, captures, KEEP_AT_ONCE, &why);
	enum refusal cause = why == ASIDE_FOR_BUDGET ? REFUSAL_OVER_BUDGET : REFUSAL_LOCKED;
	enum err e = n > 0 ? keep_refuse(all->keeper, captures, n, cause) : ERR_OK;

	for (size_t i = 0; i < n; i++) {
		if (e == ERR_BUSY) {
			add_ready(all, captures[i]);
			continue;
		}
		if (e == ERR_OK)
			acknowledge(all, captures[i], FATE_REFUSED);
		capture_free(captures[i]);
	}
	return e == ERR_BUSY ? ERR_OK : e;
}

/* ---- reading */

/* The edge sends again what has no ACK when its connection broke; stored twice it would be two
 * conversations, for the two may be kept together. */
static bool
is_held_already(struct peers *all, struct capture *c)
{
	return held_takes_again(&all->ready, c) || held_takes_again(&all->early, c) ||
	    aside_takes_again(all->aside, c);
}

static enum err
take_frames(struct peers *all, struct peer *p)
{
	struct str left = buf_str(p->input);
	enum err e = ERR_OK;

	while (e == ERR_OK) {
		struct capture *done = NULL;
		struct frame frame;

		e = frame_take(&left, &frame);
		if (e == ERR_OK)
			e = capture_feed(&p->open, &frame, all->limit_bytes, &done);
		if (e != ERR_OK || done == NULL)
			continue;
		done->peer = (int)(p - all->places);
		done->received_ms = clock_monotonic_ms();
		if (!is_held_already(all, done))
			add_ready(all, done);
	}
	buf_drop_front(p->input, buf_len(p->input) - left.len);
	return e == ERR_BUSY ? ERR_OK : ERR_MALFORMED;
}

static void
read_peer(struct peers *all, struct peer *p)
{
	size_t room = buf_limit(p->input) - buf_len(p->input);
	size_t step = room < READ_BYTES ? room : READ_BYTES;
	char *to = NULL;
	ssize_t got = -1;

	if (buf_reserve(p->input, step, &to) == ERR_OK)
		got = recv(p->fd, to, step, MSG_DONTWAIT);
	if (got < 0 && to != NULL && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		buf_commit(p->input, (size_t)got);
	if (got > 0 && take_frames(all, p) == ERR_OK)
		return;
	if (got > 0)
		log_error("peer_ended", LOG_STR("why", "a frame out of order or of another shape"));
	end_peer(all, p);
}

/* What has come whole is not read past a limit: then the edge holds the rest. */
static bool
has_room(const struct peers *all)
{
	return all->ready.bytes + all->early.bytes + aside_bytes(all->aside) < HELD_MAX_BYTES;
}

static enum err
read_all(struct peers *all, int listener, int timeout_ms)
{
	bool is_quiet = all->ready.first == NULL;
	struct pollfd waiting[MAX_PEERS + 1] = { { .fd = listener, .events = POLLIN } };

	for (size_t i = 0; i < MAX_PEERS; i++)
		waiting[i + 1] = (struct pollfd){ .fd = has_room(all) ? all->places[i].fd : -1,
			.events = POLLIN };
	if (poll(waiting, MAX_PEERS + 1, timeout_ms) < 0 && errno != EINTR)
		return ERR_IO;
	for (size_t i = 0; i < MAX_PEERS; i++)
		if (waiting[i + 1].revents != 0 && all->places[i].fd >= 0) {
			is_quiet = false;
			read_peer(all, &all->places[i]);
		}
	if (is_quiet)
		all->caught_up_ms = clock_monotonic_ms();
	if (waiting[0].revents != 0)
		accept_peer(all, listener);
	return ERR_OK;
}

/* After the database was away, what an early capture waits for may be far behind in what is still
 * to be read: patience counts from the time when all has been read, within bounds. */
static void
release_old(struct peers *all)
{
	int64_t now = clock_monotonic_ms();
	int64_t since = now - EARLY_PATIENCE_MS;

	if (since > all->caught_up_ms)
		since = all->caught_up_ms;
	if (since < now - EARLY_PATIENCE_MOST_MS)
		since = now - EARLY_PATIENCE_MOST_MS;
	held_release_old(&all->early, since, &all->ready);
}

static void
record_refusals(struct keeper *k)
{
	int64_t now_ms = clock_monotonic_ms();
	struct err_detail detail = { "" };

	if (refusals_due_ms(k->refusals) > now_ms)
		return;
	if (!store_is_up(k->store))
		(void)!store_reconnect(k->store, &detail);
	refusals_record_due(k->refusals, k->store, now_ms);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* With nothing in hand: for ever, or until the first that waits has waited enough. */
static int
time_to_wait(const struct peers *all)
{
	int64_t due_ms = earlier(aside_due_ms(all->aside), refusals_due_ms(all->keeper->refusals));
	int64_t now_ms = clock_monotonic_ms();

	if (all->ready.first != NULL)
		due_ms = earlier(due_ms,
		    held_is_at_least(&all->ready, KEEP_AT_ONCE)
			? 0
			: all->ready.first->received_ms + GATHER_MS);
	if (all->early.first != NULL)
		due_ms = earlier(due_ms, now_ms + EARLY_PATIENCE_MS / 20);
	if (due_ms == INT64_MAX)
		return -1;
	return due_ms <= now_ms ? 0 : (int)earlier(due_ms - now_ms, ASIDE_MOST_MS);
}

static bool
is_ready(const struct peers *all)
{
	const struct capture *first = all->ready.first;

	return first != NULL &&
	    (held_is_at_least(&all->ready, KEEP_AT_ONCE) ||
		first->received_ms + GATHER_MS <= clock_monotonic_ms());
}

static enum err
serve(struct peers *all, int listener)
{
	for (;;) {
		enum err e = read_all(all, listener, time_to_wait(all));

		release_old(all);
		aside_release(all->aside, clock_monotonic_ms(), &all->ready);
		if (e == ERR_OK && is_ready(all))
			e = keep_some(all);
		if (e == ERR_OK)
			e = refuse_excess(all);
		record_refusals(all->keeper);
		if (e != ERR_OK)
			return e;
	}
}

enum err
peers_serve(struct keeper *k, int listener, size_t capture_limit_bytes)
{
	struct peers all = { .keeper = k, .limit_bytes = capture_limit_bytes };
	enum err e = aside_new(&all.aside);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < MAX_PEERS; i++)
		all.places[i].fd = -1;
	e = serve(&all, listener);
	for (size_t i = 0; i < MAX_PEERS; i++)
		end_peer(&all, &all.places[i]);
	held_free_all(&all.ready);
	held_free_all(&all.early);
	aside_free(all.aside);
	return e;
}
