/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox - user, paths, system calls, in this order; see sandbox.h. */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "sandbox/parts.h"

#define SOCK_TYPE_MASK 0xf

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/* Not every machine's kernel has the older call. */
#ifdef __NR_poll
#define WAIT_CALL "poll"
#else
#define WAIT_CALL "ppoll"
#endif

/* What the C library needs to allocate, wait, tell the time where the kernel's page does not, and
 * end, abort() included, whatever the process does.  Pauses are made by poll, too. */
static const char *const always[] = { "brk", "clock_gettime", "close", "exit_group", "futex",
	"getpid", "getrandom", "gettid", "madvise", "mmap", "mprotect", "mremap", "munmap",
	"newfstatat", WAIT_CALL, "read", "restart_syscall", "rt_sigprocmask", "tgkill", "write",
	NULL };

/* fstat where the C library has it no more by newfstatat; writev for its last words. */
static const char *const usual[] = { "fstat", "writev", NULL };

/* PostgreSQL or a model, when the connection was lost: files of pki/, one socket, TLS, and qsort,
 * which asks how much memory there is before it sorts a long list of authorities or of what they
 * revoked. */
static const char *const connecting[] = { "connect", "fcntl", "getsockname", "getsockopt", "lseek",
	"openat", "recvfrom", "sendto", "setsockopt", "socket", "sysinfo", NULL };

#if defined(__SANITIZE_ADDRESS__)
static const char *const of_sanitizers[] = { "sched_yield", "sigaltstack", "rt_sigaction",
	"gettimeofday", NULL };
#else
static const char *const of_sanitizers[] = { NULL };
#endif

static void
free_filter(scmp_filter_ctx *filter)
{
	if (*filter != NULL)
		seccomp_release(*filter);
}

/* No socket that Landlock does not look at. */
static int
allow_tcp(scmp_filter_ctx filter, int number)
{
	const struct scmp_arg_cmp is_stream =
	    SCMP_A1(SCMP_CMP_MASKED_EQ, SOCK_TYPE_MASK, SOCK_STREAM);
	int why = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 2,
	    SCMP_A0(SCMP_CMP_EQ, AF_INET, 0), is_stream);

	if (why == 0)
		why = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 2,
		    SCMP_A0(SCMP_CMP_EQ, AF_INET6, 0), is_stream);
	return why;
}

/* A call that is let through with some arguments only. */
static int
add_rule(scmp_filter_ctx filter, const struct sandbox *s, const char *name, int number)
{
	if (strcmp(name, "socket") == 0 && !s->may_resolve)
		return allow_tcp(filter, number);
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
allow_all(scmp_filter_ctx filter, const struct sandbox *s, const char *const *names,
    struct err_detail *reterr)
{
	for (; names != NULL && *names != NULL; names++) {
		int number = seccomp_syscall_resolve_name(*names);
		int why;

		if (number == __NR_SCMP_ERROR)
			return err_set(reterr, ERR_BUG, "there is no system call %s", *names);
		why = add_rule(filter, s, *names, number);
		if (why != 0 && why != -EEXIST)
			return err_set(reterr, ERR_IO, "seccomp refuses %s: %s", *names,
			    strerror(-why));
	}
	return ERR_OK;
}

/* For all threads that the process has. */
static enum err
filter_system_calls(const struct sandbox *s, const char *const *syscalls, struct err_detail *reterr)
{
	__attribute__((cleanup(free_filter))) scmp_filter_ctx filter =
	    seccomp_init(SCMP_ACT_KILL_PROCESS);
	enum err e;
	int why;

	if (filter == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	e = allow_all(filter, s, always, reterr);
	if (e == ERR_OK)
		e = allow_all(filter, s, of_sanitizers, reterr);
	if (e == ERR_OK && !s->is_spare)
		e = allow_all(filter, s, usual, reterr);
	if (e == ERR_OK)
		e = allow_all(filter, s, syscalls, reterr);
	if (e == ERR_OK && s->may_connect)
		e = allow_all(filter, s, connecting, reterr);
	if (e != ERR_OK)
		return e;
	why = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (why == 0)
		why = seccomp_load(filter);
	if (why != 0)
		return err_set(reterr, ERR_IO, "seccomp: %s", strerror(-why));
	return ERR_OK;
}

enum err
sandbox_enter(const struct sandbox *s, const char *user_prefix, struct err_detail *reterr)
{
	enum err e = sandbox_drop_user(s->user != NULL ? s->user : s->role, user_prefix, reterr);

	if (e != ERR_OK)
		return e;
	/* Refuses memory that is writable and executable; kernels before 6.3 do not know it. */
	(void)prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
	e = sandbox_enter_landlock(s, reterr);
	if (e == ERR_OK && s->syscalls != NULL)
		e = filter_system_calls(s, s->syscalls, reterr);
	return e;
}

enum err
sandbox_narrow(const struct sandbox *s, const char *const *syscalls, struct err_detail *reterr)
{
	return s->syscalls == NULL ? ERR_BUG : filter_system_calls(s, syscalls, reterr);
}
