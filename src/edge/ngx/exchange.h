/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange - one forwarded request from the decision to forward it until its capture is with the
 * link: the counters' balance is kept here.
 */
#pragma once

#include "edge/ngx/worker.h"

/* Counts the request as forwarded and opens its capture, or counts that as dropped. */
void edge_exchange_open(ngx_http_request_t *r, struct edge_ctx *ctx,
    const struct keytable_entry *entry, bool may_capture);

/* Bytes of one of the bodies; a limit reached drops the capture. */
void edge_exchange_take(struct edge_ctx *ctx, enum edge_frame type, struct str bytes);

/* Closes the captures of requests that end with the process. */
void edge_exchange_close_all(struct edge_worker *w);
