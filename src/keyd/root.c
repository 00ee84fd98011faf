/* SPDX-License-Identifier: Apache-2.0 */
/* root - see root.h. */
#include "keyd/root.h"

#include <argon2.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/big_endian.h"
#include "base/file.h"
#include "base/hex.h"
#include "seal/seal.h"

#define MAGIC "RFROOT01"
#define MAGIC_BYTES 8
#define SALT_BYTES 16
#define HEAD_BYTES (MAGIC_BYTES + SALT_BYTES + 12)
#define PASSPHRASE_MAX_BYTES 1024
#define SEALED_MAX_BYTES 4096
#define PATH_BYTES ROOT_PATH_BYTES
#define CREDENTIAL "rendfly-root"
#define CREDENTIAL_NEXT "rendfly-root-next"

/* 64 MiB, three passes, one lane: the second choice of RFC 9106, section 4, on one core. */
#define ARGON_MEMORY_KIB 65536u
#define ARGON_PASSES 3u
#define ARGON_LANES 1u
/* What a file may ask for; more would be a way to stop the start. */
#define ARGON_MAX_MEMORY_KIB (1u << 20)
#define ARGON_MAX_PASSES 16u

static const struct seal_place root_place = { { "root", 4 }, { "key", 3 }, { { 0 } }, { { 0 } } };

struct cost {
	uint32_t memory_kib, passes, lanes;
};

static enum err
passphrase_key(struct str passphrase, const uint8_t *salt, const struct cost *cost,
    struct secret *key)
{
	int why = argon2id_hash_raw(cost->passes, cost->memory_kib, cost->lanes, passphrase.at,
	    passphrase.len, salt, SALT_BYTES, secret_bytes(key), secret_len(key));

	return why == ARGON2_OK ? ERR_OK : ERR_NOMEM;
}

static bool
exists(const char *path)
{
	struct stat s;

	return lstat(path, &s) == 0;
}

void
root_path(const char *dir, enum root_files files, const char *name,
    char path[static ROOT_PATH_BYTES])
{
	(void)snprintf(path, ROOT_PATH_BYTES, "%s/keys/next/%s", dir, name);
	if (files == ROOT_IN_FORCE || !exists(path))
		(void)snprintf(path, ROOT_PATH_BYTES, "%s/keys/%s", dir, name);
}

static enum err
read_credential(const char *name, struct buf *passphrase, struct err_detail *reterr)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_BYTES];

	if (credentials == NULL)
		return ERR_NOT_FOUND;
	(void)snprintf(path, sizeof(path), "%s/%s", credentials, name);
	return file_read(path, passphrase, reterr);
}

/* A credential that is there goes before the file. */
static enum err
read_passphrase(const char *dir, enum root_files files, struct buf *passphrase,
    struct err_detail *reterr)
{
	const char *credential = files == ROOT_NEXT ? CREDENTIAL_NEXT : CREDENTIAL;
	char path[PATH_BYTES];
	enum err e = read_credential(credential, passphrase, reterr);

	root_path(dir, files, "root.passphrase", path);
	if (e == ERR_NOT_FOUND)
		e = file_read(path, passphrase, reterr);
	if (e == ERR_NOT_FOUND)
		return err_set(reterr, e,
		    "no passphrase for the root key: give the systemd credential %s, or put %s back",
		    credential, path);
	if (e == ERR_OK && str_trim(buf_str(passphrase)).len < 16)
		return err_set(reterr, ERR_MALFORMED,
		    "the passphrase of the root key is shorter than 16 characters");
	return e;
}

/* ---- making */

static enum err
seal_new_root(struct str passphrase, struct buf *file)
{
	CLEANUP(secret) struct secret *key = NULL, *root = NULL;
	const struct cost cost = { ARGON_MEMORY_KIB, ARGON_PASSES, ARGON_LANES };
	struct uuid key_id = uuid_new();
	uint8_t head[HEAD_BYTES] = MAGIC;
	enum err e = secret_new(SEAL_KEY_BYTES, &key);

	if (e == ERR_OK)
		e = secret_new(ROOT_KEY_BYTES, &root);
	if (e == ERR_OK)
		e = seal_random(head + MAGIC_BYTES, SALT_BYTES);
	big_endian_put(head + MAGIC_BYTES + SALT_BYTES, cost.memory_kib, 4);
	big_endian_put(head + MAGIC_BYTES + SALT_BYTES + 4, cost.passes, 4);
	big_endian_put(head + MAGIC_BYTES + SALT_BYTES + 8, cost.lanes, 4);
	if (e == ERR_OK)
		e = passphrase_key(passphrase, head + MAGIC_BYTES, &cost, key);
	if (e == ERR_OK)
		e = seal_random(secret_bytes(root), ROOT_KEY_BYTES);
	if (e == ERR_OK)
		e = buf_append(file, head, sizeof(head));
	if (e == ERR_OK)
		e = seal_record(secret_view(key), &key_id, &root_place,
		    (struct str){ (const char *)secret_view(root), ROOT_KEY_BYTES }, file);
	return e;
}

