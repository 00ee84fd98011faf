/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox - how a process gives up what it does not need, in one call with one constant.
 *
 *   static const struct sandbox COLLECTOR_SANDBOX = { .role = "collector", .syscalls = …, };
 *   sandbox_enter(&COLLECTOR_SANDBOX, conf->user_prefix, &detail)
 *
 * In this order: no core dumps (RLIMIT_CORE, PR_SET_DUMPABLE), the system user PREFIX-ROLE with its
 * own group only and no capabilities when started as root (no such user: ERR_NOT_FOUND, no start),
 * PR_SET_NO_NEW_PRIVS, PR_SET_MDWE where the kernel has it, umask 077, Landlock (no path at all,
 * or the listed ones; no TCP port but the listed ones; no signal to anybody outside), seccomp with
 * KILL_PROCESS for what is not listed.  What needs a path or a
 * name (files, resolver, OpenSSL's configuration) is opened before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sandbox_path {
	const char *path;
	bool is_writable;
};

struct sandbox {
	const char *role;            /* the system user is PREFIX-role */
	const char *user;            /* PREFIX-user, when it is another's; NULL: the role's own */
	const char *const *syscalls; /* names for libseccomp, NULL at the end; NULL: no filter */
	bool is_spare;               /* without the calls that only libraries of many uses make */
	bool may_connect;            /* TCP connections outward (the filter allows socket) */
	bool may_resolve;            /* sockets of any kind: names are looked up */
	const uint16_t
	    *ports; /* those that may be connected to, 0 at the end; NULL: any, when it may */
	const struct sandbox_path *paths; /* allowed by Landlock, .path NULL at the end */
};

MUST_CHECK enum err sandbox_enter(const struct sandbox *s, const char *user_prefix,
    struct err_detail *reterr);

/* For a process that starts threads behind sandbox_enter: what it needs once all run, instead of
 * `syscalls`.  All its threads have it from then on; a filter can only ever take away.  Its wide
 * list has "seccomp" and "prctl", this one should not. */
MUST_CHECK enum err sandbox_narrow(const struct sandbox *s, const char *const *syscalls,
    struct err_detail *reterr);

/* The part for programs that are exec'ed afterwards (nginx, postgres): user, groups, capabilities,
 * NO_NEW_PRIVS, core limit; no seccomp, no Landlock. */
MUST_CHECK enum err sandbox_drop_user(const char *role, const char *user_prefix,
    struct err_detail *reterr);

/* For a worker of a program that is not ours (nginx), which needs more calls than can be listed: no
 * other program, no tracing, no other namespace or module, no raw socket, no new code in memory. */
MUST_CHECK enum err sandbox_forbid_worst(void);
