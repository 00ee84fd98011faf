/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of log-in tokens: which of them verify when, and that a kill at any step of a change
 * leaves the keys from before it or after it.
 *
 * The program's own write() and fdatasync() are wrapped: a child dies at the n-th of them, a write
 * half done, for each n until it gets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "keyd/token_keys.h"
#include "keyd_fixture.h"

#define NOW_MS 1800000000000
#define MAX_STEPS 40

ssize_t __real_write(int fd, const void *bytes, size_t len);
int __real_fdatasync(int fd);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __wrap_fdatasync(int fd);

static int steps_left; /* 0: nobody dies */
static bool is_disk_gone;

static bool
is_the_step(void)
{
	return steps_left > 0 && --steps_left == 0;
}

ssize_t
__wrap_write(int fd, const void *bytes, size_t len)
{
	if (is_disk_gone) {
		errno = EIO;
		return -1;
	}
	if (is_the_step()) {
		(void)!__real_write(fd, bytes, len / 2);
		(void)kill(getpid(), SIGKILL);
	}
	return __real_write(fd, bytes, len);
}

int
__wrap_fdatasync(int fd)
{
	if (is_the_step())
		(void)kill(getpid(), SIGKILL);
	return __real_fdatasync(fd);
}

static const uint8_t first_seed[32] = { 7 };

static void
open_tokens(const struct fixture *f, const struct secret *root, struct token_keys **ret_keys)
{
	assert_int_equal(token_keys_open(f->dir, root, first_seed, ret_keys, NULL), ERR_OK);
}

static struct keyd_token_keys
keys_at(struct token_keys *t, int64_t now_ms)
{
	struct keyd_token_keys keys;

	assert_int_equal(token_keys_public(t, now_ms, &keys), ERR_OK);
	return keys;
}

/* keyd signs with the key that it says is the newest. */
static void
assert_signs(struct token_keys *t, const uint8_t public_key[static 32])
{
	uint8_t signature[64];

	assert_int_equal(token_keys_sign(t, STR("a.b"), signature), ERR_OK);
	assert_true(seal_verify(public_key, STR("a.b"), signature));
}

static void
a_new_key_signs_at_once_and_the_one_before_verifies_for_fifteen_minutes(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(token_keys) struct token_keys *t = NULL;
	struct keyd_token_keys before, after;
	uint8_t first[32];

	make_keyring(f, &root);
	open_tokens(f, root, &t);
	before = keys_at(t, NOW_MS);
	assert_int_equal(seal_public_key(first_seed, first), ERR_OK);
	assert_memory_equal(before.newest, first, 32);
	assert_int_equal(before.before_until_ms, 0);
	assert_int_equal(token_keys_rotate(t, false, NOW_MS), ERR_OK);
	after = keys_at(t, NOW_MS);
	assert_memory_not_equal(after.newest, first, 32);
	assert_memory_equal(after.before, first, 32);
	assert_int_equal(after.before_until_ms, NOW_MS + 900 * 1000);
	assert_signs(t, after.newest);
	assert_int_equal(keys_at(t, NOW_MS + 899999).before_until_ms, NOW_MS + 900000);
	assert_int_equal(keys_at(t, NOW_MS + 900000).before_until_ms, 0);
	/* It does not come again with the clock. */
	assert_int_equal(keys_at(t, NOW_MS).before_until_ms, 0);
}

static void
a_clock_that_was_set_back_gives_the_old_key_no_more_time(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(token_keys) struct token_keys *t = NULL;

	make_keyring(f, &root);
	open_tokens(f, root, &t);
	assert_int_equal(token_keys_rotate(t, false, NOW_MS), ERR_OK);
	assert_int_equal(keys_at(t, NOW_MS - 1).before_until_ms, 0);
}

static void
a_second_rotation_waits_for_the_end_of_the_first_unless_it_is_at_once(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(token_keys) struct token_keys *t = NULL;
	struct keyd_token_keys one, two;

	make_keyring(f, &root);
	open_tokens(f, root, &t);
	assert_int_equal(token_keys_rotate(t, false, NOW_MS), ERR_OK);
	one = keys_at(t, NOW_MS);
	assert_int_equal(token_keys_rotate(t, false, NOW_MS + 899999), ERR_BUSY);
	assert_memory_equal(keys_at(t, NOW_MS).newest, one.newest, 32);
	assert_int_equal(token_keys_rotate(t, true, NOW_MS + 1), ERR_OK);
	two = keys_at(t, NOW_MS + 1);
	assert_memory_not_equal(two.newest, one.newest, 32);
	assert_int_equal(two.before_until_ms, 0);
	assert_int_equal(token_keys_rotate(t, false, NOW_MS + 2), ERR_OK);
	assert_memory_equal(keys_at(t, NOW_MS + 2).before, two.newest, 32);
}

