/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/commands.h"

int
version_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	(void)printf("rendfly %s\n", RENDFLY_VERSION);
	return 0;
}
