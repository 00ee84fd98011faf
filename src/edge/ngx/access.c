/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access - who may pass: the ingest key, the age of the key table, the workspace's rate.  What is
 * refused here is answered by the edge and nothing of it goes anywhere.
 */
#include "edge/ngx/exchange.h"

#define STALE_REFUSE_FACTOR 2
#define API_BODY_DEADLINE_MS 30000

struct edge_ctx *
edge_ctx_make(ngx_http_request_t *r)
{
	struct edge_ctx *ctx = edge_ctx(r);

	if (ctx != NULL)
		return ctx;
	ctx = ngx_pcalloc(r->pool, sizeof(*ctx));
	if (ctx == NULL)
		return NULL;
	ctx->conf = edge_loc_conf(r);
	ctx->worker = edge_main_conf(r)->worker;
	ngx_http_set_ctx(r, ctx, ngx_http_rendfly_module);
	return ctx;
}

static ngx_int_t
refuse(struct edge_ctx *ctx, enum edge_why why, ngx_int_t status)
{
	ctx->why = why;
	return status;
}

/* nginx routed by the normalised path; what goes out is the path as it came.  They must agree on
 * the provider, and a '#' would end the path at one of the two only. */
static bool
is_path_plain(const ngx_http_request_t *r, struct str provider)
{
	struct str raw = edge_str(r->unparsed_uri);

	return raw.len > provider.len + 2 - 1 && raw.at[0] == '/' &&
	    str_equals(str_slice(raw, 1, provider.len + 1), provider) &&
	    raw.at[provider.len + 1] == '/' && memchr(raw.at, '#', raw.len) == NULL;
}

static ngx_int_t
check_key(ngx_http_request_t *r, struct edge_ctx *ctx, const struct keytable_entry **ret_entry)
{
	struct edge_keys *keys = &ctx->worker->keys;
	const ngx_table_elt_t *header;
	ngx_uint_t count = 0;

	header = edge_find_header(r, STR(EDGE_KEY_HEADER), &count);
	if (count > 1)
		return refuse(ctx, EDGE_WHY_KEY_TWICE, NGX_HTTP_BAD_REQUEST);
	if (header == NULL)
		return refuse(ctx, EDGE_WHY_KEY_MISSING, NGX_HTTP_UNAUTHORIZED);
	if (!edge_keys_are_there(keys, r->connection->log))
		return refuse(ctx, EDGE_WHY_NO_KEYTABLE, NGX_HTTP_SERVICE_UNAVAILABLE);
	if (edge_keys_age_ms(keys) >
	    (int64_t)ctx->worker->conf->keytable_stale_s * 1000 * STALE_REFUSE_FACTOR)
		return refuse(ctx, EDGE_WHY_OLD_KEYTABLE, NGX_HTTP_SERVICE_UNAVAILABLE);
	*ret_entry = keytable_find(keys->table, edge_str(header->value));
	if (*ret_entry == NULL)
		return refuse(ctx, EDGE_WHY_KEY_UNKNOWN, NGX_HTTP_UNAUTHORIZED);
	return NGX_OK;
}

static ngx_int_t
check_rate(struct edge_ctx *ctx, const struct keytable_entry *entry)
{
	ngx_int_t rc = edge_rate_take(ctx->worker->conf->rate_zone, entry, &ctx->rate);

	ctx->has_rate = 1;
	return rc == NGX_OK ? NGX_OK : refuse(ctx, EDGE_WHY_RATE, NGX_HTTP_TOO_MANY_REQUESTS);
}

static ngx_int_t
admit_to_provider(ngx_http_request_t *r, struct edge_ctx *ctx)
{
	const struct edge_keys *keys = &ctx->worker->keys;
	const struct keytable_entry *entry = NULL;
	bool may_capture;
	ngx_int_t rc;

	if (!is_path_plain(r, edge_str(ctx->conf->provider)))
		return refuse(ctx, EDGE_WHY_PATH, NGX_HTTP_BAD_REQUEST);
	rc = check_key(r, ctx, &entry);
	if (rc != NGX_OK) {
		ctx->worker->counters->unauthorized += rc == NGX_HTTP_UNAUTHORIZED;
		return rc;
	}
	rc = check_rate(ctx, entry);
	if (rc != NGX_OK) {
		ctx->worker->counters->limited++;
		return rc;
	}
	edge_strip_own_headers(r);
	may_capture = edge_keys_age_ms(keys) <= (int64_t)ctx->worker->conf->keytable_stale_s * 1000;
	edge_exchange_open(r, ctx, entry, may_capture);
	edge_deadline_start(r, ctx, ctx->worker->conf->body_deadline_ms);
	return NGX_OK;
}

