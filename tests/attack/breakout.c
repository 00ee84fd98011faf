/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breakout - what an intruder would try from inside a process.  In rendfly-attack it stands in
 * front of sandbox_enter: when the file DIR/attack is there, each attempt is made in a child that
 * has the descriptors, the memory and then the sandbox of the process itself, and the log tells
 * what came of it: denied (an error), killed (by the filter) or done.  Then the process goes on as
 * ever.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "sandbox/sandbox.h"

#define DENIED 0
#define DONE 1
#define NOT_ENTERED 2
#define PAGE_BYTES 4096

enum err __real_sandbox_enter(const struct sandbox *s, const char *user_prefix,
    struct err_detail *reterr);
enum err __wrap_sandbox_enter(const struct sandbox *s, const char *user_prefix,
    struct err_detail *reterr);

/* The supervisor, which is root and holds every channel; asked before the sandbox. */
static pid_t peer;
static char data_folder[512];

static bool
opens(const char *path, int flags)
{
	return open(path, flags | O_CLOEXEC, 0600) >= 0;
}

static bool
opens_in_data_folder(const char *name, int flags)
{
	char path[640];

	(void)snprintf(path, sizeof(path), "%s/%s", data_folder, name);
	return opens(path, flags);
}

static bool
connects(uint32_t address, uint16_t port)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	/* Refused by nobody there is refused by no wall. */
	return fd >= 0 &&
	    (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 || errno == ECONNREFUSED);
}

static bool
read_a_file(void)
{
	return opens("/etc/shadow", O_RDONLY) || opens("/etc/passwd", O_RDONLY);
}

static bool
read_the_root_key(void)
{
	return opens_in_data_folder("keys/root.sealed", O_RDONLY) ||
	    opens_in_data_folder("keys/keyring", O_RDONLY);
}

static bool
become_another_role(void)
{
	return opens_in_data_folder("pki/db-operator.password", O_RDONLY) ||
	    opens_in_data_folder("pki/db-setup.key", O_RDONLY) ||
	    opens_in_data_folder("pki/edge.key", O_RDONLY);
}

static bool
write_a_file(void)
{
	return opens("/tmp/rendfly-attack", O_WRONLY | O_CREAT) ||
	    opens_in_data_folder("rendfly.conf", O_WRONLY | O_APPEND);
}

static bool
change_the_program(void)
{
	return opens("/proc/self/exe", O_WRONLY);
}

/* Nobody listens on port 1 of this machine. */
static bool
connect_elsewhere(void)
{
	return connects(INADDR_LOOPBACK, 1);
}

static bool
listen_for_others(void)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(fd, 1) == 0;
}

static bool
open_a_raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0;
}

/* Whoever comes back from execve did not leave. */
static bool
run_a_shell(void)
{
	char name[] = "sh", option[] = "-c", command[] = "exit 1";
	char *const arguments[] = { name, option, command, NULL };

	(void)execve("/bin/sh", arguments, NULL);
	return false;
}

static bool
make_processes(void)
{
	return fork() >= 0;
}

static bool
trace_a_peer(void)
{
	return ptrace(PTRACE_ATTACH, peer, NULL, NULL) == 0;
}

static bool
read_a_peers_memory(void)
{
	char byte, path[64];
	const struct iovec here = { &byte, 1 }, there = { data_folder, 1 };

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)peer);
	return opens(path, O_RDONLY) || process_vm_readv(peer, &here, 1, &there, 1, 0) == 1;
}

static bool
signal_a_peer(void)
{
	return kill(peer, 0) == 0;
}

static bool
run_new_code(void)
{
	void *at =
	    mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED || mprotect(at, PAGE_BYTES, PROT_READ | PROT_EXEC) == 0;
}

static bool
mount_something(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL) == 0 ||
	    syscall(SYS_unshare, 0x10000000) == 0;
}

static bool
become_root(void)
{
	return setuid(0) == 0 || geteuid() == 0;
}

static const struct attempt {
	const char *name;
	bool (*succeeds)(void);
} attempts[] = { { "read_a_file", read_a_file }, { "read_the_root_key", read_the_root_key },
	{ "become_another_role", become_another_role }, { "write_a_file", write_a_file },
	{ "change_the_program", change_the_program }, { "connect_elsewhere", connect_elsewhere },
	{ "listen_for_others", listen_for_others }, { "open_a_raw_socket", open_a_raw_socket },
	{ "run_a_shell", run_a_shell }, { "make_processes", make_processes },
	{ "trace_a_peer", trace_a_peer }, { "read_a_peers_memory", read_a_peers_memory },
	{ "signal_a_peer", signal_a_peer }, { "run_new_code", run_new_code },
	{ "mount_something", mount_something }, { "become_root", become_root } };

static void
try_in_child(const struct attempt *attempt, const struct sandbox *s, const char *user_prefix)
{
	struct err_detail why = { "" };
	int status = 0;
	const char *came = "not tried";
	pid_t child = fork();

	if (child == 0) {
		if (__real_sandbox_enter(s, user_prefix, &why) != ERR_OK)
			_exit(NOT_ENTERED);
		_exit(attempt->succeeds() ? DONE : DENIED);
	}
	if (child > 0 && waitpid(child, &status, 0) == child) {
		if (WIFSIGNALED(status))
			came = WTERMSIG(status) == SIGSYS ? "killed" : "crashed";
		else if (WEXITSTATUS(status) != NOT_ENTERED)
			came = WEXITSTATUS(status) == DONE ? "done" : "denied";
	}
	log_info("attack", LOG_STR("role", s->role), LOG_STR("attempt", attempt->name),
	    LOG_STR("came", came));
}

/* From the process's own arguments: --dir DIR. */
static bool
is_wanted(void)
{
	char arguments[1024], path[640];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, arguments, sizeof(arguments) - 1);

	if (fd >= 0)
		(void)close(fd);
	if (n <= 0)
		return false;
	arguments[n] = '\0';
	for (char *at = arguments; at < arguments + n; at += strlen(at) + 1)
		if (strcmp(at, "--dir") == 0)
			(void)snprintf(data_folder, sizeof(data_folder), "%s",
			    at + sizeof("--dir"));
	(void)snprintf(path, sizeof(path), "%s/attack", data_folder);
	return access(path, F_OK) == 0;
}

enum err
__wrap_sandbox_enter(const struct sandbox *s, const char *user_prefix, struct err_detail *reterr)
{
	if (is_wanted()) {
		peer = getppid();
		for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
			try_in_child(&attempts[i], s, user_prefix);
	}
	return __real_sandbox_enter(s, user_prefix, reterr);
}
