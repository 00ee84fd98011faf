/* SPDX-License-Identifier: Apache-2.0 */
/* rules - `rendfly rules extract`: a system message in, a rule file out. */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/inputs.h"

static const struct manual_action actions[] = {
	{ "extract", NULL,
	    "splits a system message into rules and writes them to standard output as a rule file" },
	{ 0 }
};

static const struct manual_option options[] = { { "--system-message", "FILE",
						    "the system message, UTF-8 text", true },
	{ "--offline", NULL, "read it by its words alone, with no model", false }, { 0 } };

const struct manual rules_manual = {
	.name = "rules",
	.summary = "split a system message into rules",
	.usage = "extract --system-message FILE --offline",
	.about =
	    "A rule file is a JSON array of {\"name\",\"description\",\"category\",\"check\"}. A rule "
	    "whose check is null needs a judging model; the others are checked without any.",
	.exits = "0, or 2 for a file that cannot be read.",
	.actions = actions,
	.options = options,
};

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
	struct args args;
	int status;

	if (!args_read(&rules_manual, argc, argv, &args, &status))
		return status;
	if (!args_has(&args, "--offline"))
		return args_complain(&rules_manual,
		    "extraction with a model is not built: use --offline, which reads the system "
		    "message by its words alone");
	return extract(args_value(&args, "--system-message"));
}
