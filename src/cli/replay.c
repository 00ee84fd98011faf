/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay - sends recorded conversations through the edge as their agent did: turn by turn, with the
 * system message and the growing history, and checks each answer against the recorded turn.
 */
#include <curl/curl.h>
#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"

#define REPLAY_MAX_FILE_BYTES (1u << 30)
#define REPLAY_MAX_ANSWER_BYTES (32u << 20)
#define REPLAY_MAX_PARALLEL 64
#define REPLAY_POLL_MS 200
#define PROGRESS_EVERY_MS 1000

struct options {
	const char *data, *url, *key, *ca, *system_path, *model;
	long parallel;
};

/* One conversation under way: the next assistant turn to ask for. */
struct run {
	CURL *curl;
	struct curl_slist *headers;
	struct buf *answer;
	char *body;
	json_t *conversation; /* borrowed from the list */
	json_t *history;      /* system message and what was said so far */
	size_t next;          /* index of the message to come */
	bool is_tail;         /* what was said after the last turn: no answer was recorded */
	int64_t again_ms;     /* over the limit: when to ask again; 0: under way */
};

struct replay {
	struct options o;
	json_t *conversations;
	json_t *system; /* a message, or NULL */
	size_t next;    /* conversation */
	CURLM *multi;
	struct run *runs;
	size_t running;
	size_t turns, wrong, failed, finished;
	int64_t shown_ms;
};

/* ---- the data */

/* Where a recording stands tells it from others that begin alike; ids may be missing. */
#define PLACE "x-place"

static void
note_place(json_t *row, const char *path, int line)
{
	const char *name = strrchr(path, '/');

	(void)json_object_set_new(row, PLACE,
	    json_sprintf("%s:%d", name == NULL ? path : name + 1, line));
}

static enum err
append_lines(const char *path, json_t *list)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct err_detail detail = { "" };
	struct str left;

	if (buf_new(REPLAY_MAX_FILE_BYTES, &b) != ERR_OK || file_read(path, b, &detail) != ERR_OK) {
		(void)fprintf(stderr, "rendfly replay: %s\n", detail.text);
		return ERR_IO;
	}
	left = buf_str(b);
	for (int number = 1; left.len > 0; number++) {
		const char *end = memchr(left.at, '\n', left.len);
		size_t len = end == NULL ? left.len : (size_t)(end - left.at);
		json_error_t why;
		json_t *row = len == 0 ? NULL : json_loadb(left.at, len, 0, &why);

		if (len > 0 && !json_is_array(json_object_get(row, "messages"))) {
			(void)fprintf(stderr,
			    "rendfly replay: %s, line %d: no conversation with `messages`\n", path,
			    number);
			json_decref(row);
			return ERR_MALFORMED;
		}
		if (row != NULL) {
			note_place(row, path, number);
			(void)json_array_append_new(list, row);
		}
		left = str_slice(left, len + 1, left.len);
	}
	return ERR_OK;
}

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

static enum err
load_system_message(struct replay *r, const char *path)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct err_detail detail = { "" };

	if (buf_new(REPLAY_MAX_FILE_BYTES, &b) != ERR_OK || file_read(path, b, &detail) != ERR_OK) {
		(void)fprintf(stderr, "rendfly replay: %s\n", detail.text);
		return ERR_IO;
	}
	r->system = json_pack("{s:s, s:s}", "role", "system", "content", buf_c_string(b));
	if (r->system != NULL)
		return ERR_OK;
	(void)fprintf(stderr, "rendfly replay: %s is not UTF-8\n", path);
	return ERR_MALFORMED;
}

/* Every *.jsonl of the folder, and the one system message that its conversations ran under. */
static enum err
load_data(struct replay *r)
{
	const struct dirent *entry;
	DIR *folder = opendir(r->o.data);
	enum err e = ERR_OK;

	if (folder == NULL) {
		(void)fprintf(stderr, "rendfly replay: %s cannot be opened\n", r->o.data);
		return ERR_NOT_FOUND;
	}
	while (e == ERR_OK && (entry = readdir(folder)) != NULL) {
		char path[PATH_MAX];

		(void)snprintf(path, sizeof(path), "%s/%s", r->o.data, entry->d_name);
		if (ends_with(entry->d_name, ".jsonl"))
			e = append_lines(path, r->conversations);
		else if (r->o.system_path == NULL && r->system == NULL &&
		    ends_with(entry->d_name, "system-message.md"))
			e = load_system_message(r, path);
	}
	(void)closedir(folder);
	if (e == ERR_OK && r->o.system_path != NULL)
		e = load_system_message(r, r->o.system_path);
	return e;
}

