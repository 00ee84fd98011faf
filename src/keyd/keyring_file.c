/* SPDX-License-Identifier: Apache-2.0 */
#include "keyd/keyring_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/big_endian.h"
#include "base/file.h"
#include "base/log.h"
#include "keyd/wrapping.h"

#define HEAD_BYTES 64
#define RECORD_BYTES (HEAD_BYTES + KEY_SEALED_BYTES)
/* Before there was a wrapping key: one key for each workspace, under the root key. */
#define OLD_HEAD_BYTES (2 + 1 + 1 + UUID_BYTES + UUID_BYTES + 8 + 2)
#define OLD_SEALED_BYTES (SEAL_KEY_BYTES + SEAL_OVERHEAD_BYTES)
#define OLD_RECORD_BYTES (OLD_HEAD_BYTES + OLD_SEALED_BYTES)
#define FILE_MAX_BYTES ((size_t)KEYRING_MAX_RECORDS * RECORD_BYTES)
#define N_FILES 2
#define WIPE_STEP_BYTES 4096

struct keyring_file {
	const struct secret *root; /* NULL: heads only */
	struct wrapping *wrapping;
	int fds[N_FILES];
	bool is_unknown; /* what a change that failed left on disk: the next start finds out */
};

/* ---- records and bytes */

static void
write_head(const struct key_record *r, uint8_t to[static HEAD_BYTES])
{
	const uint8_t magic[4] = { 'R', 'K', 2, (uint8_t)r->kind };

	memcpy(to, magic, sizeof(magic));
	memcpy(to + 4, r->workspace.bytes, UUID_BYTES);
	memcpy(to + 20, r->subject.bytes, UUID_BYTES);
	memcpy(to + 36, r->key_id.bytes, UUID_BYTES);
	big_endian_put(to + 52, r->version, 4);
	big_endian_put(to + 56, (uint64_t)r->created_ms, 8);
}

static enum err
read_record(const uint8_t *from, struct key_record *ret_record)
{
	struct key_record r = { .kind = (enum key_kind)from[3] };

	if (memcmp(from, "RK\x02", 3) != 0 || r.kind == 0 || r.kind >= KEY_KIND_END)
		return ERR_MALFORMED;
	memcpy(r.workspace.bytes, from + 4, UUID_BYTES);
	memcpy(r.subject.bytes, from + 20, UUID_BYTES);
	memcpy(r.key_id.bytes, from + 36, UUID_BYTES);
	r.version = (uint32_t)big_endian_get(from + 52, 4);
	r.created_ms = (int64_t)big_endian_get(from + 56, 8);
	memcpy(r.sealed, from + HEAD_BYTES, KEY_SEALED_BYTES);
	*ret_record = r;
	return ERR_OK;
}

/* The place of a wrapped pair: the digest of its head, so that no field can be exchanged. */
static enum err
place_of(const struct key_record *r, struct seal_place *ret_place)
{
	uint8_t head[HEAD_BYTES], digest[32];
	enum err e;

	write_head(r, head);
	e = seal_sha256((struct str){ (const char *)head, sizeof(head) }, digest);
	*ret_place = (struct seal_place){ STR("keyring"), STR("pair"), r->workspace, { { 0 } } };
	memcpy(ret_place->row.bytes, digest, UUID_BYTES);
	return e;
}

static enum err
seal_pair(const struct secret *under, struct key_record *r, const uint8_t *pair)
{
	CLEANUP(buf) struct buf *sealed = NULL;
	struct seal_place place;
	enum err e = place_of(r, &place);

	if (e == ERR_OK)
		e = buf_new(KEY_SEALED_BYTES, &sealed);
	if (e == ERR_OK)
		e = seal_record(secret_view(under), &r->key_id, &place,
		    (struct str){ (const char *)pair, KEY_PAIR_BYTES }, sealed);
	if (e == ERR_OK)
		memcpy(r->sealed, buf_str(sealed).at, KEY_SEALED_BYTES);
	return e;
}

