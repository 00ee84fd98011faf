/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_export - `rendfly audit export`: the log under its last checkpoint, for an operator; or one
 * workspace's events, each with its proof of inclusion, for that workspace.
 *
 * The export is itself an event, committed before the first line is written.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/export.h"
#include "audit/plan.h"
#include "cli/audit.h"
#include "cli/inputs.h"
#include "store/queries.h"
#include "store/store.h"

#define ROWS_A_PAGE 512
#define NODES_A_PROOF 128

static const char HELP[] =
    "usage: rendfly audit export [--dir DIR] [--workspace ID] [--output FILE]\n"
    "\n"
    "Writes the audit log under its last signed checkpoint: all of it, or the events of one\n"
    "workspace, each with its proof of inclusion.  `rendfly audit verify` and\n"
    "tools/audit-verify.py judge the file off line.  Run it as root.\n"
    "\n"
    "  --dir DIR       the data folder (default var)\n"
    "  --workspace ID  this workspace's events only\n"
    "  --output FILE   instead of standard output; made with mode 0600\n";

struct exporter {
	struct store *store;
	FILE *to;
	struct buf *line;
	bool is_all;
	struct uuid workspace;
	struct merkle_checkpoint at;
	struct merkle_plan *plan; /* of a page's proofs; NULL in an export of all */
};

static enum err
write_line(struct exporter *x, const struct export_line *line)
{
	struct str bytes;
	enum err e;

	buf_clear(x->line);
	e = export_write(line, x->line);
	bytes = buf_str(x->line);
	if (e == ERR_OK && fwrite(bytes.at, 1, bytes.len, x->to) != bytes.len)
		e = ERR_IO;
	return e;
}

static enum err
record(struct exporter *x)
{
	const struct uuid id = uuid_new();
	char workspace[UUID_TEXT_BYTES] = "";
	enum err e = store_begin_plain(x->store);

	if (!x->is_all)
		uuid_format(&x->workspace, workspace);
	if (e == ERR_OK)
		e = store_run(x->store, SQL_AUDIT_EXPORT_EVENT,
		    (struct store_param[]){ P_UUID(&id), P_INT(AUDIT_SYS_AUDIT_EXPORTED),
			P_TEXT(x->is_all ? STR("audit_log") : STR("workspace")),
			P_TEXT(str_from(workspace)), P_TEXT(STR("rendfly audit export")) },
		    5, NULL);
	return e == ERR_OK ? store_commit(x->store) : e;
}

static enum err
write_header(struct exporter *x)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct export_line line = {
		.kind = EXPORT_HEADER, .is_all = x->is_all, .workspace = x->workspace
	};
	struct str text;
	enum err e = store_run(x->store, SQL_AUDIT_LAST_CHECKPOINT, NULL, 0, &rows);

	if (e != ERR_OK)
		return e;
	if (store_row_count(rows) == 0)
		return ERR_NOT_FOUND;
	line.note = store_text(rows, 0, 2);
	e = note_peek(line.note, &text);
	if (e == ERR_OK)
		e = checkpoint_read(text, &line.origin, &x->at);
	return e == ERR_OK ? write_line(x, &line) : e;
}

/* ---- the proofs of a page, all their subtrees in one round trip */

static enum err
fetch_nodes(struct exporter *x)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const size_t n = merkle_plan_count(x->plan);
	enum err e = store_run(x->store, SQL_AUDIT_TREE_HASHES,
	    (struct store_param[]){
		P_INTS(merkle_plan_levels(x->plan), n), P_INTS(merkle_plan_indexes(x->plan), n) },
	    2, &rows);

	if (e == ERR_OK && store_row_count(rows) != n)
		e = ERR_BUG;
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		struct str bytes = store_text(rows, i, 0);
		struct merkle_hash hash;

		if (store_is_null(rows, i, 0) || bytes.len != MERKLE_HASH_BYTES)
			return ERR_MALFORMED; /* somebody took parts of the tree away */
		memcpy(hash.bytes, bytes.at, MERKLE_HASH_BYTES);
		merkle_plan_put(x->plan, i, &hash);
	}
	return e;
}

/* A pruned event is no part of a workspace's slice. */
static bool
is_left_out(const struct exporter *x, const struct store_rows *rows, size_t i)
{
	return (uint64_t)store_int(rows, i, 0) >= x->at.size ||
	    (!x->is_all && store_is_null(rows, i, 3));
}

static enum err
gather_proofs(struct exporter *x, const struct store_rows *rows)
{
	enum err e = ERR_OK;

	if (x->plan == NULL)
		return ERR_OK;
	merkle_plan_clear(x->plan);
	for (size_t i = 0; i < store_row_count(rows) && e == ERR_OK; i++)
		if (!is_left_out(x, rows, i))
			e = merkle_plan_inclusion(x->plan, (uint64_t)store_int(rows, i, 0));
	return e == ERR_OK ? fetch_nodes(x) : e;
}

