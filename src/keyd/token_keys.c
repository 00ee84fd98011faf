/* SPDX-License-Identifier: Apache-2.0 */
/* token_keys - see token_keys.h. */
#include "keyd/token_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/big_endian.h"
#include "base/clock.h"
#include "base/file.h"
#include "seal/seal.h"

#define N_SLOTS 2
#define VERSION 1
#define SEED_BYTES 32
#define PUBLIC_BYTES 32
#define HEAD_BYTES (4 + 8 + 8)
#define PLAIN_BYTES (SEED_BYTES + PUBLIC_BYTES + 8)
#define SEALED_BYTES (PLAIN_BYTES + SEAL_OVERHEAD_BYTES)
#define DIGESTED_BYTES (HEAD_BYTES + SEALED_BYTES)
#define SLOT_BYTES (DIGESTED_BYTES + 32)

struct head {
	uint64_t generation; /* 0: none */
	int64_t created_ms;
};

struct token_keys {
	const struct secret *root;
	int fd;
	int slot; /* the one in force */
	struct head now;
	struct secret *plain; /* what the record holds */
	struct secret *next;
};

static int64_t
until_ms(const struct secret *plain)
{
	return (int64_t)big_endian_get(secret_view(plain) + SEED_BYTES + PUBLIC_BYTES, 8);
}

static void
make_head(const struct head *h, uint8_t ret_bytes[static HEAD_BYTES])
{
	memcpy(ret_bytes, (const uint8_t[]){ 'R', 'T', VERSION, 0 }, 4);
	big_endian_put(ret_bytes + 4, h->generation, 8);
	big_endian_put(ret_bytes + 12, (uint64_t)h->created_ms, 8);
}

/* The head stands in the place, so that no slot can claim another's. */
static struct seal_place
place_of(const struct head *h)
{
	struct seal_place place = { STR("tokens"), STR("keys"), { { 0 } }, { { 0 } } };

	big_endian_put(place.row.bytes, h->generation, 8);
	big_endian_put(place.row.bytes + 8, (uint64_t)h->created_ms, 8);
	return place;
}

/* ---- reading */

/* False for a slot that is empty or that a crash cut. */
static bool
read_slot(const uint8_t *bytes, struct head *ret_head)
{
	const struct head h = { big_endian_get(bytes + 4, 8),
		(int64_t)big_endian_get(bytes + 12, 8) };
	uint8_t expected[HEAD_BYTES], digest[32];

	make_head(&h, expected);
	if (memcmp(bytes, expected, HEAD_BYTES) != 0 ||
	    seal_sha256((struct str){ (const char *)bytes, DIGESTED_BYTES }, digest) != ERR_OK ||
	    memcmp(digest, bytes + DIGESTED_BYTES, sizeof(digest)) != 0)
		return false;
	*ret_head = h;
	return true;
}

/* The newest whole slot of the file; -1 without any. */
static int
find_newest(const struct buf *file, struct head *ret_head)
{
	int newest = -1;

	*ret_head = (struct head){ 0 };
	for (int i = 0; (size_t)(i + 1) * SLOT_BYTES <= buf_len(file); i++) {
		struct head h;

		if (!read_slot((const uint8_t *)buf_str(file).at + (size_t)i * SLOT_BYTES, &h) ||
		    h.generation <= ret_head->generation)
			continue;
		*ret_head = h;
		newest = i;
	}
	return newest;
}

static enum err
open_slot(const struct secret *root, const struct head *h, const uint8_t *bytes,
    struct secret *plain)
{
	CLEANUP(buf) struct buf *opened = NULL;
	struct seal_place place = place_of(h);
	enum err e = buf_new(PLAIN_BYTES, &opened);

	if (e == ERR_OK)
		e = seal_open(secret_view(root), &place,
		    (struct str){ (const char *)bytes + HEAD_BYTES, SEALED_BYTES }, opened);
	if (e == ERR_OK && buf_len(opened) != PLAIN_BYTES)
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		memcpy(secret_bytes(plain), buf_str(opened).at, PLAIN_BYTES);
	return e;
}

/* ---- writing */

static enum err
make_slot(const struct secret *root, const struct head *h, const struct secret *plain,
    struct buf *out)
{
	const struct uuid no_id = { { 0 } };
	uint8_t head[HEAD_BYTES], digest[32];
	struct seal_place place = place_of(h);
	enum err e;

