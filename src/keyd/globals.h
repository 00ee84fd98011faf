/* SPDX-License-Identifier: Apache-2.0 */
/*
 * globals - the keys of the whole installation: of contexts, tokens, peppers and audit signatures.
 *
 * They are derived from the first root key, so that an installation that never exchanged it has no
 * file more.  Before it is exchanged they are written down, in dir/keys/globals as one sealed
 * record under the root key: log-ins, ingest keys, passwords and the audit log's key outlive it.
 */
#pragma once

#include "keyd/root.h"

enum global_key {
	KEY_CONTEXT,
	KEY_TOKEN,
	KEY_INGEST,
	KEY_PASSWORD,
	KEY_AUDIT,
	KEY_AUDIT_MEMORY,
	KEY_N_GLOBALS
};

#define GLOBAL_BYTES 32
#define GLOBALS_BYTES ((size_t)KEY_N_GLOBALS * GLOBAL_BYTES)

MUST_CHECK enum err globals_derive(const struct secret *root, struct secret **ret_globals);

/* From the file: when the root key was exchanged nothing else has them. */
MUST_CHECK enum err globals_open(const char *dir, enum root_files files, const struct secret *root,
    struct secret **ret_globals, struct err_detail *reterr);

/* Into dir/keys/next/globals, under the root key that is the next. */
MUST_CHECK enum err globals_write_next(const char *dir, const struct secret *root,
    const struct secret *globals, struct err_detail *reterr);
