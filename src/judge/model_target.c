/* SPDX-License-Identifier: Apache-2.0 */
/* Where the judging model is; see model_target.h. */
#include "judge/model_target.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"
#define AUTHORITIES_MAX_BYTES (4u << 20)
#define MAX_ADDRESSES 8

struct parts {
	CURLU *url;
	char *host;
	char *port;
	char *scheme;
};

static void
parts_cleanup(struct parts *p)
{
	curl_free(p->host);
	curl_free(p->port);
	curl_free(p->scheme);
	curl_url_cleanup(p->url);
}

static void
free_addresses(struct addrinfo **at)
{
	if (*at != NULL)
		freeaddrinfo(*at);
}

static enum err
split_url(const char *url, struct parts *p, struct err_detail *reterr)
{
	p->url = curl_url();
	if (p->url == NULL)
		return ERR_NOMEM;
	if (curl_url_set(p->url, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
	    curl_url_get(p->url, CURLUPART_SCHEME, &p->scheme, 0) != CURLUE_OK ||
	    curl_url_get(p->url, CURLUPART_HOST, &p->host, 0) != CURLUE_OK ||
	    curl_url_get(p->url, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
	    strcmp(p->scheme, "https") != 0)
		return err_set(reterr, ERR_MALFORMED,
		    "judge_base_url must look like https://host/v1, with no user name in it");
	return ERR_OK;
}

static void
append_address(struct model_target *target, const struct addrinfo *address, int number)
{
	char text[INET6_ADDRSTRLEN + 2];
	size_t used = strlen(target->resolved);
	const bool is_v6 = address->ai_family == AF_INET6;
	const void *raw = is_v6
	    ? (const void *)&((const struct sockaddr_in6 *)(const void *)address->ai_addr)
		  ->sin6_addr
	    : (const void *)&((const struct sockaddr_in *)(const void *)address->ai_addr)->sin_addr;

	if (inet_ntop(address->ai_family, raw, text, sizeof(text)) == NULL)
		return;
	(void)snprintf(target->resolved + used, sizeof(target->resolved) - used,
	    is_v6 ? "%s[%s]" : "%s%s", number == 0 ? "" : ",", text);
}

static enum err
resolve(const struct parts *p, struct model_target *target, struct err_detail *reterr)
{
	__attribute__((cleanup(free_addresses))) struct addrinfo *all = NULL;
	const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
	size_t host_len = strlen(p->host);
	char bare[256];
	int n = 0, why;

	/* An IPv6 address stands in brackets, which the resolver does not take. */
	(void)snprintf(bare, sizeof(bare), "%.*s", (int)(host_len - (p->host[0] == '[' ? 2 : 0)),
	    p->host + (p->host[0] == '['));
	why = getaddrinfo(bare, p->port, &wanted, &all);
	if (why != 0)
		return err_set(reterr, ERR_BUSY, "the judging model's name %s does not resolve: %s",
		    bare, gai_strerror(why));
	(void)snprintf(target->resolved, sizeof(target->resolved), "%s:%s:", p->host, p->port);
	for (const struct addrinfo *a = all; a != NULL && n < MAX_ADDRESSES; a = a->ai_next)
		if (a->ai_family == AF_INET || a->ai_family == AF_INET6)
			append_address(target, a, n++);
	return n > 0 ? ERR_OK : err_set(reterr, ERR_BUSY, "%s has no address", bare);
}

static enum err
read_authorities(const char *ca_file, struct model_target *target, struct err_detail *reterr)
{
	enum err e = buf_new(AUTHORITIES_MAX_BYTES, &target->authorities);

	return e != ERR_OK ? e
			   : file_read(ca_file[0] != '\0' ? ca_file : SYSTEM_AUTHORITIES,
				 target->authorities, reterr);
}

enum err
model_target_init(const char *base_url, const char *ca_file, struct model_target *target,
    struct err_detail *reterr)
{
	__attribute__((cleanup(parts_cleanup))) struct parts p = { 0 };
	size_t len = strlen(base_url);
	int written;
	enum err e;

	*target = (struct model_target){ 0 };
	while (len > 0 && base_url[len - 1] == '/')
		len--;
	written =
	    snprintf(target->url, sizeof(target->url), "%.*s/chat/completions", (int)len, base_url);
	if (written < 0 || (size_t)written >= sizeof(target->url))
		return err_set(reterr, ERR_TOO_LARGE, "judge_base_url is too long");
	e = split_url(target->url, &p, reterr);
	if (e == ERR_OK)
		e = resolve(&p, target, reterr);
	if (e == ERR_OK)
		e = read_authorities(ca_file, target, reterr);
	if (e != ERR_OK)
		model_target_done(target);
	return e;
}

void
model_target_done(struct model_target *target)
{
	buf_free(target->authorities);
	target->authorities = NULL;
}