	make_head(h, head);
	e = buf_append(out, head, sizeof(head));
	if (e == ERR_OK)
		e = seal_record(secret_view(root), &no_id, &place,
		    (struct str){ (const char *)secret_view(plain), PLAIN_BYTES }, out);
	if (e == ERR_OK)
		e = seal_sha256(buf_str(out), digest);
	return e == ERR_OK ? buf_append(out, digest, sizeof(digest)) : e;
}

static enum err
write_slot(const struct token_keys *t, int slot, struct str bytes)
{
	if (lseek(t->fd, (off_t)slot * SLOT_BYTES, SEEK_SET) < 0 ||
	    file_write_all(t->fd, bytes) != ERR_OK || fdatasync(t->fd) != 0)
		return ERR_IO;
	return ERR_OK;
}

static enum err
wipe_slot(const struct token_keys *t, int slot)
{
	static const char zeros[SLOT_BYTES];

	return write_slot(t, slot, (struct str){ zeros, sizeof(zeros) });
}

/* Puts what stands in t->next in force.  What was not written whole is not in force: the slot is
 * wiped, and when even that fails the next start may find either. */
static enum err
commit(struct token_keys *t, int64_t now_ms)
{
	CLEANUP(buf) struct buf *bytes = NULL;
	const struct head h = { t->now.generation + 1, now_ms };
	const int slot = 1 - t->slot;
	struct secret *old = t->plain;
	enum err e = buf_new(SLOT_BYTES, &bytes);

	if (e == ERR_OK)
		e = make_slot(t->root, &h, t->next, bytes);
	if (e != ERR_OK)
		return e;
	if (write_slot(t, slot, buf_str(bytes)) != ERR_OK) {
		(void)!wipe_slot(t, slot);
		return ERR_IO;
	}
	t->now = h;
	t->slot = slot;
	t->plain = t->next;
	t->next = old;
	explicit_bzero(secret_bytes(old), PLAIN_BYTES);
	return wipe_slot(t, 1 - slot);
}

/* ---- a life */

static enum err
load(struct token_keys *t, const uint8_t first[static 32], struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *file = NULL;
	struct head h;
	int slot;
	enum err e = buf_new((size_t)N_SLOTS * SLOT_BYTES, &file);

	if (e == ERR_OK)
		e = file_read_fd(t->fd, file);
	if (e != ERR_OK)
		return err_set(reterr, e, "keys/" TOKEN_KEY_FILE " cannot be read: %s",
		    err_text(e));
	slot = find_newest(file, &h);
	if (slot < 0) {
		memcpy(secret_bytes(t->next), first, SEED_BYTES);
		e = commit(t, clock_wall_ms());
		return e == ERR_OK ? e
				   : err_set(reterr, e, "keys/" TOKEN_KEY_FILE ": %s", err_text(e));
	}
	t->now = h;
	t->slot = slot;
	e = open_slot(t->root, &h, (const uint8_t *)buf_str(file).at + (size_t)slot * SLOT_BYTES,
	    t->plain);
	/* Of a change that a crash cut off, the seed before it. */
	if (e == ERR_OK)
		e = wipe_slot(t, 1 - slot);
	return e == ERR_OK
	    ? e
	    : err_set(reterr, e,
		  "keys/" TOKEN_KEY_FILE " does not open under this root key: restore "
		  "the folder keys as a whole from one backup");
}

enum err
token_keys_open(const char *dir, const struct secret *root, const uint8_t first[static 32],
    struct token_keys **ret_keys, struct err_detail *reterr)
{
	CLEANUP(token_keys) struct token_keys *t = calloc(1, sizeof(*t));
	char path[ROOT_PATH_BYTES];
	enum err e;

	if (t == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	t->root = root;
	root_path(dir, ROOT_IN_FORCE, TOKEN_KEY_FILE, path);
	t->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t->fd < 0)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	if (secret_new(PLAIN_BYTES, &t->plain) != ERR_OK ||
	    secret_new(PLAIN_BYTES, &t->next) != ERR_OK)
		return err_set(reterr, ERR_NOMEM,
		    "no memory for keys: raise the limit of locked memory");
	e = load(t, first, reterr);
	if (e == ERR_OK)
		*ret_keys = TAKE(t);
	return e;
}

void
token_keys_free(struct token_keys *t)
{
	if (t == NULL)
		return;
	if (t->fd >= 0)
		(void)close(t->fd);
	secret_free(t->plain);
	secret_free(t->next);
	free(t);
}

