/* SPDX-License-Identifier: Apache-2.0 */
/* audit_log - the workspace's audit log, page by page, and one event with where it came from. */
#include "api/api.h"
#include "api/audit.h"
#include "api/audit_row.h"
#include "queries.h"

#define DEFAULT_LIMIT 50
#define MAX_LIMIT 200
#define MAX_SOURCE_BYTES 256
#define EMAIL_COLUMN 14

struct filter {
	unsigned int event; /* 0: any */
	int64_t outcome;    /* 0: any */
	struct str actor;   /* .at NULL: any */
	struct str object;
	struct audit_cursor before;
	int64_t limit;
};

static bool
read_event(struct request *r, struct filter *f)
{
	struct str name = request_query(r, "event");

	if (name.at == NULL)
		return true;
	f->event = audit_number_of(name);
	return f->event != 0 ||
	    request_refuse_parameter(r, "The parameter event names no event.",
		"Send a name of the vocabulary, for example authn_login_fail.");
}

static bool
read_outcome(struct request *r, struct filter *f)
{
	static const char *const names[] = {
		[AUDIT_SUCCESS] = "success", [AUDIT_DENIED] = "denied", [AUDIT_FAILED] = "failed"
	};
	struct str name = request_query(r, "outcome");

	if (name.at == NULL)
		return true;
	for (int64_t i = AUDIT_SUCCESS; i <= AUDIT_FAILED; i++)
		if (str_equals(name, str_from(names[i])))
			f->outcome = i;
	return f->outcome != 0 ||
	    request_refuse_parameter(r, "The parameter outcome names no outcome.",
		"Send success, denied or failed.");
}

static bool
read_filter(struct request *r, struct filter *f)
{
	*f = (struct filter){ .limit = DEFAULT_LIMIT };
	f->actor = request_query(r, "actor");
	f->object = request_query(r, "object");
	if (f->actor.len > UUID_TEXT_BYTES || f->object.len > AUDIT_FIELD_MAX_BYTES)
		return request_refuse_parameter(r, "The parameter actor or object is too long.",
		    "Send an id as an event shows it.");
	return read_event(r, f) && read_outcome(r, f) && audit_cursor_read(r, &f->before) &&
	    request_query_int(r, "limit", 1, MAX_LIMIT, &f->limit);
}

static enum err
read_page(struct request *r, const struct filter *f, struct store_rows **ret_rows)
{
	const struct store_param params[] = {
		f->event != 0 ? P_INT(f->event) : P_NULL,
		f->outcome != 0 ? P_INT(f->outcome) : P_NULL,
		f->actor.at != NULL ? P_TEXT(f->actor) : P_NULL,
		f->object.at != NULL ? P_TEXT(f->object) : P_NULL,
		f->before.is_given ? P_INT(f->before.at_us) : P_NULL,
		f->before.is_given ? P_UUID(&f->before.event) : P_NULL,
		P_INT(f->limit + 1), /* one more tells whether there is more */
	};
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = store_run(r->worker->store, SQL_LIST_AUDIT_EVENTS, params,
		    sizeof(params) / sizeof(params[0]), ret_rows);
	if (e == ERR_OK)
		e = audit_commit(r, NULL);
	return e;
}

static struct str
email_of(const struct store_rows *rows, size_t i)
{
	struct str none = { NULL, 0 };

	return store_is_null(rows, i, EMAIL_COLUMN) ? none : store_text(rows, i, EMAIL_COLUMN);
}

enum err
audit_events_get(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct audit_row row = { .has_leaf = false };
	struct filter filter;
	struct json_out j;
	size_t n;
	enum err e;

	if (!read_filter(r, &filter))
		return ERR_OK;
	e = read_page(r, &filter, &rows);
	if (e != ERR_OK)
		return e;
	n = store_row_count(rows);
	if (n > (size_t)filter.limit)
		n = (size_t)filter.limit;
	j = request_answer(r, MHD_HTTP_OK);
	json_open_object(&j, NULL);
	json_open_array(&j, "events");
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		e = audit_row_read(r, rows, i, &row);
		json_open_object(&j, NULL);
		audit_row_write(&j, &row, email_of(rows, i));
		json_close_object(&j);
	}
	json_close_array(&j);
	if (store_row_count(rows) > n)
		audit_cursor_write(&j, &row);
	else
		json_put_null(&j, "next");
	json_close_object(&j);
	return e == ERR_OK ? json_out_end(&j) : e;
}

/* Where the request came from; nothing when there was no address or it was erased. */
static enum err
put_source(struct request *r, struct json_out *j, const struct audit_event *event)
{
	const struct keyd_place place = { "events", "source", event->workspace, event->event_id };
	CLEANUP(buf) struct buf *text = NULL;
	struct api *api = r->worker->api;
	enum err e = buf_new(MAX_SOURCE_BYTES, &text);

	if (e != ERR_OK)
		return e;
	if (event->source.len > 0) {
		(void)pthread_mutex_lock(&api->keyd_lock);
		e = keyd_unseal(api->keyd, &place, event->source,
		    "show where an audited request came from", text);
		(void)pthread_mutex_unlock(&api->keyd_lock);
	}
	if (e != ERR_OK && e != ERR_DENIED && e != ERR_NOT_FOUND && e != ERR_GONE)
		return e;
	if (buf_len(text) > 0)
		json_put_text(j, "source", buf_str(text));
	else
		json_put_null(j, "source");
	json_put_bool(j, "source_erased", e == ERR_GONE);
	return ERR_OK;
}

enum err
audit_event_get(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct audit_row row;
	struct json_out j;
	struct uuid id;
	enum err e = request_capture_uuid(r, 0, &id);

	if (e == ERR_OK)
		e = worker_begin(r->worker, &r->session.workspace);
	if (e == ERR_OK)
		e = store_run(r->worker->store, SQL_FIND_AUDIT_EVENT,
		    (struct store_param[]){ P_UUID(&id) }, 1, &rows);
	if (e == ERR_OK && store_row_count(rows) != 1)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		e = audit_commit(r, &id);
	if (e == ERR_OK)
		e = audit_row_read(r, rows, 0, &row);
	if (e != ERR_OK)
		return e;
	j = request_answer(r, MHD_HTTP_OK);
	json_open_object(&j, NULL);
	audit_row_write(&j, &row, email_of(rows, 0));
	e = put_source(r, &j, &row.event);
	json_close_object(&j);
	return e == ERR_OK ? json_out_end(&j) : e;
}
