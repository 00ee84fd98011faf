/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats - one row for each provider format: how it is read.  Private to lib/wire.
 */
#pragma once

#include "wire/json.h"
#include "wire/wire.h"

MUST_CHECK enum err openai_read_messages(struct arena *a, const json_t *messages,
    struct wire_conversation *ret_conversation, struct err_detail *reterr);
MUST_CHECK enum err openai_read_request(struct arena *a, const json_t *root,
    struct wire_request *ret_request, struct err_detail *reterr);
MUST_CHECK enum err openai_read_response(struct arena *a, const json_t *root,
    struct wire_response *ret_response, struct err_detail *reterr);
MUST_CHECK enum err openai_read_stream(struct arena *a, struct str body,
    struct wire_response *ret_response, struct err_detail *reterr);

MUST_CHECK enum err anthropic_read_request(struct arena *a, const json_t *root,
    struct wire_request *ret_request, struct err_detail *reterr);
MUST_CHECK enum err anthropic_read_response(struct arena *a, const json_t *root,
    struct wire_response *ret_response, struct err_detail *reterr);
MUST_CHECK enum err anthropic_read_stream(struct arena *a, struct str body,
    struct wire_response *ret_response, struct err_detail *reterr);

/* The `error` member that both formats share; false when there is none. */
MUST_CHECK enum err formats_read_error(struct arena *a, const json_t *root,
    struct wire_response *response, bool *ret_is_error);