static enum err
make_passphrase(const char *path, struct err_detail *reterr)
{
	uint8_t random[32];
	char text[2 * sizeof(random) + 1];
	enum err e;

	if (exists(path))
		return ERR_OK;
	e = seal_random(random, sizeof(random));
	if (e != ERR_OK)
		return err_set(reterr, e, "the kernel gives no random bytes");
	hex_encode(random, sizeof(random), text);
	e = file_replace(path, str_from(text), 0400, reterr);
	explicit_bzero(random, sizeof(random));
	explicit_bzero(text, sizeof(text));
	return e;
}

static enum err
make_sealed_root(const char *dir, enum root_files files, const char *path,
    struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *passphrase = NULL, *file = NULL;
	enum err e = buf_new(PASSPHRASE_MAX_BYTES, &passphrase);

	if (e == ERR_OK)
		e = buf_new(SEALED_MAX_BYTES, &file);
	if (e == ERR_OK)
		e = read_passphrase(dir, files, passphrase, reterr);
	if (e != ERR_OK)
		return e;
	e = seal_new_root(str_trim(buf_str(passphrase)), file);
	if (e != ERR_OK)
		return err_set(reterr, e, "the root key cannot be made: %s", err_text(e));
	return file_replace(path, buf_str(file), 0400, reterr);
}

static enum err
make_folder(const char *folder, struct err_detail *reterr)
{
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return err_set(reterr, ERR_IO, "%s: %s", folder, strerror(errno));
	return ERR_OK;
}

/* The keyring comes before the root key, so that a root key without one tells of a loss: a new and
 * empty keyring would hide that nothing sealed can be read any more. */
static enum err
make_keyring(const char *path, bool has_root, struct err_detail *reterr)
{
	if (exists(path))
		return ERR_OK;
	if (has_root)
		return err_set(reterr, ERR_NOT_FOUND,
		    "%s is lost while its root key is there: restore it from its backup", path);
	return file_replace(path, STR(""), 0600, reterr);
}

enum err
root_init_folder(const char *dir, bool has_root, struct err_detail *reterr)
{
	char path[PATH_BYTES];
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/keys", dir);
	e = make_folder(path, reterr);
	if (e != ERR_OK)
		return e;
	(void)snprintf(path, sizeof(path), "%s/keys/keyring", dir);
	return make_keyring(path, has_root, reterr);
}

enum err
root_init(const char *dir, struct err_detail *reterr)
{
	char sealed[PATH_BYTES], passphrase[PATH_BYTES];
	bool has_root;
	enum err e;

	(void)snprintf(sealed, sizeof(sealed), "%s/keys/root.sealed", dir);
	(void)snprintf(passphrase, sizeof(passphrase), "%s/keys/root.passphrase", dir);
	has_root = exists(sealed);
	e = root_init_folder(dir, has_root, reterr);
	if (e == ERR_OK && !has_root && getenv("CREDENTIALS_DIRECTORY") == NULL)
		e = make_passphrase(passphrase, reterr);
	return e == ERR_OK && !has_root ? make_sealed_root(dir, ROOT_IN_FORCE, sealed, reterr) : e;
}

/* With a credential in force the next start asks for one again: a file beside it would not do. */
static enum err
refuse_missing_credential(struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *now = NULL, *next = NULL;
	enum err e = buf_new(PASSPHRASE_MAX_BYTES, &now);

	if (e == ERR_OK)
		e = buf_new(PASSPHRASE_MAX_BYTES, &next);
	if (e != ERR_OK || read_credential(CREDENTIAL, now, NULL) != ERR_OK ||
	    read_credential(CREDENTIAL_NEXT, next, NULL) == ERR_OK)
		return e;
	return err_set(reterr, ERR_NOT_FOUND,
	    "the passphrase is the systemd credential " CREDENTIAL
	    ": give the new one as the credential " CREDENTIAL_NEXT);
}