static enum err
open_pair(const struct secret *under, const struct key_record *r, uint8_t *ret_pair)
{
	CLEANUP(buf) struct buf *opened = NULL;
	struct seal_place place;
	enum err e = place_of(r, &place);

	if (e == ERR_OK)
		e = buf_new(KEY_PAIR_BYTES, &opened);
	if (e == ERR_OK)
		e = seal_open(secret_view(under), &place,
		    (struct str){ (const char *)r->sealed, KEY_SEALED_BYTES }, opened);
	if (e == ERR_OK && buf_len(opened) != KEY_PAIR_BYTES)
		e = ERR_BUG;
	if (e == ERR_OK)
		memcpy(ret_pair, buf_str(opened).at, KEY_PAIR_BYTES);
	return e;
}

enum err
keyring_file_seal(const struct keyring_file *f, struct key_record *record,
    const uint8_t pair[static KEY_PAIR_BYTES])
{
	return seal_pair(wrapping_key(f->wrapping), record, pair);
}

enum err
keyring_file_unseal(const struct keyring_file *f, const struct key_record *record,
    uint8_t ret_pair[static KEY_PAIR_BYTES])
{
	return open_pair(wrapping_key(f->wrapping), record, ret_pair);
}

/* One key served for all: it becomes both of the pair, so everything still opens and every token
 * stays what it was. */
static enum err
read_old_record(const struct keyring_file *f, const uint8_t *from, struct key_record *ret_record)
{
	CLEANUP(buf) struct buf *pair = NULL;
	struct key_record r = { .kind = KEY_OF_WORKSPACE, .version = 1 };
	struct seal_place place = { STR("keyring"), STR("key"), { { 0 } }, { { 0 } } };
	struct str sealed = { (const char *)from + OLD_HEAD_BYTES, OLD_SEALED_BYTES };
	enum err e;

	if (memcmp(from, "RK\x01\x01", 4) != 0 ||
	    big_endian_get(from + OLD_HEAD_BYTES - 2, 2) != OLD_SEALED_BYTES)
		return ERR_MALFORMED;
	memcpy(r.workspace.bytes, from + 4, UUID_BYTES);
	memcpy(r.key_id.bytes, from + 4 + UUID_BYTES, UUID_BYTES);
	r.created_ms = (int64_t)big_endian_get(from + 4 + UUID_BYTES + UUID_BYTES, 8);
	*ret_record = r;
	if (f->root == NULL)
		return ERR_OK;
	place.workspace = r.workspace;
	place.row = r.key_id;
	e = buf_new(KEY_PAIR_BYTES, &pair);
	for (int half = 0; half < 2 && e == ERR_OK; half++)
		e = seal_open(secret_view(f->root), &place, sealed, pair);
	if (e == ERR_OK && buf_len(pair) != KEY_PAIR_BYTES)
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		e = seal_pair(wrapping_key(f->wrapping), &r, (const uint8_t *)buf_str(pair).at);
	*ret_record = r;
	return e;
}

/* ---- files */

static enum err
wipe_file(int fd)
{
	static const char zeros[WIPE_STEP_BYTES];
	off_t left = lseek(fd, 0, SEEK_END);

	if (left == 0)
		return ERR_OK;
	if (left < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return ERR_IO;
	while (left > 0) {
		size_t step = left < WIPE_STEP_BYTES ? (size_t)left : WIPE_STEP_BYTES;

		if (file_write_all(fd, (struct str){ zeros, step }) != ERR_OK)
			return ERR_IO;
		left -= (off_t)step;
	}
	return fdatasync(fd) == 0 && ftruncate(fd, 0) == 0 && fdatasync(fd) == 0 ? ERR_OK : ERR_IO;
}

/* What a change left behind, or a crash in one. */
static enum err
wipe_others(struct keyring_file *f)
{
	enum err e = wrapping_wipe_other(f->wrapping);

	return e == ERR_OK ? wipe_file(f->fds[1 - wrapping_file(f->wrapping)]) : e;
}

static enum err
open_one(const char *path, int flags, int *ret_fd, struct err_detail *reterr)
{
	*ret_fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*ret_fd >= 0)
		return ERR_OK;
	return err_set(reterr, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
	    strerror(errno));
}

