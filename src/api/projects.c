/* SPDX-License-Identifier: Apache-2.0 */
/* projects - the workspace's projects, their rules and how they score. */
#include "api/api.h"
#include "api/audit.h"
#include "api/parts.h"
#include "api/rule_texts.h"
#include "base/clock.h"
#include "queries.h"

#define US_A_DAY (86400ll * 1000000)
#define DEFAULT_DAYS 30
#define MAX_DAYS 365

enum err
projects_get(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	struct store *s = r->worker->store;
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = store_run(s, SQL_LIST_PROJECTS, NULL, 0, &rows);
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK)
		return e;
	json_open_object(&j, NULL);
	json_open_array(&j, "projects");
	for (size_t i = 0; i < store_row_count(rows); i++) {
		struct uuid id = store_uuid(rows, i, 0);

		json_open_object(&j, NULL);
		json_put_uuid(&j, "project_id", &id);
		json_put_text(&j, "name", store_text(rows, i, 1));
		json_put_time(&j, "created_at", store_int(rows, i, 2));
		json_close_object(&j);
	}
	json_close_array(&j);
	json_close_object(&j);
	return json_out_end(&j);
}

enum err
part_find_project(struct request *r, struct uuid *ret_project)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = request_capture_uuid(r, 0, ret_project);

	if (e == ERR_OK)
		e = store_run(r->worker->store, SQL_FIND_PROJECT,
		    (struct store_param[]){ P_UUID(ret_project) }, 1, &rows);
	if (e == ERR_OK && store_row_count(rows) == 0)
		e = ERR_NOT_FOUND;
	return e;
}

static enum err
write_rule(struct request *r, struct json_out *j, const struct store_rows *rows, size_t i)
{
	struct uuid id = store_uuid(rows, i, 0);
	struct rule_text text;
	enum err e = rule_text_unseal(r, &id, store_text(rows, i, 5), &text);

	if (e != ERR_OK)
		return e;
	json_open_object(j, NULL);
	json_put_uuid(j, "rule_id", &id);
	json_put_text(j, "name", text.name);
	json_put_text(j, "description", text.description);
	json_put_text(j, "category", store_text(rows, i, 1));
	json_put_bool(j, "has_check", store_int(rows, i, 2) != 0);
	json_put_bool(j, "is_enabled", store_int(rows, i, 3) != 0);
	json_put_int(j, "version", store_int(rows, i, 4));
	json_close_object(j);
	return ERR_OK;
}

enum err
rules_get(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	struct store *s = r->worker->store;
	struct uuid project;
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = part_find_project(r, &project);
	if (e == ERR_OK)
		e = store_run(s, SQL_LIST_RULES, (struct store_param[]){ P_UUID(&project) }, 1,
		    &rows);
	if (e == ERR_OK)
		e = audit_commit(r, &project);
	json_open_object(&j, NULL);
	json_open_array(&j, "rules");
	for (size_t i = 0; e == ERR_OK && i < store_row_count(rows); i++)
		e = write_rule(r, &j, rows, i);
	json_close_array(&j);
	json_close_object(&j);
	return e != ERR_OK ? e : json_out_end(&j);
}

/* Scores */

/* The columns of sum_verdicts: the rows of days stand before those of rules. */
enum { DAY, RULE_ID, CATEGORY, HAS_CHECK, SEALED, COUNTS, JUDGED = COUNTS + 4 };

struct score_rows {
	struct store_rows *conversations, *sums;
	size_t n_days;
};

static void
score_rows_done(struct score_rows *rows)
{
	store_rows_free(rows->conversations);
	store_rows_free(rows->sums);
}

static enum err
read_scores(struct request *r, int64_t days, struct uuid *ret_project, struct score_rows *rows)
{
	struct store *s = r->worker->store;
	const int64_t first_day = clock_wall_us() / US_A_DAY - (days - 1);
	const struct store_param params[] = { P_UUID(ret_project), P_INT(first_day) };
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = part_find_project(r, ret_project);
	if (e == ERR_OK)
		e = store_run(s, SQL_COUNT_CONVERSATIONS, params, 2, &rows->conversations);
	if (e == ERR_OK)
		e = store_run(s, SQL_SUM_VERDICTS, params, 2, &rows->sums);
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK)
		return e;
	while (rows->n_days < store_row_count(rows->sums) &&
	    !store_is_null(rows->sums, rows->n_days, DAY))
		rows->n_days++;
	return ERR_OK;
}

