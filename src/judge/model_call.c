/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks a judging model, many calls at once; see model_call.h.
 *
 * A call is in one of two states: sent (it has an easy handle in the multi) or waiting (it has a
 * time at which it is sent again).  settle() is the only way from sent to anything else.
 */
#include "judge/model_call.h"

#include <curl/curl.h>
#include <sys/random.h>

#include "base/clock.h"
#include "https/https.h"
#include "judge/model_target.h"
#include "wire/wire.h"

#define CONNECT_TIMEOUT_MS 10000L
#define MAX_BACKOFF_MS 30000
#define ANSWER_ARENA_BYTES (32u << 20)
#define HEADER_BYTES 4096

struct call {
	struct call *next;
	struct model_client *client;
	CURL *easy; /* NULL while waiting */
	struct curl_slist *headers;
	struct buf *request;
	struct buf *response;
	bool is_too_large;
	int tries;
	int64_t deadline_ms;
	int64_t send_at_ms;
	enum model_outcome last; /* of the last try */
	model_may_try *may_try;
	model_done *done;
	void *context;
};

struct model_client {
	struct model_conf conf;
	struct model_target target;
	struct curl_slist *resolved;
	CURLM *multi;
	struct call *calls;
	size_t n_calls;
	char *model;
};

static const char *const outcome_texts[MODEL_N_OUTCOMES] = {
	[MODEL_ANSWERED] = "The judge model answered.",
	[MODEL_TIMED_OUT] = "The judge model did not answer in time.",
	[MODEL_UNREACHABLE] = "The judge model could not be reached, or its answer was cut off.",
	[MODEL_UNTRUSTED] = "The judge model's TLS 1.3 certificate could not be verified.",
	[MODEL_LIMITED] = "The limit of calls to the judge model was reached.",
	[MODEL_FAILED] = "The judge model's server failed.",
	[MODEL_REFUSED] = "The judge model's server refused the request.",
	[MODEL_MALFORMED] = "The judge model's server did not send a chat completion.",
};

const char *
model_outcome_text(enum model_outcome outcome)
{
	return outcome_texts[outcome];
}

/* ------------------------------------------------------------------------------ calls */

/* Headers may hold the key, so they are wiped; they live as long as one try. */
static void
drop_handle(struct call *c)
{
	if (c->easy != NULL) {
		(void)curl_multi_remove_handle(c->client->multi, c->easy);
		curl_easy_cleanup(c->easy);
		c->easy = NULL;
	}
	for (struct curl_slist *h = c->headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(c->headers);
	c->headers = NULL;
}

static void
call_free(struct call *c)
{
	if (c == NULL)
		return;
	drop_handle(c);
	buf_free(c->request);
	buf_free(c->response);
	free(c);
}

CLEANUP_DEFINE(call);

static void
unlink_call(struct call *c)
{
	struct call **at = &c->client->calls;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->client->n_calls--;
}

/* The end of a call, whatever its reason. */
static void
finish(struct call *c, enum model_outcome outcome, struct str answer)
{
	unlink_call(c);
	c->done(c->context, outcome, answer, c->tries);
	call_free(c);
}

static size_t
take_bytes(char *bytes, size_t size, size_t n, void *context)
{
	struct call *c = context;

	if (buf_append(c->response, bytes, size * n) == ERR_OK)
		return size * n;
	c->is_too_large = true;
	return 0;
}

static bool
add_header(struct call *c, const char *header)
{
	struct curl_slist *longer = curl_slist_append(c->headers, header);

	if (longer != NULL)
		c->headers = longer;
	return longer != NULL;
}

static bool
add_headers(struct call *c)
{
	const struct secret *key = c->client->conf.key;
	char line[HEADER_BYTES];
	int len;
	bool is_added;

	if (!add_header(c, "Content-Type: application/json") ||
	    !add_header(c, "Accept: application/json") || !add_header(c, "Expect:"))
		return false;
	if (key == NULL)
		return true;
	len = snprintf(line, sizeof(line), "Authorization: Bearer %.*s", (int)secret_len(key),
	    (const char *)secret_view(key));
	is_added = len > 0 && (size_t)len < sizeof(line) && add_header(c, line);
	explicit_bzero(line, sizeof(line));
	return is_added;
}

static bool
set_transport(CURL *easy, const struct model_client *m)
{
	return https_confine(easy, m->target.authorities) &&
	    curl_easy_setopt(easy, CURLOPT_URL, m->target.url) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_RESOLVE, m->resolved) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) == CURLE_OK;
}

static bool
set_request(CURL *easy, struct call *c, int64_t left_ms)
{
	return curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, c->headers) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, buf_c_string(c->request)) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)buf_len(c->request)) ==
	    CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEDATA, c) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_PRIVATE, c) == CURLE_OK;
}

