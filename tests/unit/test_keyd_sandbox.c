/* SPDX-License-Identifier: Apache-2.0 */
/* What keyd's sandbox leaves: all of its work, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/log.h"
#include "keyd/sandbox.h"
#include "keyd_fixture.h"

static void
open_a_file(void)
{
	(void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void
make_a_file(void)
{
	(void)open("/tmp/rendfly-test-keyd-new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static void
open_a_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void
open_a_unix_socket(void)
{
	(void)socket(AF_UNIX, SOCK_STREAM, 0);
}

static void
run_a_program(void)
{
	char *const none[] = { NULL };

	(void)execve("/bin/true", none, none);
}

static void
make_a_process(void)
{
	if (fork() == 0)
		_exit(0);
}

static void
trace_the_parent(void)
{
	(void)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void
signal_the_parent(void)
{
	(void)kill(getppid(), 0);
}

static void
make_code(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);
}

static void
read_the_parents_memory(void)
{
	(void)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static void
become_root(void)
{
	if (setuid(0) == 0)
		_exit(0);
}

static void
remove_a_file(void)
{
	(void)unlink("/tmp/rendfly-test-keyd-none");
}

static void
copy_a_descriptor(void)
{
	if (dup(0) >= 0)
		_exit(0);
}

/* The user that packages make may be missing here, so the child leaves root by itself first. */
static void
enter_sandbox(void)
{
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		_exit(99);
	if (sandbox_enter(&KEYD_SANDBOX, "rendfly", NULL) != ERR_OK)
		_exit(98);
}

static int
status_of(pid_t child)
{
	int status = 0;

	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
keyd_dies_when_it_does_what_it_has_no_need_of(void **state)
{
	static const struct {
		const char *what;
		void (*attempt)(void);
	} attempts[] = { { "open a file", open_a_file }, { "make a file", make_a_file },
		{ "open a socket", open_a_socket }, { "open a unix socket", open_a_unix_socket },
		{ "run a program", run_a_program }, { "make a process", make_a_process },
		{ "trace", trace_the_parent }, { "signal", signal_the_parent },
		{ "make code", make_code }, { "read memory", read_the_parents_memory },
		{ "become root", become_root }, { "remove a file", remove_a_file },
		{ "copy a descriptor", copy_a_descriptor } };

	(void)state;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			enter_sandbox();
			attempts[i].attempt();
			_exit(0);
		}
		status = status_of(child);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("to %s ended with status %x", attempts[i].what, status);
	}
}

static void
ask(struct keyd *k, enum ipc_role role, enum ipc_type type, struct buf *body, struct buf *reply)
{
	buf_clear(reply);
	if (keyd_handle(k, role, type, buf_str(body), reply) != ERR_OK)
		_exit(10 + (int)type);
}

static void
put_place(struct buf *body, const struct uuid *workspace)
{
	buf_clear(body);
	if (ipc_put_uuid(body, workspace) != ERR_OK || ipc_put_bytes(body, STR("t")) != ERR_OK ||
	    ipc_put_bytes(body, STR("c")) != ERR_OK || ipc_put_uuid(body, workspace) != ERR_OK)
		_exit(1);
}

static void
put_checkpoint(struct buf *body)
{
	static const char root[MERKLE_HASH_BYTES] = { 1 };

	buf_clear(body);
	if (ipc_put_bytes(body, STR("log.example")) != ERR_OK || ipc_put_u64(body, 1) != ERR_OK ||
	    ipc_put_bytes(body, (struct str){ root, sizeof(root) }) != ERR_OK ||
	    ipc_put_bytes(body, STR("")) != ERR_OK)
		_exit(1);
}

/* So many seals that OpenSSL's generator takes fresh bytes from the kernel several times. */
#define MANY_SEALS 70000

static void
work_in_the_sandbox(struct keyd *k)
{
	CLEANUP(buf) struct buf *body = NULL, *reply = NULL, *record = NULL;
	const struct uuid workspace = { { 7 } };

	if (buf_new(IPC_MAX_BYTES, &body) != ERR_OK || buf_new(IPC_MAX_BYTES, &reply) != ERR_OK ||
	    buf_new(IPC_MAX_BYTES, &record) != ERR_OK || ipc_put_uuid(body, &workspace) != ERR_OK)
		_exit(1);
	ask(k, ROLE_SETUP, IPC_KEYD_WORKSPACE_CREATE, body, reply);
	for (int i = 0; i < MANY_SEALS; i++) {
		put_place(body, &workspace);
		if (ipc_put_bytes(body, STR("be kind")) != ERR_OK)
			_exit(1);
		ask(k, ROLE_COLLECTOR, IPC_KEYD_SEAL, body, reply);
	}
	if (buf_append_str(record, buf_str(reply)) != ERR_OK)
		_exit(1);
	put_place(body, &workspace);
	if (ipc_put_bytes(body, buf_str(record)) != ERR_OK ||
	    ipc_put_bytes(body, STR("judging")) != ERR_OK)
		_exit(1);
	ask(k, ROLE_JUDGE, IPC_KEYD_UNSEAL, body, reply);
	if (!str_equals(buf_str(reply), STR("be kind")))
		_exit(2);
	buf_clear(body);
	ask(k, ROLE_API, IPC_KEYD_TOKEN_KEY, body, reply);
	if (ipc_put_bytes(body, STR("a.b")) != ERR_OK)
		_exit(1);
	ask(k, ROLE_API, IPC_KEYD_TOKEN_SIGN, body, reply);
	ask(k, ROLE_API, IPC_KEYD_INGEST_HASH, body, reply);
	buf_clear(body);
	ask(k, ROLE_STEWARD, IPC_KEYD_AUDIT_KEY, body, reply);
	put_checkpoint(body);
	ask(k, ROLE_STEWARD, IPC_KEYD_AUDIT_SIGN, body, reply);
	if (buf_len(reply) != AUDIT_SIGNATURE_BYTES)
		_exit(3);
	buf_clear(body);
	if (ipc_put_uuid(body, &workspace) != ERR_OK || ipc_put_u32(body, 1) != ERR_OK)
		_exit(1);
	ask(k, ROLE_JUDGE, IPC_KEYD_CONTEXT, body, reply);
}

static void
all_of_keyds_work_is_done_inside_its_sandbox(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	struct keyd k = { 0 };
	pid_t child;
	int status;

	assert_int_equal(root_init(f->dir, NULL), ERR_OK);
	child = fork();
	if (child == 0) {
		log_open("keyd");
		open_keyd(f, &k, &root);
		enter_sandbox();
		log_info("a_line_can_be_logged");
		work_in_the_sandbox(&k);
		_exit(0);
	}
	status = status_of(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	open_keyd(f, &k, &root);
	assert_int_equal(keyring_count(k.keyring), 1);
	close_keyd(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyd_dies_when_it_does_what_it_has_no_need_of),
		IN_FOLDER(all_of_keyds_work_is_done_inside_its_sandbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
