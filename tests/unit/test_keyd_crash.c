/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A keyring whose process is killed, or whose machine loses power, at every single step of a change
 * is the keyring from before the change or the one after it.
 *
 * The program's own write(), ftruncate() and fdatasync() are wrapped: the child that does the
 * change dies at the n-th of them, a write half done, for each n until it gets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "keyd_fixture.h"

#define MAX_FDS 64
#define MAX_STEPS 200

ssize_t __real_write(int fd, const void *bytes, size_t len);
int __real_ftruncate64(int fd, off_t len); /* what ftruncate() is with 64-bit offsets */
int __real_fdatasync(int fd);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __wrap_ftruncate64(int fd, off_t len);
int __wrap_fdatasync(int fd);

static struct {
	bool is_on;
	bool is_power; /* what was not synced is lost, else it stays */
	bool is_disk;  /* instead of a crash: writes fail half done, and nothing is taken back */
	int steps_left;

	struct {
		char bytes[65536];
		ssize_t len;
		bool is_dirty;
	} synced[MAX_FDS];
} crash;

/* The file as it was when it was synced last. */
static void
before_change(int fd)
{
	if (fd >= MAX_FDS || crash.synced[fd].is_dirty)
		return;
	crash.synced[fd].len = pread(fd, crash.synced[fd].bytes, sizeof(crash.synced[fd].bytes), 0);
	crash.synced[fd].is_dirty = crash.synced[fd].len >= 0;
}

static void
die(void)
{
	for (int fd = 0; crash.is_power && fd < MAX_FDS; fd++)
		if (crash.synced[fd].is_dirty) {
			(void)!pwrite(fd, crash.synced[fd].bytes, (size_t)crash.synced[fd].len, 0);
			(void)!__real_ftruncate64(fd, (off_t)crash.synced[fd].len);
		}
	(void)kill(getpid(), SIGKILL);
}

static bool
is_the_step(int fd)
{
	if (!crash.is_on)
		return false;
	before_change(fd);
	return --crash.steps_left == 0;
}

ssize_t
__wrap_write(int fd, const void *bytes, size_t len)
{
	static bool is_half;

	if (crash.is_disk) {
		is_half = !is_half;
		errno = EIO;
		return is_half ? __real_write(fd, bytes, len / 2) : -1;
	}
	if (is_the_step(fd)) {
		(void)!__real_write(fd, bytes, len / 2);
		die();
	}
	return __real_write(fd, bytes, len);
}

int
__wrap_ftruncate64(int fd, off_t len)
{
	if (crash.is_disk)
		return -1;
	if (is_the_step(fd))
		die();
	return __real_ftruncate64(fd, len);
}

int
__wrap_fdatasync(int fd)
{
	if (is_the_step(fd))
		die();
	if (crash.is_on && fd < MAX_FDS)
		crash.synced[fd].is_dirty = false;
	return __real_fdatasync(fd);
}

/* ---- the changes */

static const struct uuid stays = { "a workspace 001" }, changed = { "a workspace 002" },
			 fresh = { "a workspace 003" };

static enum err
do_create(struct keyring *ring)
{
	return keyring_create(ring, &fresh);
}

static enum err
do_rotate(struct keyring *ring)
{
	return keyring_rotate(ring, &changed);
}

static enum err
do_retire(struct keyring *ring)
{
	for (size_t i = 0; i < keyring_count(ring); i++)
		if (uuid_equals(&keyring_at(ring, i)->workspace, &changed))
			return keyring_retire(ring, &changed, &keyring_at(ring, i)->key_id,
			    INT64_MAX);
	return ERR_BUG;
}

static enum err
do_destroy(struct keyring *ring)
{
	return keyring_destroy(ring, &changed);
}

/* What the change is told by: how many records there are, and what the changed workspace answers.
 */
struct seen {
	size_t n;
	enum err newest;
	uint32_t version;
};

static struct seen
look(struct keyring *ring)
{
	struct seen s = { .n = keyring_count(ring) };
	size_t at;

	s.newest = keyring_newest(ring, &changed, &at);
	s.version = s.newest == ERR_OK ? keyring_at(ring, at)->version : 0;
	return s;
}

static bool
same(const struct seen *a, const struct seen *b)
{
	return a->n == b->n && a->newest == b->newest && a->version == b->version;
}

/* Every key that is there opens, and the one of the bystander is what it was. */
static void
check_keys(struct keyring *ring, const uint8_t bystander[static 32])
{
	const uint8_t *key;
	struct uuid id;

	assert_int_equal(keyring_key(ring, &stays, KEY_SEAL, &key, &id), ERR_OK);
	assert_memory_equal(key, bystander, 32);
	for (size_t i = 0; i < keyring_count(ring); i++) {
		const struct key_record *r = keyring_at(ring, i);

		if (r->kind == KEY_OF_WORKSPACE)
			assert_int_equal(keyring_key_of_version(ring, &r->workspace, &r->key_id,
					     &key),
			    ERR_OK);
	}
}

