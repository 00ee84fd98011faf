/* SPDX-License-Identifier: Apache-2.0 */
/*
 * niceness - what stands behind agents' traffic gives way to it, its share of PostgreSQL included.
 *
 * Where Linux shares the processor between sessions first (sched(7), autogroup), the niceness of a
 * process counts within its session only, and that of the session is set by its autogroup file.
 * Each process of PostgreSQL makes itself a session, which begins at 0 whatever its parent's was:
 * it is given the niceness of the role that it serves.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "supervisor/supervisor.h"

#define MOST_SERVER_PROCESSES 512 /* the private cluster allows fewer connections */

/* What a file of /proc says, as a string; cut to the buffer. */
static bool
read_proc(const char *path, char *text, size_t bytes)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, bytes - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

/* Without the right to be preferred (a negative niceness) things stay as they are. */
static void
set_session(const char *pid, int niceness)
{
	char path[48], text[16];
	int n = snprintf(text, sizeof(text), "%d", niceness);

	(void)snprintf(path, sizeof(path), "/proc/%s/autogroup", pid);
	CLEANUP_FD int session = open(path, O_WRONLY | O_CLOEXEC);
	if (session >= 0)
		(void)!write(session, text, (size_t)n);
}

void
niceness_set(int niceness)
{
	(void)setpriority(PRIO_PROCESS, 0, niceness);
	set_session("self", niceness);
}

/* PostgreSQL's processes write whom they serve where their arguments were. */
static int
niceness_of(const char *title)
{
	for (int id = 0; id < N_CHILDREN; id++) {
		char served[48];
		int n =
		    snprintf(served, sizeof(served), "postgres: rendfly_%s ", child_kinds[id].name);

		if (strncmp(title, served, (size_t)n) == 0)
			return child_kinds[id].niceness;
	}
	return child_kinds[CHILD_POSTGRES].niceness;
}

void
niceness_of_server(const struct supervisor *s)
{
	char path[64], pids[MOST_SERVER_PROCESSES * 8], title[64], *rest = NULL;
	int server = (int)s->children[CHILD_POSTGRES].pid;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", server, server);
	if (server == 0 || !read_proc(path, pids, sizeof(pids)))
		return;
	for (char *pid = strtok_r(pids, " ", &rest); pid != NULL;
	     pid = strtok_r(NULL, " ", &rest)) {
		(void)snprintf(path, sizeof(path), "/proc/%.16s/cmdline", pid);
		if (read_proc(path, title, sizeof(title)))
			set_session(pid, niceness_of(title));
	}
}
