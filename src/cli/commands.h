/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands - the table of subcommands: name, function, one line of help (NULL for the roles that
 * only the supervisor starts).
 */
#pragma once

/* clang-format off */
#define COMMANDS(X)                                                                                \
	X("api", api_main, NULL)                                                                       \
	X("audit", audit_main, "export the audit log, verify an export off line")                           \
	X("collector", collector_main, NULL)                                                           \
	X("config", config_main, "show the configuration in force, check a file")                       \
	X("edge", edge_main, NULL)                                                                     \
	X("judge-role", judge_role_main, NULL)                                                         \
	X("judge", judge_main, "render a judging prompt, parse its answer, run the checks on files")  \
	X("rules", rules_main, "split a system message into rules")                                    \
	X("keyd", keyd_main, NULL)                                                                     \
	X("keys", keys_main, "make, list, rotate and destroy keys")                                                 \
	X("migrate", migrate_main, "bring the database to this version")                               \
	X("postgres", postgres_main, NULL)                                                             \
	X("prove", prove_main, "check each line of the security page on the running system")            \
	X("redact", redact_main, "replace personal data and secrets in text")                             \
	X("replay", replay_main, "send recorded conversations through the edge")                       \
	X("sample-provider", sample_provider_main, "a provider for trying rendfly, answers from samples") \
	X("setup", setup_main, NULL)                                                                   \
	X("status", status_main, "processes, captures, scores")                                        \
	X("steward", steward_main, NULL)                                                               \
	X("supervisor", supervisor_main, "start and watch everything of a data folder")                 \
	X("vault", vault_main, NULL)                                                                   \
	X("version", version_main, "print the version")
/* clang-format on */

#define COMMAND_DECLARE(name, function, help) int function(int argc, char **argv);
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE
