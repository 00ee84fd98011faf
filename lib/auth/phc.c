/* SPDX-License-Identifier: Apache-2.0 */
/* phc - see phc.h: parsed field by field, then written again and compared. */
#include "auth/phc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "seal/seal.h"

#define ALGORITHM "$argon2id-hmac-sha256$v=19$m="
#define MAX_MEMORY_KIB (1u << 20)
#define MAX_PASSES 16
#define MAX_LANES 16
#define BASE64_BYTES 64

/* PHC strings use the alphabet with + and /. */
static enum err
write_base64(const uint8_t *bytes, size_t len, char ret_text[static BASE64_BYTES])
{
	CLEANUP(buf) struct buf *b = NULL;
	enum err e = buf_new(BASE64_BYTES - 1, &b);

	if (e == ERR_OK)
		e = seal_base64url_encode((struct str){ (const char *)bytes, len }, b);
	if (e != ERR_OK)
		return e;
	memcpy(ret_text, buf_c_string(b), buf_len(b) + 1);
	for (char *c = ret_text; *c != '\0'; c++)
		*c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
	return ERR_OK;
}

static enum err
read_base64(struct str text, uint8_t *ret_bytes, size_t len)
{
	char url[BASE64_BYTES];
	CLEANUP(buf) struct buf *b = NULL;
	enum err e;

	if (text.len >= sizeof(url))
		return ERR_MALFORMED;
	for (size_t i = 0; i < text.len; i++)
		url[i] = (char)(text.at[i] == '+' ? '-' : text.at[i] == '/' ? '_' : text.at[i]);
	e = buf_new(BASE64_BYTES, &b);
	if (e == ERR_OK)
		e = seal_base64url_decode((struct str){ url, text.len }, b);
	if (e == ERR_OK && buf_len(b) != len)
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		memcpy(ret_bytes, buf_str(b).at, len);
	return e;
}

static bool
take(struct str *left, struct str expected)
{
	if (!str_starts_with(*left, expected))
		return false;
	*left = str_slice(*left, expected.len, left->len);
	return true;
}

static bool
take_number(struct str *left, uint32_t minimum, uint32_t maximum, uint32_t *ret_v)
{
	uint32_t v = 0;
	size_t n = 0;

	for (; n < left->len && n < 8 && left->at[n] >= '0' && left->at[n] <= '9'; n++)
		v = v * 10 + (uint32_t)(left->at[n] - '0');
	*left = str_slice(*left, n, left->len);
	*ret_v = v;
	return n > 0 && v >= minimum && v <= maximum;
}

static struct str
take_until_dollar(struct str *left)
{
	size_t n = 0;
	struct str part;

	while (n < left->len && left->at[n] != '$')
		n++;
	part = str_slice(*left, 0, n);
	*left = str_slice(*left, n, left->len);
	return part;
}

enum err
phc_write(const struct phc *phc, char ret_text[static AUTH_PASSWORD_HASH_BYTES])
{
	char salt[BASE64_BYTES], mac[BASE64_BYTES];
	enum err e = write_base64(phc->salt, PHC_SALT_BYTES, salt);
	int len;

	if (e == ERR_OK)
		e = write_base64(phc->mac, PHC_MAC_BYTES, mac);
	if (e != ERR_OK)
		return e;
	len = snprintf(ret_text, AUTH_PASSWORD_HASH_BYTES,
	    ALGORITHM "%" PRIu32 ",t=%" PRIu32 ",p=%" PRIu32 "$%s$%s", phc->memory_kib, phc->passes,
	    phc->lanes, salt, mac);
	return len > 0 && len < AUTH_PASSWORD_HASH_BYTES ? ERR_OK : ERR_BUG;
}

static enum err
parse_fields(struct str text, struct phc *ret_phc)
{
	struct str salt;

	if (!take(&text, STR(ALGORITHM)) ||
	    !take_number(&text, 8, MAX_MEMORY_KIB, &ret_phc->memory_kib) ||
	    !take(&text, STR(",t=")) || !take_number(&text, 1, MAX_PASSES, &ret_phc->passes) ||
	    !take(&text, STR(",p=")) || !take_number(&text, 1, MAX_LANES, &ret_phc->lanes) ||
	    !take(&text, STR("$")) || ret_phc->memory_kib < 8 * ret_phc->lanes)
		return ERR_MALFORMED;
	salt = take_until_dollar(&text);
	if (!take(&text, STR("$")) || read_base64(salt, ret_phc->salt, PHC_SALT_BYTES) != ERR_OK)
		return ERR_MALFORMED;
	return read_base64(text, ret_phc->mac, PHC_MAC_BYTES) == ERR_OK ? ERR_OK : ERR_MALFORMED;
}

enum err
phc_parse(struct str text, struct phc *ret_phc)
{
	char again[AUTH_PASSWORD_HASH_BYTES];
	struct phc phc;
	enum err e = parse_fields(text, &phc);

	if (e == ERR_OK)
		e = phc_write(&phc, again);
	if (e == ERR_OK && !str_equals(text, str_from(again)))
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		*ret_phc = phc;
	return e;
}
