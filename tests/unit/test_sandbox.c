/* SPDX-License-Identifier: Apache-2.0 */
/* Each claim is tried in a child, which must be refused or killed by the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

/* "nobody" is on every Debian; the role and prefix only name the user when the test runs as root.
 */
static const char *const few_calls[] = { "fcntl", NULL };
static const struct sandbox filtered = { .role = "keyd", .syscalls = few_calls };
static const struct sandbox unfiltered = { .role = "keyd" };

enum outcome { REFUSED = 0, DONE = 1, NOT_ENTERED = 2 };

/* The user that packages make may be missing here, so the child leaves root by itself first. */
static int
try_in_child(const struct sandbox *s, enum outcome (*attempt)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct err_detail detail;
		enum outcome outcome;

		if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(NOT_ENTERED);
		if (sandbox_enter(s, "rendfly", &detail) != ERR_OK)
			_exit(NOT_ENTERED);
		outcome = attempt();
		_exit((int)outcome);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
assert_killed(int status)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void
assert_refused(int status)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), REFUSED);
}

static enum outcome
open_a_file(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ? DONE : REFUSED;
}

static enum outcome
open_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? DONE : REFUSED;
}

static enum outcome
run_a_program(void)
{
	char *const none[] = { NULL };

	(void)execve("/bin/true", none, none);
	return REFUSED;
}

static enum outcome
trace_the_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? DONE : REFUSED;
}

static enum outcome
make_code(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	return at != MAP_FAILED ? DONE : REFUSED;
}

static enum outcome
look_at_flags(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
		prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
	    ? REFUSED
	    : DONE;
}

static enum outcome
do_ordinary_work(void)
{
	char *memory = malloc(1 << 22);

	if (memory == NULL || write(STDERR_FILENO, "", 0) != 0)
		return DONE;
	free(memory);
	return REFUSED;
}

static void
a_filtered_process_dies_when_it_opens_a_file(void **state)
{
	(void)state;
	assert_killed(try_in_child(&filtered, open_a_file));
}

static void
a_filtered_process_dies_when_it_opens_a_socket(void **state)
{
	(void)state;
	assert_killed(try_in_child(&filtered, open_a_socket));
}

static void
a_filtered_process_dies_when_it_runs_a_program(void **state)
{
	(void)state;
	assert_killed(try_in_child(&filtered, run_a_program));
}

static void
a_filtered_process_dies_when_it_traces(void **state)
{
	(void)state;
	assert_killed(try_in_child(&filtered, trace_the_parent));
}

static void
a_filtered_process_dies_when_it_makes_code(void **state)
{
	(void)state;
	assert_killed(try_in_child(&filtered, make_code));
}

static void
a_filtered_process_does_its_ordinary_work(void **state)
{
	(void)state;
	assert_refused(try_in_child(&filtered, do_ordinary_work));
}

static void
without_a_filter_no_path_can_be_opened_either(void **state)
{
	(void)state;
	assert_refused(try_in_child(&unfiltered, open_a_file));
}

static void
no_new_privileges_and_no_dumps(void **state)
{
	(void)state;
	assert_refused(try_in_child(&unfiltered, look_at_flags));
}

static void
a_missing_system_user_stops_the_start(void **state)
{
	static const struct sandbox nobody_has_it = { .role = "no-such-role" };
	struct err_detail detail = { "" };
	int status = 0;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = fork();
	if (child == 0)
		_exit(sandbox_enter(&nobody_has_it, "rendfly", &detail) == ERR_NOT_FOUND ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filtered_process_dies_when_it_opens_a_file),
		cmocka_unit_test(a_filtered_process_dies_when_it_opens_a_socket),
		cmocka_unit_test(a_filtered_process_dies_when_it_runs_a_program),
		cmocka_unit_test(a_filtered_process_dies_when_it_traces),
		cmocka_unit_test(a_filtered_process_dies_when_it_makes_code),
		cmocka_unit_test(a_filtered_process_does_its_ordinary_work),
		cmocka_unit_test(without_a_filter_no_path_can_be_opened_either),
		cmocka_unit_test(no_new_privileges_and_no_dumps),
		cmocka_unit_test(a_missing_system_user_stops_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
