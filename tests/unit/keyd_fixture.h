/* SPDX-License-Identifier: Apache-2.0 */
/* keyd_fixture - a data folder of the test, and keyd's keys over it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "keyd/requests.h"
#include "keyd/root.h"
#include "seal/seal.h"

/* A data folder of this test. */
struct fixture {
	char dir[64];
	char root[128], passphrase[128], keyring[128];
	char active[128], wrapping[128]; /* the keyring after its first opening */
};

static inline int
make_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/rendfly-test-keyd-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->root, sizeof(f->root), "%s/keys/root.sealed", f->dir);
	(void)snprintf(f->passphrase, sizeof(f->passphrase), "%s/keys/root.passphrase", f->dir);
	(void)snprintf(f->keyring, sizeof(f->keyring), "%s/keys/keyring", f->dir);
	(void)snprintf(f->active, sizeof(f->active), "%s/keys/keyring.1", f->dir);
	(void)snprintf(f->wrapping, sizeof(f->wrapping), "%s/keys/wrapping", f->dir);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	*state = f;
	return 0;
}

static inline int
remove_folder(void **state)
{
	static const char *const names[] = { "root.sealed", "root.passphrase", "root.share",
		"root.vault", "keyring", "keyring.1", "wrapping", "audit.signed", "globals",
		"tokens", "next/failed" };
	struct fixture *f = *state;
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/keys/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/keys/next", f->dir);
	(void)rmdir(path);
	(void)snprintf(path, sizeof(path), "%s/keys", f->dir);
	(void)rmdir(path);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static inline void
read_whole(const char *path, struct buf **ret_buf)
{
	assert_int_equal(buf_new(1 << 20, ret_buf), ERR_OK);
	assert_int_equal(file_read(path, *ret_buf, NULL), ERR_OK);
}

static const int64_t budgets[BUDGET_N_KINDS] = { [BUDGET_UNSEAL] = 1000,
	[BUDGET_SEAL] = 240000,
	[BUDGET_PSEUDONYM] = 5000,
	[BUDGET_DIGEST] = 100000,
	[BUDGET_REWRAP] = 2000 };

/* keyd's keys over the folder of the fixture, which root_init made. */
static inline void
open_keyd(const struct fixture *f, struct keyd *k, struct secret **ret_root)
{
	assert_int_equal(seal_self_test(), ERR_OK);
	assert_int_equal(root_open(f->dir, ROOT_IN_FORCE, ret_root, NULL), ERR_OK);
	assert_int_equal(globals_derive(*ret_root, &k->globals), ERR_OK);
	assert_int_equal(keyring_open(f->dir, *ret_root, &k->keyring, NULL), ERR_OK);
	assert_int_equal(budget_new(budgets, &k->budget), ERR_OK);
	assert_int_equal(keyd_open_audit(k, f->dir, NULL), ERR_OK);
	assert_int_equal(keyd_open_tokens(k, f->dir, *ret_root, NULL), ERR_OK);
}

static inline void
close_keyd(struct keyd *k)
{
	keyring_free(k->keyring);
	secret_free(k->globals);
	budget_free(k->budget);
	audit_signer_free(k->audit);
	token_keys_free(k->tokens);
}

/* A root key and an empty keyring, without the cost of Argon2id. */
static inline void
make_keyring(const struct fixture *f, struct secret **ret_root)
{
	char folder[128];

	(void)snprintf(folder, sizeof(folder), "%s/keys", f->dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(file_replace(f->keyring, STR(""), 0600, NULL), ERR_OK);
	assert_int_equal(secret_new(ROOT_KEY_BYTES, ret_root), ERR_OK);
	assert_int_equal(seal_random(secret_bytes(*ret_root), ROOT_KEY_BYTES), ERR_OK);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
