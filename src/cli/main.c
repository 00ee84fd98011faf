/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main - one binary, a subcommand for each role and for each tool: a table and a loop.
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"

#define MAX_COMMANDS 64

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand */
	const struct manual *manual;       /* NULL: a role that the supervisor starts, not listed */
} commands[] = {

#define COMMAND_ROW(name, function, manual) { name, function, manual },
	COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct manual *
command_manual(size_t number)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (commands[i].manual != NULL && number-- == 0)
			return commands[i].manual;
	return NULL;
}

static void
print_usage(FILE *to)
{
	const struct manual *m;

	(void)fprintf(to, "usage: rendfly COMMAND [OPTIONS]   (each command answers --help)\n\n");
	for (size_t i = 0; (m = command_manual(i)) != NULL; i++)
		(void)fprintf(to, "  %-16s %s\n", m->name, m->summary);
}

static int
complain(const char *given)
{
	const char *names[MAX_COMMANDS];
	const struct manual *m;
	const char *near;
	size_t n = 0;

	for (; n < MAX_COMMANDS && (m = command_manual(n)) != NULL; n++)
		names[n] = m->name;
	near = args_nearest(given, names, n);
	(void)fprintf(stderr,
	    "rendfly: there is no command %s%s%s%s (`rendfly --help` lists them)\n", given,
	    near != NULL ? ": do you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	return 2;
}

int
main(int argc, char **argv)
{
	const char *name = argc < 2 ? "" : argv[1];

	if (argc < 2) {
		print_usage(stderr);
		return 2;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		print_usage(stdout);
		return 0;
	}
	if (strcmp(name, "--version") == 0)
		name = "version";
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return complain(name);
}
