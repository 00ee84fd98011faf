/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth - who somebody is: passwords, access tokens, CSRF tokens and the spelling of keys.
 *
 * Nothing here holds a secret between calls.  What needs one (the password pepper, the signing key)
 * goes through keyd by way of struct auth_oracle.  A refusal is ERR_DENIED whatever its cause, so
 * that nobody learns which check failed.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

/* ---- the two operations with keys that are elsewhere */

struct auth_oracle {
	void *context;
	enum err (*pepper)(void *context, const uint8_t hash[static 32],
	    uint8_t ret_mac[static 32]);
	enum err (*sign)(void *context, struct str input, uint8_t ret_signature[static 64]);
};

struct keyd_client;

struct auth_keyd {
	struct keyd_client *client;
	pthread_mutex_t *lock; /* held around each request, not while hashing; NULL: one thread */
};

/* keyd as the oracle; it must live as long. */
struct auth_oracle auth_oracle_of(struct auth_keyd *keyd);

/* ---- passwords
 *
 * Argon2id (RFC 9106) with 64 MiB and 3 passes, 0.2 s of one core: the caller bounds how many run
 * at once.  Stored as a PHC string of an algorithm name of our own, since what it ends in is not
 * Argon2id's output but its HMAC under keyd's pepper: a stolen table cannot be guessed at.
 */

#define AUTH_PASSWORD_HASH_BYTES 160
#define AUTH_PASSWORD_MAX_BYTES 1024

MUST_CHECK enum err auth_password_hash(const struct auth_oracle *oracle, struct str password,
    char ret_stored[static AUTH_PASSWORD_HASH_BYTES]);

/* stored.at NULL: nobody has that name; the same work is done and the answer is ERR_DENIED. */
MUST_CHECK enum err auth_password_verify(const struct auth_oracle *oracle, struct str password,
    struct str stored);

/* Made with parameters other than today's: hash again after the next log-in. */
bool auth_password_is_outdated(struct str stored);

/* ---- access tokens: a compact JWS with EdDSA, one algorithm, one header, one spelling */

#define AUTH_TOKEN_LIFE_S 900
#define AUTH_TOKEN_MAX_BYTES 800
#define AUTH_TOKEN_SKEW_S 30 /* a token from that far ahead is believed */
#define AUTH_TOKEN_ISSUER "rendfly"
#define AUTH_TOKEN_AUDIENCE "rendfly-api"
#define AUTH_ROLE_BYTES 17
#define AUTH_CSRF_BYTES 44 /* with the NUL */

struct auth_claims {
	struct uuid user;
	struct uuid workspace;
	struct uuid session;
	char role[AUTH_ROLE_BYTES]; /* [a-z_] */
	char csrf[AUTH_CSRF_BYTES]; /* 32 random bytes; a renewed token keeps it */
	int64_t issued_s;           /* Unix time */
	int64_t expires_s;          /* at most AUTH_TOKEN_LIFE_S later */
};

/* A public key and the header that its tokens bear. */
struct auth_verifier {
	uint8_t public_key[32];
	char header[128]; /* base64url */
};

MUST_CHECK enum err auth_verifier_init(struct auth_verifier *v,
    const uint8_t public_key[static 32]);

/* Appends the token; ERR_BUG for claims that no verifier would take. */
MUST_CHECK enum err auth_token_issue(const struct auth_oracle *oracle,
    const struct auth_verifier *v, const struct auth_claims *claims, struct buf *token);

MUST_CHECK enum err auth_token_verify(const struct auth_verifier *v, struct str token,
    int64_t now_s, struct auth_claims *ret_claims);

/* The key that signs, and the one before it for a while after a rotation. */
struct auth_verifiers {
	struct auth_verifier newest, before;
	int64_t before_until_ms; /* Unix time; 0: there is none before */
};

/* A key that is neither, or whose time is over, is ERR_NOT_FOUND: the caller may ask for newer ones
 * and refuses when there are none.  ret_is_old: the key before signed it. */
MUST_CHECK enum err auth_verifiers_verify(const struct auth_verifiers *v, struct str token,
    int64_t now_ms, struct auth_claims *ret_claims, bool *ret_is_old);

/* The signed part of a token, read as exactly what auth_token_issue writes; for tests. */
MUST_CHECK enum err auth_claims_parse(struct str json, struct auth_claims *ret_claims);
MUST_CHECK enum err auth_claims_write(const struct auth_claims *claims, struct buf *out);

/* ---- CSRF: the page sends back in X-CSRF-Token what the signed token says */

MUST_CHECK enum err auth_csrf_new(char ret_csrf[static AUTH_CSRF_BYTES]);

/* Constant in time; header.at NULL is false. */
bool auth_csrf_matches(const struct auth_claims *claims, struct str header);

/* ---- keys of programs: prefix, 32 random letters and digits, 6 more of their CRC-32
 *
 * The checksum lets a secret scanner, and us, tell a key from a look-alike without asking a
 * database.
 */

enum auth_key_kind {
	AUTH_KEY_INGEST, /* pk_live_: may only send conversations */
	AUTH_KEY_API,    /* rk_live_: scoped */
	AUTH_N_KEY_KINDS
};

#define AUTH_KEY_BYTES 47 /* with the NUL */
#define AUTH_INGEST_KEY_BYTES AUTH_KEY_BYTES

MUST_CHECK enum err auth_key_new(enum auth_key_kind kind, char ret_key[static AUTH_KEY_BYTES]);
MUST_CHECK enum err auth_ingest_key_new(char ret_key[static AUTH_INGEST_KEY_BYTES]);

/* Whether the text is a key of any kind, its checksum included. */
bool auth_key_parse(struct str text, enum auth_key_kind *ret_kind);
