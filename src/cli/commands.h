/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands - the table of subcommands: name, function, one line of help (NULL for the roles that
 * only the supervisor starts).
 */
#pragma once

/* clang-format off */
#define COMMANDS(X)                                                                                \
	X("edge", edge_main, NULL)                                                                     \
	X("replay", replay_main, "send recorded conversations through the edge")                       \
	X("sample-provider", sample_provider_main, "a provider for trying rendfly, answers from samples") \
	X("version", version_main, "print the version")
/* clang-format on */

#define COMMAND_DECLARE(name, function, help) int function(int argc, char **argv);
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE
