/* SPDX-License-Identifier: Apache-2.0 */
/* worst - what a worker of a program that is not ours never needs, and an intruder first. */
#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "sandbox/sandbox.h"

#define SOCK_TYPE_MASK 0xf

/* The end of the process. */
static const char *const fatal[] = { "execve", "execveat", "ptrace", "process_vm_readv",
	"process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp", "mount", "umount2",
	"move_mount", "open_tree", "fsopen", "fsmount", "pivot_root", "chroot", "unshare", "setns",
	"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "bpf",
	"perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "io_uring_setup",
	"memfd_create", "vfork", "personality", "swapon", "reboot", "acct", NULL };

static void
free_filter(scmp_filter_ctx *filter)
{
	if (*filter != NULL)
		seccomp_release(*filter);
}

/* A call that this build's library does not know cannot be forbidden by name; the rest is. */
static int
forbid_fatal(scmp_filter_ctx filter)
{
	int why = 0;

	for (size_t i = 0; why == 0 && fatal[i] != NULL; i++) {
		int number = seccomp_syscall_resolve_name(fatal[i]);

		if (number != __NR_SCMP_ERROR)
			why = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, number, 0);
	}
	return why;
}

/* Refused, not fatal: a library that is loaded late fails as it would without the file. */
static int
forbid_code(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp is_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
	int why = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1, is_code);

	if (why == 0)
		why =
		    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mprotect), 1, is_code);
	return why;
}

static int
forbid_raw_sockets(scmp_filter_ctx filter)
{
	int why = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
	    SCMP_A1(SCMP_CMP_MASKED_EQ, SOCK_TYPE_MASK, SOCK_RAW));

	if (why == 0)
		why = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_EQ, AF_PACKET, 0));
	return why;
}

enum err
sandbox_forbid_worst(void)
{
	__attribute__((cleanup(free_filter))) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (filter == NULL)
		return ERR_NOMEM;
	if (forbid_fatal(filter) != 0 || forbid_code(filter) != 0 ||
	    forbid_raw_sockets(filter) != 0 || seccomp_load(filter) != 0)
		return ERR_IO;
	return ERR_OK;
}
