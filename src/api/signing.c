/* SPDX-License-Identifier: Apache-2.0 */
/* signing - see signing.h. */
#include "api/signing.h"

#include <stdlib.h>

#include "base/clock.h"
#include "ipc/keyd_client.h"

struct signing {
	struct auth_keyd *keyd;
	struct auth_oracle oracle;
	pthread_mutex_t lock; /* of what is below; not held while keyd is asked */
	struct auth_verifiers verifiers;
	int64_t asked_ms; /* monotonic */
};

static enum err
ask(struct signing *s)
{
	struct auth_verifiers got = { 0 };
	struct keyd_token_keys keys;
	enum err e;

	(void)pthread_mutex_lock(s->keyd->lock);
	e = keyd_token_keys(s->keyd->client, &keys);
	(void)pthread_mutex_unlock(s->keyd->lock);
	if (e == ERR_OK)
		e = auth_verifier_init(&got.newest, keys.newest);
	if (e == ERR_OK)
		e = auth_verifier_init(&got.before, keys.before);
	if (e != ERR_OK)
		return e;
	got.before_until_ms = keys.before_until_ms;
	(void)pthread_mutex_lock(&s->lock);
	s->verifiers = got;
	(void)pthread_mutex_unlock(&s->lock);
	return ERR_OK;
}

/* The keys of now, asked for when they are older than that.  Without an answer those that are there
 * count on: a request that they admit needs keyd for its context anyway. */
static struct auth_verifiers
verifiers_of(struct signing *s, int64_t most_ms)
{
	const int64_t now_ms = clock_monotonic_ms();
	struct auth_verifiers v;
	bool is_due;

	(void)pthread_mutex_lock(&s->lock);
	is_due = now_ms - s->asked_ms >= most_ms;
	if (is_due)
		s->asked_ms = now_ms;
	(void)pthread_mutex_unlock(&s->lock);
	if (is_due)
		(void)!ask(s);
	(void)pthread_mutex_lock(&s->lock);
	v = s->verifiers;
	(void)pthread_mutex_unlock(&s->lock);
	return v;
}

enum err
signing_new(struct auth_keyd *keyd, struct signing **ret_signing)
{
	struct signing *s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_NOMEM;
	s->keyd = keyd;
	s->oracle = auth_oracle_of(keyd);
	s->asked_ms = clock_monotonic_ms();
	if (pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return ERR_IO;
	}
	e = ask(s);
	if (e == ERR_OK)
		*ret_signing = s;
	else
		signing_free(s);
	return e;
}

void
signing_free(struct signing *s)
{
	if (s == NULL)
		return;
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

enum err
signing_verify(struct signing *s, struct str token, int64_t now_ms, struct auth_claims *ret_claims,
    bool *ret_is_old)
{
	struct auth_verifiers v = verifiers_of(s, SIGNING_FRESH_MS);
	enum err e = auth_verifiers_verify(&v, token, now_ms, ret_claims, ret_is_old);

	if (e != ERR_NOT_FOUND)
		return e;
	v = verifiers_of(s, SIGNING_LEAST_MS);
	e = auth_verifiers_verify(&v, token, now_ms, ret_claims, ret_is_old);
	return e == ERR_NOT_FOUND ? ERR_DENIED : e;
}

enum err
signing_issue(struct signing *s, const struct auth_claims *claims, struct buf *token)
{
	struct auth_verifiers v = verifiers_of(s, SIGNING_FRESH_MS);
	enum err e = auth_token_issue(&s->oracle, &v.newest, claims, token);

	/* What keyd signed does not verify: with another key, perhaps. */
	if (e != ERR_BUG)
		return e;
	v = verifiers_of(s, 0);
	return auth_token_issue(&s->oracle, &v.newest, claims, token);
}
