/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wrapping - the key that wraps the keyring's records, in dir/keys/wrapping under the root key; its
 * format stands in keyring_file.h.  Generation 0 is the root key itself, from before there was a
 * file, and wraps dir/keys/keyring.
 */
#pragma once

#include <stdbool.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/secret.h"

struct wrapping;

/* root NULL: tells generation and file only. */
MUST_CHECK enum err wrapping_open(const char *dir, const struct secret *root,
    struct wrapping **ret_wrapping, struct err_detail *reterr);
void wrapping_free(struct wrapping *w);
CLEANUP_DEFINE(wrapping);

/* Whether the root key was ever exchanged: then the keys that were derived from the first one stand
 * in a file of their own (globals.h). */
bool wrapping_is_rerooted(const struct wrapping *w);

/* The next wrapping_commit() seals under this root key, which is borrowed from now on. */
void wrapping_reroot(struct wrapping *w, const struct secret *root);

uint64_t wrapping_generation(const struct wrapping *w);
int wrapping_file(const struct wrapping *w); /* 0: keys/keyring, 1: keys/keyring.1 */

const struct secret *wrapping_key(const struct wrapping *w);

/* A fresh key, in force after wrapping_commit(), which is on disk before it returns. */
MUST_CHECK enum err wrapping_make_next(struct wrapping *w);
const struct secret *wrapping_next(const struct wrapping *w);
MUST_CHECK enum err wrapping_commit(struct wrapping *w, int file);

/* Overwrites the slot that is not in force. */
MUST_CHECK enum err wrapping_wipe_other(struct wrapping *w);
