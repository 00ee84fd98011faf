/* SPDX-License-Identifier: Apache-2.0 */
#include "keyd/root_backend.h"

#include <string.h>

static enum err
file_init(const struct conf *conf, struct err_detail *reterr)
{
	return root_init(conf->dir, reterr);
}

static enum err
file_open(const struct conf *conf, struct root_source *ret_source, struct err_detail *reterr)
{
	ret_source->lease_fd = -1;
	return root_open(conf->dir, &ret_source->key, reterr);
}

static const struct root_backend ROOT_FILE = { "file", file_init, file_open };

enum err
root_backend_find(const struct conf *conf, const struct root_backend **ret_backend,
    struct err_detail *reterr)
{
	const struct root_backend *const all[] = { &ROOT_FILE, &ROOT_VAULT };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i]->name, conf->root_backend) == 0) {
			*ret_backend = all[i];
			return ERR_OK;
		}
	return err_set(reterr, ERR_MALFORMED, "root_backend must be file or vault, not %s",
	    conf->root_backend);
}
