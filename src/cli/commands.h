/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands - the table of subcommands: name, function, one line of help (NULL for the roles that
 * only the supervisor starts).
 */
#pragma once

#define COMMANDS(X) X("version", version_main, "print the version")

#define COMMAND_DECLARE(name, function, help) int function(int argc, char **argv);
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE
