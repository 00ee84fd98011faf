/* SPDX-License-Identifier: Apache-2.0 */
/*
 * captures - the edge's counters, summed over its workers (docs/protocol.md, section 2).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* X(name), in the order of the file */
#define CAPTURE_COUNTERS(X) \
	X(forwarded)        \
	X(stored)           \
	X(dropped)          \
	X(refused)          \
	X(unparsed)         \
	X(in_flight)        \
	X(unauthorized)     \
	X(limited)

struct captures {
#define CAPTURE_FIELD(name) uint64_t name;
	CAPTURE_COUNTERS(CAPTURE_FIELD)
#undef CAPTURE_FIELD
};

/* Opened before the sandbox is entered, for the file's folder may then be out of reach. */
MUST_CHECK enum err captures_open(const char *dir, int *ret_fd);

/* All zeros before the edge first ran. */
MUST_CHECK enum err captures_read(int folder_fd, struct captures *ret_captures);

bool captures_balance(const struct captures *c);