/* From waiting to sent; a call that cannot be sent ends here. */
static void
send_try(struct call *c, int64_t now_ms)
{
	if (c->may_try != NULL && !c->may_try(c->context)) {
		finish(c, MODEL_LIMITED, STR(""));
		return;
	}
	buf_clear(c->response);
	c->is_too_large = false;
	c->tries++;
	c->easy = curl_easy_init();
	if (c->easy == NULL || !add_headers(c) || !set_transport(c->easy, c->client) ||
	    !set_request(c->easy, c, c->deadline_ms - now_ms) ||
	    curl_multi_add_handle(c->client->multi, c->easy) != CURLM_OK)
		finish(c, MODEL_UNREACHABLE, STR(""));
}

/* ------------------------------------------------------------------------------ answers */

static enum model_outcome
outcome_of_transfer(const struct call *c, CURLcode code, long status)
{
	static const struct {
		CURLcode code;
		enum model_outcome outcome;
	} rows[] = {
		{ CURLE_OPERATION_TIMEDOUT, MODEL_TIMED_OUT },
		{ CURLE_PEER_FAILED_VERIFICATION, MODEL_UNTRUSTED },
		{ CURLE_SSL_CONNECT_ERROR, MODEL_UNTRUSTED },
		{ CURLE_SSL_CACERT_BADFILE, MODEL_UNTRUSTED },
		{ CURLE_SSL_CERTPROBLEM, MODEL_UNTRUSTED },
		{ CURLE_SSL_ISSUER_ERROR, MODEL_UNTRUSTED },
		{ CURLE_SSL_INVALIDCERTSTATUS, MODEL_UNTRUSTED },
	};

	if (c->is_too_large)
		return MODEL_MALFORMED;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == code)
			return rows[i].outcome;
	if (code != CURLE_OK)
		return MODEL_UNREACHABLE;
	if (status == 429)
		return MODEL_LIMITED;
	if (status >= 500)
		return MODEL_FAILED;
	return status == 200 ? MODEL_ANSWERED : MODEL_REFUSED;
}

static bool
may_retry(enum model_outcome outcome)
{
	return outcome == MODEL_UNREACHABLE || outcome == MODEL_LIMITED || outcome == MODEL_FAILED;
}

