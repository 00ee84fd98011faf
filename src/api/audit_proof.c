/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_proof - what a customer checks the audit log with: the signed checkpoint, proofs of
 * inclusion and of consistency, and the workspace's slice in the format of lib/audit/export.h.
 */
#include "api/api.h"
#include "api/audit.h"
#include "api/audit_row.h"
#include "audit/export.h"
#include "audit/plan.h"
#include "queries.h"

#define NODES_A_PROOF 128
#define DEFAULT_LIMIT 200
#define MAX_LIMIT 500

/* ---- parts */

struct checkpoint {
	struct store_rows *rows;
	uint64_t size;
	struct str note;
};

/* The last one, or that of a size; ERR_NOT_FOUND when there is none. */
static enum err
find_checkpoint(struct request *r, int64_t size, struct checkpoint *ret_checkpoint)
{
	enum err e = store_run(r->worker->store, SQL_FIND_CHECKPOINT,
	    (struct store_param[]){ size > 0 ? P_INT(size) : P_NULL }, 1, &ret_checkpoint->rows);

	if (e == ERR_OK && store_row_count(ret_checkpoint->rows) == 0)
		e = ERR_NOT_FOUND;
	if (e != ERR_OK)
		return e;
	ret_checkpoint->size = (uint64_t)store_int(ret_checkpoint->rows, 0, 0);
	ret_checkpoint->note = store_text(ret_checkpoint->rows, 0, 2);
	return ERR_OK;
}

/* All subtrees of the plan in one round trip. */
static enum err
fetch_nodes(struct request *r, struct merkle_plan *plan)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const size_t n = merkle_plan_count(plan);
	enum err e = store_run(r->worker->store, SQL_AUDIT_TREE_HASHES,
	    (struct store_param[]){
		P_INTS(merkle_plan_levels(plan), n), P_INTS(merkle_plan_indexes(plan), n) },
	    2, &rows);

	if (e == ERR_OK && store_row_count(rows) != n)
		e = ERR_BUG;
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		struct str bytes = store_text(rows, i, 0);
		struct merkle_hash hash;

		if (store_is_null(rows, i, 0) || bytes.len != MERKLE_HASH_BYTES)
			return ERR_MALFORMED; /* somebody took parts of the tree away */
		memcpy(hash.bytes, bytes.at, MERKLE_HASH_BYTES);
		merkle_plan_put(plan, i, &hash);
	}
	return e;
}

static enum err
put_proof(struct json_out *j, const struct merkle_proof *proof)
{
	enum err e = ERR_OK;

	json_open_array(j, "proof");
	for (size_t i = 0; i < proof->n && e == ERR_OK; i++)
		e = audit_put_bytes(j, NULL,
		    (struct str){ (const char *)proof->hashes[i].bytes, MERKLE_HASH_BYTES });
	json_close_array(j);
	return e;
}

static enum err
refuse_unsigned(struct request *r)
{
	r->answer.retry_after_s = 10;
	return request_refuse(r, MHD_HTTP_NOT_FOUND, "not_signed_yet",
	    "No signed checkpoint holds this event yet.",
	    "Ask again in a few seconds: batches are closed every few seconds.");
}

/* ---- one event */

static enum err
prove_leaf(struct request *r, uint64_t size, uint64_t leaf, struct merkle_proof *ret_proof)
{
	CLEANUP(merkle_plan) struct merkle_plan *plan = NULL;
	enum err e = merkle_plan_new(size, NODES_A_PROOF, &plan);

	if (e == ERR_OK)
		e = merkle_plan_inclusion(plan, leaf);
	if (e == ERR_OK)
		e = fetch_nodes(r, plan);
	return e == ERR_OK ? merkle_plan_prove_inclusion(plan, leaf, ret_proof) : e;
}

static enum err
answer_proof(struct request *r, const struct audit_row *row, const struct checkpoint *c,
    const struct merkle_proof *proof)
{
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	CLEANUP(buf) struct buf *leaf = NULL;
	enum err e = buf_new(AUDIT_LEAF_MAX_BYTES, &leaf);

	/* Made from the columns: the caller sees whether they are what was hashed. */
	if (e == ERR_OK)
		e = audit_leaf_write(&row->event, leaf);
	json_open_object(&j, NULL);
	json_put_uuid(&j, "event_id", &row->event.event_id);
	json_put_int(&j, "number", (int64_t)row->event.ws_seq);
	json_put_int(&j, "leaf_index", (int64_t)row->leaf_index);
	if (e == ERR_OK)
		e = audit_put_bytes(&j, "hash",
		    (struct str){ (const char *)row->leaf_hash.bytes, MERKLE_HASH_BYTES });
	if (e == ERR_OK)
		e = audit_put_bytes(&j, "leaf", buf_str(leaf));
	if (e == ERR_OK)
		e = put_proof(&j, proof);
	json_put_text(&j, "checkpoint", c->note);
	json_close_object(&j);
	return e == ERR_OK ? json_out_end(&j) : e;
}

