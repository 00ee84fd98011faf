/* SPDX-License-Identifier: Apache-2.0 */
/* status - the running system at a glance: processes, captures, what is stored, scores. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/prove/processes.h"
#include "redact/redact.h"
#include "store/queries.h"
#include "store/store.h"

#define COUNTERS_MAX_BYTES 65536
#define SLOT_BYTES 128

enum counter {
	FORWARDED,
	STORED,
	DROPPED,
	REFUSED,
	UNPARSED,
	IN_FLIGHT,
	UNAUTHORIZED,
	LIMITED,
	N_COUNTERS
};

static void
print_processes(const struct process *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char user[64] = "", memory[64] = "";

		if (list[i].is_child)
			continue;
		(void)process_status(list[i].pid, "Uid", user, sizeof(user));
		(void)process_status(list[i].pid, "VmRSS", memory, sizeof(memory));
		(void)printf("  %-12s pid %-8d uid %-8.*s %s\n", list[i].role, (int)list[i].pid,
		    (int)strcspn(user, "\t"), user, memory);
	}
}

/* docs/protocol.md: slots of 128 bytes, eight little-endian counters behind the pid. */
static bool
sum_counters(const struct conf *conf, uint64_t sums[static N_COUNTERS])
{
	CLEANUP(buf) struct buf *b = NULL;
	char path[CONF_PATH_BYTES + 32];
	struct str all;

	(void)snprintf(path, sizeof(path), "%s/run/edge.counters", conf->dir);
	if (buf_new(COUNTERS_MAX_BYTES, &b) != ERR_OK || file_read(path, b, NULL) != ERR_OK)
		return false;
	all = buf_str(b);
	for (size_t slot = 0; slot + SLOT_BYTES <= all.len; slot += SLOT_BYTES)
		for (size_t i = 0; i < N_COUNTERS; i++) {
			uint64_t value = 0;

			for (size_t byte = 8; byte > 0; byte--)
				value = value << 8 | (uint8_t)all.at[slot + 8 + 8 * i + byte - 1];
			sums[i] += value;
		}
	return true;
}

static void
print_captures(const struct conf *conf)
{
	uint64_t c[N_COUNTERS] = { 0 };
	bool is_balanced;

	if (!sum_counters(conf, c)) {
		(void)printf("  no counters: the edge has not started yet\n");
		return;
	}
	is_balanced = c[FORWARDED] == c[STORED] + c[DROPPED] + c[REFUSED] + c[IN_FLIGHT];
	(void)printf("  forwarded %" PRIu64 " = stored %" PRIu64 " + dropped %" PRIu64
		     " + refused %" PRIu64 " (unparsed %" PRIu64 ") + in flight %" PRIu64
		     "%s\n  unauthorized %" PRIu64 ", over the limit %" PRIu64 "\n",
	    c[FORWARDED], c[STORED], c[DROPPED], c[REFUSED], c[UNPARSED], c[IN_FLIGHT],
	    is_balanced ? "" : "   DOES NOT BALANCE", c[UNAUTHORIZED], c[LIMITED]);
}

/* What the supervisor sees wrong with the machine. */
static void
print_troubles(const struct conf *conf)
{
	char path[CONF_PATH_BYTES + 32];
	json_t *status, *text;
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/run/status.json", conf->dir);
	status = json_load_file(path, 0, NULL);
	json_array_foreach(json_object_get(status, "troubles"), i, text)(void)
	    printf("%s  %s\n", i == 0 ? "TROUBLE\n" : "", json_string_value(text));
	json_decref(status);
}

static enum err
print_stored(struct store *s)
{
	static const char *const names[] = { "workspaces", "projects", "conversations", "exchanges",
		"messages", "verdicts: pass", "fail", "not applicable", "indeterminate",
		"waiting to be judged" };
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(s, SQL_OPERATOR_SUMMARY, NULL, 0, &rows);

	if (e != ERR_OK)
		return e;
	(void)printf(" ");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)printf(" %s %" PRId64 "%s", names[i], store_int(rows, 0, i),
		    i + 1 == sizeof(names) / sizeof(names[0]) ? "\n"
			: i == 4                              ? "\n "
							      : ",");
	return ERR_OK;
}

static void
print_score(int64_t pass, int64_t fail)
{
	if (pass + fail == 0)
		(void)printf("     -");
	else
		(void)printf("%5.0f%%", 100.0 * (double)pass / (double)(pass + fail));
}

