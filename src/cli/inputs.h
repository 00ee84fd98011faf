/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inputs - the files that the rule and judge tools read; a bad one is told on standard error with
 * its name, and the tool ends with EXIT_BAD_INPUT.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "rules/rules.h"
#include "wire/wire.h"

#define EXIT_BAD_INPUT 2
#define INPUT_MAX_BYTES (32u << 20)
#define INPUT_ARENA_BYTES (512u << 20)

struct inputs {
	struct arena *arena;
	struct buf *rules_bytes;
	struct buf *conversation_bytes;
	struct rule_set rules;
	struct wire_conversation conversation;
};

void inputs_done(struct inputs *in);

/* Each returns false after it has told the reason. */
bool input_read_file(const char *path, struct buf **ret_bytes);
bool inputs_load(const char *rules_path, const char *conversation_path, struct inputs *ret_inputs);

/* Writes to standard output; the exit code. */
int output_write(struct str bytes);
