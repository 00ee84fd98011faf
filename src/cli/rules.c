/* SPDX-License-Identifier: Apache-2.0 */
/* rules - `rendfly rules extract`: a system message in, a rule file out. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/inputs.h"

static const char HELP[] =
    "usage: rendfly rules extract --system-message FILE --offline\n"
    "\n"
    "Splits a system message into rules and writes them to standard output as a rule file: a JSON\n"
    "array of {\"name\",\"description\",\"category\",\"check\"}.  A rule whose check is null needs a\n"
    "judging model; the others are checked without any.\n"
    "\n"
    "  --system-message FILE  the system message, UTF-8 text\n"
    "  --offline              read it by its words alone, with no model\n";

static int
extract(const char *path)
{
	CLEANUP(arena) struct arena *a = NULL;
	CLEANUP(buf) struct buf *message = NULL, *out = NULL;
	struct rule_set rules;
	enum err e;

	if (!input_read_file(path, &message))
		return EXIT_BAD_INPUT;
	e = arena_new(INPUT_ARENA_BYTES, &a);
	if (e == ERR_OK)
		e = buf_new(INPUT_MAX_BYTES, &out);
	if (e == ERR_OK)
		e = rules_extract_offline(a, buf_str(message), &rules);
	if (e == ERR_MALFORMED)
		(void)fprintf(stderr, "rendfly: %s is not UTF-8 text\n", path);
	else if (e == ERR_OK)
		e = rules_write(&rules, out);
	if (e == ERR_MALFORMED)
		return EXIT_BAD_INPUT;
	if (e != ERR_OK) {
		(void)fprintf(stderr, "rendfly: %s\n", err_text(e));
		return 1;
	}
	return output_write(buf_str(out));
}

int
rules_main(int argc, char **argv)
{
	const char *path = NULL;
	bool is_usage = argc >= 2 && strcmp(argv[1], "extract") == 0;
	bool is_offline = false;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0) {
			(void)fputs(HELP, stdout);
			return 0;
		}
	for (int i = 2; i < argc && is_usage; i++) {
		if (strcmp(argv[i], "--offline") == 0)
			is_offline = true;
		else if (strcmp(argv[i], "--system-message") == 0 && i + 1 < argc)
			path = argv[++i];
		else
			is_usage = false;
	}
	if (!is_usage || path == NULL) {
		(void)fputs(HELP, stderr);
		return EXIT_BAD_INPUT;
	}
	if (!is_offline) {
		(void)fprintf(stderr,
		    "rendfly: extraction with a model is not built; use --offline, which reads the system "
		    "message by its words alone\n");
		return EXIT_BAD_INPUT;
	}
	return extract(path);
}
