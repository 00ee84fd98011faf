/* SPDX-License-Identifier: Apache-2.0 */
/* render - fills the two templates of conf/ that are built into the program. */
#include "edge/render.h"

#include <string.h>

#include "base/file.h"
#include "nginx_templates.h"
#include "revocation/revocation.h"

#define EMBEDDED(array) ((struct str){ (array), sizeof(array) })
#define NUMBER_BYTES 24
#define PROVIDERS_MAX_BYTES ((size_t)256 << 10)
#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"
#define TLS_PORT 443
#define AUTHORITIES_MAX_BYTES (4u << 20)

static bool
is_quotable(const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f || strchr("\"\\$", *c) != NULL)
			return false;
	return true;
}

static enum err
append_variable(struct str name, const struct edge_variable *variables, struct buf *out,
    struct err_detail *reterr)
{
	for (; variables->name != NULL; variables++) {
		if (!str_equals(str_from(variables->name), name))
			continue;
		/* What was rendered before goes in whole. */
		if (!str_equals(name, STR("PROVIDERS")) && !is_quotable(variables->value))
			return err_set(reterr, ERR_MALFORMED,
			    "%s: a quote, backslash, dollar or control byte cannot go into "
			    "nginx.conf",
			    variables->name);
		return buf_append_str(out, str_from(variables->value));
	}
	return err_set(reterr, ERR_BUG, "the template names @%.*s@", STR_ARG(name));
}

enum err
edge_render_template(struct str template, const struct edge_variable *variables, struct buf *out,
    struct err_detail *reterr)
{
	while (template.len > 0) {
		const char *at = memchr(template.at, '@', template.len);
		size_t before = at == NULL ? template.len : (size_t)(at - template.at);
		const char *end;
		enum err e = buf_append(out, template.at, before);

		if (e != ERR_OK || at == NULL)
			return e;
		template = str_slice(template, before + 1, template.len);
		end = memchr(template.at, '@', template.len);
		if (end == NULL)
			return err_set(reterr, ERR_BUG, "the template has a lonely @");
		e = append_variable(str_slice(template, 0, (size_t)(end - template.at)), variables,
		    out, reterr);
		if (e != ERR_OK)
			return e;
		template = str_slice(template, (size_t)(end - template.at) + 1, template.len);
	}
	return ERR_OK;
}

/* nginx says what is wrong with a file that cannot be read. */
static bool
lists_what_was_revoked(const char *authorities)
{
	CLEANUP(buf) struct buf *pem = NULL;

	return buf_new(AUTHORITIES_MAX_BYTES, &pem) == ERR_OK &&
	    file_read(authorities, pem, NULL) == ERR_OK && revocation_is_listed(buf_str(pem));
}

static enum err
render_provider(const struct conf *conf, const struct conf_provider *p, struct buf *out,
    struct err_detail *reterr)
{
	char host_header[sizeof(p->host) + 8], body_max_mb[NUMBER_BYTES];
	const char *ca = p->ca[0] != '\0' ? p->ca : SYSTEM_CA;
	const struct edge_variable variables[] = {
		{ "NAME", p->name },
		{ "HOST", p->host },
		{ "HOST_HEADER", host_header },
		{ "PATH", p->path },
		{ "CA", ca },
		{ "WITHOUT_LIST", lists_what_was_revoked(ca) ? "" : "# " },
		{ "BODY_MAX_MB", body_max_mb },
		{ NULL, NULL },
	};

	if (p->port == TLS_PORT)
		(void)snprintf(host_header, sizeof(host_header), "%s", p->host);
	else
		(void)snprintf(host_header, sizeof(host_header), "%s:%u", p->host, p->port);
	(void)snprintf(body_max_mb, sizeof(body_max_mb), "%lld", (long long)conf->body_max_mb);
	return edge_render_template(EMBEDDED(TEXT_NGINX_PROVIDER_CONF), variables, out, reterr);
}

static enum err
render_providers(const struct conf *conf, struct buf *out, struct err_detail *reterr)
{
	for (size_t i = 0; i < conf->n_providers; i++) {
		enum err e = render_provider(conf, &conf->providers[i], out, reterr);

		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

struct numbers {
	char workers[NUMBER_BYTES], connections[NUMBER_BYTES], stale_s[NUMBER_BYTES];
	char memory_mb[NUMBER_BYTES], max_mb[NUMBER_BYTES], deadline_s[NUMBER_BYTES];
	char listen[CONF_VALUE_BYTES + NUMBER_BYTES];
};

static void
write_number(char text[static NUMBER_BYTES], int64_t number)
{
	(void)snprintf(text, NUMBER_BYTES, "%lld", (long long)number);
}

static void
write_numbers(const struct conf *conf, unsigned int connections, struct numbers *n)
{
	bool is_v6 = strchr(conf->listen_address, ':') != NULL && conf->listen_address[0] != '[';

	write_number(n->workers, conf->edge_workers);
	write_number(n->connections, connections);
	write_number(n->stale_s, conf->keytable_stale_s);
	write_number(n->memory_mb, conf->capture_memory_mb);
	write_number(n->max_mb, conf->capture_max_mb);
	write_number(n->deadline_s, conf->body_deadline_s);
	(void)snprintf(n->listen, sizeof(n->listen), is_v6 ? "[%s]:%lld" : "%s:%lld",
	    conf->listen_address, (long long)conf->listen_port);
}

/* It is not in quotes in the template: an address has no need of any other byte. */
static bool
is_address(const char *text)
{
	return text[0] != '\0' &&
	    text[strspn(text,
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:[]-*")] == '\0';
}

enum err
edge_render_nginx(const struct conf *conf, const struct edge_paths *paths, const char *page_policy,
    unsigned int connections, struct buf *out, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *providers = NULL;
	struct numbers n;
	enum err e;

	if (!is_address(conf->listen_address))
		return err_set(reterr, ERR_MALFORMED, "listen_address is not an address");
	write_numbers(conf, connections, &n);
	e = buf_new(PROVIDERS_MAX_BYTES, &providers);
	if (e == ERR_OK)
		e = render_providers(conf, providers, reterr);
	if (e != ERR_OK)
		return e;

	const struct edge_variable variables[] = {
		{ "MODULE", paths->module },
		{ "RUN", paths->run },
		{ "DIR", conf->dir },
		{ "WORKERS", n.workers },
		{ "CONNECTIONS", n.connections },
		{ "KEYTABLE_STALE_S", n.stale_s },
		{ "CAPTURE_MEMORY_MB", n.memory_mb },
		{ "CAPTURE_MAX_MB", n.max_mb },
		{ "BODY_DEADLINE_S", n.deadline_s },
		{ "LISTEN", n.listen },
		{ "HTTP2", conf->edge_http2 ? " http2" : "" },
		{ "PAGE_POLICY", page_policy },
		{ "PROVIDERS", buf_c_string(providers) },
		{ NULL, NULL },
	};
	return edge_render_template(EMBEDDED(TEXT_NGINX_CONF), variables, out, reterr);
}
