/* SPDX-License-Identifier: Apache-2.0 */
/* module - the table by which nginx knows the module, and where its handlers are put. */
#include <sys/prctl.h>

#include "edge/ngx/exchange.h"

static ngx_int_t
push_handler(ngx_conf_t *cf, ngx_uint_t phase, ngx_http_handler_pt handler)
{
	ngx_http_core_main_conf_t *core =
	    ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
	ngx_http_handler_pt *at = ngx_array_push(&core->phases[phase].handlers);

	if (at == NULL)
		return NGX_ERROR;
	*at = handler;
	return NGX_OK;
}

static ngx_int_t
install(ngx_conf_t *cf)
{
	edge_install_filters();
	if (push_handler(cf, NGX_HTTP_ACCESS_PHASE, edge_access_handler) != NGX_OK)
		return NGX_ERROR;
	return push_handler(cf, NGX_HTTP_LOG_PHASE, edge_log_handler);
}

static ngx_http_module_t module_context = {
	edge_add_variables,    /* preconfiguration */
	install,               /* postconfiguration */
	edge_create_main_conf, /* create main configuration */
	edge_init_main_conf,   /* init main configuration */
	NULL,                  /* create server configuration */
	NULL,                  /* merge server configuration */
	edge_create_loc_conf,  /* create location configuration */
	edge_check_location,   /* merge location configuration */
};

/* The master holds the TLS key: its exec made it dumpable again. */
static ngx_int_t
forbid_dumps(ngx_cycle_t *cycle)
{
	(void)cycle;
	return prctl(PR_SET_DUMPABLE, 0) == 0 ? NGX_OK : NGX_ERROR;
}

ngx_module_t ngx_http_rendfly_module = { NGX_MODULE_V1, &module_context, edge_commands,
	NGX_HTTP_MODULE, NULL,        /* init master */
	forbid_dumps,                 /* init module */
	edge_worker_init, NULL, NULL, /* threads */
	edge_worker_exit, NULL,       /* exit master */
	NGX_MODULE_V1_PADDING };

/* What nginx looks up in a dynamic module.  No order: last in the list, so that our filters see a
 * response first. */
ngx_module_t *ngx_modules[] = { &ngx_http_rendfly_module, NULL };
char *ngx_module_names[] = { (char *)"ngx_http_rendfly_module", NULL };
char *ngx_module_order[] = { NULL };