static enum err
sync_folder(const char *dir)
{
	char path[CONF_PATH_BYTES + 64];
	CLEANUP_FD int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/keys", dir);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0 ? ERR_OK : ERR_IO;
}

static enum err
open_files(struct keyring_file *f, const char *dir, struct err_detail *reterr)
{
	char path[CONF_PATH_BYTES + 64];
	bool is_read_only = f->root == NULL;
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/keys/keyring", dir);
	e = open_one(path, is_read_only ? O_RDONLY : O_RDWR, &f->fds[0], reterr);
	if (e == ERR_NOT_FOUND)
		return err_set(reterr, e, "%s is not there; `rendfly keys init` makes it", path);
	if (e != ERR_OK)
		return e;
	(void)snprintf(path, sizeof(path), "%s/keys/keyring.1", dir);
	e = open_one(path, is_read_only ? O_RDONLY : O_RDWR | O_CREAT, &f->fds[1], reterr);
	return e == ERR_NOT_FOUND && is_read_only ? ERR_OK : e;
}

static off_t
size_of(int fd)
{
	return fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
}

/* A keyring whose wrapping key is lost looks like one from before there were any. */
static enum err
refuse_lost_wrapping(const struct keyring_file *f, struct err_detail *reterr)
{
	char head[3] = "";

	if (wrapping_generation(f->wrapping) != 0)
		return ERR_OK;
	if (size_of(f->fds[0]) >= (off_t)sizeof(head) &&
	    (lseek(f->fds[0], 0, SEEK_SET) != 0 ||
		read(f->fds[0], head, sizeof(head)) != (ssize_t)sizeof(head)))
		return err_set(reterr, ERR_IO, "keys/keyring: %s", strerror(errno));
	if (memcmp(head, "RK\x02", 3) == 0 || (size_of(f->fds[0]) == 0 && size_of(f->fds[1]) > 0))
		return err_set(reterr, ERR_MALFORMED,
		    "keys/wrapping is lost or damaged: restore the folder keys from its backup");
	return ERR_OK;
}

static enum err
open_all(struct keyring_file *f, const char *dir, struct err_detail *reterr)
{
	enum err e = open_files(f, dir, reterr);

	if (e == ERR_OK)
		e = wrapping_open(dir, f->root, &f->wrapping, reterr);
	if (e == ERR_OK)
		e = refuse_lost_wrapping(f, reterr);
	if (e != ERR_OK || f->root == NULL)
		return e;
	e = sync_folder(dir);
	if (e == ERR_OK && wrapping_generation(f->wrapping) != 0)
		e = wipe_others(f);
	return e == ERR_OK ? e : err_set(reterr, e, "%s/keys: %s", dir, strerror(errno));
}

enum err
keyring_file_open(const char *dir, const struct secret *root, struct keyring_file **ret_file,
    struct err_detail *reterr)
{
	struct keyring_file *f = calloc(1, sizeof(*f));
	enum err e;

