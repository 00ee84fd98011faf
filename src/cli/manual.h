/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manual - what a command says of itself, once: the reader of its arguments (args.h), `--help`,
 * the man pages and the completion of the shells all come from here, so that none of them can
 * name an option that the others do not know.
 *
 * Texts are not wrapped; a line break parts two paragraphs.  Lists end with a row whose name is
 * NULL; NULL is an empty list.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define MANUAL_DIR                                                      \
	{                                                               \
		"--dir", "DIR", "the data folder (default: var)", false \
	}

struct manual_option {
	const char *name;  /* "--dir" */
	const char *value; /* "DIR"; NULL: a flag */
	const char *help;
	bool is_required;
};

struct manual_action {
	const char *name;     /* "rotate" */
	const char *operands; /* "WORKSPACE", or "WORKSPACE KEY"; NULL: none */
	const char *help;
};

struct manual {
	const char *name;    /* what stands behind `rendfly`: "keys", "audit verify" */
	const char *summary; /* one line of `rendfly --help` */
	const char *usage;   /* what stands behind the name; a line for each form */
	const char *about;
	const char *exits;    /* the exit statuses; NULL: 0, or 1 with the reason */
	const char *operands; /* of a command without actions */
	const struct manual_action *actions;
	const struct manual_option *options;
	const struct manual *const *children; /* commands of their own, as under `rendfly audit` */
};

/* As `--help` shows it. */
void manual_print(const struct manual *m, FILE *to);

/* One page in the man format, section 1. */
void manual_print_page(const struct manual *m, FILE *to);

/* The text in lines of at most 80 columns, each behind indent blanks; the first line is the
 * caller's, up to column. */
void manual_wrap(const char *text, size_t column, size_t indent, FILE *to);
