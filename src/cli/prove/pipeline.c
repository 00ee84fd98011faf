/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline - the way of a conversation under proof: invented personal data goes in through the edge
 * and must come out as placeholders.
 */
#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "cli/prove/http.h"
#include "cli/prove/prove.h"
#include "cli/prove/session.h"

#define CANARY_PATIENCE_MS 20000
#define CANARY_POLL_MS 200
#define SEARCH_MAX_BYTES (1ll << 30)
#define SEARCH_STEP_BYTES (1u << 20)

struct canary {
	char mark[17]; /* random, in the address and in the conversation's header */
	char email[80];
};

static bool
canary_make(struct canary *c)
{
	uint8_t random[8];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return false;
	hex_encode(random, sizeof(random), c->mark);
	(void)snprintf(c->email, sizeof(c->email), "canary-%s@prove.rendfly.com", c->mark);
	return true;
}

static bool
canary_send(const struct prove_context *p, const struct canary *c, struct prove_result *r)
{
	char key[200], conversation[100], text[400];
	const char *headers[] = { "Content-Type: application/json", "Authorization: Bearer none",
		key, conversation, NULL };
	struct http_request request = { "POST", "/sample/v1/chat/completions", headers, NULL };
	struct http_answer answer = { 0 };
	struct err_detail detail = { "" };
	CLEANUP_MEM char *body = NULL;
	json_t *json;
	bool sent;

	(void)snprintf(key, sizeof(key), "X-Rendfly-Key: %s", p->login.ingest_key);
	(void)snprintf(conversation, sizeof(conversation), "X-Rendfly-Conversation: prove-%s",
	    c->mark);
	(void)snprintf(text, sizeof(text),
	    "I am %s, my card is 4111 1111 1111 1111 and my CPF 390.533.447-05.", c->email);
	/* Without a system message: another than the agent's own would become the project's newest.
	 */
	json = json_pack("{s:s, s:[{s:s, s:s}]}", "model", "sample", "messages", "role", "user",
	    "content", text);
	body = json_dumps(json, 0);
	json_decref(json);
	request.body = body;
	sent = http_ask(&p->conf, &request, &answer, &detail) == ERR_OK && answer.status == 200;
	if (!sent)
		prove_say(r, false,
		    "the canary did not pass the edge: status %ld %s (the provider `sample` is needed)",
		    answer.status, detail.text);
	http_answer_done(&answer);
	return sent;
}

/* The newest conversations' texts, as the API shows them; false while nothing is there. */
static bool
find_redacted(const struct session *s, const char *project, const char *after, char *ret_text,
    size_t text_bytes)
{
	char path[300];
	json_t *page, *row;
	bool is_there = false;
	size_t i;

	(void)snprintf(path, sizeof(path), "/api/v1/conversations?project=%s&limit=10", project);
	page = session_get(s, path);
	json_array_foreach(json_object_get(page, "conversations"), i, row)
	{
		const char *preview = json_string_value(json_object_get(row, "preview"));
		const char *started = json_string_value(json_object_get(row, "started_at"));

		if (preview == NULL || started == NULL || strncmp(started, after, 19) < 0 ||
		    strstr(preview, "my CPF") == NULL)
			continue;
		(void)snprintf(ret_text, text_bytes, "%s", preview);
		is_there = true;
		break;
	}
	json_decref(page);
	return is_there;
}

static void
wait_ms(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* What the search over the data folder looks for; nftw passes no argument along. */
static struct {
	const char *needle;
	long long searched;
	char found_in[PATH_MAX];
} search;

static int
search_file(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	CLEANUP(buf) struct buf *b = NULL;

	(void)at;
	if (kind != FTW_F || !S_ISREG(s->st_mode) || search.found_in[0] != '\0' ||
	    search.searched > SEARCH_MAX_BYTES ||
	    buf_new((size_t)s->st_size + SEARCH_STEP_BYTES, &b) != ERR_OK ||
	    file_read(path, b, NULL) != ERR_OK)
		return 0;
	search.searched += (long long)buf_len(b);
	if (str_contains(buf_str(b), str_from(search.needle)))
		(void)snprintf(search.found_in, sizeof(search.found_in), "%s", path);
	return 0;
}

void
prove_redaction(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(session) struct session *s = NULL;
	struct canary c;
	char text[600] = "", after[32], folder[PATH_MAX];
	int64_t deadline = clock_monotonic_ms() + CANARY_PATIENCE_MS;
	time_t now = (time_t)(clock_wall_ms() / 1000) - 1;
	struct tm utc = { 0 };
	bool is_there = false;

	(void)gmtime_r(&now, &utc);
	(void)strftime(after, sizeof(after), "%Y-%m-%dT%H:%M:%S", &utc);
	if (!canary_make(&c) || session_open(p, &s, r) != ERR_OK || !canary_send(p, &c, r))
		return;
	while (!is_there && clock_monotonic_ms() < deadline) {
		is_there = find_redacted(s, p->login.project, after, text, sizeof(text));
		if (!is_there)
			wait_ms(CANARY_POLL_MS);
	}
	if (!is_there) {
		prove_say(r, false, "the canary conversation was not stored within %d s",
		    CANARY_PATIENCE_MS / 1000);
		return;
	}
	(void)snprintf(folder, sizeof(folder), "%s/", p->conf.dir);
	search.needle = c.mark;
	search.searched = 0;
	search.found_in[0] = '\0';
	(void)nftw(folder, search_file, 16, FTW_PHYS);
	if (search.found_in[0] != '\0')
		prove_say(r, false, "the canary's address stands in %s", search.found_in);
	else
		prove_say(r,
		    search.searched > 0 && strstr(text, "[EMAIL:") != NULL &&
			strstr(text, "[CARD:") != NULL && strstr(text, "[CPF:") != NULL &&
			strstr(text, "4111") == NULL,
		    "stored as \"%.300s\"; its address is in none of %lld MB of the data folder (tables, WAL, logs)",
		    text, search.searched >> 20);
}
