/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main - one binary, a subcommand for each role and for each tool: a table and a loop.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand */
	const char *help;                  /* NULL: a role that the supervisor starts, not listed */
} commands[] = {

#define COMMAND_ROW(name, function, help) { name, function, help },
	COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};

static void
print_usage(FILE *to)
{
	(void)fprintf(to, "usage: rendfly COMMAND [OPTIONS]   (each command answers --help)\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].help != NULL)
			(void)fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].help);
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_usage(stdout);
		return 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	(void)fprintf(stderr, "rendfly: there is no command %s; `rendfly --help` lists them\n",
	    argv[1]);
	return 2;
}
