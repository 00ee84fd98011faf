/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redaction - what the workspace sets about redaction: shown, changed, tried out.  A change is a
 * new version with who, when and why; versions are never changed or removed.  The policy and the
 * reason are sealed: both may name people.
 */
#include "api/api.h"
#include "api/audit.h"
#include "base/strict_json.h"
#include "queries.h"
#include "redact/policy.h"

#define TABLE "redaction_policies"
#define LEAST_REASON_BYTES 3
#define MAX_REASON_BYTES 500
#define MAX_TRIED_BYTES 16384
#define MAX_TRIED_OUTPUT_BYTES (1u << 20)
#define MAX_OFF_BYTES 2048
#define SAMPLE_TOKEN "sample" /* tokens of real texts are keyd's */

static const char *const action_names[] = { [REDACT_REPLACE] = "replace",
	[REDACT_MASK] = "mask",
	[REDACT_DROP] = "drop",
	[REDACT_FLAG] = "flag" };

/* ---- sealed values */

static struct keyd_place
place_of(const struct request *r, const char *column, const struct uuid *policy)
{
	return (struct keyd_place){ TABLE, column, r->session.workspace, *policy };
}

static enum err
unseal(struct request *r, const struct keyd_place *place, struct str sealed, struct buf *text)
{
	struct api *api = r->worker->api;
	enum err e;

	(void)pthread_mutex_lock(&api->keyd_lock);
	e = keyd_unseal(api->keyd, place, sealed, "show redaction settings to a member", text);
	(void)pthread_mutex_unlock(&api->keyd_lock);
	return e;
}

static enum err
seal(struct request *r, const struct keyd_place *place, struct str text, struct buf *record)
{
	struct api *api = r->worker->api;
	enum err e;

	(void)pthread_mutex_lock(&api->keyd_lock);
	e = keyd_seal(api->keyd, place, text, record);
	(void)pthread_mutex_unlock(&api->keyd_lock);
	return e;
}

/* ---- showing */

static void
write_kinds(struct json_out *j)
{
	json_open_array(j, "types");
	for (int i = 0; i < REDACT_N_TYPES; i++) {
		enum redact_type type = (enum redact_type)i;
		struct redact_kind kind = redact_kind(type);

		json_open_object(j, NULL);
		json_put_text(j, "type", str_from(redact_type_name(type)));
		json_put_text(j, "group", str_from(kind.group));
		json_put_text(j, "default_action", str_from(action_names[kind.action]));
		json_put_bool(j, "may_mask", kind.may_mask);
		json_put_bool(j, "may_be_off", kind.may_be_off);
		json_close_object(j);
	}
	json_close_array(j);
}

static enum err
write_settings(struct request *r, const struct store_rows *rows)
{
	CLEANUP(buf) struct buf *text = NULL;
	CLEANUP(redact_policy) struct redact_policy *policy = NULL;
	struct redact_policy_fault fault;
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	bool is_default = store_row_count(rows) == 0;
	enum err e = buf_new(POLICY_MAX_BYTES, &text);

	if (e == ERR_OK && is_default)
		e = buf_append_str(text, STR("{}"));
	if (e == ERR_OK && !is_default) {
		struct uuid id = store_uuid(rows, 0, 1);
		struct keyd_place place = place_of(r, "sealed", &id);

		e = unseal(r, &place, store_text(rows, 0, 2), text);
	}
	if (e == ERR_OK)
		e = redact_policy_read(buf_str(text), &policy, &fault);
	if (e != ERR_OK)
		return e;
	json_open_object(&j, NULL);
	json_put_int(&j, "version", is_default ? 0 : store_int(rows, 0, 0));
	json_put_int(&j, "redactor_version", REDACT_VERSION);
	if (is_default)
		json_put_null(&j, "changed_at");
	else
		json_put_time(&j, "changed_at", store_int(rows, 0, 3));
	if (is_default || store_is_null(rows, 0, 4))
		json_put_null(&j, "changed_by");
	else
		json_put_text(&j, "changed_by", store_text(rows, 0, 4));
	json_put_json(&j, "policy", redact_policy_text(policy));
	write_kinds(&j);
	json_close_object(&j);
	return json_out_end(&j);
}

enum err
redaction_get(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct store *s = r->worker->store;
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = store_run(s, SQL_FIND_REDACTION_POLICY, NULL, 0, &rows);
	if (e == ERR_OK)
		e = audit_commit(r, NULL);
	return e == ERR_OK ? write_settings(r, rows) : e;
}

/* "EMAIL,IP" as a list. */
static void
write_off(struct json_out *j, struct str off)
{
	json_open_array(j, "off");
	while (off.len > 0) {
		const char *comma = memchr(off.at, ',', off.len);
		size_t len = comma == NULL ? off.len : (size_t)(comma - off.at);

		json_put_text(j, NULL, str_slice(off, 0, len));
		off = str_slice(off, len + 1, off.len);
	}
	json_close_array(j);
}

