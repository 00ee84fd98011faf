/* SPDX-License-Identifier: Apache-2.0 */
/* conversation - one conversation: its messages, exchanges and verdicts. */
#include "api/api.h"
#include "api/audit.h"
#include "api/conversation_row.h"
#include "api/parts.h"
#include "api/rule_texts.h"
#include "base/strict_json.h"
#include "queries.h"

/* However long one conversation has become, it must not take the memory that serves all. */
#define MOST_BYTES (48 << 20) /* of messages */
#define MOST_EXCHANGES 20000

enum { MESSAGE_COUNT = 7 }; /* of conversation_row_write's columns */

struct detail {
	struct store_rows *summary, *messages, *exchanges, *verdicts;
};

static void
detail_done(struct detail *d)
{
	store_rows_free(d->summary);
	store_rows_free(d->messages);
	store_rows_free(d->exchanges);
	store_rows_free(d->verdicts);
}

static struct str
member_text(const json_t *object, const char *name)
{
	return strict_json_text(json_object_get(object, name));
}

void
conversation_row_write(struct json_out *j, const char *name, const struct store_rows *rows,
    size_t row)
{
	struct uuid id = store_uuid(rows, row, 1), project = store_uuid(rows, row, 2);
	struct verdict_counts counts = part_counts_at(rows, row, 9);

	json_open_object(j, name);
	json_put_day(j, "day", store_int(rows, row, 0));
	json_put_uuid(j, "conversation_id", &id);
	json_put_uuid(j, "project_id", &project);
	json_put_text(j, "provider", store_text(rows, row, 3));
	json_put_text(j, "model", store_text(rows, row, 4));
	json_put_time(j, "started_at", store_int(rows, row, 5));
	json_put_time(j, "updated_at", store_int(rows, row, 6));
	json_put_int(j, "message_count", store_int(rows, row, MESSAGE_COUNT));
	json_put_int(j, "exchange_count", store_int(rows, row, 8));
	part_write_score(j, &counts);
	json_put_text(j, "preview", store_text(rows, row, 13));
	json_close_object(j);
}

/* A stored call is {"id","name","arguments"}, or as OpenAI nests it under "function". */
static void
write_tool_call(struct json_out *j, const json_t *call)
{
	const json_t *nested = json_object_get(call, "function");
	const json_t *function = json_is_object(nested) ? nested : call;

	json_open_object(j, NULL);
	json_put_text(j, "id", member_text(call, "id"));
	json_put_text(j, "name", member_text(function, "name"));
	json_put_text(j, "arguments", member_text(function, "arguments"));
	json_close_object(j);
}

static void
write_tool_calls(struct json_out *j, struct str stored)
{
	CLEANUP_STRICT_JSON json_t *calls = json_loadb(stored.at, stored.len, 0, NULL);
	size_t i;
	const json_t *call;

	json_open_array(j, "tool_calls");
	json_array_foreach(calls, i, call) write_tool_call(j, call);
	json_close_array(j);
}

static void
write_messages(struct json_out *j, const struct store_rows *rows)
{
	json_open_array(j, "messages");
	for (size_t i = 0; i < store_row_count(rows); i++) {
		json_open_object(j, NULL);
		json_put_int(j, "position", store_int(rows, i, 0));
		json_put_text(j, "role", store_text(rows, i, 1));
		json_put_text(j, "content", store_text(rows, i, 2));
		write_tool_calls(j, store_text(rows, i, 3));
		json_put_text(j, "tool_call_id", store_text(rows, i, 4));
		json_put_text(j, "name", store_text(rows, i, 5));
		json_put_time(j, "created_at", store_int(rows, i, 6));
		json_close_object(j);
	}
	json_close_array(j);
}

enum column_kind { AS_TEXT, AS_INT, AS_BOOL, AS_TIME };

static const struct {
	const char *name;
	enum column_kind kind;
} exchange_columns[] = {
	{ "position", AS_INT },
	{ "provider", AS_TEXT },
	{ "model", AS_TEXT },
	{ "response_model", AS_TEXT },
	{ "status", AS_INT },
	{ "is_stream", AS_BOOL },
	{ "end_reason", AS_TEXT },
	{ "finish_reason", AS_TEXT },
	{ "error_type", AS_TEXT },
	{ "fingerprint", AS_TEXT },
	{ "prompt_tokens", AS_INT },
	{ "completion_tokens", AS_INT },
	{ "latency_us", AS_INT },
	{ "first_byte_us", AS_INT },
	{ "started_at", AS_TIME },
};

