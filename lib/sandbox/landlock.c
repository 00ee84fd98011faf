/* SPDX-License-Identifier: Apache-2.0 */
/* landlock - which paths a process may still open, which ports it may connect to and whom it may
 * signal, by the kernel's Landlock: paths from ABI 1 on, TCP from 4, signals and abstract sockets
 * from 6.  What the kernel does not know is left to the other walls. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
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

/* Younger than Debian's header. */
#define ABI_NET 4
#define ABI_SCOPES 6
#define NET_BIND_TCP (1ull << 0)
#define NET_CONNECT_TCP (1ull << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0)
#define SCOPE_SIGNAL (1ull << 1)
#define RULE_NET_PORT 2

struct ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

struct port_rule {
	uint64_t allowed_access;
	uint64_t port;
};

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

static enum err
allow_port(int ruleset, uint16_t port, struct err_detail *reterr)
{
	struct port_rule rule = { .allowed_access = NET_CONNECT_TCP, .port = port };

	if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) != 0)
		return err_set(reterr, ERR_IO, "Landlock refuses port %u: %s", port,
		    strerror(errno));
	return ERR_OK;
}

static enum err
allow_listed(int ruleset, const struct sandbox *s, bool knows_ports, struct err_detail *reterr)
{
	enum err e = ERR_OK;

	for (const struct sandbox_path *p = s->paths; e == ERR_OK && p != NULL && p->path != NULL;
	     p++)
		e = allow_path(ruleset, p, reterr);
	for (const uint16_t *port = s->ports;
	     e == ERR_OK && knows_ports && port != NULL && *port != 0; port++)
		e = allow_port(ruleset, *port, reterr);
	return e;
}

static struct ruleset
ruleset_for(const struct sandbox *s, long abi)
{
	struct ruleset attr = { .handled_access_fs = HANDLED_RIGHTS };

	if (abi >= ABI_NET)
		attr.handled_access_net =
		    NET_BIND_TCP | (s->may_connect && s->ports == NULL ? 0 : NET_CONNECT_TCP);
	if (abi >= ABI_SCOPES)
		attr.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	return attr;
}

enum err
sandbox_enter_landlock(const struct sandbox *s, struct err_detail *reterr)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	const struct ruleset attr = ruleset_for(s, abi);
	size_t size = abi >= ABI_SCOPES ? sizeof(attr)
	    : abi >= ABI_NET            ? offsetof(struct ruleset, scoped)
					: offsetof(struct ruleset, handled_access_net);
	CLEANUP_FD int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	enum err e;

	if (ruleset < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return ERR_OK;
	if (ruleset < 0)
		return err_set(reterr, ERR_IO, "Landlock: %s", strerror(errno));
	e = allow_listed(ruleset, s, abi >= ABI_NET, reterr);
	if (e == ERR_OK && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		e = err_set(reterr, ERR_IO, "Landlock cannot be entered: %s", strerror(errno));
	return e;
}
