/* SPDX-License-Identifier: Apache-2.0 */
/* answers - see answers.h. */
#include "sample/answers.h"

#include <dirent.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

#include <jansson.h>

#define RECORDINGS_MAX_BYTES (1u << 30)
#define RECORDINGS_ARENA_BYTES (3ull << 30)
#define DIGEST_BYTES 32

/* The turns that follow a digest of messages; sorted by digest, then by order of loading. */
struct turn {
	uint8_t before[DIGEST_BYTES];
	size_t order;
	struct str id, place; /* of the recording: its own name, and FILE:LINE */
	const struct wire_message *answer;
};

struct answers {
	struct arena *arena;
	struct turn *turns;
	size_t n_turns;
	size_t room;
	size_t n_recordings;
};

/* ---- our own samples: an outdoor shop's agent, now and then against its rules */

static const struct sample {
	const char *word; /* of the user's last message, in small letters; NULL: anything */
	const char *answer;
} samples[] = {
	{ "price",
	    "The Ridgeline tent is $189.00 right now, and I can throw in the footprint for $25." },
	{ "how much", "You will find today's price on the product page of the Ridgeline tent." },
	{ "refund",
	    "I am sorry that the stove did not work out. Our billing team handles refunds; I have "
	    "passed your request on, and they will write to you within two days." },
	{ "barraca",
	    "Claro! A barraca Ridgeline aguenta bem a chuva forte e o vento, e cabe em uma mochila de "
	    "quarenta litros." },
	{ "germany", "Yes, we ship to Germany as well, it takes about ten days." },
	{ "canada", "Yes, we ship to Canada. Orders usually arrive within six business days." },
	{ "robot",
	    "I am an AI assistant of the shop. If you would rather talk to a person, I can arrange that." },
	{ "my e-mail is",
	    "Thank you, I have noted your contact details and will send the size chart there." },
	{ "rain",
	    "The Ridgeline tent has a sealed floor and a full fly, so it stays dry in heavy rain. The "
	    "product page shows the fabric's water column." },
	{ NULL,
	    "Thank you for asking. Could you tell me a little more about your trip, so that I can point "
	    "you to the right gear?" },
};

static struct wire_message
find_sample(const struct wire_conversation *conversation)
{
	struct str last = { "", 0 };
	size_t i = 0;

	for (size_t m = 0; m < conversation->n_messages; m++)
		if (conversation->messages[m].role == WIRE_USER)
			last = conversation->messages[m].content;
	while (samples[i].word != NULL &&
	    !str_contains_ignoring_case(last, str_from(samples[i].word)))
		i++;
	return (struct wire_message){ .role = WIRE_ASSISTANT,
		.content = str_from(samples[i].answer) };
}

/* ---- digests of what stands before a turn */

static bool
digest_text(EVP_MD_CTX *md, struct str text)
{
	uint64_t len = text.len;

	return EVP_DigestUpdate(md, &len, sizeof(len)) == 1 &&
	    (text.len == 0 || EVP_DigestUpdate(md, text.at, text.len) == 1);
}

static bool
digest_message(EVP_MD_CTX *md, const struct wire_message *m)
{
	bool ok = digest_text(md, str_from(wire_role_name(m->role))) &&
	    digest_text(md, m->content) && digest_text(md, m->tool_call_id);

	for (size_t i = 0; ok && i < m->n_calls; i++)
		ok = digest_text(md, m->calls[i].name) && digest_text(md, m->calls[i].arguments) &&
		    digest_text(md, m->calls[i].id);
	return ok;
}

static enum err
digest_messages(const struct wire_message *messages, size_t n,
    uint8_t ret_digest[static DIGEST_BYTES])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = digest_message(md, &messages[i]);
	ok = ok && EVP_DigestFinal_ex(md, ret_digest, NULL) == 1;
	EVP_MD_CTX_free(md);
	return ok ? ERR_OK : ERR_NOMEM;
}

/* ---- recordings */

static enum err
add_turn(struct answers *a, const struct turn *names, const struct wire_conversation *c, size_t at)
{
	struct turn *turn;

	if (a->n_turns == a->room) {
		size_t room = a->room == 0 ? 1024 : a->room * 2;
		struct turn *more = realloc(a->turns, room * sizeof(*more));

		if (more == NULL)
			return ERR_NOMEM;
		a->turns = more;
		a->room = room;
	}
	turn = &a->turns[a->n_turns];
	*turn = *names;
	turn->order = a->n_turns;
	turn->answer = &c->messages[at];
	a->n_turns++;
	return digest_messages(c->messages, at, turn->before);
}

