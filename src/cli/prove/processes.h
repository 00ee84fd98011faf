/* SPDX-License-Identifier: Apache-2.0 */
/* processes - the running processes of one system, from the supervisor's status and /proc. */
#pragma once

#include <sys/types.h>

#include "base/buf.h"
#include "base/conf.h"

#define PROCESSES_MAX 128

struct process {
	char role[32]; /* of itself or of its ancestor under the supervisor */
	pid_t pid;
	bool is_child; /* a worker of nginx, a backend of postgres */
};

/* Fills at most PROCESSES_MAX; ERR_NOT_FOUND when no supervisor runs on this folder. */
MUST_CHECK enum err processes_list(const struct conf *conf, struct process ret_list[PROCESSES_MAX],
    size_t *ret_n, struct err_detail *reterr);

/* One line of /proc/PID/status, e.g. "CapEff", without its name; false when it cannot be read. */
bool process_status(pid_t pid, const char *field, char *ret_value, size_t value_bytes);

/* The bytes of /proc/PID/name; fails with ERR_IO when the process is gone. */
MUST_CHECK enum err process_read(pid_t pid, const char *name, struct buf *b);
