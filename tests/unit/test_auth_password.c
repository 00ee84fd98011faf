/* SPDX-License-Identifier: Apache-2.0 */
/* Stored passwords: what verifies, what does not, and how they may be spelt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <argon2.h>
#include <string.h>

#include "auth/auth.h"
#include "auth/phc.h"
#include "seal/seal.h"

/* A pepper that is here, and counts how often it was asked for. */
struct pepper {
	uint8_t key[32];
	int asked;
	enum err answer;
};

static enum err
pepper_here(void *context, const uint8_t hash[static 32], uint8_t ret_mac[static 32])
{
	struct pepper *p = context;

	p->asked++;
	if (p->answer != ERR_OK)
		return p->answer;
	return seal_hmac_sha256((struct str){ (const char *)p->key, 32 },
	    (struct str){ (const char *)hash, 32 }, ret_mac);
}

static void
only_the_right_password_verifies(void **state)
{
	struct pepper p = { .key = { 7 } };
	struct auth_oracle oracle = { .context = &p, .pepper = pepper_here };
	char stored[AUTH_PASSWORD_HASH_BYTES], again[AUTH_PASSWORD_HASH_BYTES];
	struct str password = STR("correct horse battery staple");

	(void)state;
	assert_int_equal(auth_password_hash(&oracle, password, stored), ERR_OK);
	assert_int_equal(auth_password_hash(&oracle, password, again), ERR_OK);
	assert_string_not_equal(stored, again);
	assert_int_equal(auth_password_verify(&oracle, password, str_from(stored)), ERR_OK);
	assert_int_equal(auth_password_verify(&oracle, STR("correct horse battery stapl"),
			     str_from(stored)),
	    ERR_DENIED);
	assert_int_equal(auth_password_verify(&oracle, STR("correct horse battery staple\0"),
			     str_from(stored)),
	    ERR_DENIED);
	assert_int_equal(auth_password_verify(&oracle, STR(""), str_from(stored)), ERR_DENIED);
	assert_false(auth_password_is_outdated(str_from(stored)));
}

static void
a_stolen_table_is_worth_nothing_without_the_pepper(void **state)
{
	struct pepper p = { .key = { 7 } }, other = { .key = { 8 } };
	struct auth_oracle oracle = { .context = &p, .pepper = pepper_here };
	struct auth_oracle elsewhere = { .context = &other, .pepper = pepper_here };
	char stored[AUTH_PASSWORD_HASH_BYTES];
	struct phc phc;
	uint8_t hash[32];

	(void)state;
	assert_int_equal(auth_password_hash(&oracle, STR("a password"), stored), ERR_OK);
	assert_int_equal(auth_password_verify(&elsewhere, STR("a password"), str_from(stored)),
	    ERR_DENIED);
	/* What is stored is not Argon2id's own output. */
	assert_int_equal(phc_parse(str_from(stored), &phc), ERR_OK);
	assert_true(phc.memory_kib == 65536 && phc.passes == 3 && phc.lanes == 1);
	assert_int_equal(argon2id_hash_raw(3, 65536, 1, "a password", 10, phc.salt, PHC_SALT_BYTES,
			     hash, sizeof(hash)),
	    ARGON2_OK);
	assert_memory_not_equal(hash, phc.mac, sizeof(hash));
}

static void
an_unknown_user_costs_the_same_work_and_is_refused(void **state)
{
	struct pepper p = { .key = { 7 } };
	struct auth_oracle oracle = { .context = &p, .pepper = pepper_here };

	(void)state;
	assert_int_equal(auth_password_verify(&oracle, STR("x"), (struct str){ NULL, 0 }),
	    ERR_DENIED);
	assert_int_equal(p.asked, 1);
}

static void
without_keyd_nobody_is_let_in(void **state)
{
	struct pepper p = { .answer = ERR_BUSY };
	struct auth_oracle oracle = { .context = &p, .pepper = pepper_here };
	char stored[AUTH_PASSWORD_HASH_BYTES];
	struct phc phc = { .memory_kib = 64, .passes = 1, .lanes = 1 };

	(void)state;
	assert_int_equal(phc_write(&phc, stored), ERR_OK);
	assert_int_equal(auth_password_verify(&oracle, STR("x"), str_from(stored)), ERR_BUSY);
	assert_int_equal(auth_password_hash(&oracle, STR("x"), stored), ERR_BUSY);
}

static void
a_password_past_the_limit_is_refused(void **state)
{
	static const char many[AUTH_PASSWORD_MAX_BYTES + 1];
	struct pepper p = { .key = { 7 } };
	struct auth_oracle oracle = { .context = &p, .pepper = pepper_here };
	char stored[AUTH_PASSWORD_HASH_BYTES];

	(void)state;
	assert_int_equal(auth_password_hash(&oracle, (struct str){ many, sizeof(many) }, stored),
	    ERR_TOO_LARGE);
	assert_int_equal(p.asked, 0);
}

#define SALT "AAECAwQFBgcICQoLDA0ODw"
#define MAC "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static void
a_stored_hash_has_one_spelling(void **state)
{
	static const struct {
		const char *text;
		bool is_good;
	} cases[] = {
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=3,p=1$" SALT "$" MAC, true },
		{ "$argon2id-hmac-sha256$v=19$m=64,t=1,p=1$" SALT "$" MAC, true },
		{ "$argon2id$v=19$m=65536,t=3,p=1$" SALT "$" MAC, false },
		{ "$argon2i$v=19$m=65536,t=3,p=1$" SALT "$" MAC, false },
		{ "$argon2id-hmac-sha256$v=16$m=65536,t=3,p=1$" SALT "$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=065536,t=3,p=1$" SALT "$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=4294967296,t=3,p=1$" SALT "$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=4194304,t=3,p=1$" SALT "$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=99,p=1$" SALT "$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=0,p=1$" SALT "$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=8,t=1,p=2$" SALT "$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=3,p=1$" SALT "=$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=3,p=1$" SALT "$" MAC "A", false },
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=3,p=1$" SALT "$" MAC "\n", false },
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=3,p=1$" SALT, false },
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=3,p=1$$" MAC, false },
		{ "$argon2id-hmac-sha256$v=19$m=65536,t=3,p=1$" SALT
		  "$-_ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		    false },
		{ "", false },
		{ "$", false },
	};
	struct phc phc;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if ((phc_parse(str_from(cases[i].text), &phc) == ERR_OK) != cases[i].is_good)
			fail_msg("%s", cases[i].text);
		assert_int_equal(auth_password_is_outdated(str_from(cases[i].text)), i != 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_right_password_verifies),
		cmocka_unit_test(a_stolen_table_is_worth_nothing_without_the_pepper),
		cmocka_unit_test(an_unknown_user_costs_the_same_work_and_is_refused),
		cmocka_unit_test(without_keyd_nobody_is_let_in),
		cmocka_unit_test(a_password_past_the_limit_is_refused),
		cmocka_unit_test(a_stored_hash_has_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
