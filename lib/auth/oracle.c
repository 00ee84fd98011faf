/* SPDX-License-Identifier: Apache-2.0 */
/* oracle - keyd as the holder of pepper and signing key, one request at a time. */
#include "auth/auth.h"
#include "ipc/keyd_client.h"

static void
lock(const struct auth_keyd *keyd)
{
	if (keyd->lock != NULL)
		(void)pthread_mutex_lock(keyd->lock);
}

static void
unlock(const struct auth_keyd *keyd)
{
	if (keyd->lock != NULL)
		(void)pthread_mutex_unlock(keyd->lock);
}

static enum err
ask_for_pepper(void *context, const uint8_t hash[static 32], uint8_t ret_mac[static 32])
{
	const struct auth_keyd *keyd = context;
	enum err e;

	lock(keyd);
	e = keyd_password_pepper(keyd->client, hash, ret_mac);
	unlock(keyd);
	return e;
}

static enum err
ask_for_signature(void *context, struct str input, uint8_t ret_signature[static 64])
{
	const struct auth_keyd *keyd = context;
	enum err e;

	lock(keyd);
	e = keyd_token_sign(keyd->client, input, ret_signature);
	unlock(keyd);
	return e;
}

struct auth_oracle
auth_oracle_of(struct auth_keyd *keyd)
{
	return (struct auth_oracle){
		.context = keyd, .pepper = ask_for_pepper, .sign = ask_for_signature
	};
}
