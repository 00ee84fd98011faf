/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_READ_STEP_BYTES 16384

enum err
file_read_fd(int fd, struct buf *b)
{
	for (;;) {
		size_t left = buf_limit(b) - buf_len(b);
		size_t step = left < FILE_READ_STEP_BYTES ? left : FILE_READ_STEP_BYTES;
		char probe, *to = &probe;
		ssize_t got;
		enum err e;

		/* At the limit one byte more tells an exact fit from a file that is too large. */
		if (step > 0) {
			e = buf_reserve(b, step, &to);
			if (e != ERR_OK)
				return e;
		}
		got = read(fd, to, step > 0 ? step : 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0)
			return ERR_OK;
		if (step == 0)
			return ERR_TOO_LARGE;
		buf_commit(b, (size_t)got);
	}
}

enum err
file_read(const char *path, struct buf *b, struct err_detail *reterr)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (fd < 0)
		return err_set(reterr, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
		    strerror(errno));
	e = file_read_fd(fd, b);
	if (e != ERR_OK)
		return err_set(reterr, e, "%s: %s", path, err_text(e));
	return ERR_OK;
}

enum err
file_write_all(int fd, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t wrote = write(fd, bytes.at, bytes.len);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return ERR_IO;
		bytes = str_slice(bytes, (size_t)wrote, bytes.len);
	}
	return ERR_OK;
}

enum err
file_append(int fd, struct str bytes)
{
	off_t end = lseek(fd, 0, SEEK_END);
	int cause;

	if (end >= 0 && file_write_all(fd, bytes) == ERR_OK && fsync(fd) == 0)
		return ERR_OK;
	cause = errno;
	if (end >= 0)
		(void)!ftruncate(fd, end);
	errno = cause;
	return ERR_IO;
}

static void
sync_folder_of(const char *path)
{
	char copy[PATH_MAX];
	CLEANUP_FD int fd = -1;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)fsync(fd);
}

enum err
file_replace(const char *path, struct str bytes, mode_t mode, struct err_detail *reterr)
{
	char fresh[PATH_MAX];
	CLEANUP_FD int fd = -1;
	int len = snprintf(fresh, sizeof(fresh), "%s.new", path);

	if (len < 0 || (size_t)len >= sizeof(fresh))
		return err_set(reterr, ERR_TOO_LARGE, "%s: the path is too long", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_set(reterr, ERR_IO, "%s: %s", fresh, strerror(errno));
	if (fchmod(fd, mode) != 0 || file_write_all(fd, bytes) != ERR_OK || fsync(fd) != 0 ||
	    rename(fresh, path) != 0) {
		enum err e = err_set(reterr, ERR_IO, "%s: %s", path, strerror(errno));

		(void)unlink(fresh);
		return e;
	}
	sync_folder_of(path);
	return ERR_OK;
}
