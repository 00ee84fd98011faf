/* SPDX-License-Identifier: Apache-2.0 */
/* audit - the table of the commands under `rendfly audit`. */
#include "cli/audit.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/inputs.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "export", audit_export_main, "the log, or one workspace's part, as a file to verify" },
	{ "verify", audit_verify_main, "judge an export off line, with the public key" },
};

static int
usage(FILE *to, int status)
{
	(void)fprintf(to,
	    "usage: rendfly audit COMMAND [OPTIONS]   (each command answers --help)\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		(void)fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
	return status;
}

int
audit_main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr, EXIT_BAD_INPUT);
	if (strcmp(argv[1], "--help") == 0)
		return usage(stdout, 0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return usage(stderr, EXIT_BAD_INPUT);
}
