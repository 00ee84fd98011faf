/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay - runs a fuzzer over the files of its corpus folder, without an engine, so that every
 * saved input is a plain test (the idea is systemd's).  Usage: replay_NAME FOLDER
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/file.h"

#define REPLAY_MAX_BYTES (16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path)
{
	CLEANUP(buf) struct buf *b = NULL;

	if (buf_new(REPLAY_MAX_BYTES, &b) != ERR_OK || file_read(path, b, NULL) != ERR_OK) {
		(void)fprintf(stderr, "%s cannot be read\n", path);
		return 1;
	}
	return LLVMFuzzerTestOneInput((const uint8_t *)buf_str(b).at, buf_len(b));
}

int
main(int argc, char **argv)
{
	const struct dirent *entry;
	int count = 0;
	DIR *folder;

	if (argc != 2 || (folder = opendir(argv[1])) == NULL) {
		(void)fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(folder)) != NULL) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (replay_file(path) != 0)
			return 1;
		count++;
	}
	(void)closedir(folder);
	(void)printf("%d inputs replayed\n", count);
	return count > 0 ? 0 : 1;
}
