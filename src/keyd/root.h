/* SPDX-License-Identifier: Apache-2.0 */
/*
 * root - the root key in a sealed file, dir/keys/root.sealed:
 *
 *   "RFROOT01" | salt 16 | memory KiB u32 | passes u32 | lanes u32 | sealed record of 32 bytes
 *
 * Argon2id (RFC 9106) of the passphrase opens it.  The passphrase is the systemd credential
 * rendfly-root when there is one, else dir/keys/root.passphrase; of a root key that is to be the
 * next one, rendfly-root-next or dir/keys/next/root.passphrase.
 */
#pragma once

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/secret.h"

#define ROOT_KEY_BYTES 32
#define ROOT_PATH_BYTES (CONF_PATH_BYTES + 64)

/* Those in force, or those of the next root key: in dir/keys/next, or where one was moved already.
 */
enum root_files { ROOT_IN_FORCE, ROOT_NEXT };

void root_path(const char *dir, enum root_files files, const char *name,
    char path[static ROOT_PATH_BYTES]);

/* Makes folder, passphrase, empty keyring and sealed root; what is there stays untouched.  A root
 * key without its keyring is an error. */
MUST_CHECK enum err root_init(const char *dir, struct err_detail *reterr);

/* The folder and an empty keyring, which any root key needs; a root key without its keyring is an
 * error. */
MUST_CHECK enum err root_init_folder(const char *dir, bool has_root, struct err_detail *reterr);

MUST_CHECK enum err root_open(const char *dir, enum root_files files, struct secret **ret_root,
    struct err_detail *reterr);

/* dir/keys/next/root.sealed, another root key under the next passphrase. */
MUST_CHECK enum err root_make_next(const char *dir, struct err_detail *reterr);
