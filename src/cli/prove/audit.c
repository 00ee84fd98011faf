/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit - that sensitive acts are recorded, and that the record cannot be changed unseen: a few are
 * done, then their events, leaves, proofs, checkpoints and anchors are looked at as a customer
 * would, with lib/audit's verifier.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/base64.h"
#include "audit/export.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/audit_anchors.h"
#include "cli/audit_lines.h"
#include "cli/prove/http.h"
#include "cli/prove/prove.h"
#include "cli/prove/session.h"
#include "store/catalogue.h"
#include "store/queries.h"

#define CHECKPOINT_MAX_AGE_MS 60000
#define PATH_BYTES 256
#define REQUEST_ID_BYTES 40
#define MAX_ACTS 16
#define NOTE_WAIT_TURNS 50
#define CHECKPOINT_PATH "/.well-known/rendfly/checkpoint"

/* ---- acts and their events */

struct act {
	const char *method;
	const char *path; /* {project} is filled in */
	const char *body;
	const char *event;
	const char *outcome;
	long status;
};

static const struct act acts[] = {
	{ "GET", "/projects/{project}/rules", NULL, "sensitive_read", "success", 200 },
	{ "GET", "/projects/{project}/ingest-keys", NULL, "sensitive_read", "success", 200 },
	{ "GET", "/redaction", NULL, "sensitive_read", "success", 200 },
	{ "GET", "/redaction/versions", NULL, "sensitive_read", "success", 200 },
	{ "GET", "/conversations", NULL, "sensitive_read", "success", 200 },
	{ "GET", "/audit/events?limit=1", NULL, "sys_audit_read", "success", 200 },
	{ "POST", "/projects/{project}/ingest-keys", "{\"name\":\"no token\"}", "malicious_csrf",
	    "denied", 403 },
};

#define N_ACTS (sizeof(acts) / sizeof(acts[0]))

static void
fill_path(const struct prove_context *p, const char *pattern, char path[static PATH_BYTES])
{
	const char *at = strstr(pattern, "{project}");

	if (at == NULL)
		(void)snprintf(path, PATH_BYTES, "/api/v1%s", pattern);
	else
		(void)snprintf(path, PATH_BYTES, "/api/v1%.*s%s%s", (int)(at - pattern), pattern,
		    p->login.project, at + strlen("{project}"));
}

/* Does it, and keeps the request's id. */
static bool
do_act(const struct prove_context *p, const struct session *s, const struct act *act,
    char ret_id[static REQUEST_ID_BYTES])
{
	const char *headers[] = { session_cookie_line(s), "Content-Type: application/json", NULL };
	char path[PATH_BYTES];
	struct http_request request = { act->method, path, headers, act->body };
	struct http_answer answer = { 0 };
	bool is_done;

	fill_path(p, act->path, path);
	is_done =
	    http_ask(&p->conf, &request, &answer, NULL) == ERR_OK && answer.status == act->status;
	if (is_done)
		(void)snprintf(ret_id, REQUEST_ID_BYTES, "%.*s",
		    STR_ARG(http_header(&answer, "X-Request-Id")));
	http_answer_done(&answer);
	return is_done && ret_id[0] != '\0';
}

static bool
has_text(const json_t *object, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL && strcmp(text, wanted) == 0;
}

/* The one event of a request, as it must be; NULL when there is none, another, or two. */
static const json_t *
find_event(const json_t *list, const struct act *act, const char *request)
{
	const json_t *event, *found = NULL;
	size_t i, n = 0;

	json_array_foreach(json_object_get(list, "events"), i, event)
	{
		if (!has_text(event, "request_id", request))
			continue;
		n++;
		found = event;
	}
	return n == 1 && has_text(found, "event", act->event) &&
		has_text(found, "outcome", act->outcome) && has_text(found, "actor_kind", "user")
	    ? found
	    : NULL;
}

static bool
do_acts(const struct prove_context *p, const struct session *s,
    char ids[static MAX_ACTS][REQUEST_ID_BYTES], struct prove_result *r)
{
	for (size_t i = 0; i < N_ACTS; i++) {
		ids[i][0] = '\0';
		if (!do_act(p, s, &acts[i], ids[i])) {
			prove_say(r, false, "%s %s was not answered with %ld", acts[i].method,
			    acts[i].path, acts[i].status);
			return false;
		}
	}
	return true;
}

/* ---- the log's key, proofs and checkpoints */