struct verdict_counts
part_counts_at(const struct store_rows *rows, size_t row, size_t column)
{
	return (struct verdict_counts){
		.pass = store_int(rows, row, column),
		.fail = store_int(rows, row, column + 1),
		.not_applicable = store_int(rows, row, column + 2),
		.indeterminate = store_int(rows, row, column + 3),
	};
}

void
part_write_score(struct json_out *j, const struct verdict_counts *counts)
{
	json_put_ratio(j, "score", counts->pass, counts->pass + counts->fail);
	json_open_object(j, "verdicts");
	json_put_int(j, "pass", counts->pass);
	json_put_int(j, "fail", counts->fail);
	json_put_int(j, "not_applicable", counts->not_applicable);
	json_put_int(j, "indeterminate", counts->indeterminate);
	json_close_object(j);
}

static enum err
write_rule_scores(struct request *r, struct json_out *j, const struct score_rows *rows)
{
	const struct store_rows *sums = rows->sums;

	json_open_array(j, "rules");
	for (size_t i = rows->n_days; i < store_row_count(sums); i++) {
		struct verdict_counts counts = part_counts_at(sums, i, COUNTS);
		struct uuid id = store_uuid(sums, i, RULE_ID);
		struct rule_text text;
		enum err e = rule_text_unseal(r, &id, store_text(sums, i, SEALED), &text);

		if (e != ERR_OK)
			return e;
		json_open_object(j, NULL);
		json_put_uuid(j, "rule_id", &id);
		json_put_text(j, "name", text.name);
		json_put_text(j, "category", store_text(sums, i, CATEGORY));
		json_put_bool(j, "has_check", store_int(sums, i, HAS_CHECK) != 0);
		part_write_score(j, &counts);
		json_close_object(j);
	}
	json_close_array(j);
	return ERR_OK;
}

static void
write_day_scores(struct json_out *j, const struct score_rows *rows)
{
	json_open_array(j, "by_day");
	for (size_t i = 0; i < rows->n_days; i++) {
		struct verdict_counts counts = part_counts_at(rows->sums, i, COUNTS);

		json_open_object(j, NULL);
		json_put_day(j, "day", store_int(rows->sums, i, DAY));
		part_write_score(j, &counts);
		json_close_object(j);
	}
	json_close_array(j);
}

static struct verdict_counts
sum_of_days(const struct score_rows *rows)
{
	struct verdict_counts sum = { 0 };

	for (size_t i = 0; i < rows->n_days; i++) {
		struct verdict_counts day = part_counts_at(rows->sums, i, COUNTS);

		sum.pass += day.pass;
		sum.fail += day.fail;
		sum.not_applicable += day.not_applicable;
		sum.indeterminate += day.indeterminate;
	}
	return sum;
}

enum err
scores_get(struct request *r)
{
	__attribute__((cleanup(score_rows_done))) struct score_rows rows = { 0 };
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	struct verdict_counts sum;
	int64_t days = DEFAULT_DAYS;
	struct uuid project;
	enum err e;

	if (!request_query_int(r, "days", 1, MAX_DAYS, &days))
		return ERR_OK;
	e = read_scores(r, days, &project, &rows);
	if (e != ERR_OK)
		return e;
	sum = sum_of_days(&rows);
	json_open_object(&j, NULL);
	json_put_uuid(&j, "project_id", &project);
	json_put_int(&j, "days", days);
	json_put_int(&j, "conversations", store_int(rows.conversations, 0, 0));
	json_put_int(&j, "judged", rows.n_days > 0 ? store_int(rows.sums, 0, JUDGED) : 0);
	part_write_score(&j, &sum);
	e = write_rule_scores(r, &j, &rows);
	write_day_scores(&j, &rows);
	json_close_object(&j);
	return e != ERR_OK ? e : json_out_end(&j);
}