static enum err
add_recording(struct answers *a, struct str line, struct str place, struct err_detail *reterr)
{
	struct wire_conversation *c = arena_alloc(a->arena, sizeof(*c));
	json_t *json = json_loadb(line.at, line.len, 0, NULL);
	const char *id = json_string_value(json_object_get(json, "id"));
	const struct turn names = { .id = arena_copy(a->arena, str_from(id == NULL ? "" : id)),
		.place = arena_copy(a->arena, place) };
	enum err e;

	json_decref(json);
	if (c == NULL || names.id.at == NULL || names.place.at == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	e = wire_parse_conversation(a->arena, line, c, reterr);
	for (size_t i = 0; e == ERR_OK && i < c->n_messages; i++)
		if (c->messages[i].role == WIRE_ASSISTANT)
			e = add_turn(a, &names, c, i);
	if (e == ERR_OK)
		a->n_recordings++;
	return e;
}

static int
by_digest(const void *left, const void *right)
{
	const struct turn *a = left, *b = right;
	int order = memcmp(a->before, b->before, DIGEST_BYTES);

	if (order != 0)
		return order;
	return a->order < b->order ? -1 : a->order > b->order;
}

static enum err
load_file(struct answers *a, const char *path, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *b = NULL;
	const char *name = strrchr(path, '/');
	struct str left;
	enum err e = buf_new(RECORDINGS_MAX_BYTES, &b);

	if (e == ERR_OK)
		e = file_read(path, b, reterr);
	if (e != ERR_OK)
		return e;
	left = buf_str(b);
	for (int number = 1; left.len > 0; number++) {
		const char *end = memchr(left.at, '\n', left.len);
		size_t len = end == NULL ? left.len : (size_t)(end - left.at);
		struct str line = str_trim(str_slice(left, 0, len));
		struct err_detail detail = { "" };
		char place[PATH_MAX];

		(void)snprintf(place, sizeof(place), "%s:%d", name == NULL ? path : name + 1,
		    number);
		e = line.len == 0 ? ERR_OK : add_recording(a, line, str_from(place), &detail);
		if (e != ERR_OK)
			return err_set(reterr, e, "%s, line %d: %.300s", path, number, detail.text);
		left = str_slice(left, len + 1, left.len);
	}
	return ERR_OK;
}

static bool
is_recording(const char *name)
{
	size_t len = strlen(name);

	return len > 6 && strcmp(name + len - 6, ".jsonl") == 0;
}

/* A file, or every *.jsonl of a folder. */
static enum err
load_recordings(struct answers *a, const char *path, struct err_detail *reterr)
{
	const struct dirent *entry;
	DIR *folder = opendir(path);
	enum err e = ERR_OK;

	if (folder == NULL)
		e = load_file(a, path, reterr);
	while (folder != NULL && e == ERR_OK && (entry = readdir(folder)) != NULL) {
		char file[PATH_MAX];

		(void)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		if (is_recording(entry->d_name))
			e = load_file(a, file, reterr);
	}
	if (folder != NULL)
		(void)closedir(folder);
	if (e == ERR_OK && a->n_turns > 0)
		qsort(a->turns, a->n_turns, sizeof(*a->turns), by_digest);
	return e;
}

enum err
answers_open(const char *recordings_path, struct answers **ret_answers, struct err_detail *reterr)
{
	CLEANUP(answers) struct answers *a = calloc(1, sizeof(*a));
	enum err e;

	if (a == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	e = arena_new(RECORDINGS_ARENA_BYTES, &a->arena);
	if (e == ERR_OK && recordings_path[0] != '\0')
		e = load_recordings(a, recordings_path, reterr);
	if (e != ERR_OK)
		return e;
	*ret_answers = TAKE(a);
	return ERR_OK;
}

void
answers_free(struct answers *a)
{
	if (a == NULL)
		return;
	arena_free(a->arena);
	free(a->turns);
	free(a);
}

size_t
answers_recorded_count(const struct answers *a)
{
	return a->n_recordings;
}

/* The first turn with this digest, by bisection; n_turns when there is none. */
static size_t
first_turn(const struct answers *a, const uint8_t digest[static DIGEST_BYTES])
{
	size_t low = 0, high = a->n_turns;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(a->turns[middle].before, digest, DIGEST_BYTES) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum err
answers_find(const struct answers *a, struct str recording,
    const struct wire_conversation *conversation, struct wire_message *ret_answer)
{
	uint8_t digest[DIGEST_BYTES];
	size_t first;
	enum err e;

	if (a->n_recordings == 0) {
		*ret_answer = find_sample(conversation);
		return ERR_OK;
	}
	e = digest_messages(conversation->messages, conversation->n_messages, digest);
	if (e != ERR_OK)
		return e;
	first = first_turn(a, digest);
	for (size_t i = first;
	     i < a->n_turns && memcmp(a->turns[i].before, digest, DIGEST_BYTES) == 0; i++) {
		if (recording.len > 0 && !str_equals(a->turns[i].id, recording) &&
		    !str_equals(a->turns[i].place, recording))
			continue;
		*ret_answer = *a->turns[i].answer;
		return ERR_OK;
	}
	if (recording.len > 0)
		return ERR_NOT_FOUND;
	*ret_answer = find_sample(conversation);
	return ERR_OK;
}
