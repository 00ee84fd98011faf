/* SPDX-License-Identifier: Apache-2.0 */
/* worker - a worker's start and end, and the form of its error log. */
#include "edge/ngx/worker.h"

#include <sys/prctl.h>

#include "base/secret.h"
#include "edge/ngx/exchange.h"
#include "sandbox/sandbox.h"

/* The master kills a worker that is not gone about 1.5 s after the signal to terminate. */
#define EXIT_PATIENCE_MS 700

/* START at its longest: every value at its cap, every byte escaped. */
#define TEXT_MAX_BYTES 16384

/* Stands in for nginx's own handler, which adds the request line, query and all: agents put
 * provider keys there.  Only what nginx was doing and which provider it was for is written. */
static u_char *
write_log_context(ngx_log_t *log, u_char *at, size_t len)
{
	const ngx_http_log_ctx_t *ctx = log->data;
	u_char *end = at + len;

	if (log->action != NULL)
		at = ngx_slprintf(at, end, " while %s", log->action);
	if (ctx != NULL && ctx->request != NULL && edge_loc_conf(ctx->request)->provider.len > 0)
		at =
		    ngx_slprintf(at, end, ", provider: %V", &edge_loc_conf(ctx->request)->provider);
	return at;
}

static void
init_connection(ngx_connection_t *c)
{
	ngx_http_init_connection(c);
	if (!c->destroyed && c->fd != (ngx_socket_t)-1 && c->log != NULL)
		c->log->handler = write_log_context;
}

static void
wrap_listeners(ngx_cycle_t *cycle)
{
	ngx_listening_t *listeners = cycle->listening.elts;

	for (ngx_uint_t i = 0; i < cycle->listening.nelts; i++)
		if (listeners[i].handler == ngx_http_init_connection)
			listeners[i].handler = init_connection;
}

ngx_int_t
edge_worker_init(ngx_cycle_t *cycle)
{
	struct edge_main_conf *conf =
	    ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rendfly_module);
	struct edge_worker *w;

	if (conf == NULL ||
	    (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE))
		return NGX_OK;
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (sandbox_forbid_worst() != ERR_OK)
		return NGX_ERROR;
	/* A master that is killed must not leave workers that hold the port: they finish and go. */
	(void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
	w = ngx_pcalloc(cycle->pool, sizeof(*w));
	if (w == NULL || buf_new(TEXT_MAX_BYTES, &w->text) != ERR_OK)
		return NGX_ERROR;
	w->conf = conf;
	ngx_queue_init(&w->open);
	w->counters = edge_counters_open(&w->map, (const char *)conf->counters.data, cycle->log);
	edge_keys_start(&w->keys, cycle, (const char *)conf->keytable.data);
	if (edge_link_init(&w->link, cycle->log, conf->capture_socket, w->counters) != NGX_OK)
		return NGX_ERROR;
	wrap_listeners(cycle);
	conf->worker = w;
	return NGX_OK;
}

void
edge_worker_exit(ngx_cycle_t *cycle)
{
	struct edge_main_conf *conf =
	    ngx_http_cycle_get_module_main_conf(cycle, ngx_http_rendfly_module);
	struct edge_worker *w = conf == NULL ? NULL : conf->worker;

	if (w == NULL)
		return;
	edge_exchange_close_all(w);
	edge_link_finish(&w->link, EXIT_PATIENCE_MS);
	edge_keys_stop(&w->keys);
	edge_counters_close(&w->map);
	buf_free(TAKE(w->text));
	conf->worker = NULL;
}
