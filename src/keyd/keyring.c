/* SPDX-License-Identifier: Apache-2.0 */
/* keyring - see keyring.h. */
#include "keyd/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "seal/seal.h"

#define KEY_BYTES SEAL_KEY_BYTES
#define WRAPPED_BYTES (KEY_BYTES + SEAL_OVERHEAD_BYTES)
#define RECORD_HEAD_BYTES (2 + 1 + 1 + UUID_BYTES + UUID_BYTES + 8 + 2)
#define RECORD_BYTES (RECORD_HEAD_BYTES + WRAPPED_BYTES)
#define FILE_MAX_BYTES ((size_t)KEYRING_MAX_WORKSPACES * 4 * RECORD_BYTES)

/* Purpose keys of the workspaces used last, in one piece of secret memory made at the start: the
 * sandbox forbids making more. */
#define CACHE_SLOTS 256
#define SLOT_BYTES (KEY_N_PURPOSES * KEY_BYTES)

struct wrapped {
	struct keyring_entry entry;
	uint8_t record[WRAPPED_BYTES];
};

struct keyring {
	int fd; /* append only */
	const struct secret *root;
	struct wrapped *workspaces; /* sorted by workspace */
	size_t n, room;
	struct secret *cache;
	struct uuid cached[CACHE_SLOTS]; /* whose keys a slot holds; zero: none */
};

static const char *const purpose_names[KEY_N_PURPOSES] = { [KEY_SEAL] = "rendfly seal 1",
	[KEY_PLACEHOLDER] = "rendfly placeholder 1",
	[KEY_CHAIN] = "rendfly chain 1",
	[KEY_SYSTEM] = "rendfly system message 1" };

static struct seal_place
place_of(const struct uuid *workspace, const struct uuid *key_id)
{
	return (struct seal_place){ STR("keyring"), STR("key"), *workspace, *key_id };
}

/* ---- the list */

/* Where the workspace is or would be. */
static size_t
position_of(const struct keyring *k, const struct uuid *workspace, bool *ret_is_there)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(k->workspaces[middle].entry.workspace.bytes, workspace->bytes,
			UUID_BYTES) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_is_there = low < k->n && uuid_equals(&k->workspaces[low].entry.workspace, workspace);
	return low;
}

static enum err
remember(struct keyring *k, const struct wrapped *w)
{
	bool is_there;
	size_t at = position_of(k, &w->entry.workspace, &is_there);

	if (is_there) {
		k->workspaces[at] = *w;
		return ERR_OK;
	}
	if (k->n == KEYRING_MAX_WORKSPACES)
		return ERR_TOO_LARGE;
	if (k->n == k->room) {
		size_t room = k->room == 0 ? 64 : k->room * 2;
		struct wrapped *more = realloc(k->workspaces, room * sizeof(*more));

		if (more == NULL)
			return ERR_NOMEM;
		k->workspaces = more;
		k->room = room;
	}
	memmove(k->workspaces + at + 1, k->workspaces + at, (k->n - at) * sizeof(*k->workspaces));
	k->workspaces[at] = *w;
	k->n++;
	return ERR_OK;
}

/* ---- the file */

static void
write_head(uint8_t *to, const struct keyring_entry *entry)
{
	uint64_t created = (uint64_t)entry->created_ms;

	memcpy(to, "RK\x01\x01", 4);
	memcpy(to + 4, entry->workspace.bytes, UUID_BYTES);
	memcpy(to + 4 + UUID_BYTES, entry->key_id.bytes, UUID_BYTES);
	for (size_t i = 0; i < 8; i++)
		to[4 + 2 * UUID_BYTES + i] = (uint8_t)(created >> (56 - 8 * i));
	to[RECORD_HEAD_BYTES - 2] = WRAPPED_BYTES >> 8;
	to[RECORD_HEAD_BYTES - 1] = WRAPPED_BYTES & 0xff;
}

static enum err
read_record(const uint8_t *from, struct wrapped *ret_wrapped)
{
	uint64_t created = 0;

	if (memcmp(from, "RK\x01\x01", 4) != 0 ||
	    (from[RECORD_HEAD_BYTES - 2] << 8 | from[RECORD_HEAD_BYTES - 1]) != WRAPPED_BYTES)
		return ERR_MALFORMED;
	memcpy(ret_wrapped->entry.workspace.bytes, from + 4, UUID_BYTES);
	memcpy(ret_wrapped->entry.key_id.bytes, from + 4 + UUID_BYTES, UUID_BYTES);
	for (size_t i = 0; i < 8; i++)
		created = created << 8 | from[4 + 2 * UUID_BYTES + i];
	ret_wrapped->entry.created_ms = (int64_t)created;
	memcpy(ret_wrapped->record, from + RECORD_HEAD_BYTES, WRAPPED_BYTES);
	return ERR_OK;
}

static enum err
load_file(struct keyring *k, const char *path, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct str left;
	enum err e = buf_new(FILE_MAX_BYTES, &b);

	if (e == ERR_OK)
		e = file_read_fd(k->fd, b);
	left = e == ERR_OK ? buf_str(b) : STR("");
	while (e == ERR_OK && left.len >= RECORD_BYTES) {
		struct wrapped w;

		e = read_record((const uint8_t *)left.at, &w);
		if (e == ERR_OK)
			e = remember(k, &w);
		left = str_slice(left, RECORD_BYTES, left.len);
	}
	/* A write that a crash cut was never acknowledged; without the root key we only look. */
	if (e == ERR_OK && left.len > 0 && k->root != NULL &&
	    ftruncate(k->fd, (off_t)(buf_len(b) - left.len)) != 0)
		e = ERR_IO;
	if (e != ERR_OK)
		return err_set(reterr, e, "%s is damaged (%s): restore it from its backup", path,
		    err_text(e));
	return ERR_OK;
}

