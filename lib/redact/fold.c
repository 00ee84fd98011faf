/* SPDX-License-Identifier: Apache-2.0 */
/* fold - text in the plain form that is matched, by a table of code point ranges. */
#include <string.h>

#include "redact/fold.h"
#include "redact/utf8.h"

#define MAX_BACKSLASHES 16

enum fold_kind {
	FOLD_DROP,     /* invisible */
	FOLD_TO,       /* all become `to` */
	FOLD_DIGIT,    /* ten digits, repeated */
	FOLD_ALPHABET, /* 26 capitals and 26 small letters, repeated */
	FOLD_SHIFT,    /* `to` is the counterpart of the first */
};

/* In order of code points. */
static const struct fold_range {
	uint32_t first;
	uint32_t last;
	enum fold_kind kind;
	uint8_t to;
} ranges[] = {
	{ 0x00A0, 0x00A0, FOLD_TO, ' ' },
	{ 0x00AD, 0x00AD, FOLD_DROP, 0 },
	{ 0x034F, 0x034F, FOLD_DROP, 0 },
	{ 0x0660, 0x0669, FOLD_DIGIT, '0' },
	{ 0x06F0, 0x06F9, FOLD_DIGIT, '0' },
	{ 0x0966, 0x096F, FOLD_DIGIT, '0' },
	{ 0x180E, 0x180E, FOLD_DROP, 0 },
	{ 0x2000, 0x200A, FOLD_TO, ' ' },
	{ 0x200B, 0x200F, FOLD_DROP, 0 },
	{ 0x2010, 0x2015, FOLD_TO, '-' },
	{ 0x202A, 0x202E, FOLD_DROP, 0 },
	{ 0x202F, 0x202F, FOLD_TO, ' ' },
	{ 0x205F, 0x205F, FOLD_TO, ' ' },
	{ 0x2060, 0x2064, FOLD_DROP, 0 },
	{ 0x2066, 0x206F, FOLD_DROP, 0 },
	{ 0x20E3, 0x20E3, FOLD_DROP, 0 },
	{ 0x2212, 0x2212, FOLD_TO, '-' },
	{ 0x2215, 0x2215, FOLD_TO, '/' },
	{ 0x2236, 0x2236, FOLD_TO, ':' },
	{ 0x3000, 0x3000, FOLD_TO, ' ' },
	{ 0x3002, 0x3002, FOLD_TO, '.' },
	{ 0xFE00, 0xFE0F, FOLD_DROP, 0 },
	{ 0xFE58, 0xFE58, FOLD_TO, '-' },
	{ 0xFE63, 0xFE63, FOLD_TO, '-' },
	{ 0xFE6B, 0xFE6B, FOLD_TO, '@' },
	{ 0xFEFF, 0xFEFF, FOLD_DROP, 0 },
	{ 0xFF01, 0xFF5E, FOLD_SHIFT, '!' },
	{ 0x1D400, 0x1D6A3, FOLD_ALPHABET, 0 },
	{ 0x1D7CE, 0x1D7FF, FOLD_DIGIT, '0' },
	{ 0xE0000, 0xE007F, FOLD_DROP, 0 },
};

static const struct fold_range *
range_of(uint32_t code)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code > ranges[middle].last)
			low = middle + 1;
		else if (code < ranges[middle].first)
			high = middle;
		else
			return &ranges[middle];
	}
	return NULL;
}

static uint8_t
folded(const struct fold_range *r, uint32_t code)
{
	uint32_t offset = code - r->first;

	if (r->kind == FOLD_DIGIT)
		return (uint8_t)('0' + offset % 10);
	if (r->kind == FOLD_SHIFT)
		return (uint8_t)(r->to + offset);
	if (r->kind == FOLD_ALPHABET)
		return (uint8_t)(offset % 52 < 26 ? 'A' + offset % 26 : 'a' + offset % 26);
	return r->to;
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* What the letter behind the backslashes means; 0 when it is no escape.  An escape is read only
 * where it yields ASCII; the others cannot matter to a match. */
static uint8_t
escape_meaning(const uint8_t *at, size_t len, size_t *ret_len)
{
	uint32_t code = 0;

	*ret_len = 1;
	if (len == 0)
		return 0;
	if (at[0] == 'n' || at[0] == 'r')
		return '\n';
	if (at[0] == 't')
		return '\t';
	if (at[0] == '"' || at[0] == '/' || at[0] == '\'')
		return at[0];
	if (at[0] != 'u' || len < 5)
		return 0;
	for (size_t i = 1; i < 5; i++) {
		if (hex_value(at[i]) < 0)
			return 0;
		code = code << 4 | (uint32_t)hex_value(at[i]);
	}
	*ret_len = 5;
	return code < 0x80 ? (uint8_t)code : 0;
}

static enum err
fold_backslashes(struct layer *l, struct source *s, size_t from, size_t to, size_t *ret_next)
{
	size_t i = from, len;
	uint8_t meaning;

	while (i < to && i - from < MAX_BACKSLASHES && s->text[i] == '\\')
		i++;
	meaning = escape_meaning(s->text + i, to - i, &len);
	if (meaning == 0) {
		*ret_next = i;
		return layer_copy(l, s, from, i);
	}
	*ret_next = i + len;
	return layer_put(l, s, from, i + len, &meaning, 1);
}

/* Copies the run of characters that are not ASCII and mean themselves, or folds one. */
static enum err
fold_characters(struct layer *l, struct source *s, size_t from, size_t to, size_t *ret_next)
{
	size_t i = from;

	while (i < to && s->text[i] >= 0x80) {
		const struct fold_range *r;
		uint32_t code;
		size_t len;
		uint8_t c;
		enum err e;

		/* A break between strings is no character. */
		len = s->text[i] == LAYER_BREAK ? 1 : utf8_decode(s->text + i, &code);
		r = len == 1 ? NULL : range_of(code);
		if (r == NULL) {
			i += len;
			continue;
		}
		*ret_next = i + len;
		e = layer_copy(l, s, from, i);
		if (e != ERR_OK || r->kind == FOLD_DROP)
			return e;
		c = folded(r, code);
		return layer_put(l, s, i, i + len, &c, 1);
	}
	*ret_next = i;
	return layer_copy(l, s, from, i);
}

/* The run of bytes that fold cannot change: ASCII without backslashes. */
static size_t
plain_run(const uint8_t *at, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t word, x;

		memcpy(&word, at + i, 8);
		x = word ^ 0x5C5C5C5C5C5C5C5Cu;
		if (((word | ((x - 0x0101010101010101u) & ~x)) & 0x8080808080808080u) != 0)
			break;
	}
	while (i < len && at[i] < 0x80 && at[i] != '\\')
		i++;
	return i;
}

enum err
fold_append(struct layer *l, struct source *s, size_t from, size_t to)
{
	while (from < to) {
		size_t next = from + plain_run(s->text + from, to - from);
		enum err e = layer_copy(l, s, from, next);

		if (e == ERR_OK && next < to)
			e = s->text[next] == '\\' ? fold_backslashes(l, s, next, to, &next)
						  : fold_characters(l, s, next, to, &next);
		if (e != ERR_OK)
			return e;
		from = next;
	}
	return ERR_OK;
}
