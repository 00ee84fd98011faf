/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sample-provider - a provider for trying rendfly without any provider's key: it speaks the wire
 * formats over TLS 1.3 and says in its model's name that it is a sample.
 */
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "sample/answers.h"
#include "sample/render.h"
#include "sandbox/sandbox.h"

#define SAMPLE_THREADS 2
#define SAMPLE_ARENA_BYTES (256u << 20)
#define SAMPLE_ANSWER_BYTES (16u << 20)
#define PEM_MAX_BYTES (64u << 10)
#define TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3"

struct options {
	const char *dir; /* NULL without a data folder */
	uint16_t port;
	char cert[CONF_PATH_BYTES + 64];
	char key[CONF_PATH_BYTES + 64];
	char recordings[CONF_VALUE_BYTES];
	char user_prefix[CONF_VALUE_BYTES]; /* "" to stay the same user */
};

/* One request while it comes in. */
struct call {
	struct buf *body;
	bool is_too_large;
};

static enum MHD_Result
answer_with(struct MHD_Connection *connection, unsigned int status, const char *content_type,
    struct buf *body)
{
	size_t len = buf_len(body);
	char *bytes = buf_take_c_string(body);
	struct MHD_Response *response = bytes == NULL
	    ? NULL
	    : MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(response, "Content-Type", content_type);
	(void)MHD_add_response_header(response, "x-rendfly-sample", "answers are samples");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer_error(struct MHD_Connection *connection, enum wire_format format, unsigned int status,
    const char *type, const char *message)
{
	CLEANUP(buf) struct buf *out = NULL;

	if (buf_new(PEM_MAX_BYTES, &out) != ERR_OK ||
	    render_error(format, type, message, out) != ERR_OK)
		return MHD_NO;
	return answer_with(connection, status, "application/json", out);
}

static struct str
recording_wanted(struct MHD_Connection *connection)
{
	const char *id =
	    MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Sample-Recording");

	return str_from(id == NULL ? "" : id);
}

static enum MHD_Result
answer_request(const struct answers *answers, struct MHD_Connection *connection,
    enum wire_format format, struct str body)
{
	CLEANUP(arena) struct arena *a = NULL;
	CLEANUP(buf) struct buf *out = NULL;
	struct wire_request request;
	struct wire_message answer;
	struct err_detail detail = { "" };
	enum err e;

	if (arena_new(SAMPLE_ARENA_BYTES, &a) != ERR_OK ||
	    buf_new(SAMPLE_ANSWER_BYTES, &out) != ERR_OK)
		return MHD_NO;
	e = wire_parse_request(a, format, body, &request, &detail);
	if (e != ERR_OK)
		return answer_error(connection, format, MHD_HTTP_BAD_REQUEST,
		    "invalid_request_error", detail.text);
	e = answers_find(answers, recording_wanted(connection), &request.conversation, &answer);
	if (e != ERR_OK)
		return answer_error(connection, format, MHD_HTTP_NOT_FOUND, "invalid_request_error",
		    "no recorded conversation goes on from these messages");
	e = request.is_stream ? render_stream(format, &request, &answer, out)
			      : render_answer(format, &request, &answer, out);
	if (e != ERR_OK)
		return MHD_NO;
	return answer_with(connection, MHD_HTTP_OK,
	    request.is_stream ? "text/event-stream" : "application/json", out);
}

/* NOLINTBEGIN(readability-function-size): libmicrohttpd gives eight parameters */
static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_len, void **request_context)
{
	struct call *call = *request_context;
	enum wire_format format = WIRE_OPENAI_CHAT;
	bool is_known = wire_format_of_path(str_from(url), &format);

	(void)version;
	if (call == NULL) {
		call = calloc(1, sizeof(*call));
		if (call == NULL || buf_new(WIRE_MAX_BODY_BYTES, &call->body) != ERR_OK) {
			free(call);
			return MHD_NO;
		}
		*request_context = call;
		return MHD_YES;
	}
	if (*upload_len > 0) {
		call->is_too_large |= buf_append(call->body, upload, *upload_len) != ERR_OK;
		*upload_len = 0;
		return MHD_YES;
	}
	if (call->is_too_large)
		return answer_error(connection, format, MHD_HTTP_CONTENT_TOO_LARGE,
		    "invalid_request_error", "too large");
	if (!is_known || strcmp(method, "POST") != 0)
		return answer_error(connection, format, MHD_HTTP_NOT_FOUND, "not_found_error",
		    "the sample provider answers POST /v1/chat/completions and POST /v1/messages");
	return answer_request(context, connection, format, buf_str(call->body));
}

/* NOLINTEND(readability-function-size) */

static void
finish(void *context, struct MHD_Connection *connection, void **request_context,
    enum MHD_RequestTerminationCode why)
{
	struct call *call = *request_context;

	(void)context;
	(void)connection;
	(void)why;
	if (call == NULL)
		return;
	buf_free(call->body);
	free(call);
	*request_context = NULL;
}

