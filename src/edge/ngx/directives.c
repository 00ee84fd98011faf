/* SPDX-License-Identifier: Apache-2.0 */
/* directives - what can be written in nginx.conf, and the two variables that proxy_pass uses. */
#include "edge/ngx/module.h"

#define PROVIDERS_AT_FIRST 8
#define VALUE_MAX_BYTES 0xfffffffU /* the width of nginx's field */

static char *
provider_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
	struct edge_main_conf *main_conf =
	    ngx_http_conf_get_module_main_conf(cf, ngx_http_rendfly_module);
	struct edge_loc_conf *loc = conf;
	const ngx_str_t *values = cf->args->elts;
	ngx_str_t *name;

	(void)cmd;
	if (loc->kind != EDGE_OTHER)
		return (char *)"is there twice";
	name = ngx_array_push(&main_conf->providers);
	if (name == NULL)
		return NGX_CONF_ERROR;
	*name = values[1];
	loc->kind = EDGE_PROVIDER;
	loc->provider = values[1];
	loc->format = EDGE_FORMAT_OPENAI;
	if (str_equals(edge_str(values[1]), STR("anthropic")))
		loc->format = EDGE_FORMAT_ANTHROPIC;
	if (str_equals(edge_str(values[1]), STR("gemini")))
		loc->format = EDGE_FORMAT_GEMINI;
	return NGX_CONF_OK;
}

static ngx_conf_enum_t kinds[] = {
	{ ngx_string("api"), EDGE_API },
	{ ngx_string("pages"), EDGE_PAGES },
	{ ngx_string("assets"), EDGE_ASSETS },
	{ ngx_null_string, 0 },
};

static char *
serves_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
	const ngx_str_t *values = cf->args->elts;
	struct edge_loc_conf *loc = conf;

	(void)cmd;
	for (const ngx_conf_enum_t *k = kinds; k->name.len > 0; k++)
		if (str_equals(edge_str(k->name), edge_str(values[1]))) {
			loc->kind = (enum edge_kind)k->value;
			return NGX_CONF_OK;
		}
	return (char *)"is not api, pages or assets";
}

static char *
answers_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
	ngx_http_core_loc_conf_t *core =
	    ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
	const ngx_str_t *values = cf->args->elts;
	struct edge_loc_conf *loc = conf;

	(void)cmd;
	if (str_equals(edge_str(values[1]), STR("health")))
		loc->kind = EDGE_HEALTH;
	else if (str_equals(edge_str(values[1]), STR("ready")))
		loc->kind = EDGE_READY;
	else
		return (char *)"is not health or ready";
	core->handler = edge_health_handler;
	return NGX_CONF_OK;
}

#define MAIN_SLOT(text, setter, field)                                                      \
	{                                                                                   \
		ngx_string(text), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, setter,              \
		    NGX_HTTP_MAIN_CONF_OFFSET, offsetof(struct edge_main_conf, field), NULL \
	}
#define LOC_COMMAND(text, args, setter)                                                            \
	{                                                                                          \
		ngx_string(text), NGX_HTTP_LOC_CONF | (args), setter, NGX_HTTP_LOC_CONF_OFFSET, 0, \
		    NULL                                                                           \
	}

ngx_command_t edge_commands[] = {
	MAIN_SLOT("rendfly_keytable", ngx_conf_set_str_slot, keytable),
	MAIN_SLOT("rendfly_keytable_stale", ngx_conf_set_sec_slot, keytable_stale_s),
	MAIN_SLOT("rendfly_capture_socket", ngx_conf_set_str_slot, capture_socket),
	MAIN_SLOT("rendfly_capture_memory", ngx_conf_set_size_slot, capture_memory_bytes),
	MAIN_SLOT("rendfly_capture_max", ngx_conf_set_size_slot, capture_max_bytes),
	MAIN_SLOT("rendfly_counters", ngx_conf_set_str_slot, counters),
	MAIN_SLOT("rendfly_body_deadline", ngx_conf_set_msec_slot, body_deadline_ms),
	MAIN_SLOT("rendfly_page_policy", ngx_conf_set_str_slot, page_policy),
	MAIN_SLOT("rendfly_rate_zone", edge_rate_zone_directive, rate_zone),
	LOC_COMMAND("rendfly_provider", NGX_CONF_TAKE1, provider_directive),
	LOC_COMMAND("rendfly_serves", NGX_CONF_TAKE1, serves_directive),
	LOC_COMMAND("rendfly_answers", NGX_CONF_TAKE1, answers_directive),
	ngx_null_command,
};

