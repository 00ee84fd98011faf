/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring_file - the keyring on disk, under a wrapping key that is exchanged whenever a key must be
 * gone for good.
 *
 * Records stand in dir/keys/keyring or dir/keys/keyring.1, the wrapping key in dir/keys/wrapping,
 * which says which of the two is in force.  A record is
 *
 *   "RK" | version u8 (2) | kind u8 | workspace 16 | subject 16 | key id 16 | key version u32 |
 *   created Unix ms u64 | sealed record of 64 bytes
 *
 * bound to its head.  keys/wrapping has two slots, each
 *
 *   "RW" | version u8 (1; 2 since the root key was exchanged) | file u8 | generation u64 | sealed
 * record of 32 bytes | SHA-256 of it all
 *
 * under the root key.  Adding appends; anything else writes all records under a new wrapping key
 * into the other file, then the other slot, which is the moment of the change, then wipes what was
 * before: a file or a slot restored from a backup does not fit the rest.  A crash at any point
 * leaves the state before or after.  All files are opened at the start: the sandbox opens none.
 */
#pragma once

#include "base/conf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "seal/seal.h"

#define KEY_PAIR_BYTES ((size_t)2 * SEAL_KEY_BYTES)
#define KEY_SEALED_BYTES (KEY_PAIR_BYTES + SEAL_OVERHEAD_BYTES)
#define KEYRING_MAX_RECORDS 200000

enum key_kind {
	KEY_OF_WORKSPACE = 1,
	KEY_GONE_WORKSPACE = 2, /* what is left of a destroyed one */
	KEY_OF_SUBJECT = 3,
	KEY_GONE_SUBJECT = 4,
	KEY_KIND_END
};

struct key_record {
	enum key_kind kind;
	struct uuid workspace;
	struct uuid subject; /* zero for the workspace's own keys */
	struct uuid key_id;
	uint32_t version;
	int64_t created_ms;
	uint8_t sealed[KEY_SEALED_BYTES];
};

struct keyring_file;

/* root is borrowed for the file's life; NULL only reads heads. */
MUST_CHECK enum err keyring_file_open(const char *dir, const struct secret *root,
    struct keyring_file **ret_file, struct err_detail *reterr);
void keyring_file_free(struct keyring_file *f);
CLEANUP_DEFINE(keyring_file);

/* How many times the wrapping key was exchanged. */
uint64_t keyring_file_generation(const struct keyring_file *f);

bool keyring_file_is_rerooted(const struct keyring_file *f); /* wrapping_is_rerooted() */

/* What keyring_file_replace() writes from now on is under this root key, borrowed. */
void keyring_file_reroot(struct keyring_file *f, const struct secret *root);

/* Hands each whole record to `each`, which stops the reading with an error.  A record that a crash
 * cut is taken off the file when there is a root. */
MUST_CHECK enum err keyring_file_read(struct keyring_file *f,
    enum err (*each)(void *to, const struct key_record *record), void *to,
    struct err_detail *reterr);

/* Between record->sealed and the pair of keys. */
MUST_CHECK enum err keyring_file_seal(const struct keyring_file *f, struct key_record *record,
    const uint8_t pair[static KEY_PAIR_BYTES]);
MUST_CHECK enum err keyring_file_unseal(const struct keyring_file *f,
    const struct key_record *record, uint8_t ret_pair[static KEY_PAIR_BYTES]);

/* On disk before it returns.  ERR_BUG: the disk failed so that only the next start finds out what
 * is there; until then every change is ERR_IO, or it could be lost or damage others. */
MUST_CHECK enum err keyring_file_append(struct keyring_file *f, const struct key_record *record);

/* Writes these records instead of all others, seals them anew in place, and wipes the others. */
MUST_CHECK enum err keyring_file_replace(struct keyring_file *f, struct key_record *records,
    size_t n);
