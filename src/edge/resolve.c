/* SPDX-License-Identifier: Apache-2.0 */
/* resolve - asks the system for a provider's addresses and writes them in order. */
#include "edge/resolve.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#define ADDRESSES_MAX 16
#define TEXT_BYTES 80

/* Idle connections are closed before the provider does it: a call sent on one that the provider is
 * just closing is lost.  The shortest time we know is 5 s (uvicorn, under vLLM). */
#define POOL                                                                                         \
	"\tkeepalive 256;\n\tkeepalive_timeout 4s;\n\tkeepalive_requests 100000;\n\tkeepalive_time " \
	"10m;\n}\n\n"

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Sorted, so that the same addresses in another order are the same file. */
static size_t
find_addresses(const struct conf_provider *p, char texts[static ADDRESSES_MAX][TEXT_BYTES])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;
	size_t n = 0;

	if (getaddrinfo(p->host, NULL, &hints, &found) != 0)
		return 0;
	for (const struct addrinfo *a = found; a != NULL && n < ADDRESSES_MAX; a = a->ai_next) {
		char number[64];

		if (getnameinfo(a->ai_addr, a->ai_addrlen, number, sizeof(number), NULL, 0,
			NI_NUMERICHOST) != 0)
			continue;
		(void)snprintf(texts[n++], TEXT_BYTES,
		    a->ai_family == AF_INET6 ? "[%s]:%u" : "%s:%u", number, p->port);
	}
	freeaddrinfo(found);
	qsort(texts, n, TEXT_BYTES, compare_texts);
	return n;
}

enum err
edge_resolve_provider(const struct conf_provider *p, const char *run_folder, struct buf *out,
    bool *ret_is_resolved)
{
	char texts[ADDRESSES_MAX][TEXT_BYTES];
	size_t n = find_addresses(p, texts);
	enum err e = buf_printf(out, "upstream provider_%s {\n", p->name);

	for (size_t i = 0; e == ERR_OK && i < n; i++)
		if (i == 0 || strcmp(texts[i - 1], texts[i]) != 0)
			e = buf_printf(out, "\tserver %s max_fails=0;\n", texts[i]);
	if (e == ERR_OK && n == 0)
		e = buf_printf(out,
		    "\t# no address was found\n\tserver \"unix:%s/unresolved\" "
		    "max_fails=0;\n",
		    run_folder);
	if (e == ERR_OK)
		e = buf_append_str(out, STR(POOL));
	if (e == ERR_OK)
		*ret_is_resolved = n > 0;
	return e;
}
