/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args - reads a command's arguments by its manual, and says of what is wrong with them which
 * argument, why, and what to write in its place.
 */
#pragma once

#include "cli/manual.h"

#define ARGS_MAX_OPTIONS 16
#define ARGS_MAX_OPERANDS 4
#define ARGS_EXIT_WRONG 2

struct args {
	const struct manual *manual;
	const struct manual_action *action; /* NULL when the command has none */
	const char *operands[ARGS_MAX_OPERANDS];
	size_t n_operands;
	const char
	    *values[ARGS_MAX_OPTIONS]; /* beside manual->options; of a flag that is given "" */
};

/* False when the command is over: its help was asked for (*ret_status 0), or an argument is wrong
 * (told on standard error, *ret_status ARGS_EXIT_WRONG). */
bool args_read(const struct manual *m, int argc, char **argv, struct args *ret_args,
    int *ret_status);

/* The value of an option of the manual; NULL when it is not given. */
const char *args_value(const struct args *a, const char *name);
const char *args_value_or(const struct args *a, const char *name, const char *fallback);
bool args_has(const struct args *a, const char *name);

/* Complains on standard error, in the form of all complaints about arguments; ARGS_EXIT_WRONG. */
int args_complain(const struct manual *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Of n names the one that was perhaps meant; NULL when none is near. */
const char *args_nearest(const char *given, const char *const *names, size_t n);
