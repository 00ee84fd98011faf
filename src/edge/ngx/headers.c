/* SPDX-License-Identifier: Apache-2.0 */
/*
 * headers - what the edge adds to responses: to a provider's only HSTS and the rate, to all others
 * the whole set of security headers.  It is done here and not by add_header lines, so that no
 * location can be without them.
 */
#include "edge/ngx/module.h"

#define TEXT_BYTES 64
#define OWN_PREFIX "x-rendfly-"

struct header {
	struct str name;
	struct str value;
};

/* STR is no constant expression. */
#define TEXT(literal)                           \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

/* An origin's own promises: a provider must not make them in our name. */
static const struct header ON_ALL[] = {
	{ TEXT("Strict-Transport-Security"), TEXT("max-age=63072000; includeSubDomains") },
};

static const struct header ON_OURS[] = {
	{ TEXT("X-Content-Type-Options"), TEXT("nosniff") },
	{ TEXT("Referrer-Policy"), TEXT("no-referrer") },
	{ TEXT("Cross-Origin-Opener-Policy"), TEXT("same-origin") },
	{ TEXT("Cross-Origin-Resource-Policy"), TEXT("same-origin") },
	{ TEXT("X-Frame-Options"), TEXT("DENY") },
	{ TEXT("Permissions-Policy"),
	    TEXT("accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
		 "microphone=(), payment=(), usb=()") },
};

#define NOTHING_MAY_LOAD \
	"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
#define IMMUTABLE "public, max-age=31536000, immutable"

static bool
is_named(const ngx_table_elt_t *h, struct str name)
{
	return h->hash != 0 && str_equals_ignoring_case(edge_str(h->key), name);
}

const ngx_table_elt_t *
edge_find_header(ngx_http_request_t *r, struct str lower_case_name, ngx_uint_t *ret_count)
{
	const ngx_table_elt_t *first = NULL;

	for (const ngx_list_part_t *part = &r->headers_in.headers.part; part != NULL;
	     part = part->next) {
		const ngx_table_elt_t *h = part->elts;

		for (ngx_uint_t i = 0; i < part->nelts; i++) {
			if (!is_named(&h[i], lower_case_name))
				continue;
			if (first == NULL)
				first = &h[i];
			(*ret_count)++;
		}
	}
	return first;
}

static bool
is_own(const ngx_table_elt_t *h)
{
	struct str name = { (const char *)h->lowcase_key, h->key.len };

	return str_starts_with(name, STR(OWN_PREFIX)) &&
	    !str_equals(name, STR(EDGE_CONVERSATION_HEADER));
}

void
edge_strip_own_headers(ngx_http_request_t *r)
{
	static u_char taken_out[] = EDGE_KEY_HEADER;

	for (ngx_list_part_t *part = &r->headers_in.headers.part; part != NULL; part = part->next) {
		ngx_table_elt_t *h = part->elts;

		for (ngx_uint_t i = 0; i < part->nelts; i++) {
			if (!is_own(&h[i]))
				continue;
			ngx_str_set(&h[i].key, EDGE_KEY_HEADER);
			h[i].lowcase_key = taken_out;
			h[i].hash = ngx_hash_key(taken_out, sizeof(taken_out) - 1);
		}
	}
}

/* Takes the header out of the response when it is there. */
static bool
remove_header(ngx_http_request_t *r, struct str name)
{
	bool was_there = false;

	for (ngx_list_part_t *part = &r->headers_out.headers.part; part != NULL;
	     part = part->next) {
		ngx_table_elt_t *h = part->elts;

		for (ngx_uint_t i = 0; i < part->nelts; i++)
			if (is_named(&h[i], name)) {
				h[i].hash = 0;
				was_there = true;
			}
	}
	return was_there;
}

static ngx_int_t
set_header(ngx_http_request_t *r, struct str name, struct str value)
{
	ngx_table_elt_t *h;

	(void)remove_header(r, name);
	h = ngx_list_push(&r->headers_out.headers);
	if (h == NULL)
		return NGX_ERROR;
	ngx_memzero(h, sizeof(*h));
	h->hash = 1;
	h->key = (ngx_str_t){ name.len, (u_char *)name.at };
	h->value = (ngx_str_t){ value.len, (u_char *)value.at };
	return NGX_OK;
}

