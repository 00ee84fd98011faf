/* SPDX-License-Identifier: Apache-2.0 */
/* base64url - RFC 4648, section 5, without padding; each value has exactly one spelling. */
#include <string.h>

#include "seal/seal.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum err
seal_base64url_encode(struct str bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t here = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t group = 0;

		for (size_t j = 0; j < 3; j++)
			group = group << 8 | (j < here ? (uint8_t)bytes.at[i + j] : 0);
		for (size_t j = 0; j <= here; j++) {
			enum err e = buf_append_byte(out, alphabet[group >> (18 - 6 * j) & 63]);

			if (e != ERR_OK)
				return e;
		}
	}
	return ERR_OK;
}

static int
value_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(alphabet, c);

	return at == NULL ? -1 : (int)(at - alphabet);
}

enum err
seal_base64url_decode(struct str text, struct buf *out)
{
	uint32_t bits = 0;
	unsigned int count = 0;

	if (text.len % 4 == 1)
		return ERR_MALFORMED;
	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.at[i]);
		enum err e;

		if (value < 0)
			return ERR_MALFORMED;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		e = buf_append_byte(out, (char)(bits >> count & 0xff));
		if (e != ERR_OK)
			return e;
	}
	return (bits & ((1u << count) - 1)) == 0 ? ERR_OK : ERR_MALFORMED;
}