enum err
keyring_open(const char *dir, const struct secret *root, struct keyring **ret_keyring,
    struct err_detail *reterr)
{
	CLEANUP(keyring) struct keyring *k = calloc(1, sizeof(*k));
	char path[CONF_PATH_BYTES + 64];
	enum err e;

	if (k == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	(void)snprintf(path, sizeof(path), "%s/keys/keyring", dir);
	k->root = root;
	k->fd = open(path, (root == NULL ? O_RDONLY : O_RDWR | O_APPEND) | O_CLOEXEC | O_NOFOLLOW);
	if (k->fd < 0)
		return err_set(reterr, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
		    "%s: %s; `rendfly keys init` makes it", path, strerror(errno));
	if (root != NULL && secret_new((size_t)CACHE_SLOTS * SLOT_BYTES, &k->cache) != ERR_OK)
		return err_set(reterr, ERR_NOMEM,
		    "no memory for keys: raise the limit of locked memory");
	e = load_file(k, path, reterr);
	if (e != ERR_OK)
		return e;
	*ret_keyring = TAKE(k);
	return ERR_OK;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	if (k->fd >= 0)
		(void)close(k->fd);
	secret_free(k->cache);
	free(k->workspaces);
	free(k);
}

size_t
keyring_count(const struct keyring *k)
{
	return k->n;
}

const struct keyring_entry *
keyring_at(const struct keyring *k, size_t i)
{
	return &k->workspaces[i].entry;
}

/* ---- keys */

static enum err
wrap_new_key(const struct keyring *k, struct wrapped *w)
{
	CLEANUP(buf) struct buf *sealed = NULL;
	uint8_t key[KEY_BYTES];
	struct seal_place place = place_of(&w->entry.workspace, &w->entry.key_id);
	enum err e = buf_new(WRAPPED_BYTES, &sealed);

	if (e == ERR_OK)
		e = seal_random(key, sizeof(key));
	if (e == ERR_OK)
		e = seal_record(secret_view(k->root), &w->entry.key_id, &place,
		    (struct str){ (const char *)key, sizeof(key) }, sealed);
	explicit_bzero(key, sizeof(key));
	if (e == ERR_OK)
		memcpy(w->record, buf_str(sealed).at, WRAPPED_BYTES);
	return e;
}

enum err
keyring_create(struct keyring *k, const struct uuid *workspace)
{
	struct wrapped w = { .entry = { *workspace, uuid_new(), clock_wall_ms() } };
	uint8_t record[RECORD_BYTES];
	off_t end = lseek(k->fd, 0, SEEK_END);
	bool is_there;
	enum err e;

	/* The zero id marks an empty slot of the cache, so no workspace may bear it. */
	if (uuid_is_zero(workspace))
		return ERR_MALFORMED;
	(void)position_of(k, workspace, &is_there);
	if (is_there)
		return ERR_CONFLICT;
	e = wrap_new_key(k, &w);
	if (e != ERR_OK)
		return e;
	write_head(record, &w.entry);
	memcpy(record + RECORD_HEAD_BYTES, w.record, WRAPPED_BYTES);
	if (end < 0 ||
	    file_write_all(k->fd, (struct str){ (const char *)record, sizeof(record) }) != ERR_OK ||
	    fdatasync(k->fd) != 0) {
		/* Half a record would damage every later one. */
		if (end >= 0 && ftruncate(k->fd, end) != 0)
			return ERR_BUG;
		return ERR_IO;
	}
	return remember(k, &w);
}

static enum err
derive_slot(const struct keyring *k, const struct wrapped *w, uint8_t *slot)
{
	CLEANUP(buf) struct buf *key = NULL;
	struct seal_place place = place_of(&w->entry.workspace, &w->entry.key_id);
	enum err e = buf_new(KEY_BYTES, &key);

	if (e == ERR_OK)
		e = seal_open(secret_view(k->root), &place,
		    (struct str){ (const char *)w->record, WRAPPED_BYTES }, key);
	if (e == ERR_OK && buf_len(key) != KEY_BYTES)
		e = ERR_BUG;
	for (size_t i = 0; e == ERR_OK && i < KEY_N_PURPOSES; i++)
		e = seal_hkdf(buf_str(key),
		    (struct str){ (const char *)w->entry.workspace.bytes, UUID_BYTES },
		    str_from(purpose_names[i]), slot + i * KEY_BYTES, KEY_BYTES);
	return e;
}

enum err
keyring_key(struct keyring *k, const struct uuid *workspace, enum key_purpose purpose,
    const uint8_t **ret_key, struct uuid *ret_key_id)
{
	bool is_there;
	size_t at = position_of(k, workspace, &is_there);
	/* The random end of the id spreads the workspaces over the slots. */
	size_t slot = (size_t)(workspace->bytes[14] ^ workspace->bytes[15]) % CACHE_SLOTS;
	uint8_t *bytes = secret_bytes(k->cache) + slot * SLOT_BYTES;

	if (!is_there)
		return ERR_NOT_FOUND;
	if (!uuid_equals(&k->cached[slot], workspace)) {
		enum err e;

		k->cached[slot] = (struct uuid){ { 0 } };
		e = derive_slot(k, &k->workspaces[at], bytes);
		if (e != ERR_OK)
			return e;
		k->cached[slot] = *workspace;
	}
	*ret_key = bytes + (size_t)purpose * KEY_BYTES;
	*ret_key_id = k->workspaces[at].entry.key_id;
	return ERR_OK;
}
