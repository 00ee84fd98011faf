/* SPDX-License-Identifier: Apache-2.0 */
/* folder - the data folder that a command is about; see folder.h. */
#include "cli/folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/prove/processes.h"

bool
folder_is_ours(const struct args *args, struct err_detail *reterr)
{
	const char *dir = args_value_or(args, "--dir", "var");
	struct stat folder;

	if (geteuid() == 0 || stat(dir, &folder) != 0 || folder.st_uid == geteuid())
		return true;
	(void)err_set(reterr, ERR_DENIED,
	    "%s belongs to %s: run this as that user, `sudo rendfly %s`", dir,
	    folder.st_uid == 0 ? "root" : "another user", args->manual->name);
	return false;
}

bool
folder_load(const struct args *args, struct conf *ret_conf, struct err_detail *reterr)
{
	return folder_is_ours(args, reterr) &&
	    conf_load(args_value_or(args, "--dir", "var"), ret_conf, reterr) == ERR_OK;
}

bool
folder_load_running(const struct args *args, struct conf *ret_conf, struct err_detail *reterr)
{
	struct process *list = calloc(PROCESSES_MAX, sizeof(*list));
	bool is_running;
	size_t n = 0;

	is_running = list != NULL && folder_load(args, ret_conf, reterr) &&
	    processes_list(ret_conf, list, &n, reterr) == ERR_OK;
	free(list);
	return is_running;
}

bool
folder_load_database(const struct args *args, struct conf *ret_conf, struct err_detail *reterr)
{
	char path[CONF_PATH_BYTES + 32];

	if (!folder_load(args, ret_conf, reterr))
		return false;
	(void)snprintf(path, sizeof(path), "%s/pg/postmaster.pid", ret_conf->dir);
	if (!ret_conf->postgres_private || access(path, F_OK) == 0)
		return true;
	(void)err_set(reterr, ERR_BUSY,
	    "PostgreSQL does not run: start the system of %s with `make run`", ret_conf->dir);
	return false;
}
