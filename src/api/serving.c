/* SPDX-License-Identifier: Apache-2.0 */
#include "api/serving.h"

#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

#define LONGEST_WAIT_MS 1000
#define START_PATIENCE_MS 10000

/* One process, one set of threads. */
static atomic_size_t n_running;
static int end_fd;

static int
wait_ms_of(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(daemon, &ms) != MHD_YES || ms > LONGEST_WAIT_MS)
		return LONGEST_WAIT_MS;
	return (int)ms;
}

static void *
serve_one(void *closure)
{
	struct MHD_Daemon *daemon = closure;
	const union MHD_DaemonInfo *epoll = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd waiting[] = { { .fd = epoll->epoll_fd, .events = POLLIN },
		{ .fd = end_fd, .events = POLLIN } };

	atomic_fetch_add(&n_running, 1);
	while (waiting[1].revents == 0) {
		(void)poll(waiting, 2, wait_ms_of(daemon));
		(void)MHD_run(daemon);
	}
	return NULL;
}

enum err
serving_start(struct serving *s)
{
	int64_t until_ms = clock_monotonic_ms() + START_PATIENCE_MS;

	s->end_fd = end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (end_fd < 0)
		return ERR_IO;
	for (size_t i = 0; i < s->n; i++)
		if (pthread_create(&s->threads[i], NULL, serve_one, s->daemons[i]) != 0)
			return ERR_IO;
	while (atomic_load(&n_running) < s->n) {
		if (clock_monotonic_ms() > until_ms)
			return ERR_BUSY;
		(void)poll(NULL, 0, 1);
	}
	return ERR_OK;
}

void
serving_end(struct serving *s)
{
	if (s->n == 0 || eventfd_write(s->end_fd, 1) != 0)
		return;
	for (size_t i = 0; i < s->n; i++)
		(void)pthread_join(s->threads[i], NULL);
	(void)close(s->end_fd);
}