/* ---- one conversation */

static size_t
keep_answer(char *at, size_t size, size_t count, void *run)
{
	return buf_append(((struct run *)run)->answer, at, size * count) == ERR_OK ? size * count
										   : 0;
}

static void
end_run(struct replay *r, struct run *run)
{
	curl_easy_cleanup(run->curl);
	curl_slist_free_all(run->headers);
	buf_free(run->answer);
	free(run->body);
	json_decref(run->history);
	*run = (struct run){ 0 };
	r->running--;
}

static json_t *
messages_of(const struct run *run)
{
	return json_object_get(run->conversation, "messages");
}

/* Moves over what the user and the tools said to the next turn of the assistant; false at the end.
 */
static bool
go_to_next_turn(struct run *run)
{
	json_t *messages = messages_of(run), *message;

	while ((message = json_array_get(messages, run->next)) != NULL) {
		const char *role = json_string_value(json_object_get(message, "role"));

		if (role != NULL && strcmp(role, "assistant") == 0)
			return true;
		(void)json_array_append(run->history, message);
		run->next++;
	}
	return false;
}

static void
set_headers(struct replay *r, struct run *run)
{
	const char *place = json_string_value(json_object_get(run->conversation, PLACE));
	char line[512];

	run->headers = curl_slist_append(run->headers, "Content-Type: application/json");
	run->headers = curl_slist_append(run->headers, "Authorization: Bearer sample");
	(void)snprintf(line, sizeof(line), "X-Rendfly-Key: %s", r->o.key);
	run->headers = curl_slist_append(run->headers, line);
	(void)snprintf(line, sizeof(line), "X-Sample-Recording: %s", place == NULL ? "" : place);
	run->headers = curl_slist_append(run->headers, line);
	(void)curl_easy_setopt(run->curl, CURLOPT_HTTPHEADER, run->headers);
}

