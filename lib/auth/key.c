/* SPDX-License-Identifier: Apache-2.0 */
/* key - the spelling of ingest and API keys: prefix, random part, checksum. */
#include <string.h>
#include <zlib.h>

#include "auth/auth.h"
#include "seal/seal.h"

#define PREFIX_CHARS 8
#define RANDOM_CHARS 32
#define CHECKSUM_CHARS 6
#define KEY_CHARS (PREFIX_CHARS + RANDOM_CHARS + CHECKSUM_CHARS)

_Static_assert(AUTH_KEY_BYTES == KEY_CHARS + 1, "the public size is the sum of the parts");

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char *const prefixes[AUTH_N_KEY_KINDS] = {
	[AUTH_KEY_INGEST] = "pk_live_", [AUTH_KEY_API] = "rk_live_"
};

/* Of prefix and random part, so that a key of one kind never passes as the other. */
static void
write_checksum(const char *key, char ret_text[static CHECKSUM_CHARS])
{
	unsigned long sum = crc32(0, (const Bytef *)key, PREFIX_CHARS + RANDOM_CHARS);

	for (size_t i = CHECKSUM_CHARS; i-- > 0; sum /= 62)
		ret_text[i] = digits[sum % 62];
}

/* Bytes of 248 and more are passed over, so that every digit is equally likely. */
static enum err
write_random(char *to)
{
	size_t done = 0;

	while (done < RANDOM_CHARS) {
		uint8_t bytes[2 * RANDOM_CHARS];
		enum err e = seal_random(bytes, sizeof(bytes));

		if (e != ERR_OK)
			return e;
		for (size_t i = 0; i < sizeof(bytes) && done < RANDOM_CHARS; i++)
			if (bytes[i] < 248)
				to[done++] = digits[bytes[i] % 62];
		explicit_bzero(bytes, sizeof(bytes));
	}
	return ERR_OK;
}

enum err
auth_key_new(enum auth_key_kind kind, char ret_key[static AUTH_KEY_BYTES])
{
	enum err e;

	if ((unsigned int)kind >= AUTH_N_KEY_KINDS)
		return ERR_BUG;
	memcpy(ret_key, prefixes[kind], PREFIX_CHARS);
	e = write_random(ret_key + PREFIX_CHARS);
	if (e != ERR_OK)
		return e;
	write_checksum(ret_key, ret_key + PREFIX_CHARS + RANDOM_CHARS);
	ret_key[KEY_CHARS] = '\0';
	return ERR_OK;
}

enum err
auth_ingest_key_new(char ret_key[static AUTH_INGEST_KEY_BYTES])
{
	return auth_key_new(AUTH_KEY_INGEST, ret_key);
}

static bool
is_base62(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '\0' || strchr(digits, text.at[i]) == NULL)
			return false;
	return true;
}

bool
auth_key_parse(struct str text, enum auth_key_kind *ret_kind)
{
	char sum[CHECKSUM_CHARS];

	if (text.len != KEY_CHARS || !is_base62(str_slice(text, PREFIX_CHARS, KEY_CHARS)))
		return false;
	write_checksum(text.at, sum);
	if (memcmp(sum, text.at + PREFIX_CHARS + RANDOM_CHARS, CHECKSUM_CHARS) != 0)
		return false;
	for (size_t kind = 0; kind < AUTH_N_KEY_KINDS; kind++)
		if (str_starts_with(text, str_from(prefixes[kind]))) {
			*ret_kind = (enum auth_key_kind)kind;
			return true;
		}
	return false;
}
