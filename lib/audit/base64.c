/* SPDX-License-Identifier: Apache-2.0 */
/* base64 - see base64.h. */
#include <stdint.h>

#include "audit/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum err
base64_encode(struct str bytes, struct buf *out)
{
	char *at;
	enum err e = buf_reserve(out, (bytes.len + 2) / 3 * 4, &at);

	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < bytes.len; i += 3, at += 4) {
		size_t here = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t group = 0;

		for (size_t j = 0; j < 3; j++)
			group = group << 8 | (j < here ? (uint8_t)bytes.at[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			at[j] = '=';
		for (size_t j = 0; j <= here; j++)
			at[j] = alphabet[group >> (18 - 6 * j) & 63];
	}
	buf_commit(out, (bytes.len + 2) / 3 * 4);
	return ERR_OK;
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters to 3 bytes; of the last group so many stand there as are not padding. */
static bool
decode_group(const char *text, size_t n, char ret_bytes[static 3])
{
	uint32_t group = 0;

	for (size_t j = 0; j < 4; j++) {
		int value = j < n ? value_of(text[j]) : 0;

		if (value < 0)
			return false;
		group = group << 6 | (uint32_t)value;
	}
	for (unsigned int j = 0; j < 3; j++)
		ret_bytes[j] = (char)(group >> (16 - 8 * j) & 0xff);
	return (n != 3 || ret_bytes[2] == 0) &&
	    (n != 2 || (ret_bytes[1] == 0 && ret_bytes[2] == 0));
}

enum err
base64_decode(struct str text, struct buf *out)
{
	size_t padding = 0, len = text.len / 4 * 3;
	char *at;
	enum err e;

	if (text.len % 4 != 0)
		return ERR_MALFORMED;
	while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
		padding++;
	e = buf_reserve(out, len, &at);
	for (size_t i = 0; i < text.len && e == ERR_OK; i += 4, at += 3)
		if (!decode_group(text.at + i, i + 4 == text.len ? 4 - padding : 4, at))
			e = ERR_MALFORMED;
	if (e == ERR_OK)
		buf_commit(out, len - padding);
	return e;
}
