/* SPDX-License-Identifier: Apache-2.0 */
/* audit_lines - see audit_lines.h. */
#include "cli/audit_lines.h"

#include <string.h>

#include "audit/plan.h"
#include "store/queries.h"

#define ROWS_A_PAGE 512
#define NODES_A_PROOF 128

struct teller {
	const struct audit_lines *lines;
	struct buf *line;
	struct merkle_checkpoint at;
	struct merkle_plan *plan; /* of a page's proofs; NULL in an export of all */
};

static enum err
tell(struct teller *t, const struct export_line *line)
{
	enum err e;

	buf_clear(t->line);
	e = export_write(line, t->line);
	return e == ERR_OK ? t->lines->take(t->lines->to, buf_str(t->line)) : e;
}

static enum err
tell_header(struct teller *t)
{
	const struct uuid *workspace = t->lines->workspace;
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct export_line line = { .kind = EXPORT_HEADER, .is_all = workspace == NULL };
	struct str text;
	enum err e = store_run(t->lines->store, SQL_AUDIT_LAST_CHECKPOINT, NULL, 0, &rows);

	if (e != ERR_OK)
		return e;
	if (store_row_count(rows) == 0)
		return ERR_NOT_FOUND;
	if (workspace != NULL)
		line.workspace = *workspace;
	line.note = store_text(rows, 0, 2);
	e = note_peek(line.note, &text);
	if (e == ERR_OK)
		e = checkpoint_read(text, &line.origin, &t->at);
	return e == ERR_OK ? tell(t, &line) : e;
}

/* ---- the proofs of a page, all their subtrees in one round trip */

static enum err
fetch_nodes(struct teller *t)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const size_t n = merkle_plan_count(t->plan);
	enum err e = store_run(t->lines->store, SQL_AUDIT_TREE_HASHES,
	    (struct store_param[]){
		P_INTS(merkle_plan_levels(t->plan), n), P_INTS(merkle_plan_indexes(t->plan), n) },
	    2, &rows);

	if (e == ERR_OK && store_row_count(rows) != n)
		e = ERR_BUG;
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		struct str bytes = store_text(rows, i, 0);
		struct merkle_hash hash;

		if (store_is_null(rows, i, 0) || bytes.len != MERKLE_HASH_BYTES)
			return ERR_MALFORMED; /* somebody took parts of the tree away */
		memcpy(hash.bytes, bytes.at, MERKLE_HASH_BYTES);
		merkle_plan_put(t->plan, i, &hash);
	}
	return e;
}

/* A pruned event is no part of a workspace's slice. */
static bool
is_left_out(const struct teller *t, const struct store_rows *rows, size_t i)
{
	return (uint64_t)store_int(rows, i, 0) >= t->at.size ||
	    (t->plan != NULL && store_is_null(rows, i, 3));
}

static enum err
gather_proofs(struct teller *t, const struct store_rows *rows)
{
	enum err e = ERR_OK;

	if (t->plan == NULL)
		return ERR_OK;
	merkle_plan_clear(t->plan);
	for (size_t i = 0; i < store_row_count(rows) && e == ERR_OK; i++)
		if (!is_left_out(t, rows, i))
			e = merkle_plan_inclusion(t->plan, (uint64_t)store_int(rows, i, 0));
	return e == ERR_OK ? fetch_nodes(t) : e;
}

static enum err
tell_entry(struct teller *t, const struct store_rows *rows, size_t i)
{
	struct export_line line = { .kind = EXPORT_ENTRY,
		.leaf_index = (uint64_t)store_int(rows, i, 0),
		.ws_seq = (uint64_t)store_int(rows, i, 1),
		.leaf = store_text(rows, i, 3),
		.has_proof = t->plan != NULL };
	struct str hash = store_text(rows, i, 2);
	enum err e = ERR_OK;

	if (hash.len != MERKLE_HASH_BYTES)
		return ERR_MALFORMED;
	memcpy(line.hash.bytes, hash.at, MERKLE_HASH_BYTES);
	if (store_is_null(rows, i, 3))
		line.kind = EXPORT_PRUNED;
	if (t->plan != NULL)
		e = merkle_plan_prove_inclusion(t->plan, line.leaf_index, &line.proof);
	if (e == ERR_OK)
		e = tell(t, &line);
	if (e != ERR_OK || t->plan != NULL || store_is_null(rows, i, 4))
		return e;
	line = (struct export_line){ .kind = EXPORT_NOTE, .note = store_text(rows, i, 4) };
	return tell(t, &line);
}

static enum err
tell_page(struct teller *t, uint64_t *from, bool *is_last)
{
	const struct uuid *workspace = t->lines->workspace;
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct store_param params[] = { P_INT((int64_t)*from), P_INT(ROWS_A_PAGE),
		workspace == NULL ? P_NULL : P_UUID(workspace) };
	enum err e = store_run(t->lines->store, SQL_AUDIT_EXPORT_LEAVES, params, 3, &rows);
	size_t n;

	if (e != ERR_OK)
		return e;
	n = store_row_count(rows);
	e = gather_proofs(t, rows);
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		if (!is_left_out(t, rows, i))
			e = tell_entry(t, rows, i);
	*is_last = n < ROWS_A_PAGE;
	if (n > 0)
		*from = (uint64_t)store_int(rows, n - 1, 0) + 1;
	return e;
}

enum err
audit_lines_tell(const struct audit_lines *lines, struct merkle_checkpoint *ret_at)
{
	struct teller t = { .lines = lines };
	bool is_last = false;
	uint64_t from = 0;
	enum err e = buf_new(EXPORT_LINE_MAX_BYTES, &t.line);

	if (e == ERR_OK)
		e = tell_header(&t);
	if (e == ERR_OK && lines->workspace != NULL)
		e = merkle_plan_new(t.at.size, (size_t)ROWS_A_PAGE * NODES_A_PROOF, &t.plan);
	while (e == ERR_OK && !is_last && from < t.at.size)
		e = tell_page(&t, &from, &is_last);
	merkle_plan_free(t.plan);
	buf_free(t.line);
	if (e == ERR_OK)
		*ret_at = t.at;
	return e;
}
