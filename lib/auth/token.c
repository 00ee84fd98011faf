/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token - header.claims.signature.  The header is compared, never read: no field of it can choose
 * an algorithm or a key.  The claims are read only after the signature has verified.
 */
#include <string.h>

#include "auth/auth.h"
#include "base/secret.h"
#include "seal/seal.h"

#define SIGNATURE_BYTES 64
#define SIGNATURE_CHARS 86
#define KEY_ID_BYTES 12
#define CSRF_RANDOM_BYTES 32

static enum err
encode(struct str bytes, char *ret_text, size_t text_bytes)
{
	CLEANUP(buf) struct buf *b = NULL;
	enum err e = buf_new(text_bytes - 1, &b);

	if (e == ERR_OK)
		e = seal_base64url_encode(bytes, b);
	if (e == ERR_OK)
		memcpy(ret_text, buf_c_string(b), buf_len(b) + 1);
	return e;
}

enum err
auth_verifier_init(struct auth_verifier *v, const uint8_t public_key[static 32])
{
	char key_id[24], header[96];
	uint8_t digest[32];
	int len;
	enum err e = seal_sha256((struct str){ (const char *)public_key, 32 }, digest);

	if (e == ERR_OK)
		e = encode((struct str){ (const char *)digest, KEY_ID_BYTES }, key_id,
		    sizeof(key_id));
	if (e != ERR_OK)
		return e;
	len = snprintf(header, sizeof(header),
	    "{\"alg\":\"EdDSA\",\"typ\":\"rendfly-access+jwt\",\"kid\":\"%s\"}", key_id);
	if (len < 0 || (size_t)len >= sizeof(header))
		return ERR_BUG;
	memcpy(v->public_key, public_key, 32);
	return encode(str_from(header), v->header, sizeof(v->header));
}

enum err
auth_token_issue(const struct auth_oracle *oracle, const struct auth_verifier *v,
    const struct auth_claims *claims, struct buf *token)
{
	CLEANUP(buf) struct buf *json = NULL, *input = NULL;
	uint8_t signature[SIGNATURE_BYTES];
	enum err e = buf_new(AUTH_TOKEN_MAX_BYTES, &json);

	if (e == ERR_OK)
		e = buf_new(AUTH_TOKEN_MAX_BYTES, &input);
	if (e == ERR_OK)
		e = auth_claims_write(claims, json);
	if (e == ERR_OK)
		e = buf_printf(input, "%s.", v->header);
	if (e == ERR_OK)
		e = seal_base64url_encode(buf_str(json), input);
	if (e == ERR_OK)
		e = oracle->sign(oracle->context, buf_str(input), signature);
	/* A token that our own key does not verify would only be found out by the people. */
	if (e == ERR_OK && !seal_verify(v->public_key, buf_str(input), signature))
		e = ERR_BUG;
	if (e == ERR_OK)
		e = buf_append_byte(input, '.');
	if (e == ERR_OK)
		e = seal_base64url_encode((struct str){ (const char *)signature,
					      sizeof(signature) },
		    input);
	return e == ERR_OK ? buf_append_str(token, buf_str(input)) : e;
}

/* Cuts token into what is signed, the claims in it and the signature's text. */
static bool
cut(const struct auth_verifier *v, struct str token, struct str *ret_input, struct str *ret_claims,
    struct str *ret_signature)
{
	size_t header_len = strlen(v->header), input_len;

	if (token.at == NULL || token.len > AUTH_TOKEN_MAX_BYTES ||
	    token.len < header_len + 1 + SIGNATURE_CHARS + 1)
		return false;
	input_len = token.len - SIGNATURE_CHARS - 1;
	if (!str_starts_with(token, str_from(v->header)) || token.at[header_len] != '.' ||
	    input_len <= header_len + 1 || token.at[input_len] != '.')
		return false;
	*ret_input = str_slice(token, 0, input_len);
	*ret_claims = str_slice(token, header_len + 1, input_len);
	*ret_signature = str_slice(token, input_len + 1, token.len);
	return true;
}

static bool
is_signed(const struct auth_verifier *v, struct str input, struct str signature_text)
{
	CLEANUP(buf) struct buf *signature = NULL;

	return buf_new(SIGNATURE_BYTES, &signature) == ERR_OK &&
	    seal_base64url_decode(signature_text, signature) == ERR_OK &&
	    buf_len(signature) == SIGNATURE_BYTES &&
	    seal_verify(v->public_key, input, (const uint8_t *)buf_str(signature).at);
}

static bool
are_current(const struct auth_claims *c, int64_t now_s)
{
	return c->issued_s <= now_s + AUTH_TOKEN_SKEW_S && now_s < c->expires_s;
}

enum err
auth_token_verify(const struct auth_verifier *v, struct str token, int64_t now_s,
    struct auth_claims *ret_claims)
{
	CLEANUP(buf) struct buf *json = NULL;
	struct str input, claims_text, signature;
	struct auth_claims claims;

	if (!cut(v, token, &input, &claims_text, &signature) || !is_signed(v, input, signature))
		return ERR_DENIED;
	if (buf_new(AUTH_TOKEN_MAX_BYTES, &json) != ERR_OK)
		return ERR_NOMEM;
	if (seal_base64url_decode(claims_text, json) != ERR_OK ||
	    auth_claims_parse(buf_str(json), &claims) != ERR_OK || !are_current(&claims, now_s))
		return ERR_DENIED;
	*ret_claims = claims;
	return ERR_OK;
}

static bool
names(struct str token, const struct auth_verifier *v)
{
	return token.at != NULL && str_starts_with(token, str_from(v->header)) &&
	    token.len > strlen(v->header) && token.at[strlen(v->header)] == '.';
}

enum err
auth_verifiers_verify(const struct auth_verifiers *v, struct str token, int64_t now_ms,
    struct auth_claims *ret_claims, bool *ret_is_old)
{
	const bool is_old = !names(token, &v->newest);
	enum err e;

	if (is_old && (now_ms >= v->before_until_ms || !names(token, &v->before)))
		return ERR_NOT_FOUND;
	e = auth_token_verify(is_old ? &v->before : &v->newest, token, now_ms / 1000, ret_claims);
	if (e == ERR_OK)
		*ret_is_old = is_old;
	return e;
}

enum err
auth_csrf_new(char ret_csrf[static AUTH_CSRF_BYTES])
{
	uint8_t bytes[CSRF_RANDOM_BYTES];
	enum err e = seal_random(bytes, sizeof(bytes));

	return e == ERR_OK
	    ? encode((struct str){ (const char *)bytes, sizeof(bytes) }, ret_csrf, AUTH_CSRF_BYTES)
	    : e;
}

bool
auth_csrf_matches(const struct auth_claims *claims, struct str header)
{
	return header.at != NULL && header.len == AUTH_CSRF_BYTES - 1 &&
	    secret_bytes_equal((const uint8_t *)claims->csrf, (const uint8_t *)header.at,
		header.len);
}