static void
a_start_finds_the_keys_and_their_time_and_no_seed_of_an_old_one(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL, *other = NULL;
	CLEANUP(token_keys) struct token_keys *t = NULL, *again = NULL, *wrong = NULL;
	CLEANUP(buf) struct buf *old = NULL, *now = NULL;
	struct keyd_token_keys keys, found;
	int64_t created_ms = 0;
	char path[128];

	make_keyring(f, &root);
	(void)snprintf(path, sizeof(path), "%s/keys/tokens", f->dir);
	assert_int_equal(token_keys_created(f->dir, &created_ms), ERR_NOT_FOUND);
	open_tokens(f, root, &t);
	read_whole(path, &old);
	assert_int_equal(token_keys_rotate(t, false, NOW_MS), ERR_OK);
	keys = keys_at(t, NOW_MS);
	open_tokens(f, root, &again);
	found = keys_at(again, NOW_MS + 1000);
	assert_memory_equal(&found, &keys, sizeof(keys));
	assert_signs(again, keys.newest);
	assert_int_equal(token_keys_created(f->dir, &created_ms), ERR_OK);
	assert_int_equal(created_ms, NOW_MS);
	/* The old slot was overwritten; another root key opens nothing. */
	read_whole(path, &now);
	for (size_t i = buf_len(old) / 2; i + 16 <= buf_len(old); i += 16)
		assert_true(!str_contains(buf_str(now), str_slice(buf_str(old), i, i + 16)));
	assert_int_equal(secret_new(ROOT_KEY_BYTES, &other), ERR_OK);
	assert_int_equal(token_keys_open(f->dir, other, first_seed, &wrong, NULL), ERR_DENIED);
}

static void
a_disk_that_failed_changes_nothing(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(token_keys) struct token_keys *t = NULL;
	struct keyd_token_keys before, after;

	make_keyring(f, &root);
	open_tokens(f, root, &t);
	before = keys_at(t, NOW_MS);
	is_disk_gone = true;
	assert_int_equal(token_keys_rotate(t, false, NOW_MS), ERR_IO);
	is_disk_gone = false;
	after = keys_at(t, NOW_MS);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_signs(t, before.newest);
	/* Nor does what it left behind stand in the next one. */
	assert_int_equal(token_keys_rotate(t, true, NOW_MS), ERR_OK);
	assert_int_equal(keys_at(t, NOW_MS).before_until_ms, 0);
}

/* True when it got through.  Secret memory may be empty in a child, so it gets bytes. */
static bool
rotate_and_die(const struct fixture *f, const uint8_t root[static ROOT_KEY_BYTES], int step)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		struct token_keys *t = NULL;
		struct secret *own = NULL;

		if (secret_new(ROOT_KEY_BYTES, &own) != ERR_OK)
			_exit(2);
		memcpy(secret_bytes(own), root, ROOT_KEY_BYTES);
		steps_left = step;
		if (token_keys_open(f->dir, own, first_seed, &t, NULL) != ERR_OK)
			_exit(3);
		_exit(token_keys_rotate(t, false, NOW_MS) == ERR_OK ? 0 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status))
		assert_int_equal(WEXITSTATUS(status), 0);
	return WIFEXITED(status);
}

static void
a_kill_at_any_step_leaves_the_keys_before_or_after_the_change(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	uint8_t root_bytes[ROOT_KEY_BYTES], first[32];
	bool is_through = false;
	int step = 0, n_before = 0, n_after = 0;

	make_keyring(f, &root);
	memcpy(root_bytes, secret_view(root), sizeof(root_bytes));
	assert_int_equal(seal_public_key(first_seed, first), ERR_OK);
	while (!is_through && ++step < MAX_STEPS) {
		CLEANUP(token_keys) struct token_keys *t = NULL;
		struct keyd_token_keys now;
		bool is_after;
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/keys/tokens", f->dir);
		(void)unlink(path);
		is_through = rotate_and_die(f, root_bytes, step);
		open_tokens(f, root, &t);
		now = keys_at(t, NOW_MS);
		assert_signs(t, now.newest);
		is_after = memcmp(now.newest, first, 32) != 0;
		assert_true(!is_after || memcmp(now.before, first, 32) == 0);
		assert_int_equal(now.before_until_ms, is_after ? NOW_MS + TOKEN_KEY_OVERLAP_MS : 0);
		assert_true(!is_through || is_after);
		n_before += !is_after;
		n_after += is_after;
	}
	assert_true(is_through && n_before > 3 && n_after > 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_new_key_signs_at_once_and_the_one_before_verifies_for_fifteen_minutes),
		IN_FOLDER(a_clock_that_was_set_back_gives_the_old_key_no_more_time),
		IN_FOLDER(a_second_rotation_waits_for_the_end_of_the_first_unless_it_is_at_once),
		IN_FOLDER(a_start_finds_the_keys_and_their_time_and_no_seed_of_an_old_one),
		IN_FOLDER(a_disk_that_failed_changes_nothing),
		IN_FOLDER(a_kill_at_any_step_leaves_the_keys_before_or_after_the_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
