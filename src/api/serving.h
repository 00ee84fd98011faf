/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serving - threads of ours that run a libmicrohttpd daemon each, until all are told to end.
 *
 * libmicrohttpd's own threads do not tell when they run: a list of system calls without those of a
 * thread's start would end the process or not, as it happens.
 */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stddef.h>

#include "base/err.h"

#define SERVING_MOST 8

struct serving {
	pthread_t threads[SERVING_MOST];
	struct MHD_Daemon *daemons[SERVING_MOST]; /* borrowed; without threads: MHD_USE_EPOLL */
	size_t n;
	int end_fd;
};

/* Starts a thread for each daemon and returns when all of them run, with nothing of their start
 * left to do.  Of an error the process must end. */
MUST_CHECK enum err serving_start(struct serving *s);

/* Tells them to end and waits for it.  Daemons are stopped afterwards. */
void serving_end(struct serving *s);
