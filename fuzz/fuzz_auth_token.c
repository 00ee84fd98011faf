/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims that parse are written back to the same bytes, and a token made of any input by the real
 * key verifies exactly when its claims parse and are current.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "auth/auth.h"
#include "seal/seal.h"

#define NOW_S 1800000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t seed[32] = { 1 };

static struct auth_verifier
our_verifier(void)
{
	struct auth_verifier v;
	uint8_t public_key[32];

	assert(seal_public_key(seed, public_key) == ERR_OK);
	assert(auth_verifier_init(&v, public_key) == ERR_OK);
	return v;
}

static void
put_text(struct buf *b, struct str text)
{
	assert(buf_append_str(b, text) == ERR_OK);
}

static enum err
verify_signed(const struct auth_verifier *v, struct str json)
{
	CLEANUP(buf) struct buf *token = NULL;
	struct auth_claims c;
	uint8_t signature[64];

	assert(buf_new(8192, &token) == ERR_OK);
	put_text(token, str_from(v->header));
	put_text(token, STR("."));
	assert(seal_base64url_encode(json, token) == ERR_OK);
	assert(seal_sign(seed, buf_str(token), signature) == ERR_OK);
	put_text(token, STR("."));
	assert(seal_base64url_encode((struct str){ (const char *)signature, 64 }, token) == ERR_OK);
	return auth_token_verify(v, buf_str(token), NOW_S, &c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size };
	struct auth_verifier v = our_verifier();
	struct auth_claims c;
	bool is_good;

	if (size > 4096)
		return 0;
	/* The input as a token: nothing signed by nobody is ever believed. */
	assert(auth_token_verify(&v, input, NOW_S, &c) == ERR_DENIED);
	/* The input as claims. */
	is_good = auth_claims_parse(input, &c) == ERR_OK;
	if (is_good) {
		CLEANUP(buf) struct buf *again = NULL;

		assert(buf_new(4096, &again) == ERR_OK);
		assert(auth_claims_write(&c, again) == ERR_OK);
		assert(str_equals(buf_str(again), input));
		assert(c.expires_s - c.issued_s <= AUTH_TOKEN_LIFE_S);
		is_good = c.issued_s <= NOW_S + AUTH_TOKEN_SKEW_S && NOW_S < c.expires_s;
	}
	assert((verify_signed(&v, input) == ERR_OK) == is_good);
	return 0;
}
