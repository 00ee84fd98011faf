/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deadline - a body that drips defeats every time-out between two reads, so one timer bounds the
 * whole of it.  When it fires, the reader is told what nginx tells it on a read time-out.
 */
#include "edge/ngx/module.h"

#define AGAIN_MS 1000

static void
on_timer(ngx_event_t *ev)
{
	ngx_http_request_t *r = ev->data;
	ngx_connection_t *c = r->connection;

	/* The handler may be one that does not look (the provider is still being connected): then
	 * it is asked again.  The request may be gone after the call; its pool stops the timer. */
	ngx_add_timer(ev, AGAIN_MS);
	c->read->timedout = 1;
	r->read_event_handler(r);
	ngx_http_run_posted_requests(c);
}

static void
on_pool_end(void *data)
{
	edge_deadline_stop(data);
}

void
edge_deadline_start(ngx_http_request_t *r, struct edge_ctx *ctx, ngx_msec_t after_ms)
{
	ngx_pool_cleanup_t *cleanup;

	if (r->headers_in.content_length_n <= 0 && !r->headers_in.chunked)
		return;
	cleanup = ngx_pool_cleanup_add(r->pool, 0);
	if (cleanup == NULL)
		return;
	cleanup->handler = on_pool_end;
	cleanup->data = ctx;
	ctx->deadline.handler = on_timer;
	ctx->deadline.data = r;
	ctx->deadline.log = r->connection->log;
	ngx_add_timer(&ctx->deadline, after_ms);
}

void
edge_deadline_stop(struct edge_ctx *ctx)
{
	if (ctx->deadline.timer_set)
		ngx_del_timer(&ctx->deadline);
}
