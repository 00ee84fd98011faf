/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cleanup - ownership that shows in the declaration.
 *
 *   CLEANUP(buf) struct buf *b = NULL;    released at the end of the scope
 *   *ret_buf = TAKE(b);                   handed on; the local is NULL after it
 *
 * A type opts in with CLEANUP_DEFINE(buf) beside its buf_free(), which must take NULL.
 */
#pragma once

#include <stdlib.h>
#include <unistd.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#define CLEANUP_DEFINE(type)                                \
	static inline void type##_cleanup(struct type **at) \
	{                                                   \
		type##_free(*at);                           \
	}                                                   \
	struct type

#define CLEANUP(type) __attribute__((cleanup(type##_cleanup)))

#define TAKE(pointer)                                   \
	__extension__({                                 \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})

#define TAKE_FD(fd)                \
	__extension__({            \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

static inline void
cleanup_close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void
cleanup_free_memory(void *at)
{
	free(*(void **)at);
}

#define CLEANUP_FD __attribute__((cleanup(cleanup_close_fd)))
#define CLEANUP_MEM __attribute__((cleanup(cleanup_free_memory)))
