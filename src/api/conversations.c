/* SPDX-License-Identifier: Apache-2.0 */
/* conversations - the list, page by page, newest first. */
#include "api/api.h"
#include "api/audit.h"
#include "api/conversation_row.h"
#include "api/parts.h"
#include "queries.h"

#define DEFAULT_LIMIT 25
#define MAX_LIMIT 100
#define CURSOR_BYTES 47 /* YYYY-MM-DD.UUID */

static const char *const verdicts[] = { "pass", "fail", "not_applicable", "indeterminate" };

struct filter {
	struct uuid project, rule, before_id;
	bool has_project, has_rule, has_before;
	struct str verdict; /* .at NULL: any */
	int64_t before_day;
	int64_t limit;
};

static bool
read_verdict(struct request *r, struct filter *f)
{
	f->verdict = request_query(r, "verdict");
	if (f->verdict.at == NULL)
		return true;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (str_equals(f->verdict, str_from(verdicts[i])))
			return true;
	return request_refuse_parameter(r, "The parameter verdict names no verdict.",
	    "Send pass, fail, not_applicable or indeterminate.");
}

static bool
read_cursor(struct request *r, struct filter *f)
{
	struct str cursor = request_query(r, "before");

	f->has_before = cursor.at != NULL;
	if (!f->has_before)
		return true;
	if (cursor.len == CURSOR_BYTES && cursor.at[10] == '.' &&
	    day_parse(str_slice(cursor, 0, 10), &f->before_day) &&
	    uuid_parse(str_slice(cursor, 11, CURSOR_BYTES), &f->before_id))
		return true;
	return request_refuse_parameter(r, "The parameter before is no cursor.",
	    "Send the `next` of an earlier answer, unchanged.");
}

static bool
read_filter(struct request *r, struct filter *f)
{
	*f = (struct filter){ .limit = DEFAULT_LIMIT };
	return request_query_uuid(r, "project", &f->project, &f->has_project) &&
	    request_query_uuid(r, "rule", &f->rule, &f->has_rule) && read_verdict(r, f) &&
	    read_cursor(r, f) && request_query_int(r, "limit", 1, MAX_LIMIT, &f->limit);
}

static enum err
read_page(struct request *r, const struct filter *f, struct store_rows **ret_rows)
{
	struct store *s = r->worker->store;
	const struct store_param params[] = {
		f->has_project ? P_UUID(&f->project) : P_NULL,
		f->verdict.at != NULL ? P_TEXT(f->verdict) : P_NULL,
		f->has_rule ? P_UUID(&f->rule) : P_NULL,
		f->has_before ? P_INT(f->before_day) : P_NULL,
		f->has_before ? P_UUID(&f->before_id) : P_NULL,
		P_INT(f->limit + 1), /* one more tells whether there is more */
	};
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = store_run(s, SQL_LIST_CONVERSATIONS, params, sizeof(params) / sizeof(params[0]),
		    ret_rows);
	if (e == ERR_OK)
		e = audit_commit(r, NULL);
	return e;
}

static void
write_next(struct json_out *j, const struct store_rows *rows, size_t last)
{
	char day[DAY_TEXT_BYTES], id_text[UUID_TEXT_BYTES], cursor[CURSOR_BYTES + 8];
	struct uuid id = store_uuid(rows, last, 1);

	day_format(store_int(rows, last, 0), day);
	uuid_format(&id, id_text);
	(void)snprintf(cursor, sizeof(cursor), "%.10s.%s", day, id_text);
	json_put_text(j, "next", str_from(cursor));
}

enum err
conversations_get(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	struct filter filter;
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
	json_open_object(&j, NULL);
	json_open_array(&j, "conversations");
	for (size_t i = 0; i < n; i++)
		conversation_row_write(&j, NULL, rows, i);
	json_close_array(&j);
	if (store_row_count(rows) > n)
		write_next(&j, rows, n - 1);
	else
		json_put_null(&j, "next");
	json_close_object(&j);
	return json_out_end(&j);
}
