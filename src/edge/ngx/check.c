/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check - the edge does not start with a provider location whose settings would let a body reach a
 * disk, let a provider steer nginx by X-Accel headers, or send anything to a peer not verified.
 */
#include "edge/ngx/module.h"

/* Its configuration begins with the public upstream one. */
extern ngx_module_t ngx_http_proxy_module;

#define MUST_IGNORE                                                                    \
	(NGX_HTTP_UPSTREAM_IGN_XA_REDIRECT | NGX_HTTP_UPSTREAM_IGN_XA_EXPIRES |        \
	    NGX_HTTP_UPSTREAM_IGN_XA_LIMIT_RATE | NGX_HTTP_UPSTREAM_IGN_XA_BUFFERING | \
	    NGX_HTTP_UPSTREAM_IGN_XA_CHARSET | NGX_HTTP_UPSTREAM_IGN_EXPIRES |         \
	    NGX_HTTP_UPSTREAM_IGN_CACHE_CONTROL | NGX_HTTP_UPSTREAM_IGN_SET_COOKIE |   \
	    NGX_HTTP_UPSTREAM_IGN_VARY)

static char *
refuse(ngx_conf_t *cf, const char *needs)
{
	ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "rendfly: this location needs `%s`", needs);
	return NGX_CONF_ERROR;
}

static const char *
missing_for_memory(const ngx_http_upstream_conf_t *up, const ngx_http_core_loc_conf_t *core)
{
	if (up->max_temp_file_size != 0)
		return "proxy_max_temp_file_size 0";
	if (core->client_body_in_file_only != 0)
		return "client_body_in_file_only off";
	if (up->cache != 0)
		return "proxy_cache off";
	if (up->store != 0)
		return "proxy_store off";
	if ((up->ignore_headers & MUST_IGNORE) != MUST_IGNORE)
		return "proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate "
		       "X-Accel-Buffering X-Accel-Charset Expires Cache-Control Set-Cookie Vary";
	return NULL;
}

static const char *
missing_for_provider(const ngx_http_upstream_conf_t *up)
{
	if (up->buffering)
		return "proxy_buffering off";
	if (up->request_buffering)
		return "proxy_request_buffering off";
	if (up->intercept_errors)
		return "proxy_intercept_errors off";
	if (up->ignore_client_abort)
		return "proxy_ignore_client_abort off";
	if (up->ssl == NULL || up->ssl_verify != 1)
		return "proxy_pass https://…; proxy_ssl_verify on";
	if (up->ssl_server_name != 1 || up->ssl_name == NULL)
		return "proxy_ssl_server_name on; proxy_ssl_name NAME";
	return NULL;
}

char *
edge_check_location(ngx_conf_t *cf, void *parent, void *conf)
{
	const ngx_http_core_loc_conf_t *core =
	    ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
	const ngx_http_upstream_conf_t *up =
	    ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);
	const struct edge_loc_conf *loc = conf;
	const char *missing;

	(void)parent;
	if (loc->kind != EDGE_PROVIDER && loc->kind != EDGE_API)
		return NGX_CONF_OK;
	missing = missing_for_memory(up, core);
	if (missing == NULL && loc->kind == EDGE_PROVIDER)
		missing = missing_for_provider(up);
	return missing == NULL ? NGX_CONF_OK : refuse(cf, missing);
}
