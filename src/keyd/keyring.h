/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring - the keys of the workspaces, in versions: the newest seals, each that is kept opens.
 *
 * A version is a pair: a key for what is sealed, which changes with each version, and a key for
 * pseudonyms, which stays, so that the same value keeps its placeholder.  Purpose keys are derived
 * from the pair into secret memory; nothing else of a key is ever in memory for longer than a call.
 * How it stands on disk: keyring_file.h.
 */
#pragma once

#include "keyd/keyring_file.h"

#define KEYRING_MAX_VERSIONS 16
#define KEYRING_MAX_SUBJECTS 10000 /* of a workspace, erased ones too */
/* A record that was sealed under the key before must have reached the database, or never will. */
#define KEYRING_RETIRE_AFTER_MS 120000

enum key_purpose { KEY_SEAL, KEY_PLACEHOLDER, KEY_CHAIN, KEY_SYSTEM, KEY_N_PURPOSES };

struct keyring;

/* root is borrowed for the keyring's life; NULL lists without unwrapping. */
MUST_CHECK enum err keyring_open(const char *dir, const struct secret *root,
    struct keyring **ret_keyring, struct err_detail *reterr);
void keyring_free(struct keyring *k);
CLEANUP_DEFINE(keyring);

/* All records, by workspace, subject and version. */
size_t keyring_count(const struct keyring *k);
const struct key_record *keyring_at(const struct keyring *k, size_t i);
uint64_t keyring_generation(const struct keyring *k);

/* The place of a workspace's newest key; ERR_NOT_FOUND without one, ERR_GONE for a destroyed one.
 */
MUST_CHECK enum err keyring_newest(const struct keyring *k, const struct uuid *workspace,
    size_t *ret_at);

/* ---- changes: each is on disk before it returns, or did not happen */

/* ERR_CONFLICT when the workspace has a key, ERR_GONE when it had, ERR_MALFORMED for the zero id.
 */
MUST_CHECK enum err keyring_create(struct keyring *k, const struct uuid *workspace);

/* Another version, in force at once; ERR_TOO_LARGE when there are KEYRING_MAX_VERSIONS. */
MUST_CHECK enum err keyring_rotate(struct keyring *k, const struct uuid *workspace);

/* Takes an old version away for good: what it sealed opens no more.  ERR_CONFLICT for the newest,
 * ERR_BUSY until KEYRING_RETIRE_AFTER_MS after its successor was made. */
MUST_CHECK enum err keyring_retire(struct keyring *k, const struct uuid *workspace,
    const struct uuid *key_id, int64_t now_ms);

/* Takes all of the workspace's keys away for good; a second time is ERR_GONE. */
MUST_CHECK enum err keyring_destroy(struct keyring *k, const struct uuid *workspace);

/* Takes the key of one subject (a person, by an id that tells nobody who) away for good: what was
 * sealed for it opens no more.  A second time is ERR_GONE. */
MUST_CHECK enum err keyring_destroy_subject(struct keyring *k, const struct uuid *workspace,
    const struct uuid *subject);

/* Another root key instead of the one that it was opened with; borrowed. */
MUST_CHECK enum err keyring_reroot(struct keyring *k, const struct secret *root);
bool keyring_is_rerooted(const struct keyring *k);

/* ---- keys: 32 bytes in secret memory, valid until the next call */

/* Of the newest version. */
MUST_CHECK enum err keyring_key(struct keyring *k, const struct uuid *workspace,
    enum key_purpose purpose, const uint8_t **ret_key, struct uuid *ret_key_id);

/* Of one subject of the workspace, made when it has none; ERR_GONE when it was destroyed,
 * ERR_TOO_LARGE when there are KEYRING_MAX_SUBJECTS already. */
MUST_CHECK enum err keyring_subject_key(struct keyring *k, const struct uuid *workspace,
    const struct uuid *subject, const uint8_t **ret_key, struct uuid *ret_key_id);

/* What opens a record that names this version or subject's key; ERR_NOT_FOUND for one that is not
 * kept, ERR_GONE for a subject's that was destroyed. */
MUST_CHECK enum err keyring_key_of_version(struct keyring *k, const struct uuid *workspace,
    const struct uuid *key_id, const uint8_t **ret_key);

/* Whether a subject of the workspace has or had this key. */
bool keyring_is_of_subject(const struct keyring *k, const struct uuid *workspace,
    const struct uuid *key_id);
