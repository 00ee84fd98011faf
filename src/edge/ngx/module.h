/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module - what the files of the nginx module share: its configuration, a request's context and a
 * worker's state.
 *
 * The way of a provider request: access.c checks the key and the rate and opens a capture;
 * request.c copies both bodies as they pass; exchange.c closes the capture in the log phase with
 * its reason; link.c sends it to the collector and keeps it until the ACK.  errors.c and headers.c
 * shape what the edge itself answers.
 */
#pragma once

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/str.h"
#include "base/uuid.h"
#include "keytable/keytable.h"

#define EDGE_KEY_HEADER "x-rendfly-key"
#define EDGE_CONVERSATION_HEADER "x-rendfly-conversation"
#define EDGE_CONVERSATION_MAX_BYTES 256

/* What a location serves; it decides headers, cache and the shape of errors. */
enum edge_kind {
	EDGE_OTHER = 0,
	EDGE_PROVIDER,
	EDGE_API,
	EDGE_PAGES,
	EDGE_ASSETS,
	EDGE_HEALTH,
	EDGE_READY,
};

enum edge_format { EDGE_FORMAT_OPENAI, EDGE_FORMAT_ANTHROPIC, EDGE_FORMAT_GEMINI };

/* Why the edge answers itself, where the status alone does not say. */
enum edge_why {
	EDGE_WHY_STATUS = 0,
	EDGE_WHY_KEY_MISSING,
	EDGE_WHY_KEY_UNKNOWN,
	EDGE_WHY_KEY_TWICE,
	EDGE_WHY_NO_KEYTABLE,
	EDGE_WHY_OLD_KEYTABLE,
	EDGE_WHY_RATE,
	EDGE_WHY_PATH,
	EDGE_WHY_NO_PROVIDER,
	EDGE_WHY_NO_COLLECTOR,
};

struct edge_main_conf {
	ngx_str_t keytable;
	ngx_str_t capture_socket;
	ngx_str_t counters;
	ngx_str_t page_policy; /* Content-Security-Policy of the pages */
	time_t keytable_stale_s;
	ngx_msec_t body_deadline_ms;
	size_t capture_memory_bytes;
	size_t capture_max_bytes;
	ngx_shm_zone_t *rate_zone;
	ngx_array_t providers;      /* ngx_str_t, for the answer to an unknown one */
	struct edge_worker *worker; /* NULL in the master */
};

struct edge_loc_conf {
	enum edge_kind kind;
	enum edge_format format;
	ngx_str_t provider;
};

struct edge_rate {
	uint32_t limit;
	uint32_t remaining;
	uint32_t reset_s;
	uint32_t retry_after_s;
	uint32_t window_s;
};

struct edge_ctx {
	struct edge_worker *worker;
	struct edge_capture *capture; /* NULL: none, dropped, or closed */
	const struct edge_loc_conf *conf;
	enum edge_why why;
	struct edge_rate rate;
	ngx_str_t error_body; /* takes the place of nginx's page */
	ngx_event_t deadline;
	unsigned has_rate : 1;
	unsigned is_forwarded : 1;  /* counted */
	unsigned is_answered : 1;   /* the provider's header came */
	unsigned has_last_byte : 1; /* the provider's last byte came */
	unsigned is_error_sent : 1;
};

extern ngx_module_t ngx_http_rendfly_module;

static inline struct str
edge_str(ngx_str_t s)
{
	return (struct str){ (const char *)s.data, s.len };
}

static inline struct edge_ctx *
edge_ctx(ngx_http_request_t *r)
{
	return ngx_http_get_module_ctx(r, ngx_http_rendfly_module);
}

static inline const struct edge_loc_conf *
edge_loc_conf(ngx_http_request_t *r)
{
	return ngx_http_get_module_loc_conf(r, ngx_http_rendfly_module);
}

static inline struct edge_main_conf *
edge_main_conf(ngx_http_request_t *r)
{
	return ngx_http_get_module_main_conf(r, ngx_http_rendfly_module);
}

/* The request's context, made when there is none; NULL when memory is out. */
struct edge_ctx *edge_ctx_make(ngx_http_request_t *r);

/* directives.c */
extern ngx_command_t edge_commands[];
ngx_int_t edge_add_variables(ngx_conf_t *cf);
void *edge_create_main_conf(ngx_conf_t *cf);
char *edge_init_main_conf(ngx_conf_t *cf, void *conf);
void *edge_create_loc_conf(ngx_conf_t *cf);

/* check.c: refuses a configuration under which a body could reach a disk or a wrong peer. */
char *edge_check_location(ngx_conf_t *cf, void *parent, void *conf);

/* access.c */
ngx_int_t edge_access_handler(ngx_http_request_t *r);
ngx_int_t edge_health_handler(ngx_http_request_t *r);

/* request.c: the filters that see both bodies. */
void edge_install_filters(void);

/* exchange.c */
ngx_int_t edge_log_handler(ngx_http_request_t *r);

/* errors.c: replaces nginx's page by an answer in the provider's format. */
ngx_int_t edge_error_prepare(ngx_http_request_t *r, struct edge_ctx *ctx);
ngx_int_t edge_error_body(ngx_http_request_t *r, struct edge_ctx *ctx, ngx_chain_t *ret_out);

/* headers.c */
ngx_int_t edge_headers_add(ngx_http_request_t *r, struct edge_ctx *ctx);
const ngx_table_elt_t *edge_find_header(ngx_http_request_t *r, struct str lower_case_name,
    ngx_uint_t *ret_count);

/* Makes every X-Rendfly header of the request one that the configuration takes out: whatever name
 * of ours a client invents, nobody behind the edge sees it.  After the key was looked up. */
void edge_strip_own_headers(ngx_http_request_t *r);

/* rate.c: one token of the workspace's bucket in shared memory; false when there is none. */
char *edge_rate_zone_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t edge_rate_take(ngx_shm_zone_t *zone, const struct keytable_entry *entry,
    struct edge_rate *ret_rate);

/* deadline.c: the request's body must have come by then, however it drips. */
void edge_deadline_start(ngx_http_request_t *r, struct edge_ctx *ctx, ngx_msec_t after_ms);
void edge_deadline_stop(struct edge_ctx *ctx);
