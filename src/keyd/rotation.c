/* SPDX-License-Identifier: Apache-2.0 */
/* rotation - see rotation.h. */
#include "keyd/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "keyd/globals.h"
#include "keyd/keyring.h"
#include "keyd/token_keys.h"

#define READY "ready"
#define GLOBALS "globals"
#define WIPE_BYTES 4096

#define CLEANUP_SOURCE __attribute__((cleanup(root_source_done)))

struct rotation {
	const struct conf *conf;
	const struct root_backend *backend;
	struct err_detail *reterr;
};

static void
next_path(const struct rotation *r, const char *name, char path[static ROOT_PATH_BYTES])
{
	(void)snprintf(path, ROOT_PATH_BYTES, "%s/keys/next/%s", r->conf->dir, name);
}

static bool
has(const struct rotation *r, const char *name)
{
	char path[ROOT_PATH_BYTES];
	struct stat s;

	next_path(r, name, path);
	return lstat(path, &s) == 0;
}

static enum err
sync_folder(const struct rotation *r, const char *name)
{
	char path[ROOT_PATH_BYTES];
	CLEANUP_FD int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/keys%s", r->conf->dir, name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0
	    ? ERR_OK
	    : err_set(r->reterr, ERR_IO, "%s: %s", path, strerror(errno));
}

/* ---- files that are not needed any more */

/* What it held, not only its name. */
static void
wipe(const char *path)
{
	static const char zeros[WIPE_BYTES];
	struct stat s;
	CLEANUP_FD int fd = -1;

	if (lstat(path, &s) != 0 || !S_ISREG(s.st_mode) || s.st_size > WIPE_BYTES)
		return;
	(void)!chmod(path, 0600);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || file_write_all(fd, (struct str){ zeros, (size_t)s.st_size }) != ERR_OK ||
	    fdatasync(fd) != 0)
		log_warn("old_key_file_not_wiped", LOG_STR("path", path));
}

static void
drop(const struct rotation *r, const char *name)
{
	char path[ROOT_PATH_BYTES];

	next_path(r, name, path);
	wipe(path);
	(void)unlink(path);
}

/* "wanted" goes first: without it, and without "ready", nothing of next counts. */
static void
drop_next(const struct rotation *r)
{
	char folder[ROOT_PATH_BYTES];

	drop(r, ROTATION_WANTED);
	drop(r, GLOBALS);
	drop(r, TOKEN_KEY_FILE);
	for (size_t i = 0; r->backend->files[i] != NULL; i++)
		drop(r, r->backend->files[i]);
	drop(r, READY);
	(void)snprintf(folder, sizeof(folder), "%s/keys/next", r->conf->dir);
	(void)rmdir(folder);
}

/* ---- 1: what comes is made, and nothing is changed */

static enum err
write_ready(const struct rotation *r)
{
	char path[ROOT_PATH_BYTES];

	next_path(r, READY, path);
	return file_replace(path, STR("ready\n"), 0600, r->reterr);
}

static enum err
write_globals(const struct rotation *r, const struct root_source *now,
    const struct root_source *next)
{
	CLEANUP(keyring) struct keyring *ring = NULL;
	CLEANUP(secret) struct secret *globals = NULL;
	enum err e = keyring_open(r->conf->dir, now->key, &ring, r->reterr);

	if (e == ERR_OK)
		e = keyring_is_rerooted(ring)
		    ? globals_open(r->conf->dir, ROOT_IN_FORCE, now->key, &globals, r->reterr)
		    : globals_derive(now->key, &globals);
	return e == ERR_OK ? globals_write_next(r->conf->dir, next->key, globals, r->reterr) : e;
}

static enum err
prepare(const struct rotation *r, const struct root_source *now)
{
	CLEANUP_SOURCE struct root_source next = { NULL, -1 };
	enum err e = r->backend->make_next(r->conf, r->reterr);

	if (e == ERR_OK)
		e = r->backend->open(r->conf, ROOT_NEXT, &next, r->reterr);
	if (e == ERR_OK)
		e = write_globals(r, now, &next);
	if (e == ERR_OK)
		e = token_keys_write_next(r->conf->dir, now->key, next.key, r->reterr);
	if (e == ERR_OK)
		e = sync_folder(r, "/next");
	return e == ERR_OK ? write_ready(r) : e;
}

