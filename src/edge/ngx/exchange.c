/* SPDX-License-Identifier: Apache-2.0 */
/* exchange - opens, fills and closes the capture of a forwarded request; keeps the balance. */
#include "edge/ngx/exchange.h"

#include <ngx_http_v2.h>
#include <sys/random.h>

#include "base/clock.h"
#include "edge/ngx/describe.h"

static void
count_dropped(struct edge_worker *w, struct edge_ctx *ctx)
{
	struct edge_capture *c = TAKE(ctx->capture);

	ngx_queue_remove(&c->queue);
	edge_capture_free(c);
	w->counters->dropped++;
	w->counters->in_flight--;
}

/* The request's first byte came before its header was whole; nginx knows when, to the ms. */
static int64_t
header_took_us(const ngx_http_request_t *r)
{
	const ngx_time_t *now = ngx_timeofday();
	int64_t ms =
	    ((int64_t)now->sec - r->start_sec) * 1000 + (int64_t)now->msec - (int64_t)r->start_msec;

	return ms > 0 ? ms * 1000 : 0;
}

/* Random bytes for many ids from one system call. */
static struct uuid
new_id(struct edge_worker *w)
{
	if (w->random_left < EDGE_ID_RANDOM_BYTES) {
		if (getrandom(w->random, sizeof(w->random), 0) != (ssize_t)sizeof(w->random))
			return uuid_new();
		w->random_left = sizeof(w->random);
	}
	w->random_left -= EDGE_ID_RANDOM_BYTES;
	return uuid_new_at(clock_wall_ms(), w->random + w->random_left);
}

static size_t *
share_of(struct edge_worker *w, const struct uuid *workspace)
{
	struct uuid id = *workspace;

	return &w->share_bytes[ngx_murmur_hash2(id.bytes, sizeof(id.bytes)) % EDGE_SHARES];
}

void
edge_exchange_open(ngx_http_request_t *r, struct edge_ctx *ctx, const struct keytable_entry *entry,
    bool may_capture)
{
	struct edge_worker *w = ctx->worker;
	struct edge_budget budget = { &w->memory_bytes, share_of(w, &entry->workspace),
		w->conf->capture_memory_bytes, w->conf->capture_max_bytes };
	struct edge_capture *c = may_capture ? edge_capture_new(&budget, new_id(w)) : NULL;

	ctx->is_forwarded = 1;
	w->counters->forwarded++;
	if (c == NULL) {
		w->counters->dropped++;
		return;
	}
	w->counters->in_flight++;
	c->workspace = entry->workspace;
	c->project = entry->project;
	c->key = entry->key;
	c->started_at_us = clock_wall_us() - header_took_us(r);
	c->started_mono_us = clock_monotonic_us() - header_took_us(r);
	c->request = r;
	ngx_queue_insert_tail(&w->open, &c->queue);
	ctx->capture = c;
}

void
edge_exchange_take(struct edge_ctx *ctx, enum edge_frame type, struct str bytes)
{
	struct edge_capture *c = ctx->capture;

	if (c == NULL || bytes.len == 0)
		return;
	if (edge_capture_append(c,
		type == EDGE_FRAME_REQUEST ? &c->request_body : &c->response_body, bytes) != ERR_OK)
		count_dropped(ctx->worker, ctx);
}

/* nginx marks the connections that it cuts with close and error; HTTP/2 takes close away again, so
 * there it is an error that no reading or writing explains. */
static bool
is_cut_by_shutdown(const ngx_http_request_t *r)
{
	const ngx_connection_t *c = r->connection;

	if (!ngx_exiting && !ngx_terminate && !ngx_quit)
		return false;
	if (c->close || r->stream == NULL)
		return c->close;
	c = r->stream->connection->connection;
	return c->close ||
	    (c->error && !c->timedout && !c->read->eof && !c->read->error && !c->write->error);
}

static bool
is_client_gone(const ngx_http_request_t *r)
{
	const ngx_connection_t *c = r->connection;

	return c->error || c->timedout || r->headers_out.status == NGX_HTTP_REQUEST_TIME_OUT ||
	    r->err_status == NGX_HTTP_REQUEST_TIME_OUT ||
	    r->err_status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
}

static const char *
reason_of(const ngx_http_request_t *r, const struct edge_ctx *ctx)
{
	if (ctx->has_last_byte || (ctx->is_answered && r->header_only))
		return "complete";
	if (is_cut_by_shutdown(r))
		return "worker_shutdown";
	if (is_client_gone(r))
		return "client_aborted";
	return ctx->is_answered ? "upstream_aborted" : "upstream_failed";
}

static void
close_capture(ngx_http_request_t *r, struct edge_ctx *ctx, const char *reason)
{
	struct edge_worker *w = ctx->worker;
	struct edge_capture *c = ctx->capture;

	if (edge_describe(r, ctx, reason, w->text) != ERR_OK) {
		count_dropped(w, ctx);
		return;
	}
	edge_capture_seal(c);
	c->request = NULL;
	ctx->capture = NULL;
	ngx_queue_remove(&c->queue);
	edge_link_queue(&w->link, c);
}

/* Admitted, but refused before the provider was called (a chunked body that is too large). */
static void
retract(struct edge_ctx *ctx)
{
	struct edge_worker *w = ctx->worker;

	if (ctx->capture != NULL)
		count_dropped(w, ctx);
	w->counters->dropped--;
	w->counters->forwarded--;
}

ngx_int_t
edge_log_handler(ngx_http_request_t *r)
{
	struct edge_ctx *ctx = edge_ctx(r);

	if (ctx == NULL || !ctx->is_forwarded || r != r->main)
		return NGX_OK;
	ctx->is_forwarded = 0;
	if (r->upstream_states == NULL || r->upstream_states->nelts == 0)
		retract(ctx);
	else if (ctx->capture != NULL)
		close_capture(r, ctx, reason_of(r, ctx));
	return NGX_OK;
}

void
edge_exchange_close_all(struct edge_worker *w)
{
	while (!ngx_queue_empty(&w->open)) {
		struct edge_capture *c =
		    ngx_queue_data(ngx_queue_head(&w->open), struct edge_capture, queue);
		struct edge_ctx *ctx = edge_ctx(c->request);

		ctx->is_forwarded = 0;
		close_capture(c->request, ctx, "worker_shutdown");
	}
}
