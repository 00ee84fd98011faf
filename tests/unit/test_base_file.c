/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"

static void
expect_content(int fd, const char *expected)
{
	CLEANUP(buf) struct buf *b = NULL;

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(buf_new(1024, &b), ERR_OK);
	assert_int_equal(file_read_fd(fd, b), ERR_OK);
	assert_true(str_equals(buf_str(b), str_from(expected)));
}

/* A limit on the file's size cuts the write in the middle, as a full disk does. */
static void
what_cannot_be_appended_as_a_whole_leaves_nothing_behind(void **state)
{
	FILE *file = tmpfile();
	struct rlimit before, small;
	int fd;

	(void)state;
	assert_non_null(file);
	fd = fileno(file);
	assert_int_equal(file_append(fd, STR("first note\n")), ERR_OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 16;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(file_append(fd, STR("second note\n")), ERR_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	expect_content(fd, "first note\n");
	assert_int_equal(file_append(fd, STR("second note\n")), ERR_OK);
	expect_content(fd, "first note\nsecond note\n");
	(void)fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_appended_as_a_whole_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
