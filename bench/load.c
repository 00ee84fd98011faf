/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load - the client of the benchmarks: keep-alive TLS 1.3 connections that send one chat request
 * after another, at a fixed rate (open loop: a late answer does not slow the next request down) or
 * as fast as answers come.  A request's time runs from its real sending to the last byte of its
 * answer; of a stream each event's delay is taken from the stamp in it.
 *
 * usage: load HOST:PORT PATH CONNECTIONS SECONDS RATE BODY_BYTES KEY|- json|sse
 * prints one JSON object; RATE 0 is as fast as possible.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls_socket.h"

#define MAX_CONNECTIONS 1024
#define ANSWER_BYTES (64u << 10)
#define MAX_SAMPLES 4000000

struct connection {
	struct tls_socket socket;
	char answer[ANSWER_BYTES];
	size_t answer_len;
	size_t events_seen; /* bytes of the answer already searched for stamps */
	int64_t sent_ns;    /* 0: idle */
	bool is_dead;
};

struct load {
	struct connection *connections;
	size_t n;
	size_t next;
	char *request;
	size_t request_len;
	bool is_stream;
	int64_t rate, started_ns, ends_ns;
	int64_t sent, answered, failed, late;
	uint32_t *samples; /* ns */
	size_t n_samples;
};

static void
keep_sample(struct load *l, int64_t ns)
{
	if (l->n_samples < MAX_SAMPLES)
		l->samples[l->n_samples++] =
		    ns > UINT32_MAX ? UINT32_MAX : (uint32_t)(ns < 0 ? 0 : ns);
}

/* A chat request of body_bytes; each differs from the others by a number, as real ones do. */
static void
make_request(struct load *l, const char *host, const char *path, size_t body_bytes, const char *key)
{
	static const char words[] =
	    "I would like to know whether the blue tent stays dry in heavy rain. ";
	const char *stream = l->is_stream ? "\"stream\":true," : "";
	char *body = calloc(1, body_bytes + 1), *at = body;
	size_t len;

	l->request = malloc(body_bytes + 1024);
	if (body == NULL || l->request == NULL)
		bench_die("make a request");
	at += snprintf(body, body_bytes,
	    "{\"model\":\"bench\",%s\"messages\":[{\"role\":\"system\",\"content\":\"Answer in English only.\"},"
	    "{\"role\":\"user\",\"content\":\"N%012d ",
	    stream, 0);
	while ((size_t)(at - body) + sizeof(words) + 4 < body_bytes) {
		memcpy(at, words, sizeof(words) - 1);
		at += sizeof(words) - 1;
	}
	memcpy(at, "\"}]}", 5);
	len = strlen(body);
	l->request_len = (size_t)snprintf(l->request, body_bytes + 1024,
	    "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
	    "Authorization: Bearer sk-bench\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
	    path, host,
	    strcmp(key, "-") == 0 ? "" : "X-Rendfly-Key: ", strcmp(key, "-") == 0 ? "" : key,
	    strcmp(key, "-") == 0 ? "" : "\r\n", len, body);
	free(body);
}

static void
number_request(struct load *l)
{
	char *at = memmem(l->request, l->request_len, "\"N0", 3), digits[16];

	if (at == NULL)
		at = memmem(l->request, l->request_len, "\"content\":\"N", 12);
	if (at == NULL)
		return;
	at = memchr(at, 'N', 16);
	(void)snprintf(digits, sizeof(digits), "%012lld", (long long)l->sent % 1000000000000ll);
	memcpy(at + 1, digits, 12);
}

static void
send_request(struct load *l, struct connection *c)
{
	number_request(l);
	c->answer_len = c->events_seen = 0;
	c->sent_ns = bench_now_ns();
	l->sent++;
	if (!tls_socket_send(&c->socket, l->request, l->request_len)) {
		c->is_dead = true;
		l->failed++;
	}
}

static struct connection *
idle_connection(struct load *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct connection *c = &l->connections[(l->next + i) % l->n];

		if (c->is_dead || c->sent_ns != 0)
			continue;
		l->next = (l->next + i + 1) % l->n;
		return c;
	}
	return NULL;
}

/* Sends what is due by the clock; answers that keep all connections busy make requests late. */
static void
send_due(struct load *l)
{
	int64_t due = (bench_now_ns() - l->started_ns) * l->rate / 1000000000;

	while (l->sent + l->late < due) {
		struct connection *c = idle_connection(l);

		if (c == NULL)
			l->late++;
		else
			send_request(l, c);
	}
}

static bool
answer_is_whole(struct connection *c)
{
	const char *end = memmem(c->answer, c->answer_len, "\r\n\r\n", 4);
	const char *length;

	if (end == NULL)
		return false;
	length = strcasestr(c->answer, "\r\ncontent-length:");
	if (length != NULL && length < end)
		return c->answer_len >=
		    (size_t)(end - c->answer) + 4 + strtoul(length + 17, NULL, 10);
	return memmem(end, c->answer_len - (size_t)(end - c->answer), "\r\n0\r\n\r\n", 7) != NULL;
}

static void
take_stamps(struct load *l, struct connection *c, int64_t now)
{
	static const char mark[] = "\"content\":\"";

	for (;;) {
		char *at = memmem(c->answer + c->events_seen, c->answer_len - c->events_seen, mark,
		    sizeof(mark) - 1);

		if (at == NULL || (size_t)(at - c->answer) + sizeof(mark) + 80 > c->answer_len)
			return;
		keep_sample(l, now - strtoll(at + sizeof(mark) - 1, NULL, 10));
		c->events_seen = (size_t)(at - c->answer) + sizeof(mark) + 80;
	}
}

