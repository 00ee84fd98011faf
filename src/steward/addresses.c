/* SPDX-License-Identifier: Apache-2.0 */
/* addresses - see addresses.h. */
#include "steward/addresses.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "ipc/ipc.h"

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
};

enum err
address_watch_new(struct address_watch **ret_watch)
{
	*ret_watch = calloc(1, sizeof(**ret_watch));
	return *ret_watch == NULL ? ERR_NOMEM : ERR_OK;
}

void
address_watch_free(struct address_watch *w)
{
	free(w);
}

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

enum err
addresses_check(struct address_watch *w, const struct conf *conf)
{
	const struct ipc_head reload = { .type = IPC_SUPERVISOR_EDGE_RELOAD };
	bool has_changed = false, has_failed = false;

	for (size_t i = 0; i < conf->n_providers; i++) {
		struct address_set now;

		if (!resolve(conf->providers[i].host, &now)) {
			log_warn("provider_not_resolved",
			    LOG_STR("provider", conf->providers[i].name),
			    LOG_STR("host", conf->providers[i].host));
			has_failed = true;
			continue;
		}
		if (w->is_known[i] && !is_same(&now, &w->known[i])) {
			log_info("provider_moved", LOG_STR("provider", conf->providers[i].name));
			has_changed = true;
		}
		w->known[i] = now;
		w->is_known[i] = true;
	}
	if (has_changed && ipc_send(IPC_FD_SUPERVISOR, &reload, STR(""), -1) != ERR_OK)
		return ERR_IO;
	return has_failed ? ERR_BUSY : ERR_OK;
}
