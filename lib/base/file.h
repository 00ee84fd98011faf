/* SPDX-License-Identifier: Apache-2.0 */
/* file - whole small files: read with a cap, replaced in one step. */
#pragma once

#include <sys/types.h>

#include "base/buf.h"

/* Appends the file's bytes to b; ERR_NOT_FOUND when there is none, ERR_TOO_LARGE past b's limit. */
MUST_CHECK enum err file_read(const char *path, struct buf *b, struct err_detail *reterr);
MUST_CHECK enum err file_read_fd(int fd, struct buf *b);

/* Writes path.new with the mode, syncs it, renames it over path and syncs the folder: after a
 * crash the old or the new bytes are there, never a mix. */
MUST_CHECK enum err file_replace(const char *path, struct str bytes, mode_t mode,
    struct err_detail *reterr);

/* Writes all of it to a descriptor, through short writes and EINTR. */
MUST_CHECK enum err file_write_all(int fd, struct str bytes);

/* Adds all of it to the end of the file and syncs it; ERR_IO: the file is what it was. */
MUST_CHECK enum err file_append(int fd, struct str bytes);
