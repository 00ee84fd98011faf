/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring - the workspaces' keys, wrapped under the root key in dir/keys/keyring.
 *
 * The file only grows.  A record is
 *
 *   "RK" | version u8 (1) | state u8 | workspace 16 | key id 16 | created Unix ms u64 |
 *   length u16 | sealed record of 32 bytes
 *
 * and the last record of a workspace is the one in force.  A record that a crash cut is dropped at
 * the next start.  Unwrapped keys live in secret memory only, in the form of their purpose keys.
 */
#pragma once

#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/uuid.h"

#define KEYRING_MAX_WORKSPACES 100000

enum key_purpose { KEY_SEAL, KEY_PLACEHOLDER, KEY_CHAIN, KEY_SYSTEM, KEY_N_PURPOSES };

struct keyring;

struct keyring_entry {
	struct uuid workspace;
	struct uuid key_id;
	int64_t created_ms;
};

/* root is borrowed for the keyring's life; NULL lists without unwrapping. */
MUST_CHECK enum err keyring_open(const char *dir, const struct secret *root,
    struct keyring **ret_keyring, struct err_detail *reterr);
void keyring_free(struct keyring *k);
CLEANUP_DEFINE(keyring);

size_t keyring_count(const struct keyring *k);
const struct keyring_entry *keyring_at(const struct keyring *k, size_t i);

/* On disk before it returns; ERR_CONFLICT when the workspace has a key, ERR_MALFORMED for the zero
 * id. */
MUST_CHECK enum err keyring_create(struct keyring *k, const struct uuid *workspace);

/* A purpose key of 32 bytes in secret memory, valid until the next call; ERR_NOT_FOUND for an
 * unknown workspace. */
MUST_CHECK enum err keyring_key(struct keyring *k, const struct uuid *workspace,
    enum key_purpose purpose, const uint8_t **ret_key, struct uuid *ret_key_id);