static enum err
write_entry(struct exporter *x, const struct store_rows *rows, size_t i)
{
	struct export_line line = { .kind = EXPORT_ENTRY,
		.leaf_index = (uint64_t)store_int(rows, i, 0),
		.ws_seq = (uint64_t)store_int(rows, i, 1),
		.leaf = store_text(rows, i, 3),
		.has_proof = x->plan != NULL };
	struct str hash = store_text(rows, i, 2);
	enum err e = ERR_OK;

	if (hash.len != MERKLE_HASH_BYTES)
		return ERR_MALFORMED;
	memcpy(line.hash.bytes, hash.at, MERKLE_HASH_BYTES);
	if (store_is_null(rows, i, 3))
		line.kind = EXPORT_PRUNED;
	if (x->plan != NULL)
		e = merkle_plan_prove_inclusion(x->plan, line.leaf_index, &line.proof);
	if (e == ERR_OK)
		e = write_line(x, &line);
	if (e != ERR_OK || !x->is_all || store_is_null(rows, i, 4))
		return e;
	line = (struct export_line){ .kind = EXPORT_NOTE, .note = store_text(rows, i, 4) };
	return write_line(x, &line);
}

static enum err
write_page(struct exporter *x, uint64_t *from, bool *is_last)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	const struct store_param params[] = { P_INT((int64_t)*from), P_INT(ROWS_A_PAGE),
		x->is_all ? P_NULL : P_UUID(&x->workspace) };
	enum err e = store_run(x->store, SQL_AUDIT_EXPORT_LEAVES, params, 3, &rows);
	size_t n;

	if (e != ERR_OK)
		return e;
	n = store_row_count(rows);
	e = gather_proofs(x, rows);
	for (size_t i = 0; i < n && e == ERR_OK; i++)
		if (!is_left_out(x, rows, i))
			e = write_entry(x, rows, i);
	*is_last = n < ROWS_A_PAGE;
	if (n > 0)
		*from = (uint64_t)store_int(rows, n - 1, 0) + 1;
	return e;
}

static enum err
write_all(struct exporter *x)
{
	bool is_last = false;
	uint64_t from = 0;
	enum err e = record(x);

	if (e == ERR_OK)
		e = write_header(x);
	if (e == ERR_OK && !x->is_all)
		e = merkle_plan_new(x->at.size, (size_t)ROWS_A_PAGE * NODES_A_PROOF, &x->plan);
	while (e == ERR_OK && !is_last && from < x->at.size)
		e = write_page(x, &from, &is_last);
	if (e == ERR_OK && fflush(x->to) != 0)
		e = ERR_IO;
	return e;
}

static int
run(const struct conf *conf, struct exporter *x)
{
	struct err_detail detail = { "" };
	enum err e = store_open(conf, "operator", NULL, &x->store, &detail);

	if (e != ERR_OK) {
		(void)fprintf(stderr, "rendfly audit export: %s\n", detail.text);
		return 1;
	}
	e = buf_new(EXPORT_LINE_MAX_BYTES, &x->line);
	if (e == ERR_OK)
		e = write_all(x);
	if (e == ERR_NOT_FOUND)
		(void)fputs("rendfly audit export: no checkpoint is signed yet: try again in a "
			    "minute\n",
		    stderr);
	else if (e != ERR_OK)
		(void)fprintf(stderr, "rendfly audit export: the file is not whole: %s; %s\n",
		    err_text(e), store_last_error(x->store));
	merkle_plan_free(x->plan);
	buf_free(x->line);
	store_free(x->store);
	return e == ERR_OK ? 0 : 1;
}

struct options {
	const char *dir;
	const char *workspace;
	const char *output;
};

/* -1: go on; else the exit status. */
static int
parse_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
		{ "workspace", required_argument, NULL, 'w' },
		{ "output", required_argument, NULL, 'o' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'd')
			o->dir = optarg;
		else if (option == 'w')
			o->workspace = optarg;
		else if (option == 'o')
			o->output = optarg;
		else
			return fputs(HELP, option == 'h' ? stdout : stderr) < 0 || option != 'h'
			    ? EXIT_BAD_INPUT
			    : 0;
	}
	if (optind == argc)
		return -1;
	(void)fputs(HELP, stderr);
	return EXIT_BAD_INPUT;
}

static bool
open_output(const char *path, FILE **ret_file)
{
	int fd;

	*ret_file = stdout;
	if (path == NULL)
		return true;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	*ret_file = fd < 0 ? NULL : fdopen(fd, "w");
	if (*ret_file != NULL)
		return true;
	if (fd >= 0)
		(void)close(fd);
	(void)fprintf(stderr, "rendfly audit export: %s: %s\n", path, strerror(errno));
	return false;
}

int
audit_export_main(int argc, char **argv)
{
	struct options o = { .dir = "var" };
	struct err_detail detail = { "" };
	struct exporter x = { .is_all = true };
	struct conf conf;
	int status = parse_options(argc, argv, &o);

	if (status >= 0)
		return status;
	x.is_all = o.workspace == NULL;
	if (!x.is_all && !uuid_parse(str_from(o.workspace), &x.workspace)) {
		(void)
		    fputs("rendfly audit export: --workspace wants an id, 8-4-4-4-12 hex digits\n",
			stderr);
		return EXIT_BAD_INPUT;
	}
	if (conf_load(o.dir, &conf, &detail) != ERR_OK) {
		(void)fprintf(stderr, "rendfly audit export: %s\n", detail.text);
		return EXIT_BAD_INPUT;
	}
	if (!open_output(o.output, &x.to))
		return EXIT_BAD_INPUT;
	status = run(&conf, &x);
	if (x.to != stdout && fclose(x.to) != 0)
		status = 1;
	return status;
}
