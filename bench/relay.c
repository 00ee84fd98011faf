/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay - the least that any proxy adds: carries bytes between two TCP connections and looks at
 * none of them.  What it adds to a direct call is this machine's price of one process more on the
 * way, and no proxy in its place can be faster.  One thread, one event loop.
 *
 * usage: relay PORT UPSTREAM-PORT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 4096
#define BUFFER_BYTES (64u << 10)

static int peers[MAX_CONNECTIONS]; /* by descriptor */

static struct sockaddr_in
loopback(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
listen_at(const char *port)
{
	const struct sockaddr_in at = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 512) != 0)
		die("relay: listen");
	return fd;
}

static void
watch(int loop, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) != 0)
		die("relay: epoll_ctl");
}

static void
accept_one(int loop, int listener, const struct sockaddr_in *upstream)
{
	int near = accept(listener, NULL, NULL), far = socket(AF_INET, SOCK_STREAM, 0);

	if (near < 0 || far < 0 || near >= MAX_CONNECTIONS || far >= MAX_CONNECTIONS ||
	    connect(far, (const struct sockaddr *)upstream, sizeof(*upstream)) != 0)
		die("relay: connect");
	peers[near] = far;
	peers[far] = near;
	watch(loop, near);
	watch(loop, far);
}

/* False when either side is gone. */
static bool
carry(int fd)
{
	static char buffer[BUFFER_BYTES];
	ssize_t got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT), sent = 0;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	while (sent < got) {
		ssize_t step = send(peers[fd], buffer + sent, (size_t)(got - sent), MSG_NOSIGNAL);

		if (step <= 0)
			return false;
		sent += step;
	}
	return got > 0;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in upstream;
	int listener, loop = epoll_create1(0);

	if (argc != 3)
		return 2;
	upstream = loopback(argv[2]);
	listener = listen_at(argv[1]);
	watch(loop, listener);
	for (;;) {
		struct epoll_event event;

		if (epoll_wait(loop, &event, 1, -1) != 1)
			continue;
		if (event.data.fd == listener) {
			accept_one(loop, listener, &upstream);
		} else if (!carry(event.data.fd)) {
			(void)close(peers[event.data.fd]);
			(void)close(event.data.fd);
		}
	}
}
