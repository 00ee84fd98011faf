/* SPDX-License-Identifier: Apache-2.0 */
/* utf8 - strict UTF-8, with runs of ASCII taken sixteen bytes at a time. */
#include <string.h>

#include "redact/run.h"
#include "redact/utf8.h"

size_t
utf8_ascii_run(const uint8_t *at, size_t len)
{
	return run_until(at, len, "\x80\x80\x80\x80", true);
}

static bool
is_continuation(uint8_t c)
{
	return (c & 0xC0) == 0x80;
}

/* The length of the one character that is not ASCII; 0 when it is none. */
static size_t
character_len(const uint8_t *at, size_t len)
{
	uint8_t low = 0x80, high = 0xBF;
	size_t need;

	if (at[0] >= 0xC2 && at[0] <= 0xDF)
		need = 2;
	else if ((at[0] & 0xF0) == 0xE0)
		need = 3;
	else if (at[0] >= 0xF0 && at[0] <= 0xF4)
		need = 4;
	else
		return 0;
	if (at[0] == 0xE0)
		low = 0xA0;
	else if (at[0] == 0xED)
		high = 0x9F;
	else if (at[0] == 0xF0)
		low = 0x90;
	else if (at[0] == 0xF4)
		high = 0x8F;
	if (len < need || at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if (!is_continuation(at[i]))
			return 0;
	return need;
}

bool
utf8_is_valid(const uint8_t *at, size_t len)
{
	size_t i = utf8_ascii_run(at, len);

	while (i < len) {
		size_t n = character_len(at + i, len - i);

		if (n == 0)
			return false;
		i += n;
		i += utf8_ascii_run(at + i, len - i);
	}
	return true;
}

size_t
utf8_decode(const uint8_t *at, uint32_t *ret_code)
{
	if (at[0] < 0x80) {
		*ret_code = at[0];
		return 1;
	}
	if (at[0] < 0xE0) {
		*ret_code = (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu);
		return 2;
	}
	if (at[0] < 0xF0) {
		*ret_code = (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
		return 3;
	}
	*ret_code =
	    (at[0] & 0x07u) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu);
	return 4;
}

size_t
utf8_encode(uint32_t code, uint8_t ret_bytes[static 4])
{
	if (code < 0x80) {
		ret_bytes[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		ret_bytes[0] = (uint8_t)(0xC0 | code >> 6);
		ret_bytes[1] = (uint8_t)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		ret_bytes[0] = (uint8_t)(0xE0 | code >> 12);
		ret_bytes[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
		ret_bytes[2] = (uint8_t)(0x80 | (code & 0x3F));
		return 3;
	}
	ret_bytes[0] = (uint8_t)(0xF0 | code >> 18);
	ret_bytes[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
	ret_bytes[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
	ret_bytes[3] = (uint8_t)(0x80 | (code & 0x3F));
	return 4;
}