/* ---- 2: the moment of the change */

static bool
is_changed(const struct rotation *r, const struct root_source *next)
{
	CLEANUP(keyring) struct keyring *ring = NULL;
	CLEANUP(secret) struct secret *globals = NULL;

	return keyring_open(r->conf->dir, next->key, &ring, NULL) == ERR_OK &&
	    keyring_is_rerooted(ring) &&
	    globals_open(r->conf->dir, ROOT_NEXT, next->key, &globals, NULL) == ERR_OK;
}

static enum err
change(const struct rotation *r, const struct root_source *next)
{
	CLEANUP_SOURCE struct root_source now = { NULL, -1 };
	CLEANUP(keyring) struct keyring *ring = NULL;
	enum err e;

	if (is_changed(r, next))
		return ERR_OK;
	e = r->backend->open(r->conf, ROOT_IN_FORCE, &now, r->reterr);
	if (e == ERR_OK)
		e = keyring_open(r->conf->dir, now.key, &ring, r->reterr);
	if (e != ERR_OK)
		return e;
	e = keyring_reroot(ring, next->key);
	return e == ERR_OK
	    ? e
	    : err_set(r->reterr, e, "the keyring cannot be wrapped anew: %s", err_text(e));
}

/* ---- 3: into their places */

static enum err
move(const struct rotation *r, const char *name)
{
	char from[ROOT_PATH_BYTES], to[ROOT_PATH_BYTES];

	if (!has(r, name))
		return ERR_OK;
	next_path(r, name, from);
	(void)snprintf(to, sizeof(to), "%s/keys/%s", r->conf->dir, name);
	wipe(to);
	return rename(from, to) == 0 ? ERR_OK
				     : err_set(r->reterr, ERR_IO, "%s: %s", to, strerror(errno));
}

static enum err
move_all(const struct rotation *r)
{
	enum err e = move(r, GLOBALS);

	if (e == ERR_OK)
		e = move(r, TOKEN_KEY_FILE);
	for (size_t i = 0; r->backend->files[i] != NULL && e == ERR_OK; i++)
		e = move(r, r->backend->files[i]);
	return e == ERR_OK ? sync_folder(r, "") : e;
}

/* ---- at a start */

static enum err
finish(const struct rotation *r, struct root_source *ret_source)
{
	enum err e = r->backend->open(r->conf, ROOT_NEXT, ret_source, r->reterr);

	if (e == ERR_OK)
		e = change(r, ret_source);
	if (e == ERR_OK)
		e = move_all(r);
	if (e != ERR_OK)
		return e;
	drop(r, ROTATION_FAILED); /* of an earlier time */
	drop_next(r);
	log_info("root_rotated");
	return ERR_OK;
}

/* Told to whoever waits for it; the old root key stays in force. */
static void
give_up(const struct rotation *r, const char *cause)
{
	char path[ROOT_PATH_BYTES];

	log_error("root_not_rotated", LOG_STR("cause", cause));
	next_path(r, ROTATION_FAILED, path);
	if (file_replace(path, str_from(cause), 0600, NULL) != ERR_OK)
		log_error("root_not_rotated", LOG_STR("cause", path));
	drop_next(r);
}

enum err
rotation_open(const struct conf *conf, const struct root_backend *backend,
    struct root_source *ret_source, struct err_detail *reterr)
{
	struct err_detail why = { "out of memory" };
	struct rotation r = { conf, backend, reterr };
	enum err e;

	if (has(&r, READY))
		return finish(&r, ret_source);
	e = backend->open(conf, ROOT_IN_FORCE, ret_source, reterr);
	if (e != ERR_OK || !has(&r, ROTATION_WANTED))
		return e;
	r.reterr = &why;
	if (prepare(&r, ret_source) != ERR_OK) {
		give_up(&r, why.text);
		return ERR_OK;
	}
	root_source_done(ret_source);
	r.reterr = reterr;
	return finish(&r, ret_source);
}
