/* SPDX-License-Identifier: Apache-2.0 */
/*
 * addresses - a process of its own that resolves the providers' names again and again and tells the
 * steward when a name has other addresses than before, so that the edge connects to where a
 * provider is now.
 *
 * The resolver reads what strangers send, over UDP.  It holds no channel, no connection and no path
 * but what the C library's resolver reads; the steward, which has all of these, speaks to no name
 * server.
 */
#pragma once

#include "base/conf.h"
#include "base/err.h"

/* Before the steward's own sandbox.  The descriptor becomes readable when something moved, and for
 * good when the process has ended. */
MUST_CHECK enum err addresses_start(const struct conf *conf, int *ret_fd,
    struct err_detail *reterr);

/* Whether something moved since the last call.  ERR_NOT_FOUND: the process has ended. */
MUST_CHECK enum err addresses_moved(int fd, bool *ret_moved);
