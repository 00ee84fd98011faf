/* SPDX-License-Identifier: Apache-2.0 */
/* describe - the JSON objects of START and END (docs/protocol.md, 2). */
#pragma once

#include "edge/ngx/worker.h"

MUST_CHECK enum err edge_describe_start(ngx_http_request_t *r, const struct edge_ctx *ctx,
    struct buf **ret_json);
MUST_CHECK enum err edge_describe_end(ngx_http_request_t *r, const struct edge_ctx *ctx,
    const char *reason, struct buf **ret_json);
