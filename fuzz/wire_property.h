/* SPDX-License-Identifier: Apache-2.0 */
/* wire_property - what must hold for every text that lib/wire returns: valid UTF-8 without NUL. */
#pragma once

#include <stdlib.h>

#include "wire/wire.h"

/* Written apart from the parsers' own idea of UTF-8, after the table of RFC 3629. */
static inline size_t
sequence_len(struct str s, size_t at)
{
	unsigned int c[4] = { 0 };
	size_t left = s.len - at;

	for (size_t i = 0; i < 4 && i < left; i++)
		c[i] = (unsigned char)s.at[at + i];
	if (c[0] > 0 && c[0] < 0x80)
		return 1;
	if (c[0] >= 0xc2 && c[0] <= 0xdf && (c[1] & 0xc0) == 0x80)
		return 2;
	if ((c[0] & 0xf0) == 0xe0 && (c[1] & 0xc0) == 0x80 && (c[2] & 0xc0) == 0x80 &&
	    !(c[0] == 0xe0 && c[1] < 0xa0) && !(c[0] == 0xed && c[1] > 0x9f))
		return 3;
	if (c[0] >= 0xf0 && c[0] <= 0xf4 && (c[1] & 0xc0) == 0x80 && (c[2] & 0xc0) == 0x80 &&
	    (c[3] & 0xc0) == 0x80 && !(c[0] == 0xf0 && c[1] < 0x90) &&
	    !(c[0] == 0xf4 && c[1] > 0x8f))
		return 4;
	return 0;
}

static inline void
check_text(struct str s)
{
	for (size_t at = 0; at < s.len;) {
		size_t len = sequence_len(s, at);

		if (len == 0)
			abort();
		at += len;
	}
}

static inline void
check_message(const struct wire_message *m)
{
	if (m->n_calls > WIRE_MAX_TOOL_CALLS)
		abort();
	check_text(m->content);
	check_text(m->tool_call_id);
	check_text(m->name);
	for (size_t i = 0; i < m->n_calls; i++) {
		check_text(m->calls[i].id);
		check_text(m->calls[i].name);
		check_text(m->calls[i].arguments);
	}
}