/* True when the change got through.  Secret memory may be empty in a child, so it gets bytes. */
static bool
change_and_die(const struct fixture *f, const uint8_t root[static ROOT_KEY_BYTES],
    enum err (*change)(struct keyring *ring))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		struct keyring *ring = NULL;
		struct secret *own = NULL;

		if (secret_new(ROOT_KEY_BYTES, &own) != ERR_OK)
			_exit(2);
		memcpy(secret_bytes(own), root, ROOT_KEY_BYTES);
		/* The start may have to wipe, so it is a part of what is cut. */
		crash.is_on = true;
		if (keyring_open(f->dir, own, &ring, NULL) != ERR_OK || change(ring) != ERR_OK)
			_exit(1);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status))
		assert_int_equal(WEXITSTATUS(status), 0);
	else
		assert_int_equal(WTERMSIG(status), SIGKILL);
	return WIFEXITED(status);
}

struct files {
	struct buf *keyring, *active, *wrapping;
};

static void
put_back(const struct fixture *f, const struct files *files)
{
	assert_int_equal(file_replace(f->keyring, buf_str(files->keyring), 0600, NULL), ERR_OK);
	assert_int_equal(file_replace(f->active, buf_str(files->active), 0600, NULL), ERR_OK);
	assert_int_equal(file_replace(f->wrapping, buf_str(files->wrapping), 0600, NULL), ERR_OK);
}

static void
read_files(const struct fixture *f, struct files *files)
{
	read_whole(f->keyring, &files->keyring);
	read_whole(f->active, &files->active);
	read_whole(f->wrapping, &files->wrapping);
}

static void
crash_everywhere(const struct fixture *f, const struct secret *root, struct files *files,
    enum err (*change)(struct keyring *ring))
{
	struct seen before, after = { 0 };
	uint8_t bystander[32], root_bytes[ROOT_KEY_BYTES];
	bool is_through = false;
	int steps = 0, n_before = 0, n_after = 0;

	{
		CLEANUP(keyring) struct keyring *ring = NULL;
		const uint8_t *key;
		struct uuid id;

		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
		before = look(ring);
		assert_int_equal(keyring_key(ring, &stays, KEY_SEAL, &key, &id), ERR_OK);
		memcpy(bystander, key, 32);
		assert_int_equal(change(ring), ERR_OK);
		after = look(ring);
	}
	assert_false(same(&before, &after));
	memcpy(root_bytes, secret_view(root), sizeof(root_bytes));
	while (!is_through && ++steps < MAX_STEPS) {
		CLEANUP(keyring) struct keyring *ring = NULL;
		struct seen now;

		put_back(f, files);
		crash.steps_left = steps;
		is_through = change_and_die(f, root_bytes, change);
		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
		now = look(ring);
		assert_true(same(&now, &before) || same(&now, &after));
		assert_true(!is_through || same(&now, &after));
		n_before += same(&now, &before);
		n_after += same(&now, &after);
		check_keys(ring, bystander);
	}
	assert_true(is_through && n_before > 0 && n_after > 0);
}

static void
a_crash_at_any_step_leaves_the_keyring_before_or_after_the_change(void **state)
{
	static enum err (*const changes[])(struct keyring * ring) = { do_create, do_rotate,
		do_retire, do_destroy };
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	struct files files = { NULL, NULL, NULL };

	make_keyring(f, &root);
	{
		CLEANUP(keyring) struct keyring *ring = NULL;

		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
		assert_int_equal(keyring_create(ring, &stays), ERR_OK);
		assert_int_equal(keyring_create(ring, &changed), ERR_OK);
		assert_int_equal(keyring_rotate(ring, &changed), ERR_OK);
	}
	read_files(f, &files);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		for (int is_power = 0; is_power < 2; is_power++) {
			crash.is_power = is_power != 0;
			put_back(f, &files);
			crash_everywhere(f, root, &files, changes[i]);
		}
	buf_free(files.keyring);
	buf_free(files.active);
	buf_free(files.wrapping);
}

static void
after_a_disk_that_failed_no_change_follows_before_the_next_start(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *again = NULL;
	uint8_t bystander[32];
	const uint8_t *key;
	struct uuid id;
	size_t at;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &stays), ERR_OK);
	assert_int_equal(keyring_key(ring, &stays, KEY_SEAL, &key, &id), ERR_OK);
	memcpy(bystander, key, sizeof(bystander));
	crash.is_disk = true;
	assert_int_equal(keyring_create(ring, &changed), ERR_BUG);
	crash.is_disk = false;
	assert_int_equal(keyring_create(ring, &fresh), ERR_IO);
	assert_int_equal(keyring_destroy(ring, &stays), ERR_IO);
	/* What is there is served on, and the next start finds it whole. */
	assert_int_equal(keyring_key(ring, &stays, KEY_SEAL, &key, &id), ERR_OK);
	assert_int_equal(keyring_open(f->dir, root, &again, NULL), ERR_OK);
	check_keys(again, bystander);
	assert_int_equal(keyring_newest(again, &changed, &at), ERR_NOT_FOUND);
	assert_int_equal(keyring_create(again, &fresh), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(after_a_disk_that_failed_no_change_follows_before_the_next_start),
		IN_FOLDER(a_crash_at_any_step_leaves_the_keyring_before_or_after_the_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
