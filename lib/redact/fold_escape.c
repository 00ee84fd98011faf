/* SPDX-License-Identifier: Apache-2.0 */
/* fold_escape - what escapes mean: backslashes of JSON and programs, percent signs of URLs,
 * entities of HTML. */
#include <string.h>

#include "redact/fold.h"
#include "redact/utf8.h"

#define MAX_BACKSLASHES 16
#define MAX_ENTITY 10
#define REPLACEMENT 0xFFFD

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* n hexadecimal digits, or UINT32_MAX. */
static uint32_t
read_hex(const uint8_t *at, size_t len, size_t n)
{
	uint32_t code = 0;

	if (len < n)
		return UINT32_MAX;
	for (size_t i = 0; i < n; i++) {
		if (hex_value(at[i]) < 0)
			return UINT32_MAX;
		code = code << 4 | (uint32_t)hex_value(at[i]);
	}
	return code;
}

static bool
is_surrogate(uint32_t code)
{
	return code >= 0xD800 && code <= 0xDFFF;
}

/* "u0041" behind the backslashes, or a pair of surrogates; n is how many backslashes there were. */
static uint32_t
unicode_escape(const uint8_t *at, size_t len, size_t n, size_t *ret_len)
{
	uint32_t code = read_hex(at + 1, len - 1, 4), low;

	*ret_len = 0;
	if (code == UINT32_MAX)
		return 0;
	*ret_len = 5;
	if (!is_surrogate(code))
		return code;
	if (code >= 0xDC00 || len < 5 + n + 5 || at[5] != '\\' || at[5 + n] != 'u')
		return REPLACEMENT;
	low = read_hex(at + 5 + n + 1, len - 5 - n - 1, 4);
	if (low < 0xDC00 || low > 0xDFFF)
		return REPLACEMENT;
	*ret_len = 5 + n + 5;
	return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

uint32_t
fold_backslash(const uint8_t *text, size_t len, size_t *ret_len)
{
	static const char letters[] = "nrtbf\"/'", meanings[] = "\n\n\t  \"/'";
	const char *letter;
	uint32_t code;
	size_t n = 0;

	*ret_len = 0;
	while (n < len && n < MAX_BACKSLASHES && text[n] == '\\')
		n++;
	if (n == len || text[n] == 0)
		return 0;
	if (text[n] == 'u') {
		code = unicode_escape(text + n, len - n, n, ret_len);
		*ret_len += *ret_len > 0 ? n : 0;
		return code;
	}
	letter = strchr(letters, text[n]);
	if (letter == NULL)
		return 0;
	*ret_len = n + 1;
	return (uint8_t)meanings[letter - letters];
}

/* One character of UTF-8, each byte of it escaped. */
uint32_t
fold_percent(const uint8_t *text, size_t len, size_t *ret_len)
{
	uint8_t bytes[4];
	uint32_t code;
	size_t n = 0, need = 1;

	*ret_len = 0;
	while (n < need && len >= 3 * (n + 1) && text[3 * n] == '%') {
		code = read_hex(text + 3 * n + 1, 2, 2);
		if (code == UINT32_MAX || code == 0)
			return 0;
		bytes[n++] = (uint8_t)code;
		if (n == 1)
			need = code < 0x80 ? 1 : code < 0xE0 ? 2 : code < 0xF0 ? 3 : 4;
	}
	if (n < need || !utf8_is_valid(bytes, n))
		return 0;
	*ret_len = 3 * n;
	(void)utf8_decode(bytes, &code);
	return code;
}

/* The decimal or hexadecimal number of "&#64;" or "&#x40;". */
static uint32_t
numeric_entity(const uint8_t *name, size_t len)
{
	uint32_t code = 0;

	if (len > 1 && (name[1] | 0x20) == 'x')
		return len > 2 && len <= 8 ? read_hex(name + 2, len - 2, len - 2) : UINT32_MAX;
	for (size_t i = 1; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return UINT32_MAX;
		code = code * 10 + (uint32_t)(name[i] - '0');
	}
	return len > 1 ? code : UINT32_MAX;
}

static uint32_t
named_entity(const uint8_t *name, size_t len)
{
	static const struct {
		const char *name;
		uint8_t meaning;
	} entities[] = { { "amp", '&' }, { "apos", '\'' }, { "colon", ':' }, { "commat", '@' },
		{ "dash", '-' }, { "equals", '=' }, { "gt", '>' }, { "hyphen", '-' },
		{ "lpar", '(' }, { "lt", '<' }, { "nbsp", ' ' }, { "ndash", '-' }, { "num", '#' },
		{ "period", '.' }, { "plus", '+' }, { "quot", '"' }, { "rpar", ')' },
		{ "sol", '/' } };

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (strlen(entities[i].name) == len && memcmp(entities[i].name, name, len) == 0)
			return entities[i].meaning;
	return UINT32_MAX;
}

uint32_t
fold_entity(const uint8_t *text, size_t len, size_t *ret_len)
{
	size_t n = 1, limit = len < MAX_ENTITY ? len : MAX_ENTITY;
	uint32_t code;

	*ret_len = 0;
	while (n < limit && text[n] != ';')
		n++;
	if (n == limit || n == 1)
		return 0;
	code = text[1] == '#' ? numeric_entity(text + 1, n - 1) : named_entity(text + 1, n - 1);
	if (code == 0 || code > 0x10FFFF || is_surrogate(code))
		return 0;
	*ret_len = n + 1;
	return code;
}
