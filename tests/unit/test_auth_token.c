/* SPDX-License-Identifier: Apache-2.0 */
/* Forged tokens: most are even signed by the real key, so that only the check they are meant for
 * can refuse them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "auth/auth.h"
#include "seal/seal.h"

#define NOW_S 1800000000
#define USER "0190a1b2-c3d4-7e5f-8a6b-1c2d3e4f5061"
#define WORKSPACE "0190a1b2-c3d4-7e5f-8a6b-1c2d3e4f5062"
#define SESSION "0190a1b2-c3d4-7e5f-8a6b-1c2d3e4f5063"
#define CSRF "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define HEAD_OF_CLAIMS "{\"iss\":\"rendfly\",\"aud\":\"rendfly-api\","
#define IDS "\"sub\":\"" USER "\",\"wid\":\"" WORKSPACE "\",\"sid\":\"" SESSION "\","
#define REST "\"role\":\"owner\",\"csrf\":\"" CSRF "\","
#define TIMES "\"iat\":1800000000,\"exp\":1800000900}"
#define GOOD HEAD_OF_CLAIMS IDS REST TIMES

static const uint8_t our_seed[32] = { 1 }, other_seed[32] = { 2 };

static enum err
sign_here(void *context, struct str input, uint8_t ret_signature[static 64])
{
	return seal_sign(context, input, ret_signature);
}

static struct auth_oracle
oracle_of(const uint8_t *seed)
{
	return (struct auth_oracle){ .context = (void *)(uintptr_t)seed, .sign = sign_here };
}

static struct auth_verifier
verifier_of(const uint8_t *seed)
{
	struct auth_verifier v;
	uint8_t public_key[32];

	assert_int_equal(seal_public_key(seed, public_key), ERR_OK);
	assert_int_equal(auth_verifier_init(&v, public_key), ERR_OK);
	return v;
}

static struct auth_claims
good_claims(void)
{
	struct auth_claims c = { .role = "owner",
		.csrf = CSRF,
		.issued_s = NOW_S,
		.expires_s = NOW_S + AUTH_TOKEN_LIFE_S };

	assert_true(uuid_parse(STR(USER), &c.user));
	assert_true(uuid_parse(STR(WORKSPACE), &c.workspace));
	assert_true(uuid_parse(STR(SESSION), &c.session));
	return c;
}

/* header.claims.signature of any header text (NULL: ours) and claims, signed by the seed. */
static void
build(const uint8_t *seed, const char *header, struct str claims, struct buf *token)
{
	struct auth_verifier v = verifier_of(our_seed);
	uint8_t signature[64];

	buf_clear(token);
	if (header == NULL)
		assert_int_equal(buf_append_str(token, str_from(v.header)), ERR_OK);
	else
		assert_int_equal(seal_base64url_encode(str_from(header), token), ERR_OK);
	assert_int_equal(buf_append_byte(token, '.'), ERR_OK);
	assert_int_equal(seal_base64url_encode(claims, token), ERR_OK);
	assert_int_equal(seal_sign(seed, buf_str(token), signature), ERR_OK);
	assert_int_equal(buf_append_byte(token, '.'), ERR_OK);
	assert_int_equal(seal_base64url_encode((struct str){ (const char *)signature, 64 }, token),
	    ERR_OK);
}

static void
assert_refused(struct str token, const char *which)
{
	struct auth_verifier v = verifier_of(our_seed);
	struct auth_claims c;

	if (auth_token_verify(&v, token, NOW_S, &c) != ERR_DENIED)
		fail_msg("accepted: %s", which);
}

static void
a_token_that_was_issued_verifies_with_its_claims(void **state)
{
	CLEANUP(buf) struct buf *token = NULL;
	struct auth_verifier v = verifier_of(our_seed);
	struct auth_oracle oracle = oracle_of(our_seed);
	struct auth_claims c = good_claims(), back;

	(void)state;
	assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &token), ERR_OK);
	assert_int_equal(auth_token_issue(&oracle, &v, &c, token), ERR_OK);
	assert_int_equal(auth_token_verify(&v, buf_str(token), NOW_S, &back), ERR_OK);
	assert_true(uuid_equals(&back.user, &c.user));
	assert_true(uuid_equals(&back.workspace, &c.workspace));
	assert_true(uuid_equals(&back.session, &c.session));
	assert_string_equal(back.role, "owner");
	assert_string_equal(back.csrf, CSRF);
	assert_true(back.issued_s == NOW_S && back.expires_s == NOW_S + 900);
	/* The builder of the forgeries makes the very same token from the very same claims, so a
	 * forgery differs in nothing but what it names. */
	{
		CLEANUP(buf) struct buf *built = NULL;

		assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &built), ERR_OK);
		build(our_seed, NULL, STR(GOOD), built);
		assert_true(str_equals(buf_str(built), buf_str(token)));
	}
}

