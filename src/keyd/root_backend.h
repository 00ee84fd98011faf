/* SPDX-License-Identifier: Apache-2.0 */
/*
 * root_backend - where the root key comes from, chosen by the setting root_backend.
 *
 *   file    a sealed file, opened by a passphrase or a systemd credential (root.h)
 *   vault   two halves: dir/keys/root.share, and dir/keys/root.vault which only Vault's or
 * OpenBao's transit engine opens; a helper without keys speaks with it (src/vault)
 *
 * Neither stands in for the other: a root key that does not open stops the start.
 */
#pragma once

#include "keyd/root.h"

struct root_source {
	struct secret *key;
	int lease_fd; /* when it can be read, the key may not be used any more; -1: there is no
			 lease */
};

struct root_backend {
	const char *name;
	/* Makes what the first start needs; what is there stays untouched. */
	enum err (*init)(const struct conf *conf, struct err_detail *reterr);
	/* Before the sandbox. */
	enum err (*open)(const struct conf *conf, enum root_files files,
	    struct root_source *ret_source, struct err_detail *reterr);
	/* Puts the files of another root key into dir/keys/next, over what is there. */
	enum err (*make_next)(const struct conf *conf, struct err_detail *reterr);
	const char *const *files; /* the names of both, NULL behind the last */
};

void root_source_done(struct root_source *source);

MUST_CHECK enum err root_backend_find(const struct conf *conf,
    const struct root_backend **ret_backend, struct err_detail *reterr);

extern const struct root_backend ROOT_VAULT;
