/* SPDX-License-Identifier: Apache-2.0 */
/* addresses - see addresses.h. */
#include "steward/addresses.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/ipc.h"
#include "sandbox/sandbox.h"

#define DNS_PORT 53 /* when an answer is too long for UDP */
#define EVERY_MS 60000
#define MAX_ADDRESSES 32
#define ADDRESS_BYTES 16

/* The sorted addresses of one name; IPv4 ones are padded with zeros. */
struct address_set {
	uint8_t addresses[MAX_ADDRESSES][ADDRESS_BYTES];
	size_t n;
};

struct address_watch {
	struct address_set known[CONF_MAX_PROVIDERS];
	bool is_known[CONF_MAX_PROVIDERS];
	bool is_told[CONF_MAX_PROVIDERS]; /* that it does not resolve; once, until it does */
};

/* What getaddrinfo calls, with its configuration, its caches and sorting by where routes go. */
static const char *const system_calls[] = { "bind", "getpeername", "ioctl", "ppoll", "recvmsg",
	"sendmmsg", "uname", NULL };

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, ADDRESS_BYTES);
}

static bool
resolve(const char *host, struct address_set *ret_set)
{
	const struct addrinfo wanted = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;

	*ret_set = (struct address_set){ 0 };
	if (getaddrinfo(host, NULL, &wanted, &list) != 0)
		return false;
	for (const struct addrinfo *at = list; at != NULL && ret_set->n < MAX_ADDRESSES;
	     at = at->ai_next) {
		uint8_t *to = ret_set->addresses[ret_set->n++];

		if (at->ai_family == AF_INET)
			memcpy(to,
			    &((const struct sockaddr_in *)(const void *)at->ai_addr)->sin_addr, 4);
		else
			memcpy(to,
			    &((const struct sockaddr_in6 *)(const void *)at->ai_addr)->sin6_addr,
			    ADDRESS_BYTES);
	}
	freeaddrinfo(list);
	qsort(ret_set->addresses, ret_set->n, ADDRESS_BYTES, by_bytes);
	return true;
}

static bool
is_same(const struct address_set *a, const struct address_set *b)
{
	return a->n == b->n && memcmp(a->addresses, b->addresses, a->n * ADDRESS_BYTES) == 0;
}

/* Whether a name has moved.  One that does not resolve is where it was. */
static bool
look_up_all(struct address_watch *w, const struct conf *conf)
{
	bool has_changed = false;

	for (size_t i = 0; i < conf->n_providers; i++) {
		struct address_set now;

		if (!resolve(conf->providers[i].host, &now)) {
			if (!w->is_told[i])
				log_warn("provider_not_resolved",
				    LOG_STR("provider", conf->providers[i].name),
				    LOG_STR("host", conf->providers[i].host));
			w->is_told[i] = true;
			continue;
		}
		if (w->is_known[i] && !is_same(&now, &w->known[i])) {
			log_info("provider_moved", LOG_STR("provider", conf->providers[i].name));
			has_changed = true;
		}
		w->known[i] = now;
		w->is_known[i] = true;
		w->is_told[i] = false;
	}
	return has_changed;
}

static enum err
confine(const struct conf *conf, struct err_detail *reterr)
{
	static const struct sandbox_path paths[] = { { "/etc", false }, { "/usr/lib", false },
		{ NULL, false } };
	static const uint16_t ports[] = { DNS_PORT, 0 };
	static const struct sandbox sandbox = { .role = "resolver",
		.user = "steward",
		.syscalls = system_calls,
		.may_connect = true,
		.may_resolve = true,
		.ports = ports,
		.paths = paths };

	return sandbox_enter(&sandbox, conf->user_prefix, reterr);
}

/* Ends with the steward, whose end of the pipe is then closed. */
static _Noreturn void
watch(const struct conf *conf, int fd)
{
	static struct address_watch w;
	struct err_detail detail = { "" };
	struct pollfd end = { .fd = fd };
	struct address_set ignored;

	log_open("resolver");
	/* What the C library loads for it is loaded while that is possible. */
	(void)!resolve("localhost", &ignored);
	if (confine(conf, &detail) != ERR_OK) {
		log_error("resolver_failed", LOG_STR("cause", detail.text));
		_exit(1);
	}
	for (;;) {
		if (look_up_all(&w, conf) && write(fd, "m", 1) != 1)
			_exit(0);
		if (poll(&end, 1, EVERY_MS) != 0)
			_exit(0);
	}
}

enum err
addresses_start(const struct conf *conf, int *ret_fd, struct err_detail *reterr)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return err_set(reterr, ERR_IO, "a pipe: %s", strerror(errno));
	child = fork();
	if (child == 0) {
		/* No channel, nothing of the steward's. */
		if (dup2(ends[1], IPC_FD_KEYD) < 0 || close_range(IPC_FD_KEYD + 1, ~0u, 0) != 0)
			_exit(1);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		watch(conf, IPC_FD_KEYD);
	}
	(void)close(ends[1]);
	if (child < 0) {
		(void)close(ends[0]);
		return err_set(reterr, ERR_IO, "a process: %s", strerror(errno));
	}
	*ret_fd = ends[0];
	return ERR_OK;
}

enum err
addresses_moved(int fd, bool *ret_moved)
{
	char told[64];
	ssize_t n = read(fd, told, sizeof(told));

	*ret_moved = n > 0;
	return n == 0 ? ERR_NOT_FOUND : ERR_OK;
}