static void
receive(struct load *l, struct connection *c)
{
	for (;;) {
		long got = tls_socket_receive(&c->socket, c->answer + c->answer_len,
		    ANSWER_BYTES - 1 - c->answer_len);
		int64_t now = bench_now_ns();

		if (got < 0 || c->answer_len + (size_t)got >= ANSWER_BYTES - 1) {
			c->is_dead = true;
			l->failed += c->sent_ns != 0 ? 1 : 0;
			return;
		}
		if (got == 0)
			return;
		c->answer_len += (size_t)got;
		c->answer[c->answer_len] = '\0';
		if (l->is_stream)
			take_stamps(l, c, now);
		if (c->sent_ns == 0 || !answer_is_whole(c))
			continue;
		if (!l->is_stream)
			keep_sample(l, now - c->sent_ns);
		if (strncmp(c->answer, "HTTP/1.1 200", 12) == 0)
			l->answered++;
		else
			l->failed++;
		c->sent_ns = 0;
		if (l->rate == 0 && now < l->ends_ns)
			send_request(l, c);
	}
}

static void
connect_all(struct load *l, const char *address, uint16_t port, int poll_fd)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	char name[] = "localhost";

	if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
	    inet_pton(AF_INET, address, &to.sin_addr) != 1)
		bench_die("prepare the connections");
	for (size_t i = 0; i < l->n; i++) {
		struct connection *c = &l->connections[i];
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
			.data.ptr = c };

		if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
			bench_die("connect");
		tls_socket_init(&c->socket, fd, context, false);
		(void)SSL_ctrl(c->socket.ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
		    TLSEXT_NAMETYPE_host_name, name);
		while (SSL_do_handshake(c->socket.ssl) != 1)
			if (SSL_get_error(c->socket.ssl, -1) != SSL_ERROR_WANT_READ &&
			    SSL_get_error(c->socket.ssl, -1) != SSL_ERROR_WANT_WRITE)
				bench_die("TLS handshake");
		(void)epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
	}
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double
percentile_us(const struct load *l, double part)
{
	if (l->n_samples == 0)
		return -1;
	return l->samples[(size_t)((double)(l->n_samples - 1) * part)] / 1000.0;
}

/* Until the next request is due; an answer wakes earlier. */
static struct timespec
time_to_wait(const struct load *l)
{
	int64_t left = 100000000;

	if (l->rate > 0)
		left = (l->sent + l->late + 1) * 1000000000 / l->rate -
		    (bench_now_ns() - l->started_ns);
	return (struct timespec){ .tv_nsec = left > 0 ? left : 0 };
}

static void
run(struct load *l, int poll_fd)
{
	l->started_ns = bench_now_ns();
	for (size_t i = 0; l->rate == 0 && i < l->n; i++)
		send_request(l, &l->connections[i]);
	while (bench_now_ns() < l->ends_ns) {
		struct epoll_event ready[128];
		struct timespec wait = time_to_wait(l);
		int n = epoll_pwait2(poll_fd, ready, 128, &wait, NULL);

		for (int i = 0; i < n; i++) {
			struct connection *c = ready[i].data.ptr;

			if (c->is_dead)
				continue;
			if (!tls_socket_flush(&c->socket))
				c->is_dead = true;
			else
				receive(l, c);
		}
		if (l->rate > 0)
			send_due(l);
	}
}

int
main(int argc, char **argv)
{
	struct load l = { 0 };
	char address[64];
	const char *colon;
	int poll_fd = epoll_create1(EPOLL_CLOEXEC);
	int64_t seconds;

	if (argc != 9 || (colon = strchr(argv[1], ':')) == NULL) {
		(void)fprintf(stderr,
		    "usage: load HOST:PORT PATH CONNECTIONS SECONDS RATE BODY_BYTES KEY|- json|sse\n");
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)snprintf(address, sizeof(address), "%.*s", (int)(colon - argv[1]), argv[1]);
	l.n = strtoul(argv[3], NULL, 10);
	seconds = strtoll(argv[4], NULL, 10);
	l.rate = strtoll(argv[5], NULL, 10);
	l.is_stream = strcmp(argv[8], "sse") == 0;
	l.samples = malloc(MAX_SAMPLES * sizeof(*l.samples));
	l.connections = calloc(l.n, sizeof(*l.connections));
	if (l.n == 0 || l.n > MAX_CONNECTIONS || l.samples == NULL || l.connections == NULL)
		bench_die("prepare");
	make_request(&l, "localhost", argv[2], strtoul(argv[6], NULL, 10), argv[7]);
	connect_all(&l, address, (uint16_t)strtoul(colon + 1, NULL, 10), poll_fd);
	l.ends_ns = bench_now_ns() + seconds * 1000000000;
	run(&l, poll_fd);
	qsort(l.samples, l.n_samples, sizeof(*l.samples), by_size);
	(void)printf(
	    "{\"answered\":%lld,\"failed\":%lld,\"late\":%lld,\"per_second\":%.1f,\"p50_us\":%.1f,"
	    "\"p99_us\":%.1f,\"p999_us\":%.1f,\"samples\":%zu}\n",
	    (long long)l.answered, (long long)l.failed, (long long)l.late,
	    (double)l.answered / (double)seconds, percentile_us(&l, 0.5), percentile_us(&l, 0.99),
	    percentile_us(&l, 0.999), l.n_samples);
	return l.failed > 0 && l.answered == 0 ? 1 : 0;
}
