/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server - libmicrohttpd's side: a worker's daemon on the shared listening socket, and the way of
 * a request from its first byte to the log line.
 */
#pragma once

#include "api/api.h"

/* A thread of the worker's own runs it: serving.h. */
MUST_CHECK enum err server_start(struct worker *w, int listen_fd);
void server_stop(struct worker *w);