static bool
read_key(const struct prove_context *p, struct note_key *ret_key, struct prove_result *r)
{
	CLEANUP(buf) struct buf *text = NULL;
	char path[CONF_PATH_BYTES + 16];

	(void)snprintf(path, sizeof(path), "%s/audit/key", p->conf.dir);
	if (buf_new(NOTE_MAX_BYTES, &text) == ERR_OK && file_read(path, text, NULL) == ERR_OK &&
	    note_key_read(str_trim(buf_str(text)), ret_key) == ERR_OK)
		return true;
	prove_say(r, false, "%s is no key of an audit log", path);
	return false;
}

static bool
decode_hash(const json_t *value, struct merkle_hash *ret_hash)
{
	const char *text = json_string_value(value);
	CLEANUP(buf) struct buf *bytes = NULL;

	if (text == NULL || buf_new(NOTE_MAX_BYTES, &bytes) != ERR_OK ||
	    base64_decode(str_from(text), bytes) != ERR_OK || buf_len(bytes) != MERKLE_HASH_BYTES)
		return false;
	memcpy(ret_hash->bytes, buf_str(bytes).at, MERKLE_HASH_BYTES);
	return true;
}

static bool
read_proof(const json_t *answer, struct merkle_proof *ret_proof)
{
	const json_t *step;
	size_t i;

	ret_proof->n = 0;
	json_array_foreach(json_object_get(answer, "proof"), i, step)
	{
		if (i > MERKLE_MAX_DEPTH || !decode_hash(step, &ret_proof->hashes[i]))
			return false;
		ret_proof->n++;
	}
	return true;
}

/* The leaf's bytes are those of the hash and of this event. */
static bool
is_leaf_of(const json_t *answer, const struct merkle_hash *hash, const char *event_id)
{
	const char *text = json_string_value(json_object_get(answer, "leaf"));
	CLEANUP(buf) struct buf *leaf = NULL;
	struct audit_event event;
	struct merkle_hash made;
	char id[UUID_TEXT_BYTES];

	if (text == NULL || buf_new(AUDIT_LEAF_MAX_BYTES, &leaf) != ERR_OK ||
	    base64_decode(str_from(text), leaf) != ERR_OK ||
	    merkle_leaf_hash(buf_str(leaf), &made) != ERR_OK || !merkle_equals(&made, hash) ||
	    audit_leaf_read(buf_str(leaf), &event) != ERR_OK)
		return false;
	uuid_format(&event.event_id, id);
	return strcmp(id, event_id) == 0;
}

static bool
proof_holds(const json_t *answer, const struct note_key *key, const char *event_id)
{
	const char *note = json_string_value(json_object_get(answer, "checkpoint"));
	const json_int_t leaf = json_integer_value(json_object_get(answer, "leaf_index"));
	struct merkle_checkpoint at;
	struct merkle_proof proof;
	struct merkle_hash hash;

	return note != NULL && checkpoint_open(key, str_from(note), &at) == ERR_OK &&
	    decode_hash(json_object_get(answer, "hash"), &hash) &&
	    is_leaf_of(answer, &hash, event_id) && read_proof(answer, &proof) &&
	    merkle_check_inclusion(at.size, (uint64_t)leaf, &hash, &proof, &at.root) == ERR_OK;
}

struct proof_wait {
	int64_t waited_ms;
	struct note_key key;
};

/* Until it is under a signed checkpoint; then whether its proof holds, and by which key: the file
 * is there with the first signature. */
static bool
wait_for_proof(const struct prove_context *p, const struct session *s, const char *event_id,
    struct proof_wait *ret_wait)
{
	struct prove_result unused;
	const struct timespec pause = { .tv_nsec = 200000000 };
	const int64_t began = clock_monotonic_ms();
	char path[PATH_BYTES];
	json_t *answer = NULL;
	bool holds;

	(void)snprintf(path, sizeof(path), "/api/v1/audit/events/%s/proof", event_id);
	for (;;) {
		answer = session_get(s, path);
		ret_wait->waited_ms = clock_monotonic_ms() - began;
		if (answer != NULL || ret_wait->waited_ms > CHECKPOINT_MAX_AGE_MS)
			break;
		(void)nanosleep(&pause, NULL);
	}
	holds = answer != NULL && read_key(p, &ret_wait->key, &unused) &&
	    proof_holds(answer, &ret_wait->key, event_id);
	json_decref(answer);
	return holds;
}

/* ---- the row: every sensitive access is logged */

