/* SPDX-License-Identifier: Apache-2.0 */
/*
 * root - the root key in a sealed file, dir/keys/root.sealed:
 *
 *   "RFROOT01" | salt 16 | memory KiB u32 | passes u32 | lanes u32 | sealed record of 32 bytes
 *
 * Argon2id (RFC 9106) of the passphrase opens it.  The passphrase is the systemd credential
 * rendfly-root when there is one, else dir/keys/root.passphrase.
 */
#pragma once

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/secret.h"

#define ROOT_KEY_BYTES 32

/* Makes folder, passphrase, empty keyring and sealed root; what is there stays untouched.  A root
 * key without its keyring is an error. */
MUST_CHECK enum err root_init(const char *dir, struct err_detail *reterr);

/* The folder and an empty keyring, which any root key needs; a root key without its keyring is an
 * error. */
MUST_CHECK enum err root_init_folder(const char *dir, bool has_root, struct err_detail *reterr);

MUST_CHECK enum err root_open(const char *dir, struct secret **ret_root, struct err_detail *reterr);
