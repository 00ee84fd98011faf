/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf - a byte buffer that grows, up to a limit fixed when it is made.
 *
 * Every byte from outside lands in a buf, so the limit is where a flood stops: an append past it
 * returns ERR_TOO_LARGE and leaves the buf as it was.  The bytes may hold NULs; one NUL that does
 * not count always stands behind them.  A buf belongs to whoever made it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"

struct buf;

/* Life */

MUST_CHECK enum err buf_new(size_t limit, struct buf **ret_buf);
void buf_free(struct buf *b); /* wipes the bytes first; NULL is fine */
CLEANUP_DEFINE(buf);

/* Reading */

size_t buf_len(const struct buf *b);
size_t buf_limit(const struct buf *b);
struct str buf_str(const struct buf *b);       /* valid until the next change */
const char *buf_c_string(const struct buf *b); /* the same bytes, NUL behind them */

/* Writing */

MUST_CHECK enum err buf_append(struct buf *b, const void *bytes, size_t len);
MUST_CHECK enum err buf_append_str(struct buf *b, struct str s);
MUST_CHECK enum err buf_append_byte(struct buf *b, char c);
MUST_CHECK enum err buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* Room for len more bytes; the pointer is valid until the next change.  The caller writes there
 * and says with buf_commit how many bytes it wrote. */
MUST_CHECK enum err buf_reserve(struct buf *b, size_t len, char **ret_at);
void buf_commit(struct buf *b, size_t len);

void buf_clear(struct buf *b);                  /* wipes, keeps the memory */
void buf_truncate(struct buf *b, size_t len);   /* a no-op when len is past the end */
void buf_drop_front(struct buf *b, size_t len); /* removes the first len bytes */

/* The bytes as a malloc'ed, NUL-terminated string that the caller frees; the buf is empty after. */
char *buf_take_c_string(struct buf *b);
