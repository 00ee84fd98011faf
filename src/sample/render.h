/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render - an answer in a provider's format: one JSON object, or server-sent events.  The model and
 * the fingerprint say that it is a sample.
 */
#pragma once

#include "base/buf.h"
#include "wire/wire.h"

#define SAMPLE_MODEL "rendfly-sample"
#define SAMPLE_FINGERPRINT "rendfly-sample-answers"

MUST_CHECK enum err render_answer(enum wire_format format, const struct wire_request *request,
    const struct wire_message *answer, struct buf *out);
MUST_CHECK enum err render_stream(enum wire_format format, const struct wire_request *request,
    const struct wire_message *answer, struct buf *out);
MUST_CHECK enum err render_error(enum wire_format format, const char *type, const char *message,
    struct buf *out);