	if (f == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	f->root = root;
	f->fds[0] = f->fds[1] = -1;
	e = open_all(f, dir, reterr);
	if (e == ERR_OK)
		*ret_file = f;
	else
		keyring_file_free(f);
	return e;
}

void
keyring_file_free(struct keyring_file *f)
{
	if (f == NULL)
		return;
	for (int i = 0; i < N_FILES; i++)
		if (f->fds[i] >= 0)
			(void)close(f->fds[i]);
	wrapping_free(f->wrapping);
	free(f);
}

uint64_t
keyring_file_generation(const struct keyring_file *f)
{
	return wrapping_generation(f->wrapping);
}

bool
keyring_file_is_rerooted(const struct keyring_file *f)
{
	return wrapping_is_rerooted(f->wrapping);
}

void
keyring_file_reroot(struct keyring_file *f, const struct secret *root)
{
	f->root = root;
	wrapping_reroot(f->wrapping, root);
}

enum err
keyring_file_read(struct keyring_file *f,
    enum err (*each)(void *to, const struct key_record *record), void *to,
    struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *b = NULL;
	bool is_old = wrapping_generation(f->wrapping) == 0;
	size_t record_bytes = is_old ? OLD_RECORD_BYTES : RECORD_BYTES;
	int fd = f->fds[wrapping_file(f->wrapping)];
	struct str left = STR("");
	enum err e = buf_new(FILE_MAX_BYTES, &b);

	if (e == ERR_OK && fd >= 0) {
		e = lseek(fd, 0, SEEK_SET) == 0 ? file_read_fd(fd, b) : ERR_IO;
		left = buf_str(b);
	}
	while (e == ERR_OK && left.len >= record_bytes) {
		struct key_record r;

		e = is_old ? read_old_record(f, (const uint8_t *)left.at, &r)
			   : read_record((const uint8_t *)left.at, &r);
		if (e == ERR_OK)
			e = each(to, &r);
		left = str_slice(left, record_bytes, left.len);
	}
	/* A write that a crash cut was never acknowledged. */
	if (e == ERR_OK && left.len > 0 && f->root != NULL &&
	    ftruncate(fd, (off_t)(buf_len(b) - left.len)) != 0)
		e = ERR_IO;
	if (e != ERR_OK)
		return err_set(reterr, e,
		    "the keyring is damaged (%s): restore the folder keys from its backup",
		    err_text(e));
	return ERR_OK;
}

enum err
keyring_file_append(struct keyring_file *f, const struct key_record *record)
{
	uint8_t bytes[RECORD_BYTES];
	int fd = f->fds[wrapping_file(f->wrapping)];
	off_t end = lseek(fd, 0, SEEK_END);

	if (f->is_unknown)
		return ERR_IO;
	write_head(record, bytes);
	memcpy(bytes + HEAD_BYTES, record->sealed, KEY_SEALED_BYTES);
	if (end >= 0 &&
	    file_write_all(fd, (struct str){ (const char *)bytes, sizeof(bytes) }) == ERR_OK &&
	    fdatasync(fd) == 0)
		return ERR_OK;
	/* Half a record would damage every later one. */
	f->is_unknown = end < 0 || ftruncate(fd, end) != 0;
	return f->is_unknown ? ERR_BUG : ERR_IO;
}

/* ---- the change */

static enum err
rewrap_all(const struct keyring_file *f, struct key_record *records, size_t n, struct buf *out)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		uint8_t pair[KEY_PAIR_BYTES], head[HEAD_BYTES];

		e = open_pair(wrapping_key(f->wrapping), &records[i], pair);
		if (e == ERR_OK)
			e = seal_pair(wrapping_next(f->wrapping), &records[i], pair);
		explicit_bzero(pair, sizeof(pair));
		write_head(&records[i], head);
		if (e == ERR_OK)
			e = buf_append(out, head, sizeof(head));
		if (e == ERR_OK)
			e = buf_append(out, records[i].sealed, KEY_SEALED_BYTES);
	}
	return e;
}

enum err
keyring_file_replace(struct keyring_file *f, struct key_record *records, size_t n)
{
	CLEANUP(buf) struct buf *bytes = NULL;
	int other = 1 - wrapping_file(f->wrapping), fd = f->fds[other];
	enum err e = f->is_unknown ? ERR_IO : wrapping_make_next(f->wrapping);

	if (e == ERR_OK)
		e = buf_new(FILE_MAX_BYTES, &bytes);
	if (e == ERR_OK)
		e = rewrap_all(f, records, n, bytes);
	if (e != ERR_OK)
		return e;
	if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
	    file_write_all(fd, buf_str(bytes)) != ERR_OK || fdatasync(fd) != 0)
		return ERR_IO;
	e = wrapping_commit(f->wrapping, other);
	f->is_unknown = e == ERR_BUG;
	if (e != ERR_OK)
		return e;
	/* The change has happened; what could not be wiped now is at the next start. */
	if (wipe_others(f) != ERR_OK)
		log_error("old_keys_not_wiped", LOG_STR("cause", strerror(errno)));
	return ERR_OK;
}
