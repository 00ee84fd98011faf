/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request - the filters that see what passes: the request's body before it goes out, the
 * response's header and body before any other filter.  They copy and never change a provider's
 * bytes.
 */
#include "base/clock.h"
#include "edge/ngx/exchange.h"
#include "edge/ngx/worker.h"

/* nginx links filters through the variable of the one installed last; each keeps the one before. */
static ngx_http_request_body_filter_pt next_request_body_filter;
static ngx_http_output_header_filter_pt next_header_filter;
static ngx_http_output_body_filter_pt next_body_filter;

static ngx_int_t
filter_request_body(ngx_http_request_t *r, ngx_chain_t *in)
{
	struct edge_ctx *ctx = edge_ctx(r);

	for (const ngx_chain_t *at = in; ctx != NULL && at != NULL; at = at->next) {
		const ngx_buf_t *b = at->buf;

		if (ngx_buf_in_memory(b))
			edge_exchange_take(ctx, EDGE_FRAME_REQUEST,
			    (struct str){ (const char *)b->pos, (size_t)(b->last - b->pos) });
		if (b->last_buf)
			edge_deadline_stop(ctx);
	}
	return next_request_body_filter(r, in);
}

static bool
is_from_provider(ngx_http_request_t *r, const struct edge_ctx *ctx)
{
	return ctx->is_forwarded && r->err_status == 0 && r->upstream != NULL &&
	    r->upstream->headers_in.status_n != 0;
}

static void
note_answer(struct edge_ctx *ctx)
{
	ctx->is_answered = 1;
	if (ctx->capture != NULL)
		ctx->capture->first_byte_us =
		    ngx_max(1, clock_monotonic_us() - ctx->capture->started_mono_us);
}

/* nginx takes an answer without a status line for one of HTTP/0.9 and would pass its bytes with no
 * head: on the client's connection they could be any answer. */
static bool
is_without_status(const ngx_http_request_t *r, const struct edge_ctx *ctx)
{
	return ctx->is_forwarded && r->err_status == 0 && r->upstream != NULL &&
	    r->upstream->headers_in.status_n == 0 && r->http_version == NGX_HTTP_VERSION_9;
}

static ngx_int_t
filter_header(ngx_http_request_t *r)
{
	struct edge_ctx *ctx;

	if (r != r->main)
		return next_header_filter(r);
	ctx = edge_ctx_make(r);
	if (ctx == NULL)
		return NGX_ERROR;
	if (is_without_status(r, ctx)) {
		r->http_version = r->stream != NULL ? NGX_HTTP_VERSION_20 : NGX_HTTP_VERSION_11;
		r->keepalive = 0;
		return NGX_HTTP_BAD_GATEWAY;
	}
	if (is_from_provider(r, ctx))
		note_answer(ctx);
	if (edge_error_prepare(r, ctx) != NGX_OK || edge_headers_add(r, ctx) != NGX_OK)
		return NGX_ERROR;
	return next_header_filter(r);
}

static void
take_response(struct edge_ctx *ctx, const ngx_chain_t *in)
{
	for (; in != NULL; in = in->next) {
		const ngx_buf_t *b = in->buf;

		if (ngx_buf_in_memory(b))
			edge_exchange_take(ctx, EDGE_FRAME_RESPONSE,
			    (struct str){ (const char *)b->pos, (size_t)(b->last - b->pos) });
		if (b->last_buf)
			ctx->has_last_byte = 1;
	}
}

static ngx_int_t
filter_body(ngx_http_request_t *r, ngx_chain_t *in)
{
	struct edge_ctx *ctx = r == r->main ? edge_ctx(r) : NULL;
	ngx_chain_t out;

	if (ctx != NULL && ctx->error_body.len > 0 && in != NULL) {
		ngx_int_t rc = edge_error_body(r, ctx, &out);

		return rc == NGX_OK ? next_body_filter(r, &out) : rc;
	}
	if (ctx != NULL && ctx->is_answered)
		take_response(ctx, in);
	return next_body_filter(r, in);
}

void
edge_install_filters(void)
{
	next_request_body_filter = ngx_http_top_request_body_filter;
	ngx_http_top_request_body_filter = filter_request_body;
	next_header_filter = ngx_http_top_header_filter;
	ngx_http_top_header_filter = filter_header;
	next_body_filter = ngx_http_top_body_filter;
	ngx_http_top_body_filter = filter_body;
}
