/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http - one HTTPS request to our own edge, TLS 1.3, verified against the system's authorities and
 * the private one.
 */
#pragma once

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"

#define HTTP_MAX_BYTES (4u << 20)

struct http_request {
	const char *method;
	const char *path;
	const char *const *headers; /* "Name: value", NULL at the end; may be NULL */
	const char *body;           /* may be NULL */
};

struct http_answer {
	long status;
	struct buf *headers; /* as they came, one a line */
	struct buf *body;
};

MUST_CHECK enum err http_ask(const struct conf *conf, const struct http_request *request,
    struct http_answer *ret_answer, struct err_detail *reterr);
void http_answer_done(struct http_answer *answer);

/* The value of a header (the first of that name), or a view of length 0. */
struct str http_header(const struct http_answer *answer, const char *name);
