/* SPDX-License-Identifier: Apache-2.0 */
/* landlock - which paths a process may still open, by the kernel's Landlock (ABI 1 and later). */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/parts.h"

#define READ_RIGHTS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FILE_WRITE_RIGHTS LANDLOCK_ACCESS_FS_WRITE_FILE
#define FOLDER_WRITE_RIGHTS                                             \
	(LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK)

/* What is denied unless a rule allows it: all rights of ABI 1. */
#define HANDLED_RIGHTS ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static enum err
allow_path(int ruleset, const struct sandbox_path *path, struct err_detail *reterr)
{
	CLEANUP_FD int fd = open(path->path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };
	struct stat s;

	if (fd < 0 || fstat(fd, &s) != 0)
		return err_set(reterr, ERR_IO, "%s: %s", path->path, strerror(errno));
	rule.allowed_access = S_ISDIR(s.st_mode) ? READ_RIGHTS : LANDLOCK_ACCESS_FS_READ_FILE;
	if (path->is_writable)
		rule.allowed_access |= S_ISDIR(s.st_mode) ? FILE_WRITE_RIGHTS | FOLDER_WRITE_RIGHTS
							  : FILE_WRITE_RIGHTS;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		return err_set(reterr, ERR_IO, "Landlock refuses %s: %s", path->path,
		    strerror(errno));
	return ERR_OK;
}

enum err
sandbox_restrict_paths(const struct sandbox_path *paths, struct err_detail *reterr)
{
	const struct landlock_ruleset_attr attr = { .handled_access_fs = HANDLED_RIGHTS };
	CLEANUP_FD int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (ruleset < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return ERR_OK;
	if (ruleset < 0)
		return err_set(reterr, ERR_IO, "Landlock: %s", strerror(errno));
	for (; paths != NULL && paths->path != NULL; paths++) {
		enum err e = allow_path(ruleset, paths, reterr);

		if (e != ERR_OK)
			return e;
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		return err_set(reterr, ERR_IO, "Landlock cannot be entered: %s", strerror(errno));
	return ERR_OK;
}