static void
a_token_lives_from_its_issue_to_its_end_and_no_longer(void **state)
{
	static const struct {
		int64_t now_s;
		enum err expected;
	} cases[] = { { NOW_S, ERR_OK }, { NOW_S + 899, ERR_OK }, { NOW_S + 900, ERR_DENIED },
		{ NOW_S + 86400, ERR_DENIED }, { NOW_S - AUTH_TOKEN_SKEW_S, ERR_OK },
		{ NOW_S - AUTH_TOKEN_SKEW_S - 1, ERR_DENIED }, { 0, ERR_DENIED } };
	CLEANUP(buf) struct buf *token = NULL;
	struct auth_verifier v = verifier_of(our_seed);
	struct auth_claims c;

	(void)state;
	assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &token), ERR_OK);
	build(our_seed, NULL, STR(GOOD), token);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(auth_token_verify(&v, buf_str(token), cases[i].now_s, &c),
		    cases[i].expected);
}

static void
no_other_header_is_believed_even_when_signed_by_our_key(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\"}",
		"{\"alg\":\"None\"}",
		"{\"alg\":\"NONE\"}",
		"{\"alg\":\"nOnE\"}",
		"{\"alg\":\"\"}",
		"{\"alg\":null}",
		"{\"alg\":[\"EdDSA\"]}",
		"{\"alg\":\"none\",\"typ\":\"rendfly-access+jwt\"}",
		"{}",
		"",
		"null",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
		"{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
		"{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
		"{\"alg\":\"EdDSA\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\",\"kid\":\"\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\",\"kid\":\"../../keys/root\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\",\"kid\":\"x' or '1'='1\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\",\"jku\":\"https://evil.example\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\",\"x5u\":\"https://evil.example\"}",
		"{\"alg\":\"EdDSA\",\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}}",
		"{\"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\",\"crit\":[\"b64\"],\"b64\":false}",
		"{\"alg\":\"EdDSA\",\"alg\":\"none\",\"typ\":\"rendfly-access+jwt\"}",
		"{\"typ\":\"rendfly-access+jwt\",\"alg\":\"EdDSA\"}",
		"{ \"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\"}",
	};
	CLEANUP(buf) struct buf *token = NULL;

	(void)state;
	assert_int_equal(buf_new(2 * AUTH_TOKEN_MAX_BYTES, &token), ERR_OK);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		build(our_seed, headers[i], STR(GOOD), token);
		assert_refused(buf_str(token), headers[i]);
	}
}