/* A path that is no page: agents with a wrong provider must not get a page as their answer. */
static ngx_int_t
admit_to_pages(ngx_http_request_t *r, struct edge_ctx *ctx)
{
	ngx_uint_t keys = 0;

	(void)edge_find_header(r, STR(EDGE_KEY_HEADER), &keys);
	if (keys > 0 || (r->method != NGX_HTTP_GET && r->method != NGX_HTTP_HEAD))
		return refuse(ctx, EDGE_WHY_NO_PROVIDER, NGX_HTTP_NOT_FOUND);
	return NGX_OK;
}

ngx_int_t
edge_access_handler(ngx_http_request_t *r)
{
	struct edge_ctx *ctx;

	if (r != r->main || edge_loc_conf(r)->kind == EDGE_OTHER)
		return NGX_DECLINED;
	ctx = edge_ctx_make(r);
	if (ctx == NULL || ctx->worker == NULL)
		return NGX_HTTP_INTERNAL_SERVER_ERROR;
	if (ctx->conf->kind == EDGE_PROVIDER)
		return admit_to_provider(r, ctx);
	if (ctx->conf->kind == EDGE_PAGES)
		return admit_to_pages(r, ctx);
	if (ctx->conf->kind == EDGE_API) {
		edge_strip_own_headers(r);
		edge_deadline_start(r, ctx, API_BODY_DEADLINE_MS);
	}
	return NGX_OK;
}

/* Ready: keys can be checked, and what is captured has somewhere to go. */
static ngx_int_t
check_ready(struct edge_ctx *ctx)
{
	const struct edge_keys *keys = &ctx->worker->keys;

	if (keys->table == NULL)
		return refuse(ctx, EDGE_WHY_NO_KEYTABLE, NGX_HTTP_SERVICE_UNAVAILABLE);
	if (edge_keys_age_ms(keys) > (int64_t)ctx->worker->conf->keytable_stale_s * 1000)
		return refuse(ctx, EDGE_WHY_OLD_KEYTABLE, NGX_HTTP_SERVICE_UNAVAILABLE);
	if (ctx->worker->link.connection == NULL)
		return refuse(ctx, EDGE_WHY_NO_COLLECTOR, NGX_HTTP_SERVICE_UNAVAILABLE);
	return NGX_OK;
}

static ngx_int_t
send_ok(ngx_http_request_t *r)
{
	static u_char body[] = "{\"status\":\"ok\"}\n";
	ngx_chain_t out = { NULL, NULL };
	ngx_int_t rc;
	ngx_buf_t *b;

	ngx_str_set(&r->headers_out.content_type, "application/json");
	r->headers_out.content_type_len = r->headers_out.content_type.len;
	r->headers_out.status = NGX_HTTP_OK;
	r->headers_out.content_length_n = sizeof(body) - 1;
	rc = ngx_http_send_header(r);
	if (rc != NGX_OK || r->header_only)
		return rc;
	b = ngx_calloc_buf(r->pool);
	if (b == NULL)
		return NGX_ERROR;
	b->pos = body;
	b->last = body + sizeof(body) - 1;
	b->memory = 1;
	b->last_buf = 1;
	out.buf = b;
	return ngx_http_output_filter(r, &out);
}

ngx_int_t
edge_health_handler(ngx_http_request_t *r)
{
	struct edge_ctx *ctx = edge_ctx_make(r);
	ngx_int_t rc;

	if (ctx == NULL || ctx->worker == NULL)
		return NGX_HTTP_INTERNAL_SERVER_ERROR;
	if (r->method != NGX_HTTP_GET && r->method != NGX_HTTP_HEAD)
		return NGX_HTTP_NOT_ALLOWED;
	rc = ngx_http_discard_request_body(r);
	if (rc == NGX_OK && ctx->conf->kind == EDGE_READY)
		rc = check_ready(ctx);
	return rc == NGX_OK ? send_ok(r) : rc;
}
