/* SPDX-License-Identifier: Apache-2.0 */
/* audit - the table of the commands under `rendfly audit`. */
#include "cli/audit.h"

#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"

static const struct manual *const children[] = { &audit_export_manual, &audit_verify_manual, NULL };

static int (*const runs[])(int argc, char **argv) = { audit_export_main, audit_verify_main };

const struct manual audit_manual = {
	.name = "audit",
	.summary = "export the audit log, verify an export off line",
	.usage = "COMMAND [OPTIONS]",
	.about = "The audit log as a file, and its proof; each command answers --help.",
	.children = children,
};

int
audit_main(int argc, char **argv)
{
	const char *name = argc < 2 ? "" : argv[1];

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		manual_print(&audit_manual, stdout);
		return 0;
	}
	for (size_t i = 0; children[i] != NULL; i++)
		if (strcmp(name, children[i]->name + sizeof("audit")) == 0)
			return runs[i](argc - 1, argv + 1);
	if (argc < 2)
		return args_complain(&audit_manual, "which command, export or verify?");
	return args_complain(&audit_manual, "there is no command %s, only export and verify", name);
}