enum err
root_make_next(const char *dir, struct err_detail *reterr)
{
	char path[PATH_BYTES];
	enum err e = refuse_missing_credential(reterr);

	(void)snprintf(path, sizeof(path), "%s/keys/next/root.sealed", dir);
	return e == ERR_OK ? make_sealed_root(dir, ROOT_NEXT, path, reterr) : e;
}

/* ---- opening */

static enum err
open_sealed(struct str file, struct str passphrase, struct secret *root)
{
	CLEANUP(secret) struct secret *key = NULL;
	CLEANUP(buf) struct buf *opened = NULL;
	struct cost cost;
	enum err e;

	if (file.len < HEAD_BYTES || !str_starts_with(file, STR(MAGIC)))
		return ERR_MALFORMED;
	cost = (struct cost){ (uint32_t)big_endian_get(file.at + MAGIC_BYTES + SALT_BYTES, 4),
		(uint32_t)big_endian_get(file.at + MAGIC_BYTES + SALT_BYTES + 4, 4),
		(uint32_t)big_endian_get(file.at + MAGIC_BYTES + SALT_BYTES + 8, 4) };
	if (cost.memory_kib > ARGON_MAX_MEMORY_KIB || cost.passes > ARGON_MAX_PASSES ||
	    cost.lanes != 1)
		return ERR_MALFORMED;
	e = secret_new(SEAL_KEY_BYTES, &key);
	if (e == ERR_OK)
		e = buf_new(ROOT_KEY_BYTES, &opened);
	if (e == ERR_OK)
		e = passphrase_key(passphrase, (const uint8_t *)file.at + MAGIC_BYTES, &cost, key);
	if (e == ERR_OK)
		e = seal_open(secret_view(key), &root_place, str_slice(file, HEAD_BYTES, file.len),
		    opened);
	if (e != ERR_OK)
		return e;
	if (buf_len(opened) != ROOT_KEY_BYTES)
		return ERR_MALFORMED;
	memcpy(secret_bytes(root), buf_str(opened).at, ROOT_KEY_BYTES);
	return ERR_OK;
}

/* A new passphrase counts under its name as the next one until the unit names it anew. */
static enum err
open_by_next_credential(struct str file, struct secret *root)
{
	CLEANUP(buf) struct buf *passphrase = NULL;
	enum err e = buf_new(PASSPHRASE_MAX_BYTES, &passphrase);

	if (e == ERR_OK)
		e = read_credential(CREDENTIAL_NEXT, passphrase, NULL);
	return e == ERR_OK ? open_sealed(file, str_trim(buf_str(passphrase)), root) : ERR_DENIED;
}

static enum err
open_by_passphrase(const char *dir, enum root_files files, struct secret *root,
    struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *passphrase = NULL, *file = NULL;
	char path[PATH_BYTES];
	enum err e = buf_new(PASSPHRASE_MAX_BYTES, &passphrase);

	if (e == ERR_OK)
		e = buf_new(SEALED_MAX_BYTES, &file);
	root_path(dir, files, "root.sealed", path);
	if (e == ERR_OK)
		e = file_read(path, file, reterr);
	if (e == ERR_OK)
		e = read_passphrase(dir, files, passphrase, reterr);
	if (e != ERR_OK)
		return e;
	e = open_sealed(buf_str(file), str_trim(buf_str(passphrase)), root);
	if (e == ERR_DENIED)
		e = open_by_next_credential(buf_str(file), root);
	if (e != ERR_OK)
		return err_set(reterr, e,
		    "%s does not open: the passphrase is another one, or the file was changed; restore both "
		    "from the same backup",
		    path);
	return ERR_OK;
}

enum err
root_open(const char *dir, enum root_files files, struct secret **ret_root,
    struct err_detail *reterr)
{
	CLEANUP(secret) struct secret *root = NULL;
	enum err e = secret_new(ROOT_KEY_BYTES, &root);

	if (e != ERR_OK)
		return err_set(reterr, e, "no memory for keys: raise the limit of locked memory");
	e = open_by_passphrase(dir, files, root, reterr);
	if (e == ERR_OK)
		*ret_root = TAKE(root);
	return e;
}