static enum err
write_version(struct request *r, struct json_out *j, const struct store_rows *rows, size_t i)
{
	CLEANUP(buf) struct buf *reason = NULL;
	struct uuid id = store_uuid(rows, i, 1);
	struct keyd_place place = place_of(r, "sealed_reason", &id);
	enum err e = buf_new(MAX_REASON_BYTES, &reason);

	if (e == ERR_OK)
		e = unseal(r, &place, store_text(rows, i, 2), reason);
	if (e != ERR_OK)
		return e;
	json_open_object(j, NULL);
	json_put_int(j, "version", store_int(rows, i, 0));
	json_put_time(j, "changed_at", store_int(rows, i, 4));
	if (store_is_null(rows, i, 5))
		json_put_null(j, "changed_by");
	else
		json_put_text(j, "changed_by", store_text(rows, i, 5));
	json_put_text(j, "reason", buf_str(reason));
	write_off(j, store_text(rows, i, 3));
	json_close_object(j);
	return ERR_OK;
}

enum err
redaction_versions_get(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct store *s = r->worker->store;
	struct json_out j;
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = store_run(s, SQL_LIST_REDACTION_POLICIES, NULL, 0, &rows);
	if (e == ERR_OK)
		e = audit_commit(r, NULL);
	if (e != ERR_OK)
		return e;
	j = request_answer(r, MHD_HTTP_OK);
	json_open_object(&j, NULL);
	json_open_array(&j, "versions");
	for (size_t i = 0; i < store_row_count(rows) && e == ERR_OK; i++)
		e = write_version(r, &j, rows, i);
	json_close_array(&j);
	json_close_object(&j);
	return e == ERR_OK ? json_out_end(&j) : e;
}

/* ---- reading what is sent */

/* False with the request refused. */
static bool
read_policy(struct request *r, const json_t *value, struct redact_policy **ret_policy)
{
	CLEANUP(buf) struct buf *text = NULL;
	struct redact_policy_fault fault = { .what = "" };
	char message[280];
	enum err e = buf_new(POLICY_MAX_BYTES, &text);

	if (value == NULL)
		return request_refuse_body(r, "malformed_body", "The key policy is missing.",
		    "Send the whole policy, as GET /redaction shows it.");
	if (e == ERR_OK)
		e = strict_json_write(value, text);
	if (e == ERR_OK)
		e = redact_policy_read(buf_str(text), ret_policy, &fault);
	if (e == ERR_OK)
		return true;
	if (e != ERR_MALFORMED) {
		request_fail(r, e);
		return false;
	}
	(void)snprintf(message, sizeof(message), "policy%s%s: %s",
	    fault.where[0] != '\0' ? "." : "", fault.where, fault.what);
	return request_refuse_body(r, "malformed_policy", message, fault.remedy);
}

static bool
read_text(struct request *r, const json_t *value, const struct body_field *field)
{
	struct str text = strict_json_text(value);
	char message[120], remedy[120];

	if (text.at != NULL && text.len >= field->minimum_bytes &&
	    text.len <= field->maximum_bytes) {
		*field->ret_value = text;
		return true;
	}
	(void)snprintf(message, sizeof(message), "The key %s is missing or of another shape.",
	    field->name);
	(void)snprintf(remedy, sizeof(remedy), "Send %s as a text of %zu to %zu bytes.",
	    field->name, field->minimum_bytes, field->maximum_bytes);
	return request_refuse_body(r, "malformed_body", message, remedy);
}

/* ---- changing */

struct change {
	struct uuid id;
	int64_t based_on;
	struct str reason;
	struct redact_policy *policy;
};

static bool
read_change(struct request *r, const json_t *body, struct change *c)
{
	const json_t *based_on = json_object_get(body, "based_on");
	const struct body_field reason = { "reason", LEAST_REASON_BYTES, MAX_REASON_BYTES,
		&c->reason };

	if (!json_is_integer(based_on) || json_integer_value(based_on) < 0 ||
	    json_integer_value(based_on) > INT32_MAX - 1)
		return request_refuse_body(r, "malformed_body",
		    "The key based_on is missing or of another shape.",
		    "Send the version that GET /redaction showed before the change.");
	c->based_on = json_integer_value(based_on);
	return read_text(r, json_object_get(body, "reason"), &reason) &&
	    read_policy(r, json_object_get(body, "policy"), &c->policy);
}

static enum err
list_off(const struct redact_policy *policy, struct buf *out)
{
	enum err e = ERR_OK;

	for (int i = 0; i < REDACT_N_TYPES && e == ERR_OK; i++)
		if (redact_policy_is_off(policy, (enum redact_type)i))
			e = buf_printf(out, "%s%s", buf_len(out) > 0 ? "," : "",
			    redact_type_name((enum redact_type)i));
	return e;
}

