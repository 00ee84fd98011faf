/* SPDX-License-Identifier: Apache-2.0 */
/* XAES-256-GCM against the accumulated vector of C2SP, and against AES-256-GCM by OpenSSL alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "base/hex.h"
#include "seal/seal.h"

#define ITERATIONS 10000
#define STREAM_BYTES (8u << 20)

/* SHAKE-128 of nothing, squeezed once: the random source that the specification names. */
static uint8_t *
make_stream(void)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t *stream = malloc(STREAM_BYTES);

	assert_non_null(md);
	assert_non_null(stream);
	assert_int_equal(EVP_DigestInit_ex(md, EVP_shake128(), NULL), 1);
	assert_int_equal(EVP_DigestFinalXOF(md, stream, STREAM_BYTES), 1);
	EVP_MD_CTX_free(md);
	return stream;
}

static struct str
take(const uint8_t **at, size_t len)
{
	struct str s = { (const char *)*at, len };

	*at += len;
	return s;
}

/* C2SP, XAES-256-GCM.md, "Accumulated Vectors". */
static void
ten_thousand_random_cases_hash_to_the_published_value(void **state)
{
	uint8_t *stream = make_stream(), digest[32];
	const uint8_t *at = stream;
	EVP_MD_CTX *all = EVP_MD_CTX_new();
	char hex[65];

	(void)state;
	assert_int_equal(EVP_DigestInit_ex(all, EVP_shake128(), NULL), 1);
	for (int i = 0; i < ITERATIONS; i++) {
		CLEANUP(buf) struct buf *sealed = NULL, *opened = NULL;
		const uint8_t *key = (const uint8_t *)take(&at, SEAL_KEY_BYTES).at;
		const uint8_t *nonce = (const uint8_t *)take(&at, SEAL_NONCE_BYTES).at;
		struct str plaintext = take(&at, *(const uint8_t *)take(&at, 1).at);
		struct str aad = take(&at, *(const uint8_t *)take(&at, 1).at);

		assert_int_equal(buf_new(512, &sealed), ERR_OK);
		assert_int_equal(buf_new(512, &opened), ERR_OK);
		assert_int_equal(xaes_seal(key, nonce, aad, plaintext, sealed), ERR_OK);
		assert_int_equal(xaes_open(key, nonce, aad, buf_str(sealed), opened), ERR_OK);
		assert_true(str_equals(buf_str(opened), plaintext));
		assert_int_equal(EVP_DigestUpdate(all, buf_str(sealed).at, buf_len(sealed)), 1);
	}
	assert_true(at < stream + STREAM_BYTES);
	assert_int_equal(EVP_DigestFinalXOF(all, digest, sizeof(digest)), 1);
	hex_encode(digest, sizeof(digest), hex);
	assert_string_equal(hex,
	    "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
	EVP_MD_CTX_free(all);
	free(stream);
}

/* Tags cut, lengthened, swapped and zeroed: the shapes of Wycheproof's AES-GCM cases. */
static void
wrong_tags_and_lengths_are_refused(void **state)
{
	static const uint8_t key[SEAL_KEY_BYTES] = { 7 }, nonce[SEAL_NONCE_BYTES] = { 9 };
	CLEANUP(buf) struct buf *sealed = NULL, *opened = NULL;
	char copy[64];
	size_t len;

	(void)state;
	assert_int_equal(buf_new(64, &sealed), ERR_OK);
	assert_int_equal(buf_new(128, &opened), ERR_OK);
	assert_int_equal(xaes_seal(key, nonce, STR("aad"), STR("thirty-two bytes of plain text.."),
			     sealed),
	    ERR_OK);
	len = buf_len(sealed);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(xaes_open(key, nonce, STR("aad"),
				     str_slice(buf_str(sealed), 0, cut), opened),
		    ERR_DENIED);
	for (size_t bit = 0; bit < len * 8; bit++) {
		memcpy(copy, buf_str(sealed).at, len);
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
		assert_int_equal(xaes_open(key, nonce, STR("aad"), (struct str){ copy, len },
				     opened),
		    ERR_DENIED);
	}
	memset(copy + len - SEAL_TAG_BYTES, 0, SEAL_TAG_BYTES);
	assert_int_equal(xaes_open(key, nonce, STR("aad"), (struct str){ copy, len }, opened),
	    ERR_DENIED);
	assert_int_equal(xaes_open(key, nonce, STR("aae"), buf_str(sealed), opened), ERR_DENIED);
	assert_int_equal(xaes_open(key, nonce, STR(""), buf_str(sealed), opened), ERR_DENIED);
	assert_int_equal(buf_len(opened), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_random_cases_hash_to_the_published_value),
		cmocka_unit_test(wrong_tags_and_lengths_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
