/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errors - what the edge answers itself, in the format that the agent's SDK can read: a message
 * that names cause and remedy in place of nginx's page.
 */
#include "edge/ngx/module.h"

#define BODY_MAX_BYTES 4096
#define LIST_MAX_BYTES 1536

struct answer {
	enum edge_why why; /* EDGE_WHY_STATUS: the status decides */
	ngx_uint_t status; /* 0: any */
	const char *code;
	const char *anthropic_type;
	const char *google_status;
	const char *message;
};

/* The first row that fits counts. */
static const struct answer ANSWERS[] = {
	{ EDGE_WHY_KEY_MISSING, 0, "missing_rendfly_key", "authentication_error", "UNAUTHENTICATED",
	    "The header X-Rendfly-Key is missing. Send the project's ingest key (pk_live_...) in it; "
	    "the provider's own key stays where your SDK puts it." },
	{ EDGE_WHY_KEY_UNKNOWN, 0, "invalid_rendfly_key", "authentication_error", "UNAUTHENTICATED",
	    "The ingest key in X-Rendfly-Key is unknown or revoked. Make a new one in the project's "
	    "settings and send that. Nothing was forwarded." },
	{ EDGE_WHY_KEY_TWICE, 0, "duplicate_rendfly_key", "invalid_request_error",
	    "INVALID_ARGUMENT",
	    "The header X-Rendfly-Key is there more than once. Send it once. Nothing was forwarded." },
	{ EDGE_WHY_NO_KEYTABLE, 0, "no_key_table", "overloaded_error", "UNAVAILABLE",
	    "The edge has no key table yet, so no key can be checked. Try again in a moment; if it "
	    "lasts, the operator should look at the steward with `rendfly status`." },
	{ EDGE_WHY_OLD_KEYTABLE, 0, "old_key_table", "overloaded_error", "UNAVAILABLE",
	    "The edge's key table is too old to be trusted, so nothing is forwarded. The operator "
	    "should look at the steward with `rendfly status`." },
	{ EDGE_WHY_RATE, 0, "rate_limited", "rate_limit_error", "RESOURCE_EXHAUSTED",
	    "This workspace's request rate at rendfly is used up. Wait as long as Retry-After says, "
	    "or ask the workspace's owner for a higher limit. Nothing was forwarded." },
	{ EDGE_WHY_PATH, 0, "unclear_path", "invalid_request_error", "INVALID_ARGUMENT",
	    "The path must begin with the provider's name as it is written in the list of providers, "
	    "without dot segments or escapes before it, and must not hold a '#'." },
	{ EDGE_WHY_NO_PROVIDER, 0, "unknown_provider", "not_found_error", "NOT_FOUND",
	    "There is no such provider here. Paths begin with /PROVIDER/; the list is in 'providers'." },
	{ EDGE_WHY_NO_COLLECTOR, 0, "no_collector", "overloaded_error", "UNAVAILABLE",
	    "The edge has no connection to the collector: traffic passes, captures wait in memory. "
	    "The operator should look at the collector with `rendfly status`." },
	{ EDGE_WHY_STATUS, NGX_HTTP_NOT_FOUND, "not_found", "not_found_error", "NOT_FOUND",
	    "There is nothing at this path." },
	{ EDGE_WHY_STATUS, NGX_HTTP_NOT_ALLOWED, "method_not_allowed", "invalid_request_error",
	    "INVALID_ARGUMENT", "This path does not take this method." },
	{ EDGE_WHY_STATUS, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "body_too_large", "request_too_large",
	    "INVALID_ARGUMENT",
	    "The request's body is larger than this edge takes. Send less, or ask the operator to "
	    "raise body_max_mb." },
	{ EDGE_WHY_STATUS, NGX_HTTP_REQUEST_URI_TOO_LARGE, "uri_too_large", "invalid_request_error",
	    "INVALID_ARGUMENT", "The request's line is too long." },
	{ EDGE_WHY_STATUS, NGX_HTTP_GATEWAY_TIME_OUT, "provider_timeout", "api_error",
	    "DEADLINE_EXCEEDED",
	    "The provider could not be connected or did not answer in time. Try again; if it lasts, "
	    "look at the provider's status page." },
	{ EDGE_WHY_STATUS, NGX_HTTP_BAD_GATEWAY, "provider_unreachable", "api_error", "UNAVAILABLE",
	    "The provider could not be reached, its certificate or TLS version (1.3) was not accepted, "
	    "or it closed the connection without a whole answer. Try again; if it lasts, the operator "
	    "should check the provider's URL, name resolution and CA in rendfly.conf." },
	{ EDGE_WHY_STATUS, 0, NULL, NULL, NULL, NULL },
};

static const struct answer PLAIN_HTTP = { EDGE_WHY_STATUS, 0, "tls_required",
	"invalid_request_error", "INVALID_ARGUMENT",
	"This port speaks TLS 1.3 only. Use https:// in the URL. Nothing was done." };