/* ---- another root key */

static enum err
copy_under(const struct secret *root, const struct secret *next_root, const struct buf *file,
    struct buf *out)
{
	CLEANUP(secret) struct secret *plain = NULL;
	struct head h;
	const int slot = find_newest(file, &h);
	enum err e = slot < 0 ? ERR_NOT_FOUND : secret_new(PLAIN_BYTES, &plain);

	if (e == ERR_OK)
		e = open_slot(root, &h,
		    (const uint8_t *)buf_str(file).at + (size_t)slot * SLOT_BYTES, plain);
	return e == ERR_OK ? make_slot(next_root, &h, plain, out) : e;
}

static enum err
read_file(const char *dir, struct buf **ret_file)
{
	char path[ROOT_PATH_BYTES];
	enum err e = buf_new((size_t)N_SLOTS * SLOT_BYTES, ret_file);

	root_path(dir, ROOT_IN_FORCE, TOKEN_KEY_FILE, path);
	return e == ERR_OK ? file_read(path, *ret_file, NULL) : e;
}

enum err
token_keys_write_next(const char *dir, const struct secret *root, const struct secret *next_root,
    struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *file = NULL, *out = NULL;
	char path[ROOT_PATH_BYTES];
	enum err e = read_file(dir, &file);

	if (e == ERR_OK)
		e = buf_new(SLOT_BYTES, &out);
	if (e == ERR_OK)
		e = copy_under(root, next_root, file, out);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	if (e != ERR_OK)
		return err_set(reterr, e, "keys/" TOKEN_KEY_FILE " cannot be sealed anew: %s",
		    err_text(e));
	(void)snprintf(path, sizeof(path), "%s/keys/next/" TOKEN_KEY_FILE, dir);
	return file_replace(path, buf_str(out), 0600, reterr);
}

/* ---- use */

enum err
token_keys_sign(const struct token_keys *t, struct str input, uint8_t ret_signature[static 64])
{
	return seal_sign(secret_view(t->plain), input, ret_signature);
}

/* Forgotten in memory; on disk its time stands beside it.  A clock that was set back gives it no
 * more than the overlap. */
static void
forget_expired(struct token_keys *t, int64_t now_ms)
{
	int64_t left_ms = until_ms(t->plain) - now_ms;

	if (left_ms <= 0 || left_ms > TOKEN_KEY_OVERLAP_MS)
		explicit_bzero(secret_bytes(t->plain) + SEED_BYTES, PUBLIC_BYTES + 8);
}

enum err
token_keys_public(struct token_keys *t, int64_t now_ms, struct keyd_token_keys *ret_keys)
{
	struct keyd_token_keys keys = { 0 };
	enum err e = seal_public_key(secret_view(t->plain), keys.newest);

	if (e != ERR_OK)
		return e;
	forget_expired(t, now_ms);
	memcpy(keys.before, secret_view(t->plain) + SEED_BYTES, PUBLIC_BYTES);
	keys.before_until_ms = until_ms(t->plain);
	*ret_keys = keys;
	return ERR_OK;
}

enum err
token_keys_rotate(struct token_keys *t, bool is_at_once, int64_t now_ms)
{
	uint8_t *next = secret_bytes(t->next);
	enum err e;

	forget_expired(t, now_ms);
	if (!is_at_once && until_ms(t->plain) != 0)
		return ERR_BUSY;
	explicit_bzero(next, PLAIN_BYTES); /* of a change that failed */
	e = seal_random(next, SEED_BYTES);
	if (e == ERR_OK && !is_at_once) {
		big_endian_put(next + SEED_BYTES + PUBLIC_BYTES,
		    (uint64_t)(now_ms + TOKEN_KEY_OVERLAP_MS), 8);
		e = seal_public_key(secret_view(t->plain), next + SEED_BYTES);
	}
	return e == ERR_OK ? commit(t, now_ms) : e;
}

enum err
token_keys_created(const char *dir, int64_t *ret_created_ms)
{
	CLEANUP(buf) struct buf *file = NULL;
	struct head h;
	enum err e = read_file(dir, &file);

	if (e != ERR_OK)
		return e;
	if (find_newest(file, &h) < 0)
		return ERR_NOT_FOUND;
	*ret_created_ms = h.created_ms;
	return ERR_OK;
}
