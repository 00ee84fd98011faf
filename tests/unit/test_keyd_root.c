/* SPDX-License-Identifier: Apache-2.0 */
/* The root key in its sealed file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "keyd_fixture.h"

static mode_t
mode_of(const char *path)
{
	struct stat s;

	assert_int_equal(lstat(path, &s), 0);
	return s.st_mode & 0777;
}

static void
a_second_init_changes_nothing(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(buf) struct buf *root = NULL, *root_after = NULL, *pass = NULL, *pass_after = NULL;
	CLEANUP(secret) struct secret *key = NULL, *key_after = NULL;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	read_whole(f->root, &root);
	read_whole(f->passphrase, &pass);
	assert_int_equal(root_open(f->dir, ROOT_IN_FORCE, &key, NULL), ERR_OK);
	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	read_whole(f->root, &root_after);
	read_whole(f->passphrase, &pass_after);
	assert_true(str_equals(buf_str(root), buf_str(root_after)));
	assert_true(str_equals(buf_str(pass), buf_str(pass_after)));
	assert_int_equal(root_open(f->dir, ROOT_IN_FORCE, &key_after, NULL), ERR_OK);
	assert_true(secret_equals(key, secret_view(key_after), ROOT_KEY_BYTES));
	assert_int_equal(mode_of(f->root), 0400);
	assert_int_equal(mode_of(f->passphrase), 0400);
	assert_int_equal(mode_of(f->keyring), 0600);
}

static void
a_lost_keyring_is_told_and_never_replaced_by_an_empty_one(void **state)
{
	const struct fixture *f = *state;
	struct err_detail detail = { "" };

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	assert_int_equal(unlink(f->keyring), 0);
	assert_int_equal(root_init(f->dir, &detail), ERR_NOT_FOUND);
	assert_non_null(strstr(detail.text, "backup"));
	assert_int_equal(access(f->keyring, F_OK), -1);
}

static void
a_start_that_was_cut_short_goes_on_where_it_was(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *key = NULL;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	assert_int_equal(unlink(f->root), 0);
	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	assert_int_equal(root_open(f->dir, ROOT_IN_FORCE, &key, NULL), ERR_OK);
}

static void
neither_another_passphrase_nor_a_changed_file_opens_the_root_key(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(buf) struct buf *sealed = NULL, *passphrase = NULL;
	CLEANUP(secret) struct secret *key = NULL;
	const size_t places[] = { 0, 8, 40, 70, 100 }; /* magic, salt, key id, commitment, nonce */
	char bytes[256];
	size_t len;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	read_whole(f->root, &sealed);
	read_whole(f->passphrase, &passphrase);
	assert_int_equal(file_replace(f->passphrase, STR("another passphrase here"), 0400, NULL),
	    ERR_OK);
	assert_int_not_equal(root_open(f->dir, ROOT_IN_FORCE, &key, NULL), ERR_OK);
	assert_int_equal(file_replace(f->passphrase, STR("short"), 0400, NULL), ERR_OK);
	assert_int_equal(root_open(f->dir, ROOT_IN_FORCE, &key, NULL), ERR_MALFORMED);
	assert_int_equal(file_replace(f->passphrase, buf_str(passphrase), 0400, NULL), ERR_OK);
	len = buf_len(sealed);
	assert_true(len < sizeof(bytes));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		memcpy(bytes, buf_str(sealed).at, len);
		bytes[places[i]] = (char)(bytes[places[i]] ^ 1);
		assert_int_equal(file_replace(f->root, (struct str){ bytes, len }, 0400, NULL),
		    ERR_OK);
		assert_int_not_equal(root_open(f->dir, ROOT_IN_FORCE, &key, NULL), ERR_OK);
	}
	assert_int_equal(file_replace(f->root, str_slice(buf_str(sealed), 0, len - 1), 0400, NULL),
	    ERR_OK);
	assert_int_not_equal(root_open(f->dir, ROOT_IN_FORCE, &key, NULL), ERR_OK);
	assert_null(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_second_init_changes_nothing),
		IN_FOLDER(a_lost_keyring_is_told_and_never_replaced_by_an_empty_one),
		IN_FOLDER(a_start_that_was_cut_short_goes_on_where_it_was),
		IN_FOLDER(neither_another_passphrase_nor_a_changed_file_opens_the_root_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