static enum err
prove_event(struct request *r, const struct uuid *id, struct checkpoint *c)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct merkle_proof proof = { 0 };
	struct audit_row row;
	enum err e = store_run(r->worker->store, SQL_FIND_AUDIT_EVENT,
	    (struct store_param[]){ P_UUID(id) }, 1, &rows);

	if (e == ERR_OK && store_row_count(rows) != 1)
		return ERR_NOT_FOUND;
	if (e == ERR_OK)
		e = audit_row_read(r, rows, 0, &row);
	if (e == ERR_OK)
		e = find_checkpoint(r, 0, c);
	if (e == ERR_NOT_FOUND || (e == ERR_OK && (!row.has_leaf || row.leaf_index >= c->size))) {
		store_rollback(r->worker->store);
		return refuse_unsigned(r);
	}
	if (e == ERR_OK)
		e = prove_leaf(r, c->size, row.leaf_index, &proof);
	if (e == ERR_OK)
		e = audit_commit(r, id);
	return e == ERR_OK ? answer_proof(r, &row, c, &proof) : e;
}

enum err
audit_proof_get(struct request *r)
{
	struct checkpoint c = { .rows = NULL };
	struct uuid id;
	enum err e = request_capture_uuid(r, 0, &id);

	if (e == ERR_OK)
		e = worker_begin(r->worker, &r->session.workspace);
	if (e == ERR_OK)
		e = prove_event(r, &id, &c);
	store_rows_free(c.rows);
	return e;
}

/* ---- the checkpoint */

static enum err
put_key(struct request *r, struct json_out *j, struct str note)
{
	struct api *api = r->worker->api;
	CLEANUP(buf) struct buf *text = NULL;
	uint8_t public_key[NOTE_KEY_BYTES];
	struct merkle_checkpoint unused;
	struct note_key key;
	struct str signed_text, origin;
	enum err e;

	(void)pthread_mutex_lock(&api->keyd_lock);
	e = keyd_audit_key(api->keyd, public_key);
	(void)pthread_mutex_unlock(&api->keyd_lock);
	if (e == ERR_OK)
		e = note_peek(note, &signed_text);
	if (e == ERR_OK)
		e = checkpoint_read(signed_text, &origin, &unused);
	if (e == ERR_OK)
		e = note_key_make(origin, public_key, &key);
	if (e == ERR_OK)
		e = buf_new(NOTE_MAX_BYTES, &text);
	if (e == ERR_OK)
		e = note_key_write(&key, text);
	if (e == ERR_OK)
		json_put_text(j, "key", buf_str(text));
	return e;
}

static enum err
answer_checkpoint(struct request *r, const struct checkpoint *c)
{
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	enum err e;

	json_open_object(&j, NULL);
	json_put_int(&j, "size", (int64_t)c->size);
	e = audit_put_bytes(&j, "root", store_text(c->rows, 0, 1));
	json_put_time(&j, "signed_at", store_int(c->rows, 0, 3));
	json_put_text(&j, "note", c->note);
	if (e == ERR_OK)
		e = put_key(r, &j, c->note);
	json_close_object(&j);
	return e == ERR_OK ? json_out_end(&j) : e;
}

enum err
audit_checkpoint_get(struct request *r)
{
	struct checkpoint c = { .rows = NULL };
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = find_checkpoint(r, 0, &c);
	if (e == ERR_OK)
		e = audit_commit(r, NULL);
	if (e == ERR_OK)
		e = answer_checkpoint(r, &c);
	store_rows_free(c.rows);
	return e;
}

/* ---- consistency */

static enum err
prove_consistency(struct request *r, uint64_t from, uint64_t to)
{
	CLEANUP(merkle_plan) struct merkle_plan *plan = NULL;
	struct merkle_proof proof = { 0 };
	struct json_out j;
	enum err e = merkle_plan_new(to, NODES_A_PROOF, &plan);

	if (e == ERR_OK)
		e = merkle_plan_consistency(plan, from);
	if (e == ERR_OK)
		e = fetch_nodes(r, plan);
	if (e == ERR_OK)
		e = merkle_plan_prove_consistency(plan, from, &proof);
	if (e == ERR_OK)
		e = audit_commit(r, NULL);
	if (e != ERR_OK)
		return e;
	j = request_answer(r, MHD_HTTP_OK);
	json_open_object(&j, NULL);
	json_put_int(&j, "from", (int64_t)from);
	json_put_int(&j, "to", (int64_t)to);
	e = put_proof(&j, &proof);
	json_close_object(&j);
	return e == ERR_OK ? json_out_end(&j) : e;
}

enum err
audit_consistency_get(struct request *r)
{
	struct checkpoint c = { .rows = NULL };
	int64_t from = 0, to = 0;
	enum err e;

	if (!request_query_int(r, "from", 0, INT64_MAX, &from) ||
	    !request_query_int(r, "to", 1, INT64_MAX, &to))
		return ERR_OK;
	e = worker_begin(r->worker, &r->session.workspace);
	if (e == ERR_OK)
		e = find_checkpoint(r, 0, &c);
	store_rows_free(c.rows);
	if (e != ERR_OK)
		return e;
	if (to == 0)
		to = (int64_t)c.size;
	if (from <= to && (uint64_t)to <= c.size)
		return prove_consistency(r, (uint64_t)from, (uint64_t)to);
	store_rollback(r->worker->store);
	return request_refuse(r, MHD_HTTP_BAD_REQUEST, "malformed_parameter",
	    "The log has no checkpoints of these sizes.",
	    "Send from and to so that from <= to <= the size of the last checkpoint.");
}

