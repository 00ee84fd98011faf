/* SPDX-License-Identifier: Apache-2.0 */
/* version - `rendfly version`. */
#include <stdio.h>

#include "cli/args.h"
#include "cli/commands.h"

const struct manual version_manual = {
	.name = "version",
	.summary = "print the version",
	.usage = "",
	.about = "Prints the version of this program.",
};

int
version_main(int argc, char **argv)
{
	struct args args;
	int status;

	if (!args_read(&version_manual, argc, argv, &args, &status))
		return status;
	(void)printf("rendfly %s\n", RENDFLY_VERSION);
	return 0;
}