static enum err
insert_change(struct request *r, const struct change *c)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	CLEANUP(buf) struct buf *sealed = NULL, *sealed_reason = NULL, *off = NULL;
	struct keyd_place place = place_of(r, "sealed", &c->id);
	struct keyd_place reason_place = place_of(r, "sealed_reason", &c->id);
	enum err e = buf_new(2 * (size_t)POLICY_MAX_BYTES, &sealed);

	if (e == ERR_OK)
		e = buf_new(POLICY_MAX_BYTES, &sealed_reason);
	if (e == ERR_OK)
		e = buf_new(MAX_OFF_BYTES, &off);
	if (e == ERR_OK)
		e = list_off(c->policy, off);
	if (e == ERR_OK)
		e = seal(r, &place, redact_policy_text(c->policy), sealed);
	if (e == ERR_OK)
		e = seal(r, &reason_place, c->reason, sealed_reason);
	if (e == ERR_OK)
		e = store_run(r->worker->store, SQL_INSERT_REDACTION_POLICY,
		    (struct store_param[]){ P_UUID(&c->id), P_INT(c->based_on),
			P_BYTEA(buf_str(sealed)), P_BYTEA(buf_str(sealed_reason)),
			P_TEXT(buf_str(off)), P_UUID(&r->session.user) },
		    6, &rows);
	return e == ERR_OK && store_row_count(rows) != 1 ? ERR_CONFLICT : e;
}

static enum err
change(struct request *r, const struct change *c)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct store *s = r->worker->store;
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = insert_change(r, c);
	if (e == ERR_OK)
		e = store_run(s, SQL_FIND_REDACTION_POLICY, NULL, 0, &rows);
	if (e == ERR_OK)
		e = audit_commit(r, NULL);
	return e == ERR_OK ? write_settings(r, rows) : e;
}

enum err
redaction_put(struct request *r)
{
	static const char *const names[] = { "based_on", "reason", "policy" };
	CLEANUP_STRICT_JSON json_t *body = NULL;
	struct change c = { .id = uuid_new() };
	enum err e = ERR_OK;

	if (request_read_object(r, names, 3, &body) && read_change(r, body, &c))
		e = change(r, &c);
	redact_policy_free(c.policy);
	return e;
}

/* ---- trying out: nothing is kept */

static enum err
write_tried(struct request *r, struct str text, const struct redact_findings *f)
{
	CLEANUP(buf) struct buf *redacted = NULL;
	struct redact_token *tokens =
	    arena_alloc_array(r->arena, redact_count(f) + 1, sizeof(*tokens));
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	enum err e = tokens == NULL ? ERR_NOMEM : buf_new(MAX_TRIED_OUTPUT_BYTES, &redacted);

	for (size_t i = 0; i < redact_count(f) && e == ERR_OK; i++)
		memcpy(tokens[i].chars, SAMPLE_TOKEN, sizeof(SAMPLE_TOKEN));
	if (e == ERR_OK)
		e = redact_render(text, f, tokens, redacted);
	if (e != ERR_OK)
		return e;
	json_open_object(&j, NULL);
	json_put_text(&j, "text", buf_str(redacted));
	json_open_array(&j, "findings");
	for (size_t i = 0; i < redact_count(f); i++) {
		const struct redact_span *span = &redact_spans(f)[i];

		json_open_object(&j, NULL);
		json_put_text(&j, "type", str_from(redact_value(f, i).label));
		json_put_text(&j, "action", str_from(action_names[span->action]));
		json_put_ratio(&j, "confidence", span->score, 1000);
		json_put_text(&j, "found", str_slice(text, span->start, span->end));
		json_close_object(&j);
	}
	json_close_array(&j);
	json_close_object(&j);
	return json_out_end(&j);
}

static enum err
try_out(struct request *r, const struct redact_policy *policy, struct str text)
{
	CLEANUP(redactor) struct redactor *redactor = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	enum err e = redactor_new(&redactor);

	if (e == ERR_OK)
		e = redact_findings_new(&f);
	if (e == ERR_OK)
		e = redact_find_under(redactor, policy, text, f);
	if (e == ERR_TOO_LARGE) {
		(void)request_refuse_body(r, "too_costly",
		    "The patterns take too many steps on this text: it would not be stored.",
		    "Begin patterns with \\b or with something that seldom occurs.");
		return ERR_OK;
	}
	return e == ERR_OK ? write_tried(r, text, f) : e;
}

enum err
redaction_try_post(struct request *r)
{
	static const char *const names[] = { "policy", "text" };
	CLEANUP_STRICT_JSON json_t *body = NULL;
	CLEANUP(redact_policy) struct redact_policy *policy = NULL;
	struct str text = { NULL, 0 };
	const struct body_field field = { "text", 1, MAX_TRIED_BYTES, &text };

	if (!request_read_object(r, names, 2, &body) ||
	    !read_text(r, json_object_get(body, "text"), &field) ||
	    !read_policy(r, json_object_get(body, "policy"), &policy))
		return ERR_OK;
	return try_out(r, policy, text);
}
