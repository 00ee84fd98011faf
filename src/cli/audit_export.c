/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_export - `rendfly audit export`: the log under its last checkpoint, for an operator; or one
 * workspace's events, each with its proof of inclusion, for that workspace.
 *
 * The export is itself an event, committed before the first line is written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/event.h"
#include "cli/audit.h"
#include "cli/audit_lines.h"
#include "cli/folder.h"
#include "cli/inputs.h"
#include "store/queries.h"
#include "store/store.h"

static const struct manual_option options[] = { MANUAL_DIR,
	{ "--workspace", "ID", "this workspace's events only", false },
	{ "--output", "FILE", "instead of standard output; made with mode 0600", false }, { 0 } };

const struct manual audit_export_manual = {
	.name = "audit export",
	.summary = "the log, or one workspace's part, as a file to verify",
	.usage = "[--dir DIR] [--workspace ID] [--output FILE]",
	.about =
	    "Writes the audit log under its last signed checkpoint: all of it, or the events of one "
	    "workspace, each with its proof of inclusion. `rendfly audit verify` and "
	    "tools/audit-verify.py judge the file off line. Run it as root.",
	.options = options,
};

struct exporter {
	struct store *store;
	FILE *to;
	bool is_all;
	struct uuid workspace;
};

static enum err
write_line(void *to, struct str line)
{
	const struct exporter *x = to;

	return fwrite(line.at, 1, line.len, x->to) == line.len ? ERR_OK : ERR_IO;
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

static int
run(const struct conf *conf, struct exporter *x)
{
	CLEANUP(store) struct store *store = NULL;
	struct err_detail detail = { "" };
	struct merkle_checkpoint at;
	enum err e = store_open(conf, "operator", NULL, &store, &detail);

	if (e != ERR_OK) {
		(void)fprintf(stderr, "rendfly audit export: %s\n", detail.text);
		return 1;
	}
	x->store = store;
	e = record(x);
	if (e == ERR_OK)
		e = audit_lines_tell(&(struct audit_lines){ store, x->is_all ? NULL : &x->workspace,
					 write_line, x },
		    &at);
	if (e == ERR_OK && fflush(x->to) != 0)
		e = ERR_IO;
	if (e == ERR_NOT_FOUND)
		(void)fputs("rendfly audit export: no checkpoint is signed yet: try again in a "
			    "minute\n",
		    stderr);
	else if (e != ERR_OK)
		(void)fprintf(stderr, "rendfly audit export: the file is not whole: %s; %s\n",
		    err_text(e), store_last_error(store));
	return e == ERR_OK ? 0 : 1;
}

/* -1: go on; else the exit status. */
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
	struct exporter x = { .is_all = true };
	struct err_detail detail = { "" };
	const char *workspace;
	struct args args;
	struct conf conf;
	int status;

	if (!args_read(&audit_export_manual, argc, argv, &args, &status))
		return status;
	workspace = args_value(&args, "--workspace");
	x.is_all = workspace == NULL;
	if (!x.is_all && !uuid_parse(str_from(workspace), &x.workspace))
		return args_complain(&audit_export_manual,
		    "--workspace wants an id, 8-4-4-4-12 hexadecimal digits");
	if (!folder_load_database(&args, &conf, &detail)) {
		(void)fprintf(stderr, "rendfly audit export: %s\n", detail.text);
		return EXIT_BAD_INPUT;
	}
	if (!open_output(args_value(&args, "--output"), &x.to))
		return EXIT_BAD_INPUT;
	status = run(&conf, &x);
	if (x.to != stdout && fclose(x.to) != 0)
		status = 1;
	return status;
}