static void
no_other_claims_are_believed_even_when_signed_by_our_key(void **state)
{
	static const char *const claims[] = {
		"",
		"null",
		"{}",
		"[" GOOD "]",
		GOOD " ",
		GOOD "x",
		" " GOOD,
		GOOD GOOD,
		"{\"iss\":\"evil\",\"aud\":\"rendfly-api\"," IDS REST TIMES,
		"{\"iss\":\"rendfly\",\"aud\":\"other\"," IDS REST TIMES,
		"{\"iss\":\"rendfly\",\"aud\":[\"rendfly-api\"]," IDS REST TIMES,
		"{\"aud\":\"rendfly-api\",\"iss\":\"rendfly\"," IDS REST TIMES,
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":1800000901}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":1900000000}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":9223372036854775808}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":18446744073709551616}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":\"1800000900\"}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":1800000900.0}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":1.8000009e9}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":01800000900}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":+1800000900}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":-1800000000,\"exp\":1800000900}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":1800000000}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000900,\"exp\":1800000000}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000031,\"exp\":1800000900}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1799999000,\"exp\":1799999900}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000}",
		HEAD_OF_CLAIMS IDS REST "\"exp\":1800000900}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":null,\"exp\":1800000900}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":1800000900,\"exp\":1800000900}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":1800000900,\"nbf\":0}",
		HEAD_OF_CLAIMS IDS REST "\"iat\":1800000000,\"exp\":1800000900",
		HEAD_OF_CLAIMS IDS REST "\"iat\": 1800000000,\"exp\":1800000900}",
		HEAD_OF_CLAIMS IDS "\"csrf\":\"" CSRF "\"," TIMES,
		HEAD_OF_CLAIMS IDS "\"role\":\"\",\"csrf\":\"" CSRF "\"," TIMES,
		HEAD_OF_CLAIMS IDS "\"role\":\"OWNER\",\"csrf\":\"" CSRF "\"," TIMES,
		HEAD_OF_CLAIMS IDS "\"role\":\"own\\u0065r\",\"csrf\":\"" CSRF "\"," TIMES,
		HEAD_OF_CLAIMS IDS "\"role\":\"seventeen_letters\",\"csrf\":\"" CSRF "\"," TIMES,
		HEAD_OF_CLAIMS IDS "\"role\":\"owner\",\"role\":\"owner\",\"csrf\":\"" CSRF
				   "\"," TIMES,
		HEAD_OF_CLAIMS IDS "\"role\":\"owner\",\"csrf\":\"\"," TIMES,
		HEAD_OF_CLAIMS IDS "\"role\":\"owner\",\"csrf\":\"short\"," TIMES,
		HEAD_OF_CLAIMS "\"sub\":\"\",\"wid\":\"" WORKSPACE "\",\"sid\":\"" SESSION
			       "\"," REST TIMES,
		HEAD_OF_CLAIMS
		"\"sub\":\"0190A1B2-C3D4-7E5F-8A6B-1C2D3E4F5061\",\"wid\":\"" WORKSPACE
		"\",\"sid\":\"" SESSION "\"," REST TIMES,
		HEAD_OF_CLAIMS
		"\"sub\":\"00000000-0000-0000-0000-000000000000\",\"wid\":\"" WORKSPACE
		"\",\"sid\":\"" SESSION "\"," REST TIMES,
		HEAD_OF_CLAIMS "\"sub\":\"" USER "\",\"sid\":\"" SESSION "\"," REST TIMES,
		HEAD_OF_CLAIMS "\"wid\":\"" WORKSPACE "\",\"sub\":\"" USER "\",\"sid\":\"" SESSION
			       "\"," REST TIMES,
	};
	CLEANUP(buf) struct buf *token = NULL;

	(void)state;
	assert_int_equal(buf_new(2 * AUTH_TOKEN_MAX_BYTES, &token), ERR_OK);
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		build(our_seed, NULL, str_from(claims[i]), token);
		assert_refused(buf_str(token), claims[i]);
	}
	build(our_seed, NULL, STR("\0" GOOD), token);
	assert_refused(buf_str(token), "a NUL in front");
	build(our_seed, NULL, STR(GOOD "\0"), token);
	assert_refused(buf_str(token), "a NUL behind");
}