/* What follows "/provider" in the request as it came, query included.  access.c has checked that
 * it begins with just that. */
static ngx_int_t
raw_rest(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
	size_t skip = edge_loc_conf(r)->provider.len + 1;

	(void)data;
	if (skip == 1 || r->unparsed_uri.len <= skip)
		return NGX_ERROR;
	v->data = r->unparsed_uri.data + skip;
	v->len = (unsigned)(r->unparsed_uri.len - skip) & VALUE_MAX_BYTES;
	v->valid = 1;
	return NGX_OK;
}

/* The pages' session must not go to a provider when a browser calls one: cookies with __Host- are
 * this origin's own. */
static ngx_int_t
foreign_cookies(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
	ngx_uint_t count = 0;
	const ngx_table_elt_t *cookie = edge_find_header(r, STR("cookie"), &count);

	(void)data;
	v->valid = 1;
	if (cookie == NULL || count > 1 ||
	    str_contains_ignoring_case(edge_str(cookie->value), STR("__Host-"))) {
		v->len = 0;
		return NGX_OK;
	}
	v->data = cookie->value.data;
	v->len = (unsigned)cookie->value.len & VALUE_MAX_BYTES;
	return NGX_OK;
}

static ngx_int_t
add_variable(ngx_conf_t *cf, ngx_str_t name, ngx_http_get_variable_pt get)
{
	ngx_http_variable_t *v = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);

	if (v == NULL)
		return NGX_ERROR;
	v->get_handler = get;
	return NGX_OK;
}

ngx_int_t
edge_add_variables(ngx_conf_t *cf)
{
	if (add_variable(cf, (ngx_str_t)ngx_string("rendfly_rest"), raw_rest) != NGX_OK)
		return NGX_ERROR;
	return add_variable(cf, (ngx_str_t)ngx_string("rendfly_cookie"), foreign_cookies);
}

void *
edge_create_main_conf(ngx_conf_t *cf)
{
	struct edge_main_conf *conf = ngx_pcalloc(cf->pool, sizeof(*conf));

	if (conf == NULL ||
	    ngx_array_init(&conf->providers, cf->pool, PROVIDERS_AT_FIRST, sizeof(ngx_str_t)) !=
		NGX_OK)
		return NULL;
	conf->keytable_stale_s = NGX_CONF_UNSET;
	conf->body_deadline_ms = NGX_CONF_UNSET_MSEC;
	conf->capture_memory_bytes = NGX_CONF_UNSET_SIZE;
	conf->capture_max_bytes = NGX_CONF_UNSET_SIZE;
	return conf;
}

/* No default stands in for a line that is missing: the file is generated whole. */
char *
edge_init_main_conf(ngx_conf_t *cf, void *conf)
{
	const struct edge_main_conf *c = conf;

	if (c->providers.nelts == 0)
		return NGX_CONF_OK;
	if (c->keytable.len > 0 && c->capture_socket.len > 0 && c->counters.len > 0 &&
	    c->rate_zone != NULL && c->keytable_stale_s != NGX_CONF_UNSET &&
	    c->body_deadline_ms != NGX_CONF_UNSET_MSEC &&
	    c->capture_memory_bytes != NGX_CONF_UNSET_SIZE &&
	    c->capture_max_bytes != NGX_CONF_UNSET_SIZE)
		return NGX_CONF_OK;
	ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
	    "rendfly: a provider needs rendfly_keytable, _keytable_stale, _capture_socket, "
	    "_capture_memory, _capture_max, _counters, _body_deadline and _rate_zone");
	return NGX_CONF_ERROR;
}

void *
edge_create_loc_conf(ngx_conf_t *cf)
{
	return ngx_pcalloc(cf->pool, sizeof(struct edge_loc_conf));
}