static ngx_int_t
set_headers(ngx_http_request_t *r, const struct header *headers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (set_header(r, headers[i].name, headers[i].value) != NGX_OK)
			return NGX_ERROR;
	return NGX_OK;
}

static ngx_int_t
set_number(ngx_http_request_t *r, struct str name, const char *format, ngx_uint_t a, ngx_uint_t b)
{
	u_char *at = ngx_pnalloc(r->pool, TEXT_BYTES);
	const u_char *end;

	if (at == NULL)
		return NGX_ERROR;
	end = ngx_snprintf(at, TEXT_BYTES, format, a, b);
	return set_header(r, name, (struct str){ (const char *)at, (size_t)(end - at) });
}

static ngx_int_t
set_rate(ngx_http_request_t *r, const struct edge_rate *rate)
{
	if (set_number(r, STR("RateLimit-Limit"), "%ui", rate->limit, 0) != NGX_OK ||
	    set_number(r, STR("RateLimit-Remaining"), "%ui", rate->remaining, 0) != NGX_OK ||
	    set_number(r, STR("RateLimit-Reset"), "%ui", rate->reset_s, 0) != NGX_OK ||
	    set_number(r, STR("RateLimit-Policy"), "%ui;w=%ui", rate->limit, rate->window_s) !=
		NGX_OK)
		return NGX_ERROR;
	if (rate->retry_after_s == 0)
		return NGX_OK;
	return set_number(r, STR("Retry-After"), "%ui", rate->retry_after_s, 0);
}

/* nginx writes its own name when there is no such header; an empty one that does not count is. */
static ngx_int_t
hide_server(ngx_http_request_t *r)
{
	if (r->headers_out.server != NULL)
		return NGX_OK;
	r->headers_out.server = ngx_pcalloc(r->pool, sizeof(*r->headers_out.server));
	return r->headers_out.server == NULL ? NGX_ERROR : NGX_OK;
}

static struct str
policy_of(ngx_http_request_t *r, enum edge_kind kind)
{
	const struct edge_main_conf *conf = edge_main_conf(r);

	if (r->err_status >= NGX_HTTP_BAD_REQUEST || conf->page_policy.len == 0 ||
	    (kind != EDGE_PAGES && kind != EDGE_ASSETS))
		return STR(NOTHING_MAY_LOAD);
	return edge_str(conf->page_policy);
}

static struct str
cache_of(const ngx_http_request_t *r, enum edge_kind kind)
{
	if (r->err_status >= NGX_HTTP_BAD_REQUEST)
		return STR("no-store");
	if (kind == EDGE_ASSETS)
		return STR(IMMUTABLE);
	return kind == EDGE_PAGES ? STR("no-cache") : STR("no-store");
}

ngx_int_t
edge_headers_add(ngx_http_request_t *r, struct edge_ctx *ctx)
{
	enum edge_kind kind = ctx->conf->kind;

	if (ctx->has_rate && set_rate(r, &ctx->rate) != NGX_OK)
		return NGX_ERROR;
	if (set_headers(r, ON_ALL, sizeof(ON_ALL) / sizeof(ON_ALL[0])) != NGX_OK)
		return NGX_ERROR;
	if (hide_server(r) != NGX_OK)
		return NGX_ERROR;
	if (ctx->is_answered)
		return NGX_OK;
	if (r->err_status == NGX_HTTP_UNAUTHORIZED &&
	    set_header(r, STR("WWW-Authenticate"), STR("X-Rendfly-Key")) != NGX_OK)
		return NGX_ERROR;
	if (set_header(r, STR("Content-Security-Policy"), policy_of(r, kind)) != NGX_OK ||
	    set_header(r, STR("Cache-Control"), cache_of(r, kind)) != NGX_OK)
		return NGX_ERROR;
	return set_headers(r, ON_OURS, sizeof(ON_OURS) / sizeof(ON_OURS[0]));
}