static bool
look_for_events(const json_t *list, char ids[static MAX_ACTS][REQUEST_ID_BYTES],
    char ret_last[static UUID_TEXT_BYTES], struct prove_result *r)
{
	for (size_t i = 0; i < N_ACTS; i++) {
		const json_t *event = find_event(list, &acts[i], ids[i]);

		if (event == NULL) {
			prove_say(r, false, "%s %s did not leave exactly one event %s (%s)",
			    acts[i].method, acts[i].path, acts[i].event, acts[i].outcome);
			return false;
		}
		(void)snprintf(ret_last, UUID_TEXT_BYTES, "%s",
		    json_string_value(json_object_get(event, "event_id")));
	}
	return true;
}

void
prove_auditability(const struct prove_context *p, struct prove_result *r)
{
	char ids[MAX_ACTS][REQUEST_ID_BYTES], last[UUID_TEXT_BYTES] = "";
	CLEANUP(session) struct session *s = NULL;
	struct proof_wait wait;
	json_t *list;
	bool is_there;

	if (session_open(p, &s, r) != ERR_OK || !do_acts(p, s, ids, r))
		return;
	list = session_get(s, "/api/v1/audit/events?limit=200");
	is_there = look_for_events(list, ids, last, r);
	json_decref(list);
	if (!is_there)
		return;
	if (!wait_for_proof(p, s, last, &wait)) {
		prove_say(r, false,
		    "the last event is not proved to be under a signed checkpoint after %lld s",
		    (long long)(wait.waited_ms / 1000));
		return;
	}
	prove_say(r, true,
	    "%zu acts (reads of rules, keys, settings, conversations and the log itself, a refused "
	    "change): exactly one event each, with who, what and outcome; the last one's proof leads "
	    "to a signed checkpoint, %lld.%lld s later",
	    N_ACTS, (long long)(wait.waited_ms / 1000), (long long)(wait.waited_ms / 100 % 10));
}

/* ---- the row: immutable */

static const struct {
	const char *what;
	const char *sql;
} attacks[] = {
	{ "change an event", SQL_ATTACK_AUDIT_UPDATE },
	{ "delete an event", SQL_ATTACK_AUDIT_DELETE },
	{ "empty the log", SQL_ATTACK_AUDIT_TRUNCATE },
	{ "insert past the function", SQL_ATTACK_AUDIT_INSERT },
	{ "delete a leaf", SQL_ATTACK_AUDIT_LEAVES },
	{ "delete a checkpoint", SQL_ATTACK_AUDIT_CHECKPOINTS },
	{ "take the trigger away", SQL_ATTACK_AUDIT_TRIGGER },
};

#define N_ATTACKS (sizeof(attacks) / sizeof(attacks[0]))

static const char *const roles[] = { "collector", "api", "judge", "steward", "setup", "operator" };

#define N_ROLES (sizeof(roles) / sizeof(roles[0]))

static bool
role_is_refused(const struct prove_context *p, const char *role, struct prove_result *r)
{
	CLEANUP(store) struct store *store = NULL;
	struct err_detail detail = { "" };

	if (store_open(&p->conf, role, NULL, &store, &detail) != ERR_OK) {
		prove_say(r, false, "no connection as %s: %s", role, detail.text);
		return false;
	}
	for (size_t i = 0; i < N_ATTACKS; i++) {
		enum err e = store_begin_plain(store);

		if (e == ERR_OK)
			e = store_run(store, attacks[i].sql, NULL, 0, NULL);
		store_rollback(store);
		if (e != ERR_DENIED) {
			prove_say(r, false, "rendfly_%s may %s", role, attacks[i].what);
			return false;
		}
	}
	return true;
}

static bool
catalogue_is_right(struct store *store, struct prove_result *r)
{
	CLEANUP(buf) struct buf *faults = NULL;

	if (buf_new(PROVE_EVIDENCE_BYTES, &faults) == ERR_OK &&
	    catalogue_check(store, faults) == ERR_OK && buf_len(faults) == 0)
		return true;
	prove_say(r, false, "the catalogue is off: %s",
	    faults == NULL ? "not read" : buf_c_string(faults));
	return false;
}

/* What customers pull; an anchor like those of the file. */
static bool
add_public_checkpoint(const struct prove_context *p, struct export_verifier *v,
    struct prove_result *r)
{
	struct http_request request = { "GET", CHECKPOINT_PATH, NULL, NULL };
	struct http_answer answer = { 0 };
	bool is_signed = http_ask(&p->conf, &request, &answer, NULL) == ERR_OK &&
	    answer.status == 200 && export_verifier_anchor(v, buf_str(answer.body)) == ERR_OK;

	http_answer_done(&answer);
	if (!is_signed)
		prove_say(r, false, CHECKPOINT_PATH " serves no checkpoint that the key signed");
	return is_signed;
}

