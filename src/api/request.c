/* SPDX-License-Identifier: Apache-2.0 */
#include "api/request.h"

#include "base/clock.h"
#include "base/strict_json.h"

enum err
request_new(struct worker *worker, struct MHD_Connection *connection, const char *method,
    const char *path, struct request **ret_request)
{
	struct request *r = calloc(1, sizeof(*r));
	enum err e;

	if (r == NULL)
		return ERR_NOMEM;
	r->worker = worker;
	r->connection = connection;
	r->id = uuid_new();
	r->started_us = clock_monotonic_us();
	e = arena_new(REQUEST_ARENA_BYTES, &r->arena);
	if (e == ERR_OK)
		e = buf_new(REQUEST_MAX_BODY_BYTES, &r->body);
	if (e == ERR_OK)
		e = buf_new(REQUEST_MAX_ANSWER_BYTES, &r->answer.body);
	if (e != ERR_OK) {
		request_free(r);
		return e;
	}
	r->method = arena_copy(r->arena, str_from(method)).at;
	r->path = arena_copy(r->arena, str_from(path));
	if (r->method == NULL || r->path.at == NULL) {
		request_free(r);
		return ERR_NOMEM;
	}
	*ret_request = r;
	return ERR_OK;
}

void
request_free(struct request *r)
{
	if (r == NULL)
		return;
	buf_free(r->answer.body);
	buf_free(r->body);
	arena_free(r->arena);
	free(r);
}

struct str
request_header(const struct request *r, const char *name)
{
	return str_from(MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name));
}

struct str
request_query(const struct request *r, const char *name)
{
	return str_from(MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name));
}

bool
request_refuse_parameter(struct request *r, const char *message, const char *remedy)
{
	(void)request_refuse(r, MHD_HTTP_BAD_REQUEST, "malformed_parameter", message, remedy);
	return false;
}

static bool
refuse_parameter(struct request *r, const char *name, const char *shape)
{
	char message[160], remedy[160];

	(void)snprintf(message, sizeof(message), "The parameter %s has another shape.", name);
	(void)snprintf(remedy, sizeof(remedy), "Send %s as %s.", name, shape);
	return request_refuse_parameter(r, message, remedy);
}

bool
request_query_uuid(struct request *r, const char *name, struct uuid *ret_id, bool *ret_given)
{
	struct str text = request_query(r, name);

	*ret_given = text.at != NULL;
	if (text.at == NULL || uuid_parse(text, ret_id))
		return true;
	return refuse_parameter(r, name, "a UUID");
}

static bool
parse_int(struct str text, int64_t maximum, int64_t *ret_value)
{
	int64_t value = 0;

	if (text.len == 0 || text.len > 9)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = value * 10 + (text.at[i] - '0');
	}
	*ret_value = value;
	return value <= maximum;
}

bool
request_query_int(struct request *r, const char *name, int64_t minimum, int64_t maximum,
    int64_t *value)
{
	struct str text = request_query(r, name);
	char shape[80];
	int64_t given;

	if (text.at == NULL)
		return true;
	if (parse_int(text, maximum, &given) && given >= minimum) {
		*value = given;
		return true;
	}
	(void)snprintf(shape, sizeof(shape), "a whole number from %lld to %lld", (long long)minimum,
	    (long long)maximum);
	return refuse_parameter(r, name, shape);
}

enum err
request_capture_uuid(const struct request *r, size_t i, struct uuid *ret_id)
{
	return uuid_parse(r->captures[i], ret_id) ? ERR_OK : ERR_NOT_FOUND;
}

bool
request_refuse_body(struct request *r, const char *code, const char *message, const char *remedy)
{
	(void)request_refuse(r, MHD_HTTP_BAD_REQUEST, code, message, remedy);
	return false;
}

static bool
read_field(struct request *r, const json_t *object, const struct body_field *field)
{
	struct str value = strict_json_text(json_object_get(object, field->name));
	char message[120], remedy[160];

	if (value.at != NULL && value.len >= field->minimum_bytes &&
	    value.len <= field->maximum_bytes) {
		*field->ret_value = arena_copy(r->arena, value);
		if (field->ret_value->at != NULL)
			return true;
	}
	(void)snprintf(message, sizeof(message), "The key %s is missing or of another shape.",
	    field->name);
	(void)snprintf(remedy, sizeof(remedy), "Send %s as a text of %zu to %zu bytes.",
	    field->name, field->minimum_bytes, field->maximum_bytes);
	return request_refuse_body(r, "malformed_body", message, remedy);
}

