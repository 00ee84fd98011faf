/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root key whose exchange is killed at every single step is, at the next start, the one from
 * before or the other one, and no key of a workspace or of the installation is another.
 *
 * What changes a file is wrapped; the child that starts dies at the n-th of them, a write half
 * done, for each n until it gets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "keyd/globals.h"
#include "keyd/rotation.h"
#include "keyd/token_keys.h"
#include "keyd_fixture.h"

#define MAX_STEPS 300

ssize_t __real_write(int fd, const void *bytes, size_t len);
int __real_ftruncate64(int fd, off_t len);
int __real_fdatasync(int fd);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_rmdir(const char *path);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __wrap_ftruncate64(int fd, off_t len);
int __wrap_fdatasync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_rmdir(const char *path);

static int steps_left; /* 0: nobody dies */

static bool
is_the_step(void)
{
	return steps_left > 0 && --steps_left == 0;
}

ssize_t
__wrap_write(int fd, const void *bytes, size_t len)
{
	if (is_the_step()) {
		(void)!__real_write(fd, bytes, len / 2);
		(void)kill(getpid(), SIGKILL);
	}
	return __real_write(fd, bytes, len);
}

#define DIE_AT_THE_STEP()                              \
	do {                                           \
		if (is_the_step())                     \
			(void)kill(getpid(), SIGKILL); \
	} while (0)

int
__wrap_ftruncate64(int fd, off_t len)
{
	DIE_AT_THE_STEP();
	return __real_ftruncate64(fd, len);
}

int
__wrap_fdatasync(int fd)
{
	DIE_AT_THE_STEP();
	return __real_fdatasync(fd);
}

int
__wrap_rename(const char *from, const char *to)
{
	DIE_AT_THE_STEP();
	return __real_rename(from, to);
}

int
__wrap_unlink(const char *path)
{
	DIE_AT_THE_STEP();
	return __real_unlink(path);
}

int
__wrap_rmdir(const char *path)
{
	DIE_AT_THE_STEP();
	return __real_rmdir(path);
}

/* ---- a root key in two files that have to fit, without the cost of Argon2id */

static enum err
read_half(const char *dir, enum root_files files, const char *name, uint8_t ret_half[static 32])
{
	CLEANUP(buf) struct buf *b = NULL;
	char path[ROOT_PATH_BYTES];
	enum err e = buf_new(ROOT_KEY_BYTES, &b);

	root_path(dir, files, name, path);
	if (e == ERR_OK)
		e = file_read(path, b, NULL);
	if (e == ERR_OK && buf_len(b) != ROOT_KEY_BYTES)
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		memcpy(ret_half, buf_str(b).at, ROOT_KEY_BYTES);
	return e;
}

static enum err
two_open(const struct conf *conf, enum root_files files, struct root_source *ret_source,
    struct err_detail *reterr)
{
	uint8_t a[ROOT_KEY_BYTES], b[ROOT_KEY_BYTES];
	enum err e = read_half(conf->dir, files, "root.share", a);

	ret_source->lease_fd = -1;
	if (e == ERR_OK)
		e = read_half(conf->dir, files, "root.vault", b);
	if (e == ERR_OK)
		e = secret_new(ROOT_KEY_BYTES, &ret_source->key);
	for (size_t i = 0; e == ERR_OK && i < ROOT_KEY_BYTES; i++)
		secret_bytes(ret_source->key)[i] = a[i] ^ b[i];
	return e == ERR_OK ? e : err_set(reterr, e, "no root key");
}

static enum err
put_halves(const char *dir, const char *folder)
{
	static const char *const both[] = { "root.share", "root.vault" };
	uint8_t half[ROOT_KEY_BYTES];
	char path[ROOT_PATH_BYTES];
	enum err e = ERR_OK;

	for (size_t i = 0; i < 2 && e == ERR_OK; i++) {
		(void)snprintf(path, sizeof(path), "%s/keys%s/%s", dir, folder, both[i]);
		e = seal_random(half, sizeof(half));
		if (e == ERR_OK)
			e = file_replace(path, (struct str){ (const char *)half, sizeof(half) },
			    0400, NULL);
	}
	return e;
}