static const struct answer API_DOWN = { EDGE_WHY_STATUS, 0, "api_unavailable", "api_error",
	"UNAVAILABLE", "The API is starting or down. Try again in a moment." };
static const struct answer OUR_FAULT = { EDGE_WHY_STATUS, 0, "edge_error", "api_error", "INTERNAL",
	"The edge could not serve this request. The operator finds the cause in its error log." };
static const struct answer YOUR_FAULT = { EDGE_WHY_STATUS, 0, "bad_request",
	"invalid_request_error", "INVALID_ARGUMENT",
	"The request is not one that this server takes: its form breaks HTTP's rules." };

static const struct answer *
answer_of(const ngx_http_request_t *r, const struct edge_ctx *ctx)
{
	const struct answer *a = ANSWERS;

	if (r->connection->ssl == NULL && r->stream == NULL)
		return &PLAIN_HTTP;
	if (ctx->conf->kind == EDGE_API && r->err_status >= NGX_HTTP_BAD_GATEWAY)
		return &API_DOWN;
	for (; a->code != NULL; a++)
		if (a->why == ctx->why && (a->status == 0 || a->status == r->err_status))
			return a;
	return r->err_status >= NGX_HTTP_INTERNAL_SERVER_ERROR ? &OUR_FAULT : &YOUR_FAULT;
}

/* ,"providers":["a","b"] where that is the remedy, else nothing. */
static const u_char *
write_providers(ngx_http_request_t *r, const struct edge_ctx *ctx, u_char *at, u_char *end)
{
	const ngx_array_t *providers = &edge_main_conf(r)->providers;
	const ngx_str_t *names = providers->elts;

	*at = '\0';
	if (ctx->why != EDGE_WHY_NO_PROVIDER)
		return at;
	at = ngx_slprintf(at, end, ",\"providers\":[");
	for (ngx_uint_t i = 0; i < providers->nelts; i++)
		at = ngx_slprintf(at, end, "%s\"%V\"", i == 0 ? "" : ",", &names[i]);
	return ngx_slprintf(at, end, "]%Z");
}

static u_char *
write_body(ngx_http_request_t *r, const struct edge_ctx *ctx, u_char *at, u_char *end)
{
	const struct answer *a = answer_of(r, ctx);
	u_char providers[LIST_MAX_BYTES];

	(void)write_providers(r, ctx, providers, providers + sizeof(providers) - 1);
	providers[sizeof(providers) - 1] = '\0';
	if (ctx->conf->format == EDGE_FORMAT_ANTHROPIC)
		return ngx_slprintf(at, end,
		    "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"%s\",\"code\":\"%s\"}}\n",
		    a->anthropic_type, a->message, a->code);
	if (ctx->conf->format == EDGE_FORMAT_GEMINI)
		return ngx_slprintf(at, end,
		    "{\"error\":{\"code\":%ui,\"message\":\"%s\",\"status\":\"%s\",\"reason\":\"%s\"}}\n",
		    r->err_status, a->message, a->google_status, a->code);
	return ngx_slprintf(at, end,
	    "{\"error\":{\"message\":\"%s\",\"type\":\"rendfly_edge_error\",\"param\":null,"
	    "\"code\":\"%s\"%s}}\n",
	    a->message, a->code, providers);
}

ngx_int_t
edge_error_prepare(ngx_http_request_t *r, struct edge_ctx *ctx)
{
	u_char *at;

	if (r->err_status < NGX_HTTP_BAD_REQUEST)
		return NGX_OK;
	at = ngx_pnalloc(r->pool, BODY_MAX_BYTES);
	if (at == NULL)
		return NGX_ERROR;
	ctx->error_body.data = at;
	ctx->error_body.len = (size_t)(write_body(r, ctx, at, at + BODY_MAX_BYTES) - at);
	r->headers_out.content_length_n = (off_t)ctx->error_body.len;
	ngx_str_set(&r->headers_out.content_type, "application/json");
	r->headers_out.content_type_len = r->headers_out.content_type.len;
	r->headers_out.content_type_lowcase = NULL;
	r->headers_out.charset.len = 0;
	return NGX_OK;
}

/* Once our body, then nothing of the page that it replaces. */
ngx_int_t
edge_error_body(ngx_http_request_t *r, struct edge_ctx *ctx, ngx_chain_t *ret_out)
{
	ngx_buf_t *b = ngx_calloc_buf(r->pool);

	if (b == NULL)
		return NGX_ERROR;
	if (!ctx->is_error_sent) {
		b->pos = ctx->error_body.data;
		b->last = b->pos + ctx->error_body.len;
		b->memory = 1;
		b->last_buf = 1;
		b->last_in_chain = 1;
	} else {
		b->flush = 1;
	}
	ctx->is_error_sent = 1;
	ret_out->buf = b;
	ret_out->next = NULL;
	return NGX_OK;
}