static struct MHD_Daemon *
start(const struct options *o, struct answers *answers, const struct buf *cert,
    const struct buf *key)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(o->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_USE_ERROR_LOG,
	    o->port, NULL, NULL, handle, answers, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at,
	    MHD_OPTION_HTTPS_MEM_CERT, buf_c_string(cert), MHD_OPTION_HTTPS_MEM_KEY,
	    buf_c_string(key), MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES,
	    MHD_OPTION_NOTIFY_COMPLETED, finish, NULL, MHD_OPTION_THREAD_POOL_SIZE, SAMPLE_THREADS,
	    MHD_OPTION_CONNECTION_TIMEOUT, 120u, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)(256u << 10), MHD_OPTION_END);
}

/* Reads what needs rights, gives the rights up, then serves until it is told to end. */
static enum err
serve(const struct options *o, struct err_detail *reterr)
{
	CLEANUP(answers) struct answers *answers = NULL;
	CLEANUP(buf) struct buf *cert = NULL, *key = NULL;
	struct MHD_Daemon *daemon;
	sigset_t ends;
	int got;
	enum err e;

	if (buf_new(PEM_MAX_BYTES, &cert) != ERR_OK || buf_new(PEM_MAX_BYTES, &key) != ERR_OK)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	e = answers_open(o->recordings, &answers, reterr);
	if (e == ERR_OK)
		e = file_read(o->cert, cert, reterr);
	if (e == ERR_OK)
		e = file_read(o->key, key, reterr);
	if (e == ERR_OK && o->user_prefix[0] != '\0')
		e = sandbox_drop_user("sample", o->user_prefix, reterr);
	if (e != ERR_OK)
		return e;
	/* Blocked before the daemon's threads exist, so that they inherit it. */
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	daemon = start(o, answers, cert, key);
	if (daemon == NULL)
		return err_set(reterr, ERR_IO,
		    "port %u is taken, or %s is no certificate: see sample_provider_port", o->port,
		    o->cert);
	log_info("sample_provider_ready", LOG_INT("port", o->port),
	    LOG_INT("recordings", (int64_t)answers_recorded_count(answers)));
	(void)sigwait(&ends, &got);
	MHD_stop_daemon(daemon);
	return ERR_OK;
}

static const struct manual_option manual_options[] = {
	{ "--dir", "DIR", "a data folder, whose configuration names port and recordings", false },
	{ "--port", "PORT", "without --dir: the loopback port", false },
	{ "--cert", "FILE", "without --dir: the certificate", false },
	{ "--key", "FILE", "without --dir: its key", false },
	{ "--recordings", "FILE", "conversations to answer from, *.jsonl", false }, { 0 }
};

const struct manual sample_provider_manual = {
	.name = "sample-provider",
	.summary = "a provider for trying rendfly, answers from samples",
	.usage = "--dir DIR\n--port PORT --cert FILE --key FILE [--recordings FILE]",
	.about =
	    "Answers POST /v1/chat/completions and POST /v1/messages on 127.0.0.1 over TLS 1.3 "
	    "with samples, or with the turns recorded after the same messages. The supervisor "
	    "starts one; no model is behind it.",
	.options = manual_options,
};

static void
read_options(const struct args *args, struct options *o)
{
	o->dir = args_value(args, "--dir");
	o->port = (uint16_t)strtoul(args_value_or(args, "--port", "0"), NULL, 10);
	(void)snprintf(o->cert, sizeof(o->cert), "%s", args_value_or(args, "--cert", ""));
	(void)snprintf(o->key, sizeof(o->key), "%s", args_value_or(args, "--key", ""));
	(void)snprintf(o->recordings, sizeof(o->recordings), "%s",
	    args_value_or(args, "--recordings", ""));
}

static enum err
fill_from_folder(struct options *o, struct err_detail *reterr)
{
	struct conf conf;
	enum err e = conf_load(o->dir, &conf, reterr);

	if (e != ERR_OK)
		return e;
	o->port = (uint16_t)conf.sample_provider_port;
	(void)snprintf(o->cert, sizeof(o->cert), "%s/pki/sample.crt", conf.dir);
	(void)snprintf(o->key, sizeof(o->key), "%s/pki/sample.key", conf.dir);
	(void)snprintf(o->recordings, sizeof(o->recordings), "%s", conf.sample_recordings);
	(void)snprintf(o->user_prefix, sizeof(o->user_prefix), "%s", conf.user_prefix);
	return ERR_OK;
}

int
sample_provider_main(int argc, char **argv)
{
	struct options o = { 0 };
	struct err_detail detail = { "" };
	struct args args;
	int status = 0;
	enum err e;

	if (!args_read(&sample_provider_manual, argc, argv, &args, &status))
		return status;
	read_options(&args, &o);
	log_open("sample");
	e = o.dir == NULL ? ERR_OK : fill_from_folder(&o, &detail);
	if (e == ERR_OK && (o.port == 0 || o.cert[0] == '\0' || o.key[0] == '\0'))
		return args_complain(&sample_provider_manual,
		    "--dir, or --port, --cert and --key, are wanted");
	if (e == ERR_OK)
		e = serve(&o, &detail);
	if (e == ERR_OK)
		return 0;
	log_error("sample_provider_failed", LOG_STR("cause", detail.text));
	return 1;
}