static void
write_exchange_column(struct json_out *j, const struct store_rows *rows, size_t row, size_t i)
{
	const char *name = exchange_columns[i].name;
	size_t column = i + 1;

	if (store_is_null(rows, row, column)) {
		json_put_null(j, name);
		return;
	}
	switch (exchange_columns[i].kind) {
	case AS_TEXT:
		json_put_text(j, name, store_text(rows, row, column));
		break;
	case AS_INT:
		json_put_int(j, name, store_int(rows, row, column));
		break;
	case AS_BOOL:
		json_put_bool(j, name, store_int(rows, row, column) != 0);
		break;
	case AS_TIME:
		json_put_time(j, name, store_int(rows, row, column));
		break;
	}
}

static void
write_exchanges(struct json_out *j, const struct store_rows *rows)
{
	json_open_array(j, "exchanges");
	for (size_t row = 0; row < store_row_count(rows); row++) {
		struct uuid id = store_uuid(rows, row, 0);

		json_open_object(j, NULL);
		json_put_uuid(j, "exchange_id", &id);
		for (size_t i = 0; i < sizeof(exchange_columns) / sizeof(exchange_columns[0]); i++)
			write_exchange_column(j, rows, row, i);
		json_close_object(j);
	}
	json_close_array(j);
}

static void
write_evidence(struct json_out *j, struct str stored)
{
	CLEANUP_STRICT_JSON json_t *list = json_loadb(stored.at, stored.len, 0, NULL);
	size_t i;
	const json_t *one;

	json_open_array(j, "evidence");
	json_array_foreach(list, i, one)
	{
		json_open_object(j, NULL);
		json_put_int(j, "message", json_integer_value(json_object_get(one, "message")));
		json_put_text(j, "quote", member_text(one, "quote"));
		json_close_object(j);
	}
	json_close_array(j);
}

static enum err
write_verdicts(struct request *r, struct json_out *j, const struct store_rows *rows)
{
	json_open_array(j, "verdicts");
	for (size_t i = 0; i < store_row_count(rows); i++) {
		struct uuid rule = store_uuid(rows, i, 0);
		struct rule_text text;
		enum err e = rule_text_unseal(r, &rule, store_text(rows, i, 2), &text);

		if (e != ERR_OK)
			return e;
		json_open_object(j, NULL);
		json_put_uuid(j, "rule_id", &rule);
		json_put_text(j, "rule", text.name);
		json_put_text(j, "description", text.description);
		json_put_text(j, "category", store_text(rows, i, 1));
		json_put_text(j, "verdict", store_text(rows, i, 3));
		write_evidence(j, store_text(rows, i, 4));
		json_put_text(j, "why", store_text(rows, i, 5));
		json_put_text(j, "judge", store_text(rows, i, 6));
		json_put_time(j, "judged_at", store_int(rows, i, 7));
		json_close_object(j);
	}
	json_close_array(j);
	return ERR_OK;
}

static enum err
read_detail(struct request *r, int64_t day, const struct uuid *id, struct detail *d)
{
	struct store *s = r->worker->store;
	const struct store_param params[] = { P_INT(day), P_UUID(id) };
	const struct store_param of_messages[] = { P_INT(day), P_UUID(id), P_INT(MOST_BYTES) };
	const struct store_param of_exchanges[] = { P_INT(day), P_UUID(id), P_INT(MOST_EXCHANGES) };
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = store_run(s, SQL_FIND_CONVERSATION, params, 2, &d->summary);
	if (e == ERR_OK && store_row_count(d->summary) == 0)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		e = store_run(s, SQL_LIST_MESSAGES, of_messages, 3, &d->messages);
	if (e == ERR_OK &&
	    (int64_t)store_row_count(d->messages) < store_int(d->summary, 0, MESSAGE_COUNT))
		e = ERR_TOO_LARGE;
	if (e == ERR_OK)
		e = store_run(s, SQL_LIST_EXCHANGES, of_exchanges, 3, &d->exchanges);
	if (e == ERR_OK)
		e = store_run(s, SQL_LIST_VERDICTS, params, 2, &d->verdicts);
	if (e == ERR_OK)
		e = audit_commit(r, id);
	return e;
}

enum err
conversation_get(struct request *r)
{
	__attribute__((cleanup(detail_done))) struct detail d = { 0 };
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	struct uuid id;
	int64_t day;
	enum err e = request_capture_uuid(r, 1, &id);

	if (e == ERR_OK && !day_parse(r->captures[0], &day))
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		e = read_detail(r, day, &id, &d);
	if (e != ERR_OK)
		return e;
	json_open_object(&j, NULL);
	conversation_row_write(&j, "conversation", d.summary, 0);
	write_messages(&j, d.messages);
	write_exchanges(&j, d.exchanges);
	e = write_verdicts(r, &j, d.verdicts);
	json_close_object(&j);
	return e != ERR_OK ? e : json_out_end(&j);
}
