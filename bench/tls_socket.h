/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_socket - what the load client and the upstream of the benchmarks share: a non-blocking
 * TLS 1.3 stream with an output queue, in the words of one event loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#define TLS_SOCKET_OUT_BYTES (256u << 10)

struct tls_socket {
	int fd;
	SSL *ssl;
	bool is_ready; /* the handshake is done */
	unsigned char *out;
	size_t out_len;
};

/* Ends the program with a message: a benchmark without its sockets has no result. */
_Noreturn void bench_die(const char *what);

int64_t bench_now_ns(void);

void tls_socket_init(struct tls_socket *s, int fd, SSL_CTX *context, bool is_server);
void tls_socket_done(struct tls_socket *s);

/* Queues and writes as much as the socket takes; false when the peer is gone. */
bool tls_socket_send(struct tls_socket *s, const void *bytes, size_t len);
bool tls_socket_flush(struct tls_socket *s);

/* > 0 bytes, 0 nothing now, < 0 the peer is gone.  Drives the handshake too. */
long tls_socket_receive(struct tls_socket *s, void *to, size_t room);