/* By project, its rules in their order.  Their names are sealed and only keyd opens them, for a
 * member who is signed in: numbers and ids stand here. */
static enum err
print_scores(struct store *s)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(s, SQL_OPERATOR_SCORES, NULL, 0, &rows);
	size_t number = 0;

	for (size_t i = 0; e == ERR_OK && i < store_row_count(rows); i++) {
		struct uuid project = store_uuid(rows, i, 1), rule = store_uuid(rows, i, 2);
		struct uuid last = i > 0 ? store_uuid(rows, i - 1, 1) : project;
		char id[UUID_TEXT_BYTES];

		number = uuid_equals(&project, &last) ? number + 1 : 1;
		uuid_format(&rule, id);
		(void)printf("  %-20.*s rule %-3zu %-8.*s", STR_ARG(store_text(rows, i, 0)), number,
		    STR_ARG(store_text(rows, i, 3)));
		print_score(store_int(rows, i, 4), store_int(rows, i, 5));
		(void)printf("   pass %" PRId64 ", fail %" PRId64 ", not applicable %" PRId64
			     ", indeterminate %" PRId64 "   %s\n",
		    store_int(rows, i, 4), store_int(rows, i, 5), store_int(rows, i, 6),
		    store_int(rows, i, 7), id);
	}
	return e;
}

/* Which policy each workspace's conversations are redacted by. */
static enum err
print_redaction(struct store *s)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(s, SQL_OPERATOR_REDACTION, NULL, 0, &rows);

	for (size_t i = 0; e == ERR_OK && i < store_row_count(rows); i++) {
		int64_t version = store_int(rows, i, 1);
		struct str off = store_text(rows, i, 3);

		if (version == 0) {
			(void)printf("  %-20.*s default policy\n", STR_ARG(store_text(rows, i, 0)));
			continue;
		}
		(void)printf("  %-20.*s policy version %" PRId64 "%s%.*s\n",
		    STR_ARG(store_text(rows, i, 0)), version, off.len > 0 ? ", off: " : "",
		    STR_ARG(off));
	}
	return e;
}

/* As in the first seconds of the first start, before the schema is there. */
static int
tell_unready(struct store *s)
{
	(void)fprintf(stderr,
	    "rendfly status: the database does not answer as it should: %s (while the system "
	    "starts, ask again in some seconds)\n",
	    store_last_error(s));
	return 1;
}

static int
show(const struct conf *conf)
{
	CLEANUP(store) struct store *s = NULL;
	CLEANUP_MEM struct process *list = calloc(PROCESSES_MAX, sizeof(*list));
	struct err_detail detail = { "" };
	size_t n = 0;

	if (list == NULL || processes_list(conf, list, &n, &detail) != ERR_OK) {
		(void)fprintf(stderr, "rendfly status: %s\n", detail.text);
		return 1;
	}
	print_troubles(conf);
	(void)printf("processes\n");
	print_processes(list, n);
	(void)printf("captures\n");
	print_captures(conf);
	if (store_open(conf, "operator", NULL, &s, &detail) != ERR_OK) {
		(void)fprintf(stderr, "rendfly status: %s\n", detail.text);
		return 1;
	}
	(void)printf("stored\n");
	if (print_stored(s) != ERR_OK)
		return tell_unready(s);
	(void)printf("redaction (redactor version %d)\n", REDACT_VERSION);
	if (print_redaction(s) != ERR_OK)
		return tell_unready(s);
	(void)printf("scores by rule (what a rule says is sealed: sign in at %s to read it)\n",
	    conf->public_url);
	return print_scores(s) == ERR_OK ? 0 : tell_unready(s);
}

static const struct manual_option options[] = { MANUAL_DIR, { 0 } };

const struct manual status_manual = {
	.name = "status",
	.summary = "processes, captures, scores, and what is wrong with the machine",
	.usage = "[--dir DIR]",
	.about = "What is wrong with the machine, processes, captures, counts and scores of the "
		 "system of DIR. Run it as root.",
	.options = options,
};

int
status_main(int argc, char **argv)
{
	struct err_detail detail = { "" };
	struct args args;
	struct conf conf;
	int status;

	if (!args_read(&status_manual, argc, argv, &args, &status))
		return status;
	if (!folder_load(&args, &conf, &detail)) {
		(void)fprintf(stderr, "rendfly status: %s\n", detail.text);
		return 2;
	}
	return show(&conf);
}