/* A random time in [0, bound]: full jitter, so that callers do not come back together. */
static int64_t
jitter_ms(int64_t bound_ms)
{
	uint32_t random = 0;

	if (bound_ms <= 0 || getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return bound_ms;
	return (int64_t)(random % (uint64_t)(bound_ms + 1));
}

static int64_t
wait_before_retry_ms(const struct call *c, curl_off_t retry_after_s)
{
	int64_t bound = c->client->conf.backoff_ms << (c->tries - 1);
	int64_t wait = jitter_ms(bound < MAX_BACKOFF_MS ? bound : MAX_BACKOFF_MS);
	int64_t asked = retry_after_s > 86400 ? 86400000 : (int64_t)retry_after_s * 1000;

	return asked > wait ? asked : wait;
}

/* The content of the answer, or why there is none. */
static enum model_outcome
read_completion(struct call *c, struct arena *a, struct str *ret_answer)
{
	struct wire_response response = { 0 };
	enum err e = wire_parse_response(a, WIRE_OPENAI_CHAT,
	    &(struct wire_reply){ 200, STR("application/json"), buf_str(c->response) }, &response,
	    NULL);

	if (e != ERR_OK || response.is_error || response.answer.n_calls > 0 ||
	    response.answer.content.len == 0)
		return MODEL_MALFORMED;
	/* "length" and the like: the answer is not whole. */
	if (response.finish_reason.len > 0 && !str_equals(response.finish_reason, STR("stop")))
		return MODEL_MALFORMED;
	*ret_answer = response.answer.content;
	return MODEL_ANSWERED;
}

static void
finish_answered(struct call *c)
{
	CLEANUP(arena) struct arena *a = NULL;
	enum model_outcome outcome = MODEL_MALFORMED;
	struct str answer = STR("");

	if (arena_new(ANSWER_ARENA_BYTES, &a) == ERR_OK)
		outcome = read_completion(c, a, &answer);
	finish(c, outcome, outcome == MODEL_ANSWERED ? answer : STR(""));
}

/* From sent to waiting or to the end. */
static void
settle(struct call *c, CURLcode code)
{
	curl_off_t retry_after_s = 0;
	long status = 0;
	int64_t wait_ms;

	(void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	c->last = outcome_of_transfer(c, code, status);
	drop_handle(c);
	if (c->last == MODEL_ANSWERED) {
		finish_answered(c);
		return;
	}
	wait_ms = wait_before_retry_ms(c, retry_after_s);
	c->send_at_ms = clock_monotonic_ms() + wait_ms;
	if (!may_retry(c->last) || c->tries == MODEL_MAX_TRIES || c->send_at_ms >= c->deadline_ms)
		finish(c, c->last, STR(""));
}

/* ------------------------------------------------------------------------------ client */

enum err
model_client_new(const struct model_conf *conf, struct model_client **ret_client,
    struct err_detail *reterr)
{
	CLEANUP(model_client) struct model_client *m = calloc(1, sizeof(*m));
	enum err e;

	if (m == NULL)
		return ERR_NOMEM;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(reterr, ERR_IO, "libcurl does not start");
	m->conf = *conf;
	e = model_target_init(conf->base_url, conf->ca_file, &m->target, reterr);
	if (e != ERR_OK)
		return e;
	m->model = strdup(conf->model);
	m->resolved = curl_slist_append(NULL, m->target.resolved);
	m->multi = curl_multi_init();
	if (m->model == NULL || m->resolved == NULL || m->multi == NULL)
		return ERR_NOMEM;
	*ret_client = TAKE(m);
	return ERR_OK;
}

void
model_client_free(struct model_client *m)
{
	if (m == NULL)
		return;
	while (m->calls != NULL) {
		struct call *gone = m->calls;

		m->calls = gone->next;
		call_free(gone);
	}
	if (m->multi != NULL)
		(void)curl_multi_cleanup(m->multi);
	curl_slist_free_all(m->resolved);
	model_target_done(&m->target);
	free(m->model);
	free(m);
}

static enum err
write_request(struct buf *out, const char *model, struct str messages_json)
{
	enum err e = buf_append_str(out, STR("{\"model\":\""));

	for (const char *c = model; *c != '\0' && e == ERR_OK; c++)
		e = *c == '"' || *c == '\\'    ? buf_printf(out, "\\%c", *c)
		    : (unsigned char)*c < 0x20 ? ERR_MALFORMED
					       : buf_append_byte(out, *c);
	if (e == ERR_OK)
		e = buf_append_str(out,
		    STR("\",\"stream\":false,\"response_format\":{\"type\":\"json_object\"},"
			"\"messages\":"));
	if (e == ERR_OK)
		e = buf_append_str(out, messages_json);
	return e == ERR_OK ? buf_append_byte(out, '}') : e;
}

enum err
model_call_start(struct model_client *m, struct str messages_json, model_may_try *may_try,
    model_done *done, void *context)
{
	CLEANUP(call) struct call *c = NULL;
	enum err e;

	if (m->n_calls >= m->conf.max_parallel)
		return ERR_BUSY;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ERR_NOMEM;
	c->client = m;
	e = buf_new(messages_json.len + 2048, &c->request);
	if (e == ERR_OK)
		e = buf_new(MODEL_MAX_RESPONSE_BYTES, &c->response);
	if (e == ERR_OK)
		e = write_request(c->request, m->model, messages_json);
	if (e != ERR_OK)
		return e;
	c->may_try = may_try;
	c->done = done;
	c->context = context;
	c->send_at_ms = clock_monotonic_ms();
	c->deadline_ms = c->send_at_ms + m->conf.timeout_ms;
	c->next = m->calls;
	m->calls = TAKE(c);
	m->n_calls++;
	return ERR_OK;
}

size_t
model_calls_running(const struct model_client *m)
{
	return m->n_calls;
}

static void
send_due(struct model_client *m, int64_t now_ms)
{
	struct call *next;

	for (struct call *c = m->calls; c != NULL; c = next) {
		next = c->next;
		if (c->easy == NULL && c->send_at_ms <= now_ms)
			send_try(c, now_ms);
	}
}

/* Until the next waiting call is due, at most wait_ms. */
static int64_t
nap_ms(const struct model_client *m, int64_t wait_ms, int64_t now_ms)
{
	for (const struct call *c = m->calls; c != NULL; c = c->next)
		if (c->easy == NULL && c->send_at_ms - now_ms < wait_ms)
			wait_ms = c->send_at_ms > now_ms ? c->send_at_ms - now_ms : 0;
	return wait_ms;
}

enum err
model_client_step(struct model_client *m, int64_t wait_ms)
{
	int64_t now_ms = clock_monotonic_ms();
	const CURLMsg *message;
	int running, left;

	send_due(m, now_ms);
	if (curl_multi_perform(m->multi, &running) != CURLM_OK)
		return ERR_IO;
	if (curl_multi_poll(m->multi, NULL, 0, (int)nap_ms(m, wait_ms, now_ms), NULL) != CURLM_OK ||
	    curl_multi_perform(m->multi, &running) != CURLM_OK)
		return ERR_IO;
	while ((message = curl_multi_info_read(m->multi, &left)) != NULL) {
		struct call *c = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &c);
		settle(c, message->data.result);
	}
	return ERR_OK;
}
