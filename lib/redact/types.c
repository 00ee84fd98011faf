/* SPDX-License-Identifier: Apache-2.0 */
/* types - the stable names, and the token that stands for a value. */
#include "redact/redact.h"

const char *
redact_type_name(enum redact_type type)
{
	static const char *const names[REDACT_N_TYPES] = {
#define TYPE_NAME(name) [REDACT_##name] = #name,
		REDACT_TYPES(TYPE_NAME)
#undef TYPE_NAME
	};

	if (type == REDACT_CUSTOM)
		return "CUSTOM";
	return (unsigned int)type < REDACT_N_TYPES ? names[type] : "";
}

struct redact_token
redact_token_from_mac(const uint8_t mac[static 32])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct redact_token token = { 0 };
	uint32_t bits =
	    (uint32_t)mac[0] << 24 | (uint32_t)mac[1] << 16 | (uint32_t)mac[2] << 8 | mac[3];

	for (size_t i = 0; i < REDACT_TOKEN_CHARS; i++, bits <<= 5)
		token.chars[i] = alphabet[bits >> 27];
	return token;
}

enum err
redact_value_message(struct redact_value value, struct buf *out)
{
	struct str name = str_from(value.label);
	enum err e = buf_append(out, name.at, name.len + 1);

	return e == ERR_OK ? buf_append_str(out, value.canonical) : e;
}
