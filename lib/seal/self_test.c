/* SPDX-License-Identifier: Apache-2.0 */
/*
 * self_test - published answers, asked before keys are used: the XAES-256-GCM vectors of C2SP, test
 * case 1 of RFC 5869, case 2 of RFC 4231 and test 1 of RFC 8032.  It also makes OpenSSL load all
 * that it loads lazily, before a sandbox forbids it.
 */
#include <string.h>

#include "base/hex.h"
#include "seal/seal.h"

static bool
is_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	uint8_t wanted[128];

	return len <= sizeof(wanted) && hex_decode(str_from(hex), wanted, len) &&
	    memcmp(bytes, wanted, len) == 0;
}

static bool
xaes_vector_holds(uint8_t key_byte, struct str aad, const char *hex)
{
	CLEANUP(buf) struct buf *sealed = NULL, *opened = NULL;
	uint8_t key[SEAL_KEY_BYTES];
	const uint8_t *nonce = (const uint8_t *)"ABCDEFGHIJKLMNOPQRSTUVWX";

	memset(key, key_byte, sizeof(key));
	return buf_new(64, &sealed) == ERR_OK && buf_new(64, &opened) == ERR_OK &&
	    xaes_seal(key, nonce, aad, STR("XAES-256-GCM"), sealed) == ERR_OK &&
	    is_hex((const uint8_t *)buf_str(sealed).at, buf_len(sealed), hex) &&
	    xaes_open(key, nonce, aad, buf_str(sealed), opened) == ERR_OK &&
	    str_equals(buf_str(opened), STR("XAES-256-GCM"));
}

static bool
hkdf_vector_holds(void)
{
	uint8_t secret[22], salt[13], info[10], key[42];

	memset(secret, 0x0b, sizeof(secret));
	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(info); i++)
		info[i] = (uint8_t)(0xf0 + i);
	return seal_hkdf((struct str){ (const char *)secret, sizeof(secret) },
		   (struct str){ (const char *)salt, sizeof(salt) },
		   (struct str){ (const char *)info, sizeof(info) }, key, sizeof(key)) == ERR_OK &&
	    is_hex(key, sizeof(key),
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

static bool
hmac_vector_holds(void)
{
	uint8_t mac[32];

	return seal_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), mac) == ERR_OK &&
	    is_hex(mac, sizeof(mac),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static bool
signature_vector_holds(void)
{
	uint8_t seed[32], public_key[32], signature[64];

	return hex_decode(STR("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
		   seed, sizeof(seed)) &&
	    seal_public_key(seed, public_key) == ERR_OK &&
	    is_hex(public_key, sizeof(public_key),
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a") &&
	    seal_sign(seed, STR(""), signature) == ERR_OK &&
	    is_hex(signature, sizeof(signature),
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
		"6bd25bf5f0595bbe24655141438e7a100b") &&
	    seal_verify(public_key, STR(""), signature) &&
	    !seal_verify(public_key, STR("x"), signature);
}

enum err
seal_self_test(void)
{
	uint8_t digest[32];
	bool ok = xaes_vector_holds(1, STR(""),
		      "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271") &&
	    xaes_vector_holds(3, STR("c2sp.org/XAES-256-GCM"),
		"986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d") &&
	    hkdf_vector_holds() && hmac_vector_holds() && signature_vector_holds() &&
	    seal_sha256(STR("abc"), digest) == ERR_OK &&
	    is_hex(digest, sizeof(digest),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

	return ok ? ERR_OK : ERR_BUG;
}