static void
a_key_of_somebody_else_signs_nothing_for_us(void **state)
{
	CLEANUP(buf) struct buf *token = NULL;
	struct auth_verifier ours = verifier_of(our_seed), theirs = verifier_of(other_seed);
	struct auth_oracle oracle = oracle_of(other_seed);
	struct auth_claims c = good_claims();
	uint8_t mac[32];

	(void)state;
	assert_int_equal(buf_new(2 * AUTH_TOKEN_MAX_BYTES, &token), ERR_OK);
	build(other_seed, NULL, STR(GOOD), token);
	assert_refused(buf_str(token), "our header, another key");
	buf_clear(token);
	assert_int_equal(auth_token_issue(&oracle, &theirs, &c, token), ERR_OK);
	assert_refused(buf_str(token), "another header and key");
	buf_clear(token);
	assert_int_equal(auth_token_issue(&oracle, &ours, &c, token), ERR_BUG);
	assert_int_equal(buf_len(token), 0);

	/* Key confusion: an HMAC with the public key, in the place of the signature. */
	build(our_seed, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", STR(GOOD), token);
	buf_truncate(token, buf_len(token) - 86);
	assert_int_equal(seal_hmac_sha256((struct str){ (const char *)ours.public_key, 32 },
			     str_slice(buf_str(token), 0, buf_len(token) - 1), mac),
	    ERR_OK);
	assert_int_equal(seal_base64url_encode((struct str){ (const char *)mac, 32 }, token),
	    ERR_OK);
	assert_refused(buf_str(token), "HS256 with the public key");
}

/* The two keys after a rotation: one that the token names, in its time. */
static void
a_key_that_was_exchanged_verifies_until_its_time_and_not_a_second_longer(void **state)
{
	const int64_t until_ms = (NOW_S + 60) * INT64_C(1000);
	const struct auth_verifiers both = { verifier_of(other_seed), verifier_of(our_seed),
		until_ms };
	const struct auth_verifiers alone = { verifier_of(other_seed), verifier_of(our_seed), 0 };
	CLEANUP(buf) struct buf *old = NULL, *new = NULL, *third = NULL;
	struct auth_oracle oracle = oracle_of(other_seed);
	struct auth_claims c = good_claims(), got;
	static const uint8_t third_seed[32] = { 3 };
	struct auth_verifier of_third = verifier_of(third_seed);
	bool is_old = false;

	(void)state;
	assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &old), ERR_OK);
	assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &new), ERR_OK);
	assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &third), ERR_OK);
	build(our_seed, NULL, STR(GOOD), old);
	assert_int_equal(auth_token_issue(&oracle, &both.newest, &c, new), ERR_OK);
	oracle = oracle_of(third_seed);
	assert_int_equal(auth_token_issue(&oracle, &of_third, &c, third), ERR_OK);

	assert_int_equal(auth_verifiers_verify(&both, buf_str(old), until_ms - 1, &got, &is_old),
	    ERR_OK);
	assert_true(is_old);
	assert_int_equal(auth_verifiers_verify(&both, buf_str(new), until_ms - 1, &got, &is_old),
	    ERR_OK);
	assert_false(is_old);
	/* The token itself would be good for minutes more. */
	assert_int_equal(auth_verifiers_verify(&both, buf_str(old), until_ms, &got, &is_old),
	    ERR_NOT_FOUND);
	assert_int_equal(auth_verifiers_verify(&alone, buf_str(old), until_ms - 1, &got, &is_old),
	    ERR_NOT_FOUND);
	assert_int_equal(auth_verifiers_verify(&both, buf_str(third), until_ms - 1, &got, &is_old),
	    ERR_NOT_FOUND);
	assert_int_equal(auth_verifiers_verify(&both, STR(""), until_ms - 1, &got, &is_old),
	    ERR_NOT_FOUND);
	/* A named key does not help what it did not sign. */
	buf_truncate(old, buf_len(old) - 2);
	assert_int_equal(buf_append_str(old, STR("AA")), ERR_OK);
	assert_int_equal(auth_verifiers_verify(&both, buf_str(old), until_ms - 1, &got, &is_old),
	    ERR_DENIED);
}

/* What stands in the place of the signature, or is done to the whole. */
static void
no_other_shape_is_a_token(void **state)
{
	CLEANUP(buf) struct buf *good = NULL, *token = NULL;
	struct str whole, input;
	const char *const ends[] = { "", ".", "..", ".AAAA", ".=", "." };
	size_t len;

	(void)state;
	assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &good), ERR_OK);
	assert_int_equal(buf_new(4 * AUTH_TOKEN_MAX_BYTES, &token), ERR_OK);
	build(our_seed, NULL, STR(GOOD), good);
	whole = buf_str(good);
	len = whole.len;
	input = str_slice(whole, 0, len - 87);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		buf_clear(token);
		assert_int_equal(buf_append_str(token, input), ERR_OK);
		assert_int_equal(buf_append_str(token, str_from(ends[i])), ERR_OK);
		assert_refused(buf_str(token), "another end in place of the signature");
		buf_clear(token);
		assert_int_equal(buf_append_str(token, whole), ERR_OK);
		assert_int_equal(buf_append_str(token, str_from(ends[i])), ERR_OK);
		if (ends[i][0] != '\0')
			assert_refused(buf_str(token), "an end behind the signature");
	}
	buf_clear(token);
	assert_int_equal(buf_printf(token, "Bearer %s", buf_c_string(good)), ERR_OK);
	assert_refused(buf_str(token), "a scheme in front");
	buf_clear(token);
	assert_int_equal(buf_printf(token, "%s\n", buf_c_string(good)), ERR_OK);
	assert_refused(buf_str(token), "a line end behind");
	buf_clear(token);
	assert_int_equal(buf_printf(token, "%s.%s", buf_c_string(good), buf_c_string(good)),
	    ERR_OK);
	assert_refused(buf_str(token), "two tokens");
	assert_refused((struct str){ NULL, 0 }, "none");
	assert_refused(STR(""), "the empty one");
	assert_refused(STR("..."), "dots");
	build(our_seed, NULL, whole, token);
	assert_refused(buf_str(token), "a token in a token");
	for (size_t cut = 0; cut < len; cut++)
		assert_refused(str_slice(whole, 0, cut), "a token cut short");
}

