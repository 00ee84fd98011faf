/* SPDX-License-Identifier: Apache-2.0 */
#include "keyd/wrapping.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/big_endian.h"
#include "base/file.h"
#include "seal/seal.h"

#define N_SLOTS 2
#define HEAD_BYTES (2 + 1 + 1 + 8)
#define SEALED_BYTES (SEAL_KEY_BYTES + SEAL_OVERHEAD_BYTES)
#define DIGESTED_BYTES (HEAD_BYTES + SEALED_BYTES)
#define SLOT_BYTES (DIGESTED_BYTES + 32)

#define FIRST_ROOT 1 /* versions of a slot */
#define LATER_ROOT 2

struct slot {
	uint64_t generation;
	int file;
	uint8_t version;
};

struct wrapping {
	const struct secret *root;
	int fd;
	int slot; /* the one in force */
	struct slot now;
	struct secret *key, *next;
	bool has_new_root;
};

/* The generation stands in the place, so that no slot can claim another's. */
static struct seal_place
place_of(const struct slot *s)
{
	struct seal_place place = { STR("wrapping"), STR("key"), { { 0 } }, { { 0 } } };

	big_endian_put(place.row.bytes, s->generation, 8);
	place.row.bytes[8] = (uint8_t)s->file;
	place.row.bytes[9] = s->version == LATER_ROOT;
	return place;
}

/* False for a slot that is empty or that a crash cut. */
static bool
read_slot(const uint8_t *bytes, struct slot *ret_slot)
{
	uint8_t digest[32];
	struct slot s = { .file = bytes[3], .version = bytes[2] };

	if (memcmp(bytes, "RW", 2) != 0 || s.version < FIRST_ROOT || s.version > LATER_ROOT ||
	    s.file > 1 ||
	    seal_sha256((struct str){ (const char *)bytes, DIGESTED_BYTES }, digest) != ERR_OK ||
	    memcmp(digest, bytes + DIGESTED_BYTES, sizeof(digest)) != 0)
		return false;
	s.generation = big_endian_get(bytes + 4, 8);
	*ret_slot = s;
	return true;
}

static enum err
open_key(const struct wrapping *w, const uint8_t *bytes)
{
	CLEANUP(buf) struct buf *key = NULL;
	struct seal_place place = place_of(&w->now);
	enum err e = buf_new(SEAL_KEY_BYTES, &key);

	if (e == ERR_OK)
		e = seal_open(secret_view(w->root), &place,
		    (struct str){ (const char *)bytes + HEAD_BYTES, SEALED_BYTES }, key);
	if (e == ERR_OK && buf_len(key) != SEAL_KEY_BYTES)
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		memcpy(secret_bytes(w->key), buf_str(key).at, SEAL_KEY_BYTES);
	return e;
}

/* The newest whole slot; without any, generation 0. */
static enum err
load(struct wrapping *w, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *b = NULL;
	const uint8_t *found = NULL;
	enum err e = buf_new((size_t)N_SLOTS * SLOT_BYTES, &b);

	if (e == ERR_OK)
		e = file_read_fd(w->fd, b);
	if (e != ERR_OK)
		return err_set(reterr, e, "keys/wrapping cannot be read: %s", err_text(e));
	for (int i = 0; (size_t)(i + 1) * SLOT_BYTES <= buf_len(b); i++) {
		const uint8_t *bytes = (const uint8_t *)buf_str(b).at + (size_t)i * SLOT_BYTES;
		struct slot s;

		if (!read_slot(bytes, &s) || s.generation <= w->now.generation)
			continue;
		w->now = s;
		w->slot = i;
		found = bytes;
	}
	if (w->root == NULL)
		return ERR_OK;
	if (found == NULL) {
		memcpy(secret_bytes(w->key), secret_view(w->root), SEAL_KEY_BYTES);
		return ERR_OK;
	}
	e = open_key(w, found);
	return e == ERR_OK ? e
			   : err_set(reterr, e,
				 "keys/wrapping does not open under this root key: restore the "
				 "folder keys as a whole from one backup");
}

