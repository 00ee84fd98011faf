/* SPDX-License-Identifier: Apache-2.0 */
/* keys - where keyd's keys are in memory, and how old those are that seal. */
#include "cli/prove/keys.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/prove/processes.h"
#include "keyd/keyring.h"
#include "keyd/token_keys.h"

#define MAPS_MAX_BYTES (1u << 20)
#define DAY_MS (24LL * 3600 * 1000)
/* A year, and what it takes to notice. */
#define MOST_DAYS 400

static bool
kernel_has_secret_memory(void)
{
	CLEANUP_FD int fd = (int)syscall(SYS_memfd_secret, (unsigned int)O_CLOEXEC);

	return fd >= 0;
}

/* This program, as root, tries to read the first byte. */
static bool
is_readable(pid_t pid, uint64_t at)
{
	char path[64], byte;
	CLEANUP_FD int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && pread(fd, &byte, 1, (off_t)at) == 1;
}

/* The lines of /proc/PID/maps that are secret memory. */
static enum err
count_secret_memory(pid_t pid, uint64_t *ret_bytes, size_t *ret_readable)
{
	CLEANUP(buf) struct buf *maps = NULL;
	uint64_t bytes = 0;
	size_t readable = 0;
	const char *line;
	enum err e = buf_new(MAPS_MAX_BYTES, &maps);

	if (e == ERR_OK)
		e = process_read(pid, "maps", maps);
	if (e != ERR_OK)
		return e;
	for (line = buf_c_string(maps); line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');
		struct str text = { line, end == NULL ? strlen(line) : (size_t)(end - line) };

		if (str_contains(text, STR("/secretmem"))) {
			char *dash;
			uint64_t from = strtoull(line, &dash, 16);

			bytes +=
			    strtoull(dash + 1, NULL, 16) - from; /* FROM-TO of the kernel's own */
			readable += is_readable(pid, from);
		}
		line = end == NULL ? NULL : end + 1;
	}
	*ret_bytes = bytes;
	*ret_readable = readable;
	return ERR_OK;
}

static pid_t
find_keyd(const struct conf *conf)
{
	struct process list[PROCESSES_MAX];
	size_t n = 0;

	if (processes_list(conf, list, &n, NULL) != ERR_OK)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].role, "keyd") == 0 && !list[i].is_child)
			return list[i].pid;
	return 0;
}

static bool
look_at_memory(const struct conf *conf, struct buf *evidence)
{
	pid_t keyd = find_keyd(conf);
	uint64_t bytes = 0;
	size_t readable = 0;

	if (keyd <= 0 || count_secret_memory(keyd, &bytes, &readable) != ERR_OK) {
		(void)!buf_printf(evidence, "; keyd does not run");
		return false;
	}
	if (!kernel_has_secret_memory()) {
		(void)!buf_printf(evidence,
		    "; this kernel has no memfd_secret: keys are in locked memory that root reads");
		return true;
	}
	(void)!buf_printf(evidence,
	    "; keyd has %" PRIu64 " KiB of memfd_secret, of which root reads %zu pieces",
	    bytes / 1024, readable);
	return bytes > 0 && readable == 0;
}

static bool
look_at_ages(const struct conf *conf, struct buf *evidence)
{
	CLEANUP(keyring) struct keyring *k = NULL;
	int64_t oldest_ms = INT64_MAX;
	size_t n = 0;

	if (keyring_open(conf->dir, NULL, &k, NULL) != ERR_OK) {
		(void)!buf_printf(evidence, "; the keyring cannot be read");
		return false;
	}
	for (size_t i = 0; i < keyring_count(k); i++) {
		const struct key_record *r = keyring_at(k, i);
		size_t newest;

		if (r->kind != KEY_OF_WORKSPACE ||
		    keyring_newest(k, &r->workspace, &newest) != ERR_OK || newest != i)
			continue;
		n++;
		oldest_ms = r->created_ms < oldest_ms ? r->created_ms : oldest_ms;
	}
	if (n == 0) {
		(void)!buf_printf(evidence, "; no workspace has a key");
		return false;
	}
	(void)!buf_printf(evidence,
	    "; %zu workspaces' keys seal, the oldest for %lld days (at most %d: `rendfly keys "
	    "rotate`)",
	    n, (long long)((clock_wall_ms() - oldest_ms) / DAY_MS), MOST_DAYS);
	return clock_wall_ms() - oldest_ms <= MOST_DAYS * DAY_MS;
}

static bool
look_at_token_key(const struct conf *conf, struct buf *evidence)
{
	int64_t created_ms;

	if (token_keys_created(conf->dir, &created_ms) != ERR_OK) {
		(void)!buf_printf(evidence, "; keys/" TOKEN_KEY_FILE " cannot be read");
		return false;
	}
	(void)!buf_printf(evidence,
	    "; the key of log-ins signs for %lld days (at most %d: `rendfly keys rotate-tokens`)",
	    (long long)((clock_wall_ms() - created_ms) / DAY_MS), MOST_DAYS);
	return clock_wall_ms() - created_ms <= MOST_DAYS * DAY_MS;
}

bool
keys_look(const struct conf *conf, struct buf *evidence)
{
	bool is_good = look_at_memory(conf, evidence);

	is_good = look_at_ages(conf, evidence) && is_good;
	return look_at_token_key(conf, evidence) && is_good;
}
