/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upstream - the provider of the benchmarks: answers every request over TLS 1.3 with a chat
 * completion of a fixed size, or, when the request asks for a stream, with server-sent events that
 * carry the moment they were sent.  One thread, one event loop, so that it costs little.
 *
 * usage: upstream PORT CERT KEY
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tls_socket.h"

#define ANSWER_BODY_BYTES 1500
#define MAX_CONNECTIONS 4096
#define REQUEST_BYTES (64u << 10)
#define STREAM_CHUNKS 40
#define STREAM_EVERY_NS 5000000
#define CHUNK_TEXT_BYTES 80

struct connection {
	struct tls_socket socket;
	char request[REQUEST_BYTES];
	size_t request_len;
	int chunks_left; /* of a stream */
	int64_t next_chunk_ns;
};

static struct connection *connections[MAX_CONNECTIONS]; /* by descriptor */
static char answer[ANSWER_BODY_BYTES + 512];
static size_t answer_len;

static void
make_answer(void)
{
	static const char head[] =
	    "{\"id\":\"bench\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"bench\","
	    "\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":\"";
	static const char tail[] =
	    "\"}}],\"usage\":{\"prompt_tokens\":700,\"completion_tokens\":300,\"total_tokens\":1000}}";
	static const char words[] = "The tent packs to the size of a loaf of bread. ";
	char body[ANSWER_BODY_BYTES + 1] = "";
	size_t at = sizeof(head) - 1, end = ANSWER_BODY_BYTES - (sizeof(tail) - 1);

	memcpy(body, head, at);
	while (at < end) {
		size_t step = sizeof(words) - 1 < end - at ? sizeof(words) - 1 : end - at;

		memcpy(body + at, words, step);
		at += step;
	}
	memcpy(body + at, tail, sizeof(tail) - 1);
	answer_len = (size_t)snprintf(answer, sizeof(answer),
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
	    "x-request-id: bench\r\n\r\n%s",
	    ANSWER_BODY_BYTES, body);
}

static void
close_connection(struct connection *c)
{
	connections[c->socket.fd] = NULL;
	tls_socket_done(&c->socket);
	free(c);
}

/* The length of the first whole request in the buffer, 0 when it is not whole yet. */
static size_t
whole_request(const struct connection *c)
{
	const char *end = memmem(c->request, c->request_len, "\r\n\r\n", 4);
	const char *length;
	size_t head;

	if (end == NULL)
		return 0;
	head = (size_t)(end - c->request) + 4;
	length = strcasestr(c->request, "\r\ncontent-length:");
	if (length != NULL && length < end)
		head += strtoul(length + 17, NULL, 10);
	else if (strcasestr(c->request, "\r\ntransfer-encoding:") != NULL) {
		end = memmem(c->request, c->request_len, "\r\n0\r\n\r\n", 7);
		return end == NULL ? 0 : (size_t)(end - c->request) + 7;
	}
	return head <= c->request_len ? head : 0;
}

static bool
begin_stream(struct connection *c)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n";

	c->chunks_left = STREAM_CHUNKS;
	c->next_chunk_ns = bench_now_ns() + STREAM_EVERY_NS;
	return tls_socket_send(&c->socket, head, sizeof(head) - 1);
}

static bool
answer_requests(struct connection *c)
{
	size_t len;

	while ((len = whole_request(c)) > 0) {
		bool is_stream = memmem(c->request, len, "\"stream\":true", 13) != NULL;
		bool ok =
		    is_stream ? begin_stream(c) : tls_socket_send(&c->socket, answer, answer_len);

		if (!ok)
			return false;
		memmove(c->request, c->request + len, c->request_len - len);
		c->request_len -= len;
		c->request[c->request_len] = '\0';
	}
	return true;
}

static bool
serve(struct connection *c)
{
	for (;;) {
		long got = tls_socket_receive(&c->socket, c->request + c->request_len,
		    REQUEST_BYTES - 1 - c->request_len);

		if (got < 0)
			return false;
		if (got == 0)
			break;
		c->request_len += (size_t)got;
		c->request[c->request_len] = '\0';
		if (!answer_requests(c) || c->request_len == REQUEST_BYTES - 1)
			return false;
	}
	return tls_socket_flush(&c->socket);
}

static bool
send_chunk(struct connection *c)
{
	char event[512], frame[600];
	int event_len, frame_len;

	event_len = snprintf(event, sizeof(event),
	    "data: {\"id\":\"bench\",\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
	    "\"%0*lld\"}}]}\n\n%s",
	    CHUNK_TEXT_BYTES, (long long)bench_now_ns(),
	    c->chunks_left == 1 ? "data: [DONE]\n\n" : "");
	frame_len = snprintf(frame, sizeof(frame), "%x\r\n%s\r\n%s", (unsigned int)event_len, event,
	    c->chunks_left == 1 ? "0\r\n\r\n" : "");
	c->chunks_left--;
	c->next_chunk_ns += STREAM_EVERY_NS;
	return tls_socket_send(&c->socket, frame, (size_t)frame_len);
}

static void
send_due_chunks(void)
{
	int64_t now = bench_now_ns();

	for (int fd = 0; fd < MAX_CONNECTIONS; fd++) {
		struct connection *c = connections[fd];

		if (c != NULL && c->chunks_left > 0 && c->next_chunk_ns <= now && !send_chunk(c))
			close_connection(c);
	}
}

static int
listen_on(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 1024) != 0)
		bench_die("listen");
	return fd;
}

static void
accept_one(int listener, int poll_fd, SSL_CTX *context)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd };
	struct connection *c;

	if (fd < 0 || fd >= MAX_CONNECTIONS)
		return;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		bench_die("accept");
	tls_socket_init(&c->socket, fd, context, true);
	connections[fd] = c;
	(void)epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

static SSL_CTX *
load_certificate(const char *cert, const char *key)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_use_certificate_chain_file(context, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		bench_die("load the certificate");
	return context;
}

int
main(int argc, char **argv)
{
	struct itimerspec every = { .it_interval.tv_nsec = 500000, .it_value.tv_nsec = 500000 };
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN };
	SSL_CTX *context;
	int listener;

	if (argc != 4) {
		(void)fprintf(stderr, "usage: upstream PORT CERT KEY\n");
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	make_answer();
	context = load_certificate(argv[2], argv[3]);
	listener = listen_on((uint16_t)strtoul(argv[1], NULL, 10));
	event.data.fd = listener;
	(void)epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
	event.data.fd = timer;
	(void)timerfd_settime(timer, 0, &every, NULL);
	(void)epoll_ctl(poll_fd, EPOLL_CTL_ADD, timer, &event);
	for (;;) {
		struct epoll_event ready[64];
		int n = epoll_wait(poll_fd, ready, 64, -1);

		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;
			uint64_t ticks;

			if (fd == listener)
				accept_one(listener, poll_fd, context);
			else if (fd == timer && read(timer, &ticks, sizeof(ticks)) > 0)
				send_due_chunks();
			else if (connections[fd] != NULL && !serve(connections[fd]))
				close_connection(connections[fd]);
		}
	}
}
