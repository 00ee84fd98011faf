/* SPDX-License-Identifier: Apache-2.0 */
/* primitives - thin wrappers of OpenSSL's digests, MACs, key derivation, signatures and randomness.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "seal/seal.h"

static void
free_kdf_context(EVP_KDF_CTX **at)
{
	EVP_KDF_CTX_free(*at);
}

static void
free_digest_context(EVP_MD_CTX **at)
{
	EVP_MD_CTX_free(*at);
}

static void
free_key(EVP_PKEY **at)
{
	EVP_PKEY_free(*at);
}

/* OpenSSL's parameters take non-const pointers to bytes that they only read. */
static void *
readable(struct str s)
{
	return (void *)(uintptr_t)(s.len == 0 ? "" : s.at);
}

enum err
seal_hkdf(struct str secret, struct str salt, struct str info, uint8_t *ret_key, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	__attribute__((cleanup(free_kdf_context))) EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, readable(secret), secret.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, readable(salt), salt.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, readable(info), info.len),
		OSSL_PARAM_construct_end(),
	};

	EVP_KDF_free(kdf);
	if (context == NULL)
		return ERR_NOMEM;
	return EVP_KDF_derive(context, ret_key, len, params) == 1 ? ERR_OK : ERR_IO;
}

enum err
seal_hmac_sha256(struct str key, struct str message, uint8_t ret_mac[static 32])
{
	unsigned int len = 0;

	if (key.len > INT32_MAX ||
	    HMAC(EVP_sha256(), readable(key), (int)key.len, readable(message), message.len, ret_mac,
		&len) == NULL ||
	    len != 32)
		return ERR_IO;
	return ERR_OK;
}

enum err
seal_sha256(struct str message, uint8_t ret_digest[static 32])
{
	return EVP_Digest(readable(message), message.len, ret_digest, NULL, EVP_sha256(), NULL) == 1
	    ? ERR_OK
	    : ERR_IO;
}

enum err
seal_random(uint8_t *ret_bytes, size_t len)
{
	return len <= INT32_MAX && RAND_bytes(ret_bytes, (int)len) == 1 ? ERR_OK : ERR_IO;
}

enum err
seal_sign(const uint8_t seed[static 32], struct str message, uint8_t ret_signature[static 64])
{
	__attribute__((cleanup(free_key))) EVP_PKEY *key =
	    EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	__attribute__((cleanup(free_digest_context))) EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = 64;

	if (key == NULL || context == NULL)
		return ERR_NOMEM;
	if (EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(context, ret_signature, &len, readable(message), message.len) != 1 ||
	    len != 64)
		return ERR_IO;
	return ERR_OK;
}

enum err
seal_public_key(const uint8_t seed[static 32], uint8_t ret_public[static 32])
{
	__attribute__((cleanup(free_key))) EVP_PKEY *key =
	    EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	size_t len = 32;

	if (key == NULL)
		return ERR_NOMEM;
	return EVP_PKEY_get_raw_public_key(key, ret_public, &len) == 1 && len == 32 ? ERR_OK
										    : ERR_IO;
}

bool
seal_verify(const uint8_t public_key[static 32], struct str message,
    const uint8_t signature[static 64])
{
	__attribute__((cleanup(free_key))) EVP_PKEY *key =
	    EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
	__attribute__((cleanup(free_digest_context))) EVP_MD_CTX *context = EVP_MD_CTX_new();

	return key != NULL && context != NULL &&
	    EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(context, signature, 64, readable(message), message.len) == 1;
}
