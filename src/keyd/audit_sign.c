/* SPDX-License-Identifier: Apache-2.0 */
#include "keyd/audit_sign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "audit/note.h"
#include "base/big_endian.h"
#include "base/file.h"
#include "seal/seal.h"

#define N_RECORDS 2
#define SIGNED_BYTES (8 + MERKLE_HASH_BYTES + 32)
#define RECORD_BYTES (SIGNED_BYTES + 32)
#define SEED_BYTES 32
#define FILE_BYTES ((size_t)N_RECORDS * RECORD_BYTES)

struct memory {
	struct merkle_checkpoint at;
	uint8_t origin[32];
	bool is_there;
};

struct audit_signer {
	const uint8_t *keys;
	int fd;
	size_t next; /* the record that is written next */
	struct memory last;
};

static enum err
mac_of(const struct audit_signer *s, const uint8_t *record, uint8_t ret_mac[static 32])
{
	return seal_hmac_sha256((struct str){ (const char *)s->keys + SEED_BYTES, 32 },
	    (struct str){ (const char *)record, SIGNED_BYTES }, ret_mac);
}

/* False for a record that a crash cut or that another key made. */
static bool
read_record(const struct audit_signer *s, const uint8_t *record, struct memory *ret_memory)
{
	struct memory m = { .is_there = true };
	uint8_t mac[32];

	if (mac_of(s, record, mac) != ERR_OK || memcmp(mac, record + SIGNED_BYTES, 32) != 0)
		return false;
	m.at.size = big_endian_get(record, 8);
	memcpy(m.at.root.bytes, record + 8, MERKLE_HASH_BYTES);
	memcpy(m.origin, record + 8 + MERKLE_HASH_BYTES, 32);
	*ret_memory = m;
	return true;
}

static enum err
load(struct audit_signer *s, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *b = NULL;
	enum err e = buf_new(FILE_BYTES, &b);
	bool is_any = false;

	if (e == ERR_OK)
		e = file_read_fd(s->fd, b);
	if (e != ERR_OK)
		return err_set(reterr, e, "keys/audit.signed cannot be read: %s", err_text(e));
	for (size_t i = 0; (i + 1) * RECORD_BYTES <= buf_len(b); i++) {
		struct memory m;

		if (!read_record(s, (const uint8_t *)buf_str(b).at + i * RECORD_BYTES, &m))
			continue;
		if (!is_any || m.at.size >= s->last.at.size) {
			s->last = m;
			s->next = (i + 1) % N_RECORDS;
		}
		is_any = true;
	}
	if (!is_any && buf_len(b) >= RECORD_BYTES)
		return err_set(reterr, ERR_MALFORMED,
		    "keys/audit.signed is damaged or of another root key: restore it; without it a "
		    "rolled-back audit log could be signed");
	return ERR_OK;
}

enum err
audit_signer_open(const char *dir, const uint8_t keys[static 64], struct audit_signer **ret_signer,
    struct err_detail *reterr)
{
	struct audit_signer *s;
	CLEANUP_FD int fd = -1;
	char path[CONF_PATH_BYTES + 32];
	enum err e;

	(void)snprintf(path, sizeof(path), "%s/keys/audit.signed", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ERR_NOMEM;
	s->keys = keys;
	s->fd = TAKE_FD(fd);
	e = load(s, reterr);
	if (e == ERR_OK)
		*ret_signer = s;
	else
		audit_signer_free(s);
	return e;
}

void
audit_signer_free(struct audit_signer *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s);
}

uint64_t
audit_signer_size(const struct audit_signer *s)
{
	return s->last.at.size;
}

static enum err
check_extension(const struct audit_signer *s, const struct memory *next,
    const struct merkle_proof *proof)
{
	if (!s->last.is_there)
		return ERR_OK;
	if (memcmp(s->last.origin, next->origin, sizeof(next->origin)) != 0 ||
	    next->at.size < s->last.at.size)
		return ERR_DENIED;
	if (next->at.size == s->last.at.size)
		return merkle_equals(&next->at.root, &s->last.at.root) ? ERR_OK : ERR_DENIED;
	if (s->last.at.size == 0)
		return ERR_OK;
	return merkle_check_consistency(&s->last.at, &next->at, proof);
}

static enum err
remember(struct audit_signer *s, const struct memory *m)
{
	uint8_t record[RECORD_BYTES];
	enum err e;

	big_endian_put(record, m->at.size, 8);
	memcpy(record + 8, m->at.root.bytes, MERKLE_HASH_BYTES);
	memcpy(record + 8 + MERKLE_HASH_BYTES, m->origin, sizeof(m->origin));
	e = mac_of(s, record, record + SIGNED_BYTES);
	if (e != ERR_OK)
		return e;
	if (lseek(s->fd, (off_t)(s->next * RECORD_BYTES), SEEK_SET) < 0 ||
	    file_write_all(s->fd, (struct str){ (const char *)record, sizeof(record) }) != ERR_OK ||
	    fdatasync(s->fd) != 0)
		return ERR_IO;
	s->last = *m;
	s->next = (s->next + 1) % N_RECORDS;
	return ERR_OK;
}

enum err
audit_signer_sign(struct audit_signer *s, struct str origin, const struct merkle_checkpoint *at,
    const struct merkle_proof *proof, uint8_t ret_signature[static AUDIT_SIGNATURE_BYTES])
{
	CLEANUP(buf) struct buf *text = NULL;
	struct memory next = { .at = *at, .is_there = true };
	uint8_t nothing[NOTE_KEY_BYTES] = { 0 };
	struct note_key name;
	enum err e = note_key_make(origin, nothing, &name); /* a name that a note can bear */

	if (e == ERR_OK)
		e = seal_sha256(origin, next.origin);
	if (e == ERR_OK)
		e = check_extension(s, &next, proof);
	if (e == ERR_OK)
		e = buf_new(NOTE_MAX_BYTES, &text);
	if (e == ERR_OK)
		e = checkpoint_write(origin, at, text);
	if (e == ERR_OK)
		e = remember(s, &next);
	return e == ERR_OK ? seal_sign(s->keys, buf_str(text), ret_signature) : e;
}
