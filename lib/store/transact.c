/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transact - a whole transaction sent at once.  A round trip costs both sides a change of context
 * and a TLS record, more than most of the statements themselves.
 */
#include <stdio.h>

#include "store/parts.h"

#define SQL_BEGIN "begin"
#define SQL_SET_CONTEXT "select set_config('app.context', $1, true)"
#define SQL_COMMIT "commit"
#define MAX_STEPS (STORE_MAX_STATEMENTS + 3)

/* One command of the pipeline. */
struct step {
	char name[STATEMENT_NAME_BYTES];
	struct store_args args;
	struct store_rows **ret_rows;
	struct store_rows *rows;
};

struct plan {
	struct step steps[MAX_STEPS];
	size_t n;
};

static void
plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		store_args_done(&p->steps[i].args);
		store_rows_free(p->steps[i].rows);
	}
}

static enum err
add(struct store *s, struct plan *p, const struct store_statement *statement)
{
	struct step *step = &p->steps[p->n];
	enum err e = store_prepare(s, statement->sql, step->name);

	if (e == ERR_OK)
		e = store_args_make(statement->params, statement->n_params, &step->args);
	if (e != ERR_OK)
		return e;
	step->ret_rows = statement->ret_rows;
	p->n++;
	return ERR_OK;
}

static enum err
make_plan(struct store *s, const struct uuid *workspace, const struct store_statement *statements,
    size_t n, struct plan *p)
{
	const char *context = NULL;
	struct store_param param;
	enum err e = add(s, p, &(struct store_statement){ SQL_BEGIN, NULL, 0, NULL });

	if (e == ERR_OK && workspace != NULL)
		e = store_context(s, workspace, &context);
	if (e == ERR_OK && workspace != NULL) {
		param = P_TEXT(str_from(context));
		e = add(s, p, &(struct store_statement){ SQL_SET_CONTEXT, &param, 1, NULL });
	}
	for (size_t i = 0; e == ERR_OK && i < n; i++)
		e = add(s, p, &statements[i]);
	return e != ERR_OK ? e : add(s, p, &(struct store_statement){ SQL_COMMIT, NULL, 0, NULL });
}

static bool
send_all(struct store *s, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct store_args *a = &p->steps[i].args;

		if (PQsendQueryPrepared(s->connection, p->steps[i].name, a->n, a->values,
			a->lengths, a->formats, 1) != 1)
			return false;
	}
	return PQpipelineSync(s->connection) == 1;
}

/* The result of one step, and the NULL behind it. */
static enum err
read_step(struct store *s, struct step *step)
{
	PGresult *result = PQgetResult(s->connection);
	enum err e = ERR_OK;

	if (result == NULL)
		return ERR_BUSY;
	if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
		PQclear(result);
	else if (PQresultStatus(result) != PGRES_TUPLES_OK || step->ret_rows == NULL)
		e = store_finish(s, result);
	else
		e = (step->rows = store_rows_take(result)) == NULL ? ERR_NOMEM : ERR_OK;
	while ((result = PQgetResult(s->connection)) != NULL)
		PQclear(result);
	return e;
}

/* The first failure is the one that tells; what follows it was not run. */
static enum err
read_all(struct store *s, struct plan *p)
{
	enum err first = ERR_OK;

	for (size_t i = 0; i < p->n && store_is_up(s); i++) {
		enum err e = read_step(s, &p->steps[i]);

		first = first == ERR_OK ? e : first;
	}
	if (!store_is_up(s))
		return ERR_BUSY;
	/* What is left is the mark of the end. */
	PQclear(PQgetResult(s->connection));
	return first;
}

/* Nobody knows what is still on its way: the connection is given up. */
static enum err
give_up(struct store *s)
{
	store_keep_error(s, PQerrorMessage(s->connection));
	PQfinish(s->connection);
	s->connection = NULL;
	return ERR_BUSY;
}

static enum err
run_plan(struct store *s, struct plan *p)
{
	enum err e;

	if (PQenterPipelineMode(s->connection) != 1 || !send_all(s, p))
		return give_up(s);
	e = read_all(s, p);
	if (!store_is_up(s))
		return ERR_BUSY;
	if (PQexitPipelineMode(s->connection) != 1)
		return give_up(s);
	if (e != ERR_OK)
		PQclear(PQexec(s->connection, "rollback"));
	return e;
}

enum err
store_transact(struct store *s, const struct uuid *workspace,
    const struct store_statement *statements, size_t n)
{
	__attribute__((cleanup(plan_done))) struct plan p = { .n = 0 };
	enum err e;

	if (s->is_in_transaction || n > STORE_MAX_STATEMENTS)
		return ERR_BUG;
	if (!store_is_up(s))
		return ERR_BUSY;
	s->last_error[0] = '\0'; /* whoever asks for it means this one's */
	e = make_plan(s, workspace, statements, n, &p);
	if (e == ERR_OK)
		e = run_plan(s, &p);
	for (size_t i = 0; e == ERR_OK && i < p.n; i++)
		if (p.steps[i].ret_rows != NULL)
			*p.steps[i].ret_rows = TAKE(p.steps[i].rows);
	return e;
}
