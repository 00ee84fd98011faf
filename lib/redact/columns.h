/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns - tables in text: Markdown's, and values parted by commas, semicolons, tabs or two spaces
 * and more.  A line of names says what the cells below it hold, as keys of JSON do.
 */
#pragma once

#include <stdbool.h>

#include "redact/scan.h"

#define COLUMNS_MAX 24

struct columns {
	uint64_t types[COLUMNS_MAX]; /* bits of words.h */
	size_t n;                    /* cells of a line; 0: no table is open */
	bool is_over;                /* no table begins in the next line */
	uint8_t sign;                /* what parts them */
	size_t next;                 /* the line that is read next begins here */
	size_t line_end;             /* the first end of a line behind it, if that is further */
};

void columns_read_lines(struct scan *s, struct columns *c, size_t end);

/* Reads the lines that begin before `end`. */
static inline void
columns_read(struct scan *s, struct columns *c, size_t end)
{
	if (c->next < end && c->next < s->len)
		columns_read_lines(s, c, end);
}