static bool
add_anchors(const struct prove_context *p, struct export_verifier *v, struct prove_result *r)
{
	char path[CONF_PATH_BYTES + 32];
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/audit/checkpoints", p->conf.dir);
	e = audit_anchors_read(v, path);
	if (e == ERR_OK)
		return add_public_checkpoint(p, v, r);
	prove_say(r, false, "%s: %s", path,
	    e == ERR_MALFORMED ? "holds what the key did not sign" : "cannot be read");
	return false;
}

/* A note goes to the anchors first: that the database lacks it for a moment is no roll-back. */
static void
wait_for_database(struct store *store, uint64_t size)
{
	const struct timespec pause = { .tv_nsec = 100000000 };

	for (int i = 0; i < NOTE_WAIT_TURNS; i++) {
		CLEANUP(store_rows) struct store_rows *rows = NULL;

		if (store_run(store, SQL_AUDIT_LAST_CHECKPOINT, NULL, 0, &rows) == ERR_OK &&
		    store_row_count(rows) == 1 && (uint64_t)store_int(rows, 0, 0) >= size)
			return;
		(void)nanosleep(&pause, NULL);
	}
}

static enum err
take_line(void *to, struct str line)
{
	return export_verifier_line(to, str_slice(line, 0, line.len - 1));
}

static bool
verify_whole(struct export_verifier *v, struct store *store, struct export_verdict *verdict,
    struct prove_result *r)
{
	struct merkle_checkpoint at;
	enum err e;

	wait_for_database(store, export_verifier_reach(v));
	e = audit_lines_tell(&(struct audit_lines){ store, NULL, take_line, v }, &at);
	if (e == ERR_OK)
		e = export_verifier_end(v, verdict);
	if (e != ERR_OK)
		prove_say(r, false, "the log cannot be read: %s", err_text(e));
	else if (!verdict->is_good)
		prove_say(r, false, "the log is bad from entry %llu to %llu: %s",
		    (unsigned long long)verdict->first_bad, (unsigned long long)verdict->last_bad,
		    verdict->why);
	return e == ERR_OK && verdict->is_good;
}

/* An event of this very minute is under the checkpoint that everybody can pull. */
static bool
checkpoint_is_fresh(const struct prove_context *p, struct proof_wait *ret_wait,
    struct prove_result *r)
{
	CLEANUP(session) struct session *s = NULL;
	char request[REQUEST_ID_BYTES] = "", last[UUID_TEXT_BYTES] = "";
	const json_t *event;
	json_t *list;

	if (session_open(p, &s, r) != ERR_OK)
		return false;
	if (!do_act(p, s, &acts[0], request)) {
		prove_say(r, false, "the rules could not be read");
		return false;
	}
	list = session_get(s, "/api/v1/audit/events?limit=200");
	event = find_event(list, &acts[0], request);
	if (event != NULL)
		(void)snprintf(last, sizeof(last), "%s",
		    json_string_value(json_object_get(event, "event_id")));
	json_decref(list);
	if (last[0] != '\0' && wait_for_proof(p, s, last, ret_wait))
		return true;
	prove_say(r, false, "an event of this minute is under no signed checkpoint within %d s",
	    CHECKPOINT_MAX_AGE_MS / 1000);
	return false;
}

void
prove_audit_log(const struct prove_context *p, struct prove_result *r)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(export_verifier) struct export_verifier *v = NULL;
	struct export_verdict verdict = { .is_good = false };
	struct err_detail detail = { "" };
	struct proof_wait wait = { .waited_ms = 0 };

	if (store_open(&p->conf, "operator", NULL, &store, &detail) != ERR_OK) {
		prove_say(r, false, "no connection as the operator: %s", detail.text);
		return;
	}
	if (!catalogue_is_right(store, r))
		return;
	for (size_t i = 0; i < N_ROLES; i++)
		if (!role_is_refused(p, roles[i], r))
			return;
	if (!checkpoint_is_fresh(p, &wait, r) ||
	    export_verifier_new(&wait.key, true, &v) != ERR_OK || !add_anchors(p, v, r) ||
	    !verify_whole(v, store, &verdict, r))
		return;
	prove_say(r, true,
	    "%zu ways to change the log refused to each of %zu roles; all %llu entries verified up to "
	    "the signed root, %llu of them pruned, and against every checkpoint in audit/checkpoints "
	    "and the one at " CHECKPOINT_PATH "; an event was under a checkpoint %lld.%lld s later",
	    N_ATTACKS, N_ROLES, (unsigned long long)verdict.size,
	    (unsigned long long)verdict.n_pruned, (long long)(wait.waited_ms / 1000),
	    (long long)(wait.waited_ms / 100 % 10));
}
