/* SPDX-License-Identifier: Apache-2.0 */
/* tls_socket - see tls_socket.h. */
#include "tls_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void
bench_die(const char *what)
{
	(void)fprintf(stderr, "%s: %s\n", what, strerror(errno));
	ERR_print_errors_fp(stderr);
	exit(1);
}

int64_t
bench_now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void
tls_socket_init(struct tls_socket *s, int fd, SSL_CTX *context, bool is_server)
{
	int on = 1;

	*s = (struct tls_socket){
		.fd = fd, .ssl = SSL_new(context), .out = malloc(TLS_SOCKET_OUT_BYTES)
	};
	if (s->ssl == NULL || s->out == NULL || SSL_set_fd(s->ssl, fd) != 1)
		bench_die("make a TLS socket");
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		bench_die("set a socket non-blocking");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (is_server)
		SSL_set_accept_state(s->ssl);
	else
		SSL_set_connect_state(s->ssl);
}

void
tls_socket_done(struct tls_socket *s)
{
	SSL_free(s->ssl);
	free(s->out);
	(void)close(s->fd);
	*s = (struct tls_socket){ .fd = -1 };
}

static bool
wants_more(struct tls_socket *s, int got)
{
	int why = SSL_get_error(s->ssl, got);

	ERR_clear_error();
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

bool
tls_socket_flush(struct tls_socket *s)
{
	while (s->out_len > 0) {
		int wrote = SSL_write(s->ssl, s->out, (int)s->out_len);

		if (wrote <= 0)
			return wants_more(s, wrote);
		s->is_ready = true;
		s->out_len -= (size_t)wrote;
		memmove(s->out, s->out + wrote, s->out_len);
	}
	return true;
}

bool
tls_socket_send(struct tls_socket *s, const void *bytes, size_t len)
{
	if (len > TLS_SOCKET_OUT_BYTES - s->out_len)
		return false;
	memcpy(s->out + s->out_len, bytes, len);
	s->out_len += len;
	return tls_socket_flush(s);
}

long
tls_socket_receive(struct tls_socket *s, void *to, size_t room)
{
	int got = SSL_read(s->ssl, to, (int)room);

	if (got > 0) {
		s->is_ready = true;
		return got;
	}
	return wants_more(s, got) ? 0 : -1;
}
