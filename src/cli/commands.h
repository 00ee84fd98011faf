/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands - the table of subcommands: name, function, manual (NULL for the roles that only the
 * supervisor starts).
 */
#pragma once

#include "cli/manual.h"

/* clang-format off */
#define COMMANDS(X)                                                                                \
	X("api", api_main, NULL)                                                                       \
	X("audit", audit_main, &audit_manual)                                                          \
	X("collector", collector_main, NULL)                                                           \
	X("completion", completion_main, &completion_manual)                                           \
	X("config", config_main, &config_manual)                                                       \
	X("edge", edge_main, NULL)                                                                     \
	X("judge", judge_main, &judge_manual)                                                          \
	X("judge-role", judge_role_main, NULL)                                                         \
	X("keyd", keyd_main, NULL)                                                                     \
	X("keys", keys_main, &keys_manual)                                                             \
	X("man", man_main, &man_manual)                                                                \
	X("migrate", migrate_main, &migrate_manual)                                                    \
	X("postgres", postgres_main, NULL)                                                             \
	X("prove", prove_main, &prove_manual)                                                          \
	X("redact", redact_main, &redact_manual)                                                       \
	X("replay", replay_main, &replay_manual)                                                       \
	X("rules", rules_main, &rules_manual)                                                          \
	X("sample-provider", sample_provider_main, &sample_provider_manual)                            \
	X("setup", setup_main, NULL)                                                                   \
	X("status", status_main, &status_manual)                                                       \
	X("steward", steward_main, NULL)                                                               \
	X("supervisor", supervisor_main, &supervisor_manual)                                           \
	X("vault", vault_main, NULL)                                                                   \
	X("version", version_main, &version_manual)
/* clang-format on */

#define COMMAND_DECLARE(name, function, manual) int function(int argc, char **argv);
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

extern const struct manual audit_manual, completion_manual, config_manual, judge_manual,
    keys_manual, man_manual, migrate_manual, prove_manual, redact_manual, replay_manual,
    rules_manual, sample_provider_manual, status_manual, supervisor_manual, version_manual;

/* The commands of a person, in the order of the table; NULL behind the last. */
const struct manual *command_manual(size_t number);
