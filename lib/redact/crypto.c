/* SPDX-License-Identifier: Apache-2.0 */
/* crypto - addresses of wallets and their private keys, each by its check sum: Base58Check, Bech32
 * and Bech32m, EIP-55, Monero's blocks. */
#include <string.h>

#include "redact/hash.h"
#include "redact/scan.h"
#include "redact/token.h"
#include "redact/words.h"

#define SURE 990
#define BY_CONTEXT 700
#define MAX_BASE58_BYTES 96
#define ADDRESS_BYTES 25
#define EXTENDED_KEY_BYTES 82
#define MONERO_CHARS 95
#define MONERO_BYTES 69
#define MONERO_CHECKED 65
#define ETHEREUM_CHARS 42
#define MIN_SEGWIT 14
#define MAX_SEGWIT 90
#define MIN_UNCHECKED 26
#define MAX_UNCHECKED 64

static int
base58_value(uint8_t c)
{
	static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	const char *at = c == 0 ? NULL : strchr(alphabet, c);

	return at == NULL ? -1 : (int)(at - alphabet);
}

/* Decodes into exactly n bytes, high ones first; false when it does not fit or is none. */
static bool
base58_decode(const uint8_t *text, size_t len, uint8_t *ret_bytes, size_t n)
{
	memset(ret_bytes, 0, n);
	for (size_t i = 0; i < len; i++) {
		int value = base58_value(text[i]);
		unsigned int carry = (unsigned int)value;

		if (value < 0)
			return false;
		for (size_t b = n; b-- > 0;) {
			carry += 58u * ret_bytes[b];
			ret_bytes[b] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	return true;
}

/* The last four of n bytes begin the double SHA-256 of those before. */
static bool
is_base58_check(const uint8_t *text, size_t len, uint8_t *bytes, size_t n)
{
	uint8_t hash[HASH_BYTES];

	if (!base58_decode(text, len, bytes, n))
		return false;
	hash_sha256(bytes, n - 4, hash);
	hash_sha256(hash, sizeof(hash), hash);
	return memcmp(hash, bytes + n - 4, 4) == 0;
}

static bool
is_base58_address(const uint8_t *text, size_t len)
{
	/* Bitcoin, its test net, Litecoin, Dogecoin, Dash, TRON */
	static const uint8_t versions[] = { 0x00, 0x05, 0x6F, 0xC4, 0x30, 0x32, 0x1E, 0x16, 0x4C,
		0x10, 0x41 };
	uint8_t bytes[MAX_BASE58_BYTES];

	if (len < 26 || len > 35 || strchr("123mn2LMDA9X7T", text[0]) == NULL)
		return false;
	return is_base58_check(text, len, bytes, ADDRESS_BYTES) &&
	    memchr(versions, bytes[0], sizeof(versions)) != NULL;
}

/* Private keys in wallet import format, and extended private keys. */
static bool
is_wallet_key(const uint8_t *text, size_t len)
{
	uint8_t bytes[MAX_BASE58_BYTES];

	if (len == 51 && (text[0] == '5' || text[0] == '9'))
		return is_base58_check(text, len, bytes, 37);
	if (len == 52 && strchr("KLc", text[0]) != NULL)
		return is_base58_check(text, len, bytes, 38);
	return len == 111 && memcmp(text + 1, "prv", 3) == 0 &&
	    is_base58_check(text, len, bytes, EXTENDED_KEY_BYTES);
}

static uint32_t
polymod_step(uint32_t sum, uint32_t value)
{
	static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
		0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1FFFFFF) << 5 ^ value;
	for (size_t i = 0; i < 5; i++)
		if ((top >> i & 1) != 0)
			sum ^= generator[i];
	return sum;
}

/* "bc1…", "tb1…", "ltc1…": Bech32 (version 0) and Bech32m. */
static bool
is_bech32(const uint8_t *text, size_t len)
{
	static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	size_t n_prefix = lower(text[0]) == 'l' ? 3 : 2;
	uint32_t sum = 1;

	if (len < MIN_SEGWIT || len > MAX_SEGWIT || text[n_prefix] != '1')
		return false;
	for (size_t i = 0; i < n_prefix; i++)
		sum = polymod_step(sum, lower(text[i]) >> 5);
	sum = polymod_step(sum, 0);
	for (size_t i = 0; i < n_prefix; i++)
		sum = polymod_step(sum, lower(text[i]) & 31);
	for (size_t i = n_prefix + 1; i < len; i++) {
		const char *at = strchr(alphabet, lower(text[i]));

		if (at == NULL)
			return false;
		sum = polymod_step(sum, (uint32_t)(at - alphabet));
	}
	return sum == 1 || sum == 0x2bc830a3;
}

static bool
is_segwit_address(const uint8_t *text, size_t len)
{
	uint8_t a = lower(text[0]), b = lower(text[1]), c = lower(text[2]);

	if (!(a == 'b' && b == 'c') && !(a == 't' && b == 'b') &&
	    !(a == 'l' && b == 't' && c == 'c'))
		return false;
	return is_bech32(text, len);
}

/* Letters of an address are capitals where the hash of its small form has an eight or more. */
static bool
is_ethereum_address(const uint8_t *text, size_t len)
{
	uint8_t small[ETHEREUM_CHARS - 2], hash[HASH_BYTES];
	bool has_small = false, has_capital = false, is_checked = true, has_digit = false;

	if (len != ETHEREUM_CHARS || text[0] != '0' || lower(text[1]) != 'x')
		return false;
	for (size_t i = 0; i < sizeof(small); i++) {
		uint8_t c = text[i + 2];

		if (!is_hex(c))
			return false;
		has_digit = has_digit || (is_digit(c) && c != text[2]);
		has_small = has_small || c >= 'a';
		has_capital = has_capital || (c >= 'A' && c <= 'F');
		small[i] = lower(c);
	}
	if (!has_small || !has_capital)
		return has_digit || has_small || has_capital;
	hash_keccak256(small, sizeof(small), hash);
	for (size_t i = 0; i < sizeof(small); i++) {
		unsigned int nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15u;

		if (is_letter(text[i + 2]))
			is_checked = is_checked && (text[i + 2] < 'a') == (nibble >= 8);
	}
	return is_checked;
}

/* Blocks of eleven characters for eight bytes, the last of seven for five. */
static bool
is_monero_address(const uint8_t *text, size_t len)
{
	uint8_t bytes[MONERO_BYTES], hash[HASH_BYTES];

	if (len != MONERO_CHARS || (text[0] != '4' && text[0] != '8'))
		return false;
	for (size_t block = 0; block < 8; block++)
		if (!base58_decode(text + 11 * block, 11, bytes + 8 * block, 8))
			return false;
	if (!base58_decode(text + 88, 7, bytes + 64, 5))
		return false;
	hash_keccak256(bytes, MONERO_CHECKED, hash);
	return memcmp(hash, bytes + MONERO_CHECKED, 4) == 0;
}

/* No check sum known, or a wrong one, but named so: base 58 with digits, or Ethereum's form. */
static bool
is_named_wallet(struct scan *s, size_t start, size_t len)
{
	const uint8_t *text = s->text + start;
	size_t n_digits = 0, n_base58 = 0;

	if (len < MIN_UNCHECKED || len > MAX_UNCHECKED)
		return false;
	for (size_t i = 0; i < len; i++) {
		n_digits += is_digit(text[i]);
		n_base58 += base58_value(text[i]) >= 0;
	}
	if (n_digits < 2 || (n_base58 != len && !(text[0] == '0' && len == ETHEREUM_CHARS)))
		return false;
	/* A hash of 32 bytes is a transaction. */
	return len != MAX_UNCHECKED && (scan_context_near(s, start) & WORD_TYPE(CRYPTO)) != 0;
}

bool
match_crypto(struct scan *s, size_t start, size_t len)
{
	const uint8_t *text = s->text + start;
	struct candidate c = { .start = (uint32_t)start,
		.end = (uint32_t)(start + len),
		.type = REDACT_CRYPTO,
		.score = SURE,
		.how = CANONICAL_RAW };

	if (is_wallet_key(text, len)) {
		scan_add_secret(s, start, start + len, SURE);
		return true;
	}
	if (is_segwit_address(text, len) || is_ethereum_address(text, len)) {
		c.how = CANONICAL_LOWER;
	} else if (!is_base58_address(text, len) && !is_monero_address(text, len)) {
		if (!is_named_wallet(s, start, len))
			return false;
		c.score = BY_CONTEXT;
	}
	scan_add(s, c);
	return true;
}