static enum err
two_make_next(const struct conf *conf, struct err_detail *reterr)
{
	(void)reterr;
	return put_halves(conf->dir, "/next");
}

static enum err
fail_to_make_next(const struct conf *conf, struct err_detail *reterr)
{
	(void)conf;
	return err_set(reterr, ERR_BUSY, "nobody is there");
}

static const char *const names[] = { "root.share", "root.vault", NULL };
static const struct root_backend TWO = { "two", NULL, two_open, two_make_next, names };
static const struct root_backend FAILS = { "fails", NULL, two_open, fail_to_make_next, names };

/* ---- a folder, and what its keys are */

static const struct uuid workspace = { "a workspace 001" };

struct keys {
	uint8_t root[ROOT_KEY_BYTES], globals[GLOBALS_BYTES], workspace[SEAL_KEY_BYTES];
	uint8_t token[32]; /* the public one */
};

static void
conf_of(const struct fixture *f, struct conf *ret_conf)
{
	*ret_conf = (struct conf){ .dir = "" };
	(void)snprintf(ret_conf->dir, sizeof(ret_conf->dir), "%s", f->dir);
}

static bool is_rotating_tokens; /* the key of log-ins, at that start */

/* As keyd does at its start. */
static enum err
start(const struct fixture *f, const struct root_backend *backend, struct keys *ret_keys)
{
	__attribute__((cleanup(root_source_done))) struct root_source root = { NULL, -1 };
	CLEANUP(keyring) struct keyring *ring = NULL;
	CLEANUP(secret) struct secret *globals = NULL;
	CLEANUP(token_keys) struct token_keys *tokens = NULL;
	struct keyd_token_keys token_keys;
	struct err_detail detail = { "" };
	const uint8_t *key;
	struct conf conf;
	struct uuid id;
	size_t at;
	enum err e;

	conf_of(f, &conf);
	e = rotation_open(&conf, backend, &root, &detail);
	if (e == ERR_OK)
		e = keyring_open(f->dir, root.key, &ring, &detail);
	if (e == ERR_OK && keyring_newest(ring, &workspace, &at) == ERR_NOT_FOUND)
		e = keyring_create(ring, &workspace);
	if (e == ERR_OK)
		e = keyring_is_rerooted(ring)
		    ? globals_open(f->dir, ROOT_IN_FORCE, root.key, &globals, &detail)
		    : globals_derive(root.key, &globals);
	if (e == ERR_OK)
		e = keyring_key(ring, &workspace, KEY_SEAL, &key, &id);
	if (e == ERR_OK)
		e = token_keys_open(f->dir, root.key, secret_view(globals), &tokens, &detail);
	if (e == ERR_OK && is_rotating_tokens)
		e = token_keys_rotate(tokens, true, 1);
	if (e == ERR_OK)
		e = token_keys_public(tokens, 1, &token_keys);
	if (e != ERR_OK)
		return e;
	memcpy(ret_keys->token, token_keys.newest, sizeof(ret_keys->token));
	memcpy(ret_keys->root, secret_view(root.key), ROOT_KEY_BYTES);
	memcpy(ret_keys->globals, secret_view(globals), GLOBALS_BYTES);
	memcpy(ret_keys->workspace, key, SEAL_KEY_BYTES);
	return ERR_OK;
}

