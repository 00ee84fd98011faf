/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe - writes START and END.  Header values are outside bytes: each is cut at its cap, and
 * what is not UTF-8 is written as the Latin-1 characters that HTTP once said it was.
 */
#include "edge/ngx/describe.h"

#include "base/clock.h"

#define PATH_MAX_BYTES 1024
#define TYPE_MAX_BYTES 128
#define AGENT_MAX_BYTES 256
#define UTF8_FIRST_BYTE_MOST 0xf4
#define HEAD_BYTES 384 /* of fixed text, three ids and numbers */

/* The bytes of the character at s if they are one that JSON takes as it is, else 0. */
static size_t
plain_bytes(struct str s)
{
	u_char *p = (u_char *)s.at;
	uint32_t code;

	if (*p < 0x80)
		return *p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7f;
	/* nginx 1.22 takes a byte that begins no character, 0xf8, for one that does. */
	if (*p > UTF8_FIRST_BYTE_MOST)
		return 0;
	code = ngx_utf8_decode(&p, s.len);
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return (size_t)(p - (u_char *)s.at);
}

static size_t
plain_run(struct str s)
{
	size_t run = 0, step;

	while (run < s.len && (step = plain_bytes(str_slice(s, run, s.len))) > 0)
		run += step;
	return run;
}

static enum err
append_text(struct buf *b, struct str lead, struct str value, size_t max_bytes)
{
	enum err e = buf_append_str(b, lead);

	value = str_slice(value, 0, max_bytes);
	while (e == ERR_OK && value.len > 0) {
		size_t n = plain_run(value);

		if (n > 0)
			e = buf_append(b, value.at, n);
		else
			e = buf_printf(b, "\\u%04x", (unsigned int)(uint8_t)value.at[0]);
		value = str_slice(value, n > 0 ? n : 1, value.len);
	}
	return e == ERR_OK ? buf_append_byte(b, '"') : e;
}

struct text {
	struct str lead;
	struct str value;
	size_t max_bytes;
};

static enum err
append_texts(struct buf *b, const struct text *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum err e = append_text(b, texts[i].lead, texts[i].value, texts[i].max_bytes);

		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static struct str
value_of(const ngx_table_elt_t *h)
{
	return h == NULL ? STR("") : edge_str(h->value);
}

static struct str
conversation_of(ngx_http_request_t *r)
{
	struct str value =
	    value_of(edge_find_header(r, STR(EDGE_CONVERSATION_HEADER), &(ngx_uint_t){ 0 }));

	/* Cut, two names could become one: then rather none. */
	return value.len <= EDGE_CONVERSATION_MAX_BYTES ? value : STR("");
}

static struct str
path_below_provider(const ngx_http_request_t *r, const struct edge_ctx *ctx)
{
	return str_slice(edge_str(r->uri), ctx->conf->provider.len + 1, r->uri.len);
}

static enum err
write_start(ngx_http_request_t *r, const struct edge_ctx *ctx, struct buf *b)
{
	const struct edge_capture *c = ctx->capture;
	char workspace[UUID_TEXT_BYTES], project[UUID_TEXT_BYTES], key[UUID_TEXT_BYTES];
	u_char head[HEAD_BYTES];
	const u_char *head_end;
	const struct text texts[] = {
		{ STR(",\"provider\":\""), edge_str(ctx->conf->provider), TYPE_MAX_BYTES },
		{ STR(",\"method\":\""), edge_str(r->method_name), TYPE_MAX_BYTES },
		{ STR(",\"path\":\""), path_below_provider(r, ctx), PATH_MAX_BYTES },
		{ STR(",\"content_type\":\""), value_of(r->headers_in.content_type),
		    TYPE_MAX_BYTES },
		{ STR(",\"content_encoding\":\""),
		    value_of(edge_find_header(r, STR("content-encoding"), &(ngx_uint_t){ 0 })),
		    TYPE_MAX_BYTES },
		{ STR(",\"conversation\":\""), conversation_of(r), EDGE_CONVERSATION_MAX_BYTES },
		{ STR(",\"user_agent\":\""), value_of(r->headers_in.user_agent), AGENT_MAX_BYTES },
	};
	enum err e;

	uuid_format(&c->workspace, workspace);
	uuid_format(&c->project, project);
	uuid_format(&c->key, key);
	/* nginx's printf: the C library's costs more than all the rest here. */
	head_end = ngx_snprintf(head, sizeof(head),
	    "{\"workspace\":\"%s\",\"project\":\"%s\",\"key\":\"%s\",\"started_at_us\":%L",
	    workspace, project, key, c->started_at_us);
	e = buf_append(b, head, (size_t)(head_end - head));
	if (e == ERR_OK)
		e = append_texts(b, texts, sizeof(texts) / sizeof(texts[0]));
	return e == ERR_OK ? buf_append_byte(b, '}') : e;
}

static unsigned int
status_of(const ngx_http_request_t *r, const struct edge_ctx *ctx)
{
	if (ctx->is_answered)
		return (unsigned int)r->upstream->headers_in.status_n;
	if (r->err_status != 0)
		return (unsigned int)r->err_status;
	return r->headers_out.status != 0 ? (unsigned int)r->headers_out.status
					  : NGX_HTTP_CLIENT_CLOSED_REQUEST;
}

static enum err
write_end(ngx_http_request_t *r, const struct edge_ctx *ctx, const char *reason, struct buf *b)
{
	const struct edge_capture *c = ctx->capture;
	struct text texts[] = { { STR(",\"content_type\":\""), STR(""), TYPE_MAX_BYTES },
		{ STR(",\"content_encoding\":\""), STR(""), TYPE_MAX_BYTES } };
	u_char head[HEAD_BYTES];
	const u_char *head_end;
	enum err e;

	if (ctx->is_answered) {
		texts[0].value = edge_str(r->headers_out.content_type);
		texts[1].value = value_of(r->headers_out.content_encoding);
	}
	head_end = ngx_snprintf(head, sizeof(head),
	    "{\"status\":%uD,\"latency_us\":%L,\"first_byte_us\":%L,\"reason\":\"%s\","
	    "\"request_bytes\":%uL,\"response_bytes\":%uL",
	    status_of(r, ctx), clock_monotonic_us() - c->started_mono_us, c->first_byte_us, reason,
	    c->request_body.bytes, c->response_body.bytes);
	e = buf_append(b, head, (size_t)(head_end - head));
	if (e == ERR_OK)
		e = append_texts(b, texts, sizeof(texts) / sizeof(texts[0]));
	return e == ERR_OK ? buf_append_byte(b, '}') : e;
}

enum err
edge_describe(ngx_http_request_t *r, const struct edge_ctx *ctx, const char *reason,
    struct buf *scratch)
{
	enum err e;

	buf_clear(scratch);
	e = write_start(r, ctx, scratch);
	if (e == ERR_OK)
		e = edge_capture_set_text(ctx->capture, EDGE_FRAME_START, buf_str(scratch));
	buf_clear(scratch);
	if (e == ERR_OK)
		e = write_end(r, ctx, reason, scratch);
	if (e == ERR_OK)
		e = edge_capture_set_text(ctx->capture, EDGE_FRAME_END, buf_str(scratch));
	buf_clear(scratch);
	return e;
}
