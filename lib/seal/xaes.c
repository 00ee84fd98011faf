/* SPDX-License-Identifier: Apache-2.0 */
/* xaes - XAES-256-GCM of C2SP: a key per nonce from CMAC-AES-256, then AES-256-GCM. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "seal/seal.h"

#define BLOCK_BYTES 16
#define GCM_NONCE_BYTES 12
#define XAES_MAX_BYTES (1u << 30)

static void
free_cipher_context(EVP_CIPHER_CTX **at)
{
	EVP_CIPHER_CTX_free(*at);
}

#define CLEANUP_CIPHER __attribute__((cleanup(free_cipher_context)))

/* CMAC's first subkey: doubling in GF(2^128) (NIST SP 800-38B, 6.1). */
static void
double_block(uint8_t block[static BLOCK_BYTES])
{
	uint8_t carry = (uint8_t)(block[0] >> 7);

	for (size_t i = 0; i + 1 < BLOCK_BYTES; i++)
		block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
	block[BLOCK_BYTES - 1] = (uint8_t)(block[BLOCK_BYTES - 1] << 1);
	block[BLOCK_BYTES - 1] ^= (uint8_t)(carry * 0x87);
}

/* CMAC over one whole block, for the counters 1 and 2 (the KDF in counter mode of SP 800-108). */
static enum err
derive_key(const uint8_t key[static SEAL_KEY_BYTES], const uint8_t nonce[static SEAL_NONCE_BYTES],
    uint8_t ret_key[static SEAL_KEY_BYTES])
{
	CLEANUP_CIPHER EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
	uint8_t subkey[BLOCK_BYTES] = { 0 }, blocks[2 * BLOCK_BYTES];
	int len = 0;
	bool ok;

	if (aes == NULL)
		return ERR_NOMEM;
	ok = EVP_EncryptInit_ex2(aes, EVP_aes_256_ecb(), key, NULL, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(aes, 0) == 1 &&
	    EVP_EncryptUpdate(aes, subkey, &len, subkey, BLOCK_BYTES) == 1;
	double_block(subkey);
	for (uint8_t counter = 1; counter <= 2; counter++) {
		uint8_t *block = blocks + (size_t)(counter - 1) * BLOCK_BYTES;

		memcpy(block, (const uint8_t[]){ 0, counter, 'X', 0 }, 4);
		memcpy(block + 4, nonce, 12);
		for (size_t i = 0; i < BLOCK_BYTES; i++)
			block[i] ^= subkey[i];
	}
	ok = ok && EVP_EncryptUpdate(aes, ret_key, &len, blocks, sizeof(blocks)) == 1 &&
	    len == SEAL_KEY_BYTES;
	OPENSSL_cleanse(subkey, sizeof(subkey));
	OPENSSL_cleanse(blocks, sizeof(blocks));
	return ok ? ERR_OK : ERR_IO;
}

static const uint8_t *
bytes_of(struct str s)
{
	return (const uint8_t *)(s.len == 0 ? "" : s.at);
}

static enum err
gcm_seal(EVP_CIPHER_CTX *gcm, struct str aad, struct str plaintext, uint8_t *to)
{
	int len = 0, last = 0;

	if ((aad.len > 0 && EVP_EncryptUpdate(gcm, NULL, &len, bytes_of(aad), (int)aad.len) != 1) ||
	    EVP_EncryptUpdate(gcm, to, &len, bytes_of(plaintext), (int)plaintext.len) != 1 ||
	    EVP_EncryptFinal_ex(gcm, to + len, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_BYTES, to + plaintext.len) !=
		1)
		return ERR_IO;
	return ERR_OK;
}

enum err
xaes_seal(const uint8_t key[static SEAL_KEY_BYTES], const uint8_t nonce[static SEAL_NONCE_BYTES],
    struct str aad, struct str plaintext, struct buf *out)
{
	CLEANUP_CIPHER EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	uint8_t derived[SEAL_KEY_BYTES];
	char *to = NULL;
	enum err e;

	if (gcm == NULL)
		return ERR_NOMEM;
	if (plaintext.len > XAES_MAX_BYTES || aad.len > XAES_MAX_BYTES)
		return ERR_TOO_LARGE;
	e = buf_reserve(out, plaintext.len + SEAL_TAG_BYTES, &to);
	if (e == ERR_OK)
		e = derive_key(key, nonce, derived);
	if (e == ERR_OK &&
	    EVP_EncryptInit_ex2(gcm, EVP_aes_256_gcm(), derived, nonce + GCM_NONCE_BYTES, NULL) !=
		1)
		e = ERR_IO;
	OPENSSL_cleanse(derived, sizeof(derived));
	if (e == ERR_OK)
		e = gcm_seal(gcm, aad, plaintext, (uint8_t *)to);
	if (e == ERR_OK)
		buf_commit(out, plaintext.len + SEAL_TAG_BYTES);
	return e;
}

/* Writes the plaintext even when the tag is wrong; the caller must wipe it then. */
static enum err
gcm_open(EVP_CIPHER_CTX *gcm, struct str aad, struct str body, struct str tag, uint8_t *to)
{
	uint8_t wanted[SEAL_TAG_BYTES];
	int len = 0, last = 0;

	memcpy(wanted, tag.at, SEAL_TAG_BYTES);
	if ((aad.len > 0 && EVP_DecryptUpdate(gcm, NULL, &len, bytes_of(aad), (int)aad.len) != 1) ||
	    EVP_DecryptUpdate(gcm, to, &len, bytes_of(body), (int)body.len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_BYTES, wanted) != 1 ||
	    EVP_DecryptFinal_ex(gcm, to + len, &last) != 1)
		return ERR_DENIED;
	return ERR_OK;
}

enum err
xaes_open(const uint8_t key[static SEAL_KEY_BYTES], const uint8_t nonce[static SEAL_NONCE_BYTES],
    struct str aad, struct str ciphertext, struct buf *out)
{
	CLEANUP_CIPHER EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	uint8_t derived[SEAL_KEY_BYTES];
	struct str body, tag;
	char *to = NULL;
	enum err e;

	if (gcm == NULL)
		return ERR_NOMEM;
	if (ciphertext.len < SEAL_TAG_BYTES)
		return ERR_DENIED;
	if (ciphertext.len > XAES_MAX_BYTES || aad.len > XAES_MAX_BYTES)
		return ERR_TOO_LARGE;
	body = str_slice(ciphertext, 0, ciphertext.len - SEAL_TAG_BYTES);
	tag = str_slice(ciphertext, body.len, ciphertext.len);
	e = buf_reserve(out, body.len, &to);
	if (e == ERR_OK)
		e = derive_key(key, nonce, derived);
	if (e == ERR_OK &&
	    EVP_DecryptInit_ex2(gcm, EVP_aes_256_gcm(), derived, nonce + GCM_NONCE_BYTES, NULL) !=
		1)
		e = ERR_IO;
	OPENSSL_cleanse(derived, sizeof(derived));
	if (e == ERR_OK)
		e = gcm_open(gcm, aad, body, tag, (uint8_t *)to);
	if (e == ERR_OK)
		buf_commit(out, body.len);
	else if (to != NULL)
		OPENSSL_cleanse(to, body.len);
	return e;
}
