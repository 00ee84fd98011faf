/* SPDX-License-Identifier: Apache-2.0 */
/* key_check - a CRC-32, bit by bit: it runs only on what is a key already, to be surer of it. */
#include "redact/key_check.h"

#define CHECK_CHARS 6
#define MAX_KEY 128
#define POLYNOMIAL 0xEDB88320u

static uint32_t
crc32_of(const uint8_t *text, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= text[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
	}
	return ~crc;
}

static bool
is_check_of(uint32_t crc, const uint8_t check[static CHECK_CHARS])
{
	static const char digits[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	for (size_t i = CHECK_CHARS; i-- > 0; crc /= 62)
		if (check[i] != (uint8_t)digits[crc % 62])
			return false;
	return true;
}

bool
key_crc_is_right(const uint8_t *key, size_t len)
{
	size_t n = len - CHECK_CHARS, from = 0;

	if (len <= CHECK_CHARS || len > MAX_KEY)
		return false;
	for (size_t i = 0; i < n; i++)
		if (key[i] == '_')
			from = i + 1;
	return is_check_of(crc32_of(key, n), key + n) ||
	    is_check_of(crc32_of(key + from, n - from), key + n);
}
