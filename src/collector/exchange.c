/* SPDX-License-Identifier: Apache-2.0 */
/* A capture read into types and digests; see exchange.h. */
#include "collector/exchange.h"

#include <openssl/evp.h>

#define N_LAST_MESSAGES 8
#define N_LAST_ANSWERS 4

static enum err
add_digest(const uint8_t *previous, const struct wire_message *m, struct buf *scratch,
    uint8_t ret_digest[static DIGEST_BYTES])
{
	enum err e = ERR_OK;

	buf_clear(scratch);
	if (previous != NULL)
		e = buf_append(scratch, previous, DIGEST_BYTES);
	if (e == ERR_OK)
		e = wire_write_identity(m, scratch);
	if (e != ERR_OK)
		return e;
	if (EVP_Digest(buf_str(scratch).at, buf_len(scratch), ret_digest, NULL, EVP_sha256(),
		NULL) != 1)
		return ERR_IO;
	return ERR_OK;
}

static enum err
make_chain(struct arena *a, struct exchange *x)
{
	CLEANUP(buf) struct buf *scratch = NULL;
	const struct wire_conversation *c = &x->request.conversation;
	const uint8_t *last = NULL;
	enum err e = buf_new(2 * (size_t)WIRE_MAX_BODY_BYTES, &scratch);

	x->digests = arena_alloc_array(a, c->n_messages + 1, sizeof(*x->digests));
	if (x->digests == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < c->n_messages && e == ERR_OK; i++) {
		e = add_digest(last, &c->messages[i], scratch, x->digests[i]);
		last = x->digests[i];
	}
	if (e != ERR_OK)
		return e;
	if (last != NULL)
		memcpy(x->asked, last, DIGEST_BYTES);
	memcpy(x->tip, x->asked, DIGEST_BYTES);
	if (!x->has_answer || !x->is_answer_whole)
		return ERR_OK;
	return add_digest(last, &x->response.answer, scratch, x->tip);
}

/* An exchange ends with an answer, or, when it failed, with what was asked: so the ends of the
 * last few answers and of the last few messages of any kind. */
static void
find_candidates(struct exchange *x)
{
	const struct wire_conversation *c = &x->request.conversation;
	size_t ends[EXCHANGE_MAX_CANDIDATES];
	size_t n = 0;
	size_t n_answers = 0;

	for (size_t end = c->n_messages; end > 0 && n < EXCHANGE_MAX_CANDIDATES; end--) {
		bool is_answer = c->messages[end - 1].role == WIRE_ASSISTANT;

		n_answers += is_answer;
		if (n_answers > N_LAST_ANSWERS && c->n_messages - end >= N_LAST_MESSAGES)
			break;
		if (is_answer || c->n_messages - end < N_LAST_MESSAGES)
			ends[n++] = end;
	}
	x->n_candidates = n;
	for (size_t i = 0; i < n; i++)
		x->candidates[i] = ends[n - 1 - i];
}

static enum err
read_request(struct arena *a, struct exchange *x, enum wire_format format,
    struct err_detail *reterr)
{
	const struct capture *c = x->capture;
	struct str body;
	enum err e = wire_decode_body(a, c->head.content_encoding, buf_str(c->request), &body);

	if (e != ERR_OK)
		return err_set(reterr, e, "the request's encoding");
	e = wire_parse_request(a, format, body, &x->request, reterr);
	if (e == ERR_OK && x->request.conversation.n_messages == 0 &&
	    x->request.conversation.system_message.len == 0)
		return err_set(reterr, ERR_MALFORMED, "a request without messages");
	return e;
}

static bool
is_whole(const struct capture *c)
{
	return str_equals(c->tail.reason, STR("complete"));
}

static enum err
read_response(struct arena *a, struct exchange *x, enum wire_format format,
    struct err_detail *reterr)
{
	const struct capture *c = x->capture;
	struct str body;
	enum err e = wire_decode_body(a, c->tail.content_encoding, buf_str(c->response), &body);

	if (e != ERR_OK)
		return err_set(reterr, e, "the response's encoding");
	return wire_parse_response(a, format,
	    &(struct wire_reply){ (int)c->tail.status, c->tail.content_type, body }, &x->response,
	    reterr);
}

static bool
is_empty(const struct wire_message *m)
{
	return m->content.len == 0 && m->n_calls == 0;
}

/* Anthropic: a request may end with the beginning of its own answer.  The next one repeats the two
 * as one message. */
static enum err
join_prefilled(struct arena *a, struct exchange *x)
{
	struct wire_conversation *c = &x->request.conversation;
	struct wire_message *answer = &x->response.answer;
	struct str begun;
	char *both;

	if (!x->has_answer || c->n_messages == 0 ||
	    c->messages[c->n_messages - 1].role != WIRE_ASSISTANT ||
	    c->messages[c->n_messages - 1].n_calls > 0)
		return ERR_OK;
	begun = c->messages[c->n_messages - 1].content;
	both = arena_alloc(a, begun.len + answer->content.len + 1);
	if (both == NULL)
		return ERR_NOMEM;
	if (begun.len > 0)
		memcpy(both, begun.at, begun.len);
	if (answer->content.len > 0)
		memcpy(both + begun.len, answer->content.at, answer->content.len);
	answer->content = (struct str){ both, begun.len + answer->content.len };
	c->n_messages--;
	return ERR_OK;
}

enum err
exchange_read(struct arena *a, const struct capture *c, struct exchange *ret_exchange,
    struct err_detail *reterr)
{
	struct exchange x = { .capture = c, .is_answer_whole = is_whole(c) };
	enum wire_format format;
	enum err e;

	if (!str_equals(c->head.method, STR("POST")) || !wire_format_of_path(c->head.path, &format))
		return err_set(reterr, ERR_MALFORMED, "no path of a format that we read");
	e = read_request(a, &x, format, reterr);
	if (e != ERR_OK)
		return e;
	e = read_response(a, &x, format, reterr);
	if (e != ERR_OK && (x.is_answer_whole || e == ERR_NOMEM))
		return e;
	/* Half a document is no answer, but what was asked is worth keeping. */
	if (e != ERR_OK)
		x.response = (struct wire_response){ .prompt_tokens = -1, .completion_tokens = -1 };
	x.has_answer = e == ERR_OK && !x.response.is_error &&
	    (x.is_answer_whole || !is_empty(&x.response.answer));
	e = format == WIRE_ANTHROPIC_MESSAGES ? join_prefilled(a, &x) : ERR_OK;
	if (e == ERR_OK)
		e = make_chain(a, &x);
	if (e != ERR_OK)
		return e;
	find_candidates(&x);
	*ret_exchange = x;
	return ERR_OK;
}

size_t
exchange_first_new(const struct exchange *x, size_t n_stored)
{
	const struct wire_conversation *c = &x->request.conversation;
	size_t first = c->n_messages;

	if (c->n_messages > n_stored)
		return n_stored;
	/* A shortened history: what the agent has not seen answered yet. */
	while (first > 0 && c->messages[first - 1].role != WIRE_ASSISTANT)
		first--;
	return first;
}
