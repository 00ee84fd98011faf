/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prove - one row for each line of the security page, checked on the running system.
 *
 * A row that is not built yet has no check and says so; it can only turn true by getting one.
 */
#include <jansson.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/prove/prove.h"

#define FIRST_LOGIN_MAX_BYTES 4096

struct promise {
	const char *id;
	const char *text; /* the page's own words */
	void (*check)(const struct prove_context *p, struct prove_result *r); /* NULL: not built */
	const char *how; /* how it is checked, or what is missing */
};

static const struct promise promises[] = {
#include "cli/prove/promises.inc"
};

#define N_PROMISES (sizeof(promises) / sizeof(promises[0]))

void
prove_say(struct prove_result *r, bool holds, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(r->evidence, sizeof(r->evidence), format, args);
	va_end(args);
	r->holds = holds;
}

static void
keep_login_line(struct str line, struct prove_login *login)
{
	const struct {
		const char *name;
		char *to;
		size_t room;
	} fields[] = {
		{ "user: ", login->user, sizeof(login->user) },
		{ "password: ", login->password, sizeof(login->password) },
		{ "workspace: ", login->workspace, sizeof(login->workspace) },
		{ "project: ", login->project, sizeof(login->project) },
		{ "ingest_key: ", login->ingest_key, sizeof(login->ingest_key) },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct str name = str_from(fields[i].name);

		if (str_starts_with(line, name))
			(void)snprintf(fields[i].to, fields[i].room, "%.*s",
			    STR_ARG(str_slice(line, name.len, line.len)));
	}
}

static void
load_login(const char *dir, struct prove_login *login)
{
	CLEANUP(buf) struct buf *b = NULL;
	char path[PATH_MAX];
	struct str left;

	(void)snprintf(path, sizeof(path), "%s/first-login", dir);
	if (buf_new(FIRST_LOGIN_MAX_BYTES, &b) != ERR_OK || file_read(path, b, NULL) != ERR_OK)
		return;
	left = buf_str(b);
	while (left.len > 0) {
		const char *end = memchr(left.at, '\n', left.len);
		size_t len = end == NULL ? left.len : (size_t)(end - left.at);

		keep_login_line(str_trim(str_slice(left, 0, len)), login);
		left = str_slice(left, len + 1, left.len);
	}
}

static void
run_check(const struct promise *promise, const struct prove_context *p, struct prove_result *r)
{
	if (promise->check == NULL) {
		prove_say(r, false, "not built");
		return;
	}
	prove_say(r, false, "the check came to no result");
	promise->check(p, r);
}

static int
print_json(const struct prove_result *results)
{
	json_t *rows = json_array();
	int status;

	for (size_t i = 0; i < N_PROMISES; i++)
		(void)json_array_append_new(rows,
		    json_pack("{s:s, s:s, s:b, s:s, s:s}", "id", promises[i].id, "promise",
			promises[i].text, "holds", (int)results[i].holds, "evidence",
			results[i].evidence, "how", promises[i].how));
	status = json_dumpf(rows, stdout, JSON_INDENT(2));
	json_decref(rows);
	(void)printf("\n");
	return status;
}

static void
print_table(const struct prove_result *results)
{
	size_t held = 0;

	for (size_t i = 0; i < N_PROMISES; i++) {
		(void)printf("%-7s %s\n        %s\n        checked: %s\n",
		    results[i].holds ? "holds" : "FALSE", promises[i].text, results[i].evidence,
		    promises[i].how);
		held += results[i].holds ? 1 : 0;
	}
	(void)printf("\n%zu of %zu promises hold\n", held, N_PROMISES);
}

static const struct manual_option options[] = {
	{ "--json", NULL, "an array of {\"id\",\"promise\",\"holds\",\"evidence\",\"how\"}",
	    false },
	MANUAL_DIR, { 0 }
};

const struct manual prove_manual = {
	.name = "prove",
	.summary = "check each line of the security page on the running system",
	.usage = "[--json] [--dir DIR]",
	.about =
	    "Checks each line of the security page on the running system of DIR and says for "
	    "each whether it holds, with the evidence and how it was checked. Run it as root: it "
	    "looks into the processes and speaks as their database roles.",
	.exits = "0 when every promise holds, 1 when one does not, 2 when it could not look.",
	.options = options,
};

static int
check_all(const struct prove_context *p, bool is_json, struct prove_result *results)
{
	bool all_hold = true, tells = !is_json && isatty(STDERR_FILENO);

	for (size_t i = 0; i < N_PROMISES; i++) {
		if (tells)
			(void)fprintf(stderr, "\rchecking %zu of %zu\033[K", i + 1, N_PROMISES);
		run_check(&promises[i], p, &results[i]);
		all_hold = all_hold && results[i].holds;
	}
	if (tells)
		(void)fprintf(stderr, "\r\033[K");
	if (is_json && print_json(results) != 0)
		return 2;
	if (!is_json)
		print_table(results);
	return all_hold ? 0 : 1;
}

static int
prove(const struct args *args)
{
	struct prove_result *results = calloc(N_PROMISES, sizeof(*results));
	struct prove_context *p = calloc(1, sizeof(*p));
	struct err_detail detail = { "out of memory" };
	bool is_json = args_has(args, "--json");
	/* A program is told by the rows that nothing runs, a person in a line. */
	bool (*load)(const struct args *, struct conf *, struct err_detail *) =
	    is_json ? folder_load : folder_load_running;
	int status = 2;

	if (results != NULL && p != NULL && load(args, &p->conf, &detail)) {
		load_login(p->conf.dir, &p->login);
		status = check_all(p, is_json, results);
	} else {
		(void)fprintf(stderr, "rendfly prove: %s\n", detail.text);
	}
	free(results);
	free(p);
	return status;
}

int
prove_main(int argc, char **argv)
{
	struct args args;
	int status;

	if (!args_read(&prove_manual, argc, argv, &args, &status))
		return status;
	return prove(&args);
}
