/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: whatever comes, as a document or as events, the texts are valid; and line ends do not
 * matter: the events with CR LF give the answer that they give with LF. */
#include <stdint.h>

#include "base/buf.h"
#include "wire_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
read_answer(struct arena *a, enum wire_format format, struct str type, struct str body,
    struct wire_response *r)
{
	if (wire_parse_response(a, format, &(struct wire_reply){ 200, type, body }, r, NULL) !=
	    ERR_OK)
		return false;
	check_message(&r->answer);
	check_text(r->model);
	check_text(r->finish_reason);
	check_text(r->fingerprint);
	check_text(r->error_type);
	if (r->answer.role != WIRE_ASSISTANT || r->prompt_tokens < -1 || r->completion_tokens < -1)
		abort();
	if (r->is_error && (r->answer.content.len > 0 || r->answer.n_calls > 0))
		abort();
	return true;
}

static void
check_line_ends(struct arena *a, enum wire_format format, struct str body)
{
	CLEANUP(buf) struct buf *other = NULL;
	struct wire_response with_lf;
	struct wire_response with_crlf;

	if (memchr(body.at, '\r', body.len) != NULL ||
	    !read_answer(a, format, STR("text/event-stream"), body, &with_lf) ||
	    buf_new(body.len * 2 + 1, &other) != ERR_OK)
		return;
	for (size_t i = 0; i < body.len; i++)
		if ((body.at[i] == '\n' && buf_append_byte(other, '\r') != ERR_OK) ||
		    buf_append_byte(other, body.at[i]) != ERR_OK)
			return;
	if (!read_answer(a, format, STR("text/event-stream"), buf_str(other), &with_crlf))
		abort();
	if (!str_equals(with_lf.answer.content, with_crlf.answer.content) ||
	    with_lf.answer.n_calls != with_crlf.answer.n_calls)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum wire_format formats[] = { WIRE_OPENAI_CHAT, WIRE_ANTHROPIC_MESSAGES };
	CLEANUP(arena) struct arena *a = NULL;
	struct str body = { (const char *)data, size };
	struct wire_response r;

	if (size == 0 || arena_new(64u << 20, &a) != ERR_OK)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		(void)read_answer(a, formats[i], STR("application/json"), body, &r);
		(void)read_answer(a, formats[i], STR("text/event-stream"), body, &r);
		check_line_ends(a, formats[i], body);
	}
	return 0;
}