static enum err
open_file(const char *dir, bool is_read_only, int *ret_fd, struct err_detail *reterr)
{
	char path[CONF_PATH_BYTES + 32];

	(void)snprintf(path, sizeof(path), "%s/keys/wrapping", dir);
	*ret_fd =
	    open(path, (is_read_only ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*ret_fd < 0 && (!is_read_only || errno != ENOENT))
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	return ERR_OK;
}

static enum err
open_all(struct wrapping *w, const char *dir, struct err_detail *reterr)
{
	enum err e = open_file(dir, w->root == NULL, &w->fd, reterr);

	if (e != ERR_OK)
		return e;
	if (w->root != NULL &&
	    (secret_new(SEAL_KEY_BYTES, &w->key) != ERR_OK ||
		secret_new(SEAL_KEY_BYTES, &w->next) != ERR_OK))
		return err_set(reterr, ERR_NOMEM,
		    "no memory for keys: raise the limit of locked memory");
	return w->fd < 0 ? ERR_OK : load(w, reterr);
}

enum err
wrapping_open(const char *dir, const struct secret *root, struct wrapping **ret_wrapping,
    struct err_detail *reterr)
{
	struct wrapping *w = calloc(1, sizeof(*w));
	enum err e;

	if (w == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	w->root = root;
	w->fd = -1;
	e = open_all(w, dir, reterr);
	if (e == ERR_OK)
		*ret_wrapping = w;
	else
		wrapping_free(w);
	return e;
}

void
wrapping_free(struct wrapping *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		(void)close(w->fd);
	secret_free(w->key);
	secret_free(w->next);
	free(w);
}

bool
wrapping_is_rerooted(const struct wrapping *w)
{
	return w->now.version == LATER_ROOT;
}

void
wrapping_reroot(struct wrapping *w, const struct secret *root)
{
	w->root = root;
	w->has_new_root = true;
}

uint64_t
wrapping_generation(const struct wrapping *w)
{
	return w->now.generation;
}

int
wrapping_file(const struct wrapping *w)
{
	return w->now.file;
}

const struct secret *
wrapping_key(const struct wrapping *w)
{
	return w->key;
}

enum err
wrapping_make_next(struct wrapping *w)
{
	return seal_random(secret_bytes(w->next), SEAL_KEY_BYTES);
}

const struct secret *
wrapping_next(const struct wrapping *w)
{
	return w->next;
}

static enum err
write_slot(const struct wrapping *w, int slot, struct str bytes)
{
	if (lseek(w->fd, (off_t)slot * SLOT_BYTES, SEEK_SET) < 0 ||
	    file_write_all(w->fd, bytes) != ERR_OK || fdatasync(w->fd) != 0)
		return ERR_IO;
	return ERR_OK;
}

static enum err
wipe_slot(const struct wrapping *w, int slot)
{
	static const char zeros[SLOT_BYTES];

	return write_slot(w, slot, (struct str){ zeros, sizeof(zeros) });
}

static enum err
make_slot(const struct wrapping *w, const struct slot *s, struct buf *out)
{
	const struct uuid no_id = { { 0 } };
	uint8_t head[HEAD_BYTES] = "RW", digest[32];
	struct seal_place place = place_of(s);
	enum err e;

	head[2] = s->version;
	head[3] = (uint8_t)s->file;
	big_endian_put(head + 4, s->generation, 8);
	e = buf_append(out, head, sizeof(head));
	if (e == ERR_OK)
		e = seal_record(secret_view(w->root), &no_id, &place,
		    (struct str){ (const char *)secret_view(w->next), SEAL_KEY_BYTES }, out);
	if (e == ERR_OK)
		e = seal_sha256(buf_str(out), digest);
	return e == ERR_OK ? buf_append(out, digest, sizeof(digest)) : e;
}

enum err
wrapping_commit(struct wrapping *w, int file)
{
	CLEANUP(buf) struct buf *bytes = NULL;
	struct slot s = { w->now.generation + 1, file,
		w->has_new_root || wrapping_is_rerooted(w) ? LATER_ROOT : FIRST_ROOT };
	int slot = 1 - w->slot;
	struct secret *old = w->key;
	enum err e = buf_new(SLOT_BYTES, &bytes);

	if (e == ERR_OK)
		e = make_slot(w, &s, bytes);
	if (e != ERR_OK)
		return e;
	if (write_slot(w, slot, buf_str(bytes)) != ERR_OK)
		return wipe_slot(w, slot) == ERR_OK ? ERR_IO : ERR_BUG;
	w->now = s;
	w->slot = slot;
	w->key = w->next;
	w->next = old;
	explicit_bzero(secret_bytes(old), secret_len(old));
	return ERR_OK;
}

enum err
wrapping_wipe_other(struct wrapping *w)
{
	return wipe_slot(w, 1 - w->slot);
}