/* ---- the slice */

struct page {
	struct checkpoint c;
	struct store_rows *rows;
	struct merkle_plan *plan;
	size_t n;
};

static enum err
read_slice(struct request *r, int64_t after, int64_t limit, struct page *p)
{
	enum err e = store_run(r->worker->store, SQL_LIST_AUDIT_LEAVES,
	    (struct store_param[]){ P_INT(after), P_INT((int64_t)p->c.size), P_INT(limit + 1) }, 3,
	    &p->rows);

	if (e != ERR_OK)
		return e;
	p->n = store_row_count(p->rows);
	if (p->n > (size_t)limit)
		p->n = (size_t)limit;
	e = merkle_plan_new(p->c.size, (size_t)limit * NODES_A_PROOF, &p->plan);
	for (size_t i = 0; i < p->n && e == ERR_OK; i++) {
		struct audit_row row;

		e = audit_row_read(r, p->rows, i, &row);
		if (e == ERR_OK)
			e = merkle_plan_inclusion(p->plan, row.leaf_index);
	}
	return e == ERR_OK ? fetch_nodes(r, p->plan) : e;
}

static enum err
put_line(struct json_out *j, const char *name, const struct export_line *line)
{
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = buf_new(EXPORT_LINE_MAX_BYTES, &text);

	if (e == ERR_OK)
		e = export_write(line, text);
	if (e == ERR_OK)
		json_put_text(j, name, str_slice(buf_str(text), 0, buf_len(text) - 1));
	return e;
}

static enum err
put_header(struct request *r, struct json_out *j, const struct checkpoint *c)
{
	struct export_line line = {
		.kind = EXPORT_HEADER, .workspace = r->session.workspace, .note = c->note
	};
	struct merkle_checkpoint unused;
	struct str text;
	enum err e = note_peek(c->note, &text);

	if (e == ERR_OK)
		e = checkpoint_read(text, &line.origin, &unused);
	return e == ERR_OK ? put_line(j, "header", &line) : e;
}

static enum err
put_entry(struct request *r, struct json_out *j, const struct page *p, size_t i)
{
	struct export_line line = { .kind = EXPORT_ENTRY, .has_proof = true };
	CLEANUP(buf) struct buf *leaf = NULL;
	struct audit_row row;
	enum err e = buf_new(AUDIT_LEAF_MAX_BYTES, &leaf);

	if (e == ERR_OK)
		e = audit_row_read(r, p->rows, i, &row);
	if (e == ERR_OK)
		e = audit_leaf_write(&row.event, leaf);
	if (e == ERR_OK)
		e = merkle_plan_prove_inclusion(p->plan, row.leaf_index, &line.proof);
	if (e != ERR_OK)
		return e;
	line.leaf_index = row.leaf_index;
	line.ws_seq = row.event.ws_seq;
	line.hash = row.leaf_hash;
	line.leaf = buf_str(leaf);
	return put_line(j, NULL, &line);
}

static enum err
answer_slice(struct request *r, const struct page *p)
{
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	struct audit_row last = { .has_leaf = false };
	enum err e = ERR_OK;

	json_open_object(&j, NULL);
	json_put_int(&j, "size", (int64_t)p->c.size);
	e = put_header(r, &j, &p->c);
	json_open_array(&j, "lines");
	for (size_t i = 0; i < p->n && e == ERR_OK; i++)
		e = put_entry(r, &j, p, i);
	json_close_array(&j);
	if (e == ERR_OK && p->n > 0)
		e = audit_row_read(r, p->rows, p->n - 1, &last);
	if (store_row_count(p->rows) > p->n)
		json_put_int(&j, "next", (int64_t)last.event.ws_seq);
	else
		json_put_null(&j, "next");
	json_close_object(&j);
	return e == ERR_OK ? json_out_end(&j) : e;
}

enum err
audit_export_get(struct request *r)
{
	struct page p = { .n = 0 };
	int64_t after = 0, size = 0, limit = DEFAULT_LIMIT;
	enum err e;

	if (!request_query_int(r, "after", 0, INT64_MAX, &after) ||
	    !request_query_int(r, "size", 1, INT64_MAX, &size) ||
	    !request_query_int(r, "limit", 1, MAX_LIMIT, &limit))
		return ERR_OK;
	e = worker_begin(r->worker, &r->session.workspace);
	if (e == ERR_OK)
		e = find_checkpoint(r, size, &p.c);
	if (e == ERR_OK)
		e = read_slice(r, after, limit, &p);
	if (e == ERR_OK)
		e = audit_commit(r, NULL);
	if (e == ERR_OK)
		e = answer_slice(r, &p);
	store_rows_free(p.c.rows);
	store_rows_free(p.rows);
	merkle_plan_free(p.plan);
	return e;
}
