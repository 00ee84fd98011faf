/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/hex.h"

static const size_t hyphens[] = { 8, 13, 18, 23 };

struct uuid
uuid_new_at(int64_t unix_ms, const uint8_t random[static 10])
{
	struct uuid id;

	for (size_t i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(unix_ms >> (40 - 8 * i));
	memcpy(id.bytes + 6, random, 10);
	id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x70);
	id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
	return id;
}

struct uuid
uuid_new(void)
{
	uint8_t random[10];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		abort();
	return uuid_new_at(clock_wall_ms(), random);
}

void
uuid_format(const struct uuid *id, char ret_text[static UUID_TEXT_BYTES])
{
	char digits[2 * UUID_BYTES + 1];
	size_t from = 0, hyphen = 0;

	hex_encode(id->bytes, UUID_BYTES, digits);
	for (size_t to = 0; to < UUID_TEXT_BYTES - 1; to++) {
		if (hyphen < 4 && to == hyphens[hyphen]) {
			ret_text[to] = '-';
			hyphen++;
			continue;
		}
		ret_text[to] = digits[from++];
	}
	ret_text[UUID_TEXT_BYTES - 1] = '\0';
}

bool
uuid_parse(struct str text, struct uuid *ret_id)
{
	char digits[2 * UUID_BYTES];
	struct uuid id;
	size_t to = 0, hyphen = 0;

	if (text.len != UUID_TEXT_BYTES - 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (hyphen < 4 && i == hyphens[hyphen]) {
			if (text.at[i] != '-')
				return false;
			hyphen++;
			continue;
		}
		digits[to++] = text.at[i];
	}
	if (!hex_decode((struct str){ digits, sizeof(digits) }, id.bytes, UUID_BYTES))
		return false;
	*ret_id = id;
	return true;
}

bool
uuid_equals(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, UUID_BYTES) == 0;
}

bool
uuid_is_zero(const struct uuid *id)
{
	static const struct uuid zero;

	return uuid_equals(id, &zero);
}

int64_t
uuid_unix_ms(const struct uuid *id)
{
	int64_t ms = 0;

	for (size_t i = 0; i < 6; i++)
		ms = ms << 8 | id->bytes[i];
	return ms;
}