static void
set_transport(struct replay *r, struct run *run)
{
	char url[1024];

	(void)snprintf(url, sizeof(url), "%s/chat/completions", r->o.url);
	(void)curl_easy_setopt(run->curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(run->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
	(void)curl_easy_setopt(run->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(run->curl, CURLOPT_TIMEOUT, 60L);
	(void)curl_easy_setopt(run->curl, CURLOPT_WRITEFUNCTION, keep_answer);
	(void)curl_easy_setopt(run->curl, CURLOPT_WRITEDATA, run);
	(void)curl_easy_setopt(run->curl, CURLOPT_PRIVATE, run);
	if (r->o.ca != NULL)
		(void)curl_easy_setopt(run->curl, CURLOPT_CAINFO, r->o.ca);
}

static void
ask_for_turn(struct replay *r, struct run *run)
{
	const char *model = json_string_value(json_object_get(run->conversation, "model"));
	json_t *request = json_pack("{s:s, s:O}", "model",
	    r->o.model != NULL  ? r->o.model
		: model != NULL ? model
				: "sample",
	    "messages", run->history);

	free(run->body);
	run->body = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	buf_clear(run->answer);
	(void)curl_easy_setopt(run->curl, CURLOPT_POSTFIELDS, run->body);
	(void)curl_easy_setopt(run->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(run->body));
	(void)curl_multi_add_handle(r->multi, run->curl);
}

/* The next turn, or what was said after the last one: an agent would send that too. */
static void
go_on(struct replay *r, struct run *run)
{
	size_t before = run->next;
	bool is_turn = go_to_next_turn(run);

	run->is_tail = !is_turn && run->next > before;
	if (is_turn || run->is_tail) {
		ask_for_turn(r, run);
		return;
	}
	r->finished++;
	end_run(r, run);
}

static void
begin_conversation(struct replay *r, struct run *run)
{
	run->conversation = json_array_get(r->conversations, r->next++);
	run->history = json_array();
	run->curl = curl_easy_init();
	if (run->curl == NULL || buf_new(REPLAY_MAX_ANSWER_BYTES, &run->answer) != ERR_OK)
		abort();
	r->running++;
	if (r->system != NULL)
		(void)json_array_append(run->history, r->system);
	set_transport(r, run);
	set_headers(r, run);
	go_on(r, run);
}

/* Text and tool calls must be the recorded ones; a missing content is the same as null. */
static bool
is_recorded_turn(const json_t *answer, const json_t *turn)
{
	const char *mine = json_string_value(json_object_get(answer, "content"));
	const char *theirs = json_string_value(json_object_get(turn, "content"));
	const json_t *calls = json_object_get(answer, "tool_calls");
	const json_t *recorded = json_object_get(turn, "tool_calls");

	if (strcmp(mine == NULL ? "" : mine, theirs == NULL ? "" : theirs) != 0)
		return false;
	return json_array_size(calls) == json_array_size(recorded) &&
	    (json_array_size(calls) == 0 || json_equal(calls, recorded));
}

static void
show_progress(struct replay *r, bool is_last)
{
	int64_t now = clock_monotonic_ms();

	if (!is_last && now - r->shown_ms < PROGRESS_EVERY_MS)
		return;
	r->shown_ms = now;
	(void)fprintf(stderr, "%s%zu of %zu conversations, %zu turns%s",
	    isatty(STDERR_FILENO) ? "\r" : "", r->finished, json_array_size(r->conversations),
	    r->turns, isatty(STDERR_FILENO) && !is_last ? "\033[K" : "\n");
}

/* Over the limit: asks again when the edge said, as a well-mannered agent does. */
static bool
is_put_off(struct replay *r, struct run *run, CURLcode code)
{
	curl_off_t wait_s = 0;
	long status = 0;

	(void)curl_easy_getinfo(run->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK || status != 429)
		return false;
	(void)curl_easy_getinfo(run->curl, CURLINFO_RETRY_AFTER, &wait_s);
	run->again_ms =
	    clock_monotonic_ms() + (wait_s > 0 && wait_s < 60 ? (int64_t)wait_s * 1000 : 1000);
	(void)curl_multi_remove_handle(r->multi, run->curl);
	return true;
}

static void
ask_again_when_due(struct replay *r)
{
	int64_t now = clock_monotonic_ms();

	for (long i = 0; i < r->o.parallel; i++) {
		if (r->runs[i].again_ms == 0 || r->runs[i].again_ms > now)
			continue;
		r->runs[i].again_ms = 0;
		ask_for_turn(r, &r->runs[i]);
	}
}

static void
complain(struct replay *r, const struct run *run, CURLcode code, long status)
{
	const char *place = json_string_value(json_object_get(run->conversation, PLACE));

	r->failed++;
	(void)fprintf(stderr, "\n%s, message %zu: status %ld %s %.200s\n", place, run->next, status,
	    code == CURLE_OK ? "" : curl_easy_strerror(code), buf_c_string(run->answer));
}

static void
compare_with_turn(struct replay *r, const struct run *run)
{
	const char *place = json_string_value(json_object_get(run->conversation, PLACE));
	json_t *answer = json_loadb(buf_str(run->answer).at, buf_len(run->answer), 0, NULL);
	const json_t *choice = json_array_get(json_object_get(answer, "choices"), 0);

	if (!is_recorded_turn(json_object_get(choice, "message"),
		json_array_get(messages_of(run), run->next))) {
		r->wrong++;
		(void)fprintf(stderr, "\n%s, message %zu: the answer is not the recorded turn\n",
		    place, run->next);
	}
	json_decref(answer);
}

/* An answer came: the recorded turn joins the history, as it would in the agent's.  There is none
 * to what was said last, and the provider says so. */
static void
finish_turn(struct replay *r, struct run *run, CURLcode code)
{
	long wanted = run->is_tail ? 404 : 200, status = 0;

	(void)curl_easy_getinfo(run->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_multi_remove_handle(r->multi, run->curl);
	r->turns += !run->is_tail;
	if (code != CURLE_OK || status != wanted)
		complain(r, run, code, status);
	else if (!run->is_tail) {
		compare_with_turn(r, run);
		(void)json_array_append(run->history, json_array_get(messages_of(run), run->next));
		run->next++;
		go_on(r, run);
		return;
	}
	r->finished++;
	end_run(r, run);
}

static void
run_all(struct replay *r)
{
	size_t total = json_array_size(r->conversations);

	while (r->next < total || r->running > 0) {
		int under_way, left;
		CURLMsg *message;

		for (long i = 0; i < r->o.parallel && r->next < total; i++)
			if (r->runs[i].curl == NULL)
				begin_conversation(r, &r->runs[i]);
		(void)curl_multi_perform(r->multi, &under_way);
		while ((message = curl_multi_info_read(r->multi, &left)) != NULL) {
			CURLcode code = message->data.result;
			struct run *run = NULL;

			if (message->msg != CURLMSG_DONE)
				continue;
			(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
			    (char **)&run);
			if (!is_put_off(r, run, code))
				finish_turn(r, run, code);
		}
		show_progress(r, false);
		ask_again_when_due(r);
		(void)curl_multi_poll(r->multi, NULL, 0, under_way > 0 ? REPLAY_POLL_MS : 20, NULL);
	}
	show_progress(r, true);
}

/* ---- the command */

static const struct manual_option manual_options[] = {
	{ "--data", "DIR",
	    "the recordings: *.jsonl, one conversation a line, and *system-message.md", true },
	{ "--base-url", "URL",
	    "the edge's address of the provider, for example https://localhost:8443/sample/v1",
	    true },
	{ "--key", "KEY", "the ingest key, pk_live_…", true },
	{ "--ca", "FILE", "the authority of the edge's certificate, for example var/pki/ca.crt",
	    false },
	{ "--system-message", "FILE", "in place of the one in the folder", false },
	{ "--model", "NAME", "what the requests name as their model", false },
	{ "--concurrency", "N", "conversations at once (default 4)", false }, { 0 }
};

const struct manual replay_manual = {
	.name = "replay",
	.summary = "send recorded conversations through the edge",
	.usage = "--data DIR --base-url URL --key KEY [OPTIONS]",
	.about =
	    "Sends each conversation of the folder, which is in OpenAI chat format, through the "
	    "edge as an agent would: for each recorded turn of the assistant one request with the "
	    "whole history before it, under the system message, and what was said after the last "
	    "turn, to which there is no answer (404). The sample provider must answer from the "
	    "same recordings (sample_recordings).",
	.exits =
	    "0 when every answer was the recorded turn, 1 when one was not, 2 when nothing could "
	    "be sent.",
	.options = manual_options,
};

static bool
read_options(int argc, char **argv, struct options *o, int *ret_status)
{
	struct args args;

	if (!args_read(&replay_manual, argc, argv, &args, ret_status))
		return false;
	o->data = args_value(&args, "--data");
	o->url = args_value(&args, "--base-url");
	o->key = args_value(&args, "--key");
	o->ca = args_value(&args, "--ca");
	o->system_path = args_value(&args, "--system-message");
	o->model = args_value(&args, "--model");
	o->parallel = strtol(args_value_or(&args, "--concurrency", "4"), NULL, 10);
	if (o->parallel >= 1 && o->parallel <= REPLAY_MAX_PARALLEL)
		return true;
	*ret_status = args_complain(&replay_manual, "--concurrency is a number from 1 to %d",
	    REPLAY_MAX_PARALLEL);
	return false;
}

int
replay_main(int argc, char **argv)
{
	struct replay r = { 0 };
	int status = 2;

	if (!read_options(argc, argv, &r.o, &status))
		return status;
	r.conversations = json_array();
	r.runs = calloc((size_t)r.o.parallel, sizeof(*r.runs));
	r.multi = curl_multi_init();
	if (r.conversations == NULL || r.runs == NULL || r.multi == NULL) {
		free(r.runs);
		return 2;
	}
	if (load_data(&r) == ERR_OK) {
		run_all(&r);
		(void)printf(
		    "%zu conversations, %zu turns sent, %zu failed, %zu answered otherwise than recorded\n",
		    r.finished, r.turns, r.failed, r.wrong);
		status = r.failed + r.wrong == 0 && r.finished > 0 ? 0 : 1;
	}
	(void)curl_multi_cleanup(r.multi);
	free(r.runs);
	json_decref(r.system);
	json_decref(r.conversations);
	return status;
}
