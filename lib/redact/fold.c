/* SPDX-License-Identifier: Apache-2.0 */
/* fold - the pass over the text: long runs are copied, what is left becomes plain. */
#include <string.h>

#include "redact/fold.h"
#include "redact/run.h"
#include "redact/utf8.h"

/* Characters of two bytes that mean themselves whatever follows: U+00C0 to U+027F. */
static bool
is_plain_lead(uint8_t c)
{
	return c >= 0xC3 && c <= 0xC9;
}

/* The run of bytes that fold cannot change. */
static size_t
plain_run(const uint8_t *at, size_t len)
{
	size_t i = run_until(at, len, "\\%&&", true);

	while (i + 1 < len && is_plain_lead(at[i])) {
		i += 2;
		i += run_until(at + i, len - i, "\\%&&", true);
	}
	return i;
}

/* What stands at `at`, which is no plain byte: a character or an escape.  A length of 0 means that
 * nothing is escaped here. */
static uint32_t
read_character(const uint8_t *at, size_t len, size_t *ret_len)
{
	uint32_t code;

	switch (at[0]) {
	case '\\':
		return fold_backslash(at, len, ret_len);
	case '%':
		return fold_percent(at, len, ret_len);
	case '&':
		return fold_entity(at, len, ret_len);
	default:
		*ret_len = utf8_decode(at, &code);
		return code;
	}
}

/* How many bytes stand for themselves where no escape is: all backslashes, or one byte. */
static size_t
literal_run(const uint8_t *at, size_t len)
{
	size_t n = 1;

	while (at[0] == '\\' && n < len && at[n] == '\\')
		n++;
	return n;
}

static enum err
fold_one(struct layer *l, struct source *s, size_t from, size_t to, size_t *ret_next)
{
	const uint8_t *at = s->text + from;
	uint8_t bytes[4];
	uint32_t code;
	size_t len;

	if (at[0] == LAYER_BREAK) {
		*ret_next = from + 1;
		return layer_copy(l, s, from, from + 1);
	}
	code = read_character(at, to - from, &len);
	if (len == 0) {
		*ret_next = from + literal_run(at, to - from);
		return layer_copy(l, s, from, *ret_next);
	}
	*ret_next = from + len;
	code = fold_character(code);
	return code == 0 ? ERR_OK
			 : layer_put(l, s, from, from + len, bytes, utf8_encode(code, bytes));
}

/* What one backslash and the byte behind it mean: "\\n", "\\\""; 0 for what fold_backslash reads.
 * It must say the same. */
static uint8_t
simple_escape(const uint8_t *at, size_t len)
{
	static const uint8_t meanings[128] = {
		['n'] = '\n',
		['r'] = '\n',
		['t'] = '\t',
		['"'] = '"',
		['/'] = '/',
	};

	return at[0] == '\\' && len > 1 && at[1] < 0x80 ? meanings[at[1]] : 0;
}

enum err
fold_append(struct layer *l, struct source *s, size_t from, size_t to)
{
	while (from < to) {
		size_t next = from + plain_run(s->text + from, to - from);
		uint8_t meaning = next < to ? simple_escape(s->text + next, to - next) : 0;
		enum err e;

		if (meaning != 0) {
			e = layer_copy_and_put(l, s, from, next, next + 2, meaning);
			if (e != ERR_OK)
				return e;
			from = next + 2;
			continue;
		}
		e = layer_copy(l, s, from, next);
		if (e == ERR_OK && next < to)
			e = fold_one(l, s, next, to, &next);
		if (e != ERR_OK)
			return e;
		from = next;
	}
	return ERR_OK;
}