/* Every character, and with it every bit: a base64 character carries six of them, and the unused
 * ones of a last character must be zero. */
static void
no_character_of_a_token_may_differ(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_.=+/ ";
	CLEANUP(buf) struct buf *good = NULL;
	struct auth_verifier v = verifier_of(our_seed);
	struct auth_claims c;
	char token[AUTH_TOKEN_MAX_BYTES];
	size_t len;

	(void)state;
	assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &good), ERR_OK);
	build(our_seed, NULL, STR(GOOD), good);
	len = buf_len(good);
	for (size_t i = 0; i < len; i++) {
		/* Each bit of each character; at the ends of parts every other character too. */
		bool is_end = i + 3 > len || buf_str(good).at[i + 1] == '.';

		for (size_t j = 0; j < (is_end ? sizeof(alphabet) - 1 : 8); j++) {
			memcpy(token, buf_str(good).at, len);
			token[i] = is_end ? alphabet[j] : (char)(token[i] ^ (1 << j));
			if (token[i] == buf_str(good).at[i])
				continue;
			if (auth_token_verify(&v, (struct str){ token, len }, NOW_S, &c) !=
			    ERR_DENIED)
				fail_msg("character %zu as %c was accepted", i, token[i]);
		}
	}
}

static void
claims_that_no_verifier_would_take_are_not_signed(void **state)
{
	CLEANUP(buf) struct buf *token = NULL;
	struct auth_verifier v = verifier_of(our_seed);
	struct auth_oracle oracle = oracle_of(our_seed);
	struct auth_claims wrong[] = { good_claims(), good_claims(), good_claims(), good_claims() };

	(void)state;
	assert_int_equal(buf_new(AUTH_TOKEN_MAX_BYTES, &token), ERR_OK);
	wrong[0].expires_s++;
	wrong[1].role[0] = '"';
	wrong[2].csrf[3] = '"';
	wrong[3].workspace = (struct uuid){ { 0 } };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(auth_token_issue(&oracle, &v, &wrong[i], token), ERR_BUG);
	assert_int_equal(buf_len(token), 0);
}

static void
only_the_sessions_own_csrf_token_matches(void **state)
{
	struct auth_claims c = good_claims();
	char fresh[AUTH_CSRF_BYTES], again[AUTH_CSRF_BYTES];

	(void)state;
	assert_true(auth_csrf_matches(&c, STR(CSRF)));
	assert_false(auth_csrf_matches(&c, (struct str){ NULL, 0 }));
	assert_false(auth_csrf_matches(&c, STR("")));
	assert_false(auth_csrf_matches(&c, STR(CSRF "A")));
	assert_false(auth_csrf_matches(&c, str_slice(STR(CSRF), 0, AUTH_CSRF_BYTES - 2)));
	assert_int_equal(auth_csrf_new(fresh), ERR_OK);
	assert_int_equal(auth_csrf_new(again), ERR_OK);
	assert_int_equal(strlen(fresh), AUTH_CSRF_BYTES - 1);
	assert_string_not_equal(fresh, again);
	assert_false(auth_csrf_matches(&c, str_from(fresh)));
	for (size_t i = 0; i < AUTH_CSRF_BYTES - 1; i++) {
		char text[AUTH_CSRF_BYTES] = CSRF;

		text[i] = (char)(text[i] ^ 1);
		assert_false(auth_csrf_matches(&c, str_from(text)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_that_was_issued_verifies_with_its_claims),
		cmocka_unit_test(a_token_lives_from_its_issue_to_its_end_and_no_longer),
		cmocka_unit_test(no_other_header_is_believed_even_when_signed_by_our_key),
		cmocka_unit_test(no_other_claims_are_believed_even_when_signed_by_our_key),
		cmocka_unit_test(a_key_of_somebody_else_signs_nothing_for_us),
		cmocka_unit_test(
		    a_key_that_was_exchanged_verifies_until_its_time_and_not_a_second_longer),
		cmocka_unit_test(no_other_shape_is_a_token),
		cmocka_unit_test(no_character_of_a_token_may_differ),
		cmocka_unit_test(claims_that_no_verifier_would_take_are_not_signed),
		cmocka_unit_test(only_the_sessions_own_csrf_token_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
