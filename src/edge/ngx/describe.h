/* SPDX-License-Identifier: Apache-2.0 */
/* describe - the JSON objects of START and END (docs/protocol.md, 2). */
#pragma once

#include "edge/ngx/worker.h"

/* Writes both into the request's capture; scratch is cleared before and after. */
MUST_CHECK enum err edge_describe(ngx_http_request_t *r, const struct edge_ctx *ctx,
    const char *reason, struct buf *scratch);
