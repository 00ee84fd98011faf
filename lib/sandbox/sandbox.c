/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox - user, paths, system calls, in this order; see sandbox.h. */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "sandbox/parts.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/* What the C library needs to allocate, wait, tell the time and end, whatever the process does. */
static const char *const always[] = { "brk", "clock_gettime", "clock_nanosleep", "close", "exit",
	"exit_group", "futex", "getpid", "getrandom", "gettid", "madvise", "mprotect", "mremap",
	"munmap", "mmap", "newfstatat", "poll", "read", "restart_syscall", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "tgkill", "write", NULL };

/* What libraries of many uses make besides. */
static const char *const usual[] = { "fstat", "gettimeofday", "nanosleep", "ppoll", "sched_yield",
	"sigaltstack", "writev", NULL };

/* TCP connections that a process may still make. */
static const char *const connecting[] = { "socket", "connect", "getsockopt", "setsockopt",
	"getsockname", "getpeername", "sendto", "recvfrom", "sendmsg", "recvmsg", "fcntl", "ioctl",
	"shutdown", "bind", NULL };

static void
free_filter(scmp_filter_ctx *filter)
{
	if (*filter != NULL)
		seccomp_release(*filter);
}

/* A call that is let through with some arguments only. */
static int
add_rule(scmp_filter_ctx filter, const char *name, int number)
{
	/* Memory that could be executed is never made. */
	if (strcmp(name, "mmap") == 0 || strcmp(name, "mprotect") == 0)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* Threads, but no processes. */
	if (strcmp(name, "clone") == 0)
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	/* Its arguments lie in memory, where no filter looks: the C library takes clone instead. */
	if (strcmp(name, "clone3") == 0)
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
}

static enum err
allow_all(scmp_filter_ctx filter, const char *const *names, struct err_detail *reterr)
{
	for (; names != NULL && *names != NULL; names++) {
		int number = seccomp_syscall_resolve_name(*names);
		int why;

		if (number == __NR_SCMP_ERROR)
			return err_set(reterr, ERR_BUG, "there is no system call %s", *names);
		why = add_rule(filter, *names, number);
		if (why != 0 && why != -EEXIST)
			return err_set(reterr, ERR_IO, "seccomp refuses %s: %s", *names,
			    strerror(-why));
	}
	return ERR_OK;
}

static enum err
filter_system_calls(const struct sandbox *s, struct err_detail *reterr)
{
	__attribute__((cleanup(free_filter))) scmp_filter_ctx filter =
	    seccomp_init(SCMP_ACT_KILL_PROCESS);
	enum err e;
	int why;

	if (filter == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	e = allow_all(filter, always, reterr);
	if (e == ERR_OK && !s->is_spare)
		e = allow_all(filter, usual, reterr);
	if (e == ERR_OK)
		e = allow_all(filter, s->syscalls, reterr);
	if (e == ERR_OK && s->may_connect)
		e = allow_all(filter, connecting, reterr);
	if (e != ERR_OK)
		return e;
	why = seccomp_load(filter);
	if (why != 0)
		return err_set(reterr, ERR_IO, "seccomp: %s", strerror(-why));
	return ERR_OK;
}

enum err
sandbox_enter(const struct sandbox *s, const char *user_prefix, struct err_detail *reterr)
{
	enum err e = sandbox_drop_user(s->role, user_prefix, reterr);

	if (e != ERR_OK)
		return e;
	/* Refuses memory that is writable and executable; kernels before 6.3 do not know it. */
	(void)prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
	e = sandbox_enter_landlock(s, reterr);
	if (e == ERR_OK && s->syscalls != NULL)
		e = filter_system_calls(s, reterr);
	return e;
}