static void
make_keys(const struct fixture *f, struct keys *ret_keys)
{
	char folder[128];

	assert_int_equal(seal_self_test(), ERR_OK);
	(void)snprintf(folder, sizeof(folder), "%s/keys", f->dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(file_replace(f->keyring, STR(""), 0600, NULL), ERR_OK);
	assert_int_equal(put_halves(f->dir, ""), ERR_OK);
	is_rotating_tokens = true; /* so that it is not derived from the root key any more */
	assert_int_equal(start(f, &TWO, ret_keys), ERR_OK);
	is_rotating_tokens = false;
}

static void
want_rotation(const struct fixture *f)
{
	char path[ROOT_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/keys/next", f->dir);
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
	(void)snprintf(path, sizeof(path), "%s/keys/next/" ROTATION_WANTED, f->dir);
	assert_int_equal(file_replace(path, STR("wanted\n"), 0600, NULL), ERR_OK);
}

static bool
is_there(const struct fixture *f, const char *name)
{
	char path[ROOT_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/keys/%s", f->dir, name);
	return access(path, F_OK) == 0;
}

static bool
start_and_die(const struct fixture *f, int step)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		struct keys ignored;

		steps_left = step;
		_exit(start(f, &TWO, &ignored) == ERR_OK ? 0 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status))
		assert_int_equal(WEXITSTATUS(status), 0);
	return WIFEXITED(status);
}

static void
assert_only_the_root_changed(const struct keys *before, const struct keys *after)
{
	assert_memory_not_equal(before->root, after->root, ROOT_KEY_BYTES);
	assert_memory_equal(before->globals, after->globals, GLOBALS_BYTES);
	assert_memory_equal(before->workspace, after->workspace, SEAL_KEY_BYTES);
	assert_memory_equal(before->token, after->token, sizeof(after->token));
}

/* Twice, so that the keys of the installation come from the file, too. */
static void
another_root_key_opens_the_same_keys_and_the_old_one_none(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *old = NULL;
	struct keys keys[3], again;

	make_keys(f, &keys[0]);
	assert_int_equal(secret_new(ROOT_KEY_BYTES, &old), ERR_OK);
	for (int i = 1; i < 3; i++) {
		CLEANUP(keyring) struct keyring *ring = NULL;

		want_rotation(f);
		assert_int_equal(start(f, &TWO, &keys[i]), ERR_OK);
		assert_only_the_root_changed(&keys[i - 1], &keys[i]);
		assert_false(is_there(f, "next"));
		memcpy(secret_bytes(old), keys[i - 1].root, ROOT_KEY_BYTES);
		assert_int_equal(keyring_open(f->dir, old, &ring, NULL), ERR_DENIED);
	}
	assert_int_equal(start(f, &TWO, &again), ERR_OK);
	assert_memory_equal(&again, &keys[2], sizeof(again));
}

static void
a_kill_at_any_step_is_taken_up_at_the_next_start(void **state)
{
	const struct fixture *f = *state;
	struct keys now, next;
	bool is_through = false;
	int step = 0, n_other = 0;

	make_keys(f, &now);
	while (!is_through && ++step < MAX_STEPS) {
		want_rotation(f);
		is_through = start_and_die(f, step);
		assert_int_equal(start(f, &TWO, &next), ERR_OK);
		assert_memory_equal(now.globals, next.globals, GLOBALS_BYTES);
		assert_memory_equal(now.workspace, next.workspace, SEAL_KEY_BYTES);
		assert_memory_equal(now.token, next.token, sizeof(next.token));
		assert_false(is_there(f, "next/ready"));
		n_other += memcmp(now.root, next.root, ROOT_KEY_BYTES) != 0;
		now = next;
	}
	assert_true(is_through);
	assert_true(step > 30 && n_other > 30);
}

static void
what_cannot_be_made_leaves_the_root_key_in_force_and_says_why(void **state)
{
	const struct fixture *f = *state;
	struct keys before, after;

	make_keys(f, &before);
	want_rotation(f);
	assert_int_equal(start(f, &FAILS, &after), ERR_OK);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_true(is_there(f, "next/failed"));
	assert_false(is_there(f, "next/wanted"));
	/* And the next one that is wanted is done. */
	want_rotation(f);
	assert_int_equal(start(f, &TWO, &after), ERR_OK);
	assert_only_the_root_changed(&before, &after);
}

static void
without_the_keys_of_the_installation_nothing_starts(void **state)
{
	const struct fixture *f = *state;
	struct keys keys;
	char path[ROOT_PATH_BYTES];

	make_keys(f, &keys);
	want_rotation(f);
	assert_int_equal(start(f, &TWO, &keys), ERR_OK);
	(void)snprintf(path, sizeof(path), "%s/keys/globals", f->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_not_equal(start(f, &TWO, &keys), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(another_root_key_opens_the_same_keys_and_the_old_one_none),
		IN_FOLDER(a_kill_at_any_step_is_taken_up_at_the_next_start),
		IN_FOLDER(what_cannot_be_made_leaves_the_root_key_in_force_and_says_why),
		IN_FOLDER(without_the_keys_of_the_installation_nothing_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
