/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_step - a wall clock that a test can step: preloaded into every process of a system, it adds
 * the seconds that stand in the file OFFSET_PATH, which is mapped once, before any sandbox.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_s;

__attribute__((constructor)) static void
map_offset(void)
{
	int fd = open(OFFSET_PATH, O_RDONLY | O_CLOEXEC);
	void *at =
	    fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*offset_s), PROT_READ, MAP_SHARED, fd, 0);

	if (at != MAP_FAILED)
		offset_s = at;
	if (fd >= 0)
		(void)close(fd);
}

int
clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	long status = syscall(SYS_clock_gettime, clock, ret_time);

	if (status == 0 && offset_s != NULL &&
	    (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		ret_time->tv_sec += *offset_s;
	return (int)status;
}

int
gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	ret_time->tv_sec = t.tv_sec;
	ret_time->tv_usec = t.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *ret_time)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (ret_time != NULL)
		*ret_time = t.tv_sec;
	return t.tv_sec;
}
