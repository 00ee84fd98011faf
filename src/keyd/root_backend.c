/* SPDX-License-Identifier: Apache-2.0 */
#include "keyd/root_backend.h"

#include <string.h>
#include <unistd.h>

static enum err
file_init(const struct conf *conf, struct err_detail *reterr)
{
	return root_init(conf->dir, reterr);
}

static enum err
file_open(const struct conf *conf, enum root_files files, struct root_source *ret_source,
    struct err_detail *reterr)
{
	ret_source->lease_fd = -1;
	return root_open(conf->dir, files, &ret_source->key, reterr);
}

static enum err
file_make_next(const struct conf *conf, struct err_detail *reterr)
{
	return root_make_next(conf->dir, reterr);
}

static const char *const file_names[] = { "root.passphrase", "root.sealed", NULL };

static const struct root_backend ROOT_FILE = { "file", file_init, file_open, file_make_next,
	file_names };

void
root_source_done(struct root_source *source)
{
	secret_free(source->key);
	if (source->lease_fd >= 0)
		(void)close(source->lease_fd);
	*source = (struct root_source){ NULL, -1 };
}

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
