/* SPDX-License-Identifier: Apache-2.0 */
/* password - Argon2id, then keyd's pepper, then a comparison in constant time. */
#include <argon2.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/phc.h"
#include "base/secret.h"
#include "seal/seal.h"

static const struct phc today = { .memory_kib = 64 << 10, .passes = 3, .lanes = 1 };

/* The MAC of the password under the parameters and salt of phc. */
static enum err
mac_of(const struct auth_oracle *oracle, struct str password, const struct phc *phc,
    uint8_t ret_mac[static PHC_MAC_BYTES])
{
	uint8_t hash[32];
	enum err e = ERR_OK;
	int why;

	if (password.len > AUTH_PASSWORD_MAX_BYTES)
		return ERR_TOO_LARGE;
	why = argon2id_hash_raw(phc->passes, phc->memory_kib, phc->lanes, password.at, password.len,
	    phc->salt, PHC_SALT_BYTES, hash, sizeof(hash));
	if (why != ARGON2_OK)
		e = why == ARGON2_MEMORY_ALLOCATION_ERROR ? ERR_NOMEM : ERR_IO;
	if (e == ERR_OK)
		e = oracle->pepper(oracle->context, hash, ret_mac);
	explicit_bzero(hash, sizeof(hash));
	return e;
}

enum err
auth_password_hash(const struct auth_oracle *oracle, struct str password,
    char ret_stored[static AUTH_PASSWORD_HASH_BYTES])
{
	struct phc phc = today;
	enum err e = seal_random(phc.salt, PHC_SALT_BYTES);

	if (e == ERR_OK)
		e = mac_of(oracle, password, &phc, phc.mac);
	return e == ERR_OK ? phc_write(&phc, ret_stored) : e;
}

enum err
auth_password_verify(const struct auth_oracle *oracle, struct str password, struct str stored)
{
	struct phc phc = today;
	bool is_known = stored.at != NULL, is_same;
	uint8_t mac[PHC_MAC_BYTES];
	enum err e = is_known ? phc_parse(stored, &phc) : seal_random(phc.salt, PHC_SALT_BYTES);

	if (e == ERR_OK)
		e = mac_of(oracle, password, &phc, mac);
	if (e != ERR_OK)
		return e;
	is_same = secret_bytes_equal(mac, phc.mac, PHC_MAC_BYTES);
	explicit_bzero(mac, sizeof(mac));
	return is_same && is_known ? ERR_OK : ERR_DENIED;
}

bool
auth_password_is_outdated(struct str stored)
{
	struct phc phc;

	return phc_parse(stored, &phc) != ERR_OK || phc.memory_kib != today.memory_kib ||
	    phc.passes != today.passes || phc.lanes != today.lanes;
}