bool
request_read_object(struct request *r, const char *const *names, size_t n_names,
    json_t **ret_object)
{
	CLEANUP_STRICT_JSON json_t *object = NULL;
	struct str type = request_header(r, MHD_HTTP_HEADER_CONTENT_TYPE);

	/* A form of another site cannot send this type without being asked for permission first. */
	if (!str_starts_with(type, STR("application/json")))
		return request_refuse_body(r, "not_json", "The body is not declared as JSON.",
		    "Send Content-Type: application/json.");
	if (strict_json_read(buf_str(r->body), REQUEST_MAX_BODY_BYTES, &object, NULL) != ERR_OK ||
	    !json_is_object(object))
		return request_refuse_body(r, "malformed_body", "The body is not a JSON object.",
		    "Send one JSON object, each key once.");
	if (!strict_json_has_only(object, names, n_names))
		return request_refuse_body(r, "unknown_key",
		    "The body has a key that does not exist.",
		    "Send only the keys that docs/openapi.yaml lists for this operation.");
	*ret_object = TAKE(object);
	return true;
}

bool
request_read_body(struct request *r, const struct body_field *fields, size_t n_fields)
{
	CLEANUP_STRICT_JSON json_t *object = NULL;
	const char *names[REQUEST_MAX_FIELDS] = { NULL };

	for (size_t i = 0; i < n_fields && i < REQUEST_MAX_FIELDS; i++)
		names[i] = fields[i].name;
	if (!request_read_object(r, names, n_fields, &object))
		return false;
	for (size_t i = 0; i < n_fields; i++)
		if (!read_field(r, object, &fields[i]))
			return false;
	return true;
}

struct json_out
request_answer(struct request *r, unsigned int status)
{
	buf_clear(r->answer.body);
	r->answer.status = status;
	r->answer.code = NULL;
	return JSON_OUT(r->answer.body);
}

enum err
request_refuse(struct request *r, unsigned int status, const char *code, const char *message,
    const char *remedy)
{
	struct json_out j = request_answer(r, status);

	r->answer.code = code;
	json_open_object(&j, NULL);
	json_open_object(&j, "error");
	json_put_text(&j, "code", str_from(code));
	json_put_text(&j, "message", str_from(message));
	json_put_text(&j, "remedy", str_from(remedy));
	json_put_uuid(&j, "request_id", &r->id);
	json_close_object(&j);
	json_close_object(&j);
	return json_out_end(&j);
}

static const struct failure {
	enum err error;
	unsigned int status;
	int retry_after_s;
	const char *code;
	const char *message;
	const char *remedy;
} failures[] = {
	{ ERR_NOT_FOUND, MHD_HTTP_NOT_FOUND, 0, "not_found", "There is no such thing here.",
	    "Check the address; what belongs to another workspace cannot be seen from this one." },
	{ ERR_BUSY, MHD_HTTP_SERVICE_UNAVAILABLE, 2, "unavailable",
	    "A part of the system does not answer at the moment.",
	    "Try again shortly; if it lasts, your operator finds the cause in `rendfly status`." },
	{ ERR_CONFLICT, MHD_HTTP_CONFLICT, 0, "changed_meanwhile",
	    "Somebody changed this meanwhile.",
	    "Load it again, make your change to what is there now, and send that." },
	{ ERR_GONE, MHD_HTTP_GONE, 0, "workspace_destroyed",
	    "The keys of this workspace were destroyed: nothing of it can be read any more.",
	    "There is no way back; ask your operator for a new workspace." },
	{ ERR_DENIED, MHD_HTTP_FORBIDDEN, 0, "denied", "This was refused.",
	    "Ask an owner of the workspace." },
	{ ERR_TOO_LARGE, MHD_HTTP_INTERNAL_SERVER_ERROR, 0, "answer_too_large",
	    "The answer is too large to be sent.", "Ask for less at once." },
};

void
request_fail(struct request *r, enum err e)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		const struct failure *f = &failures[i];

		if (f->error != e)
			continue;
		r->answer.retry_after_s = f->retry_after_s;
		(void)request_refuse(r, f->status, f->code, f->message, f->remedy);
		return;
	}
	(void)request_refuse(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal",
	    "The server made a mistake.", "Report the request id to your operator.");
}
