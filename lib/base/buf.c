/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BUF_FIRST_BYTES 256

struct buf {
	char *at; /* never NULL; at[len] is NUL */
	size_t len;
	size_t room; /* bytes allocated, the NUL included */
	size_t limit;
};

enum err
buf_new(size_t limit, struct buf **ret_buf)
{
	struct buf *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return ERR_NOMEM;
	b->room = limit < BUF_FIRST_BYTES ? limit + 1 : BUF_FIRST_BYTES;
	b->limit = limit;
	b->at = malloc(b->room);
	if (b->at == NULL) {
		free(b);
		return ERR_NOMEM;
	}
	b->at[0] = '\0';
	*ret_buf = b;
	return ERR_OK;
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	explicit_bzero(b->at, b->len);
	free(b->at);
	free(b);
}

size_t
buf_len(const struct buf *b)
{
	return b->len;
}

size_t
buf_limit(const struct buf *b)
{
	return b->limit;
}

struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->at, b->len };
}

const char *
buf_c_string(const struct buf *b)
{
	return b->at;
}

/* Moves by hand rather than by realloc, so that no unwiped copy stays behind. */
static enum err
grow_to(struct buf *b, size_t wanted)
{
	size_t room = b->room;
	char *at;

	while (room < wanted)
		room = room > b->limit / 2 ? b->limit + 1 : room * 2;
	if (room < wanted)
		return ERR_BUG;
	at = malloc(room);
	if (at == NULL)
		return ERR_NOMEM;
	memcpy(at, b->at, b->len + 1);
	explicit_bzero(b->at, b->len);
	free(b->at);
	b->at = at;
	b->room = room;
	return ERR_OK;
}

enum err
buf_reserve(struct buf *b, size_t len, char **ret_at)
{
	if (len > b->limit - b->len)
		return ERR_TOO_LARGE;
	if (b->len + len + 1 > b->room) {
		enum err e = grow_to(b, b->len + len + 1);
		if (e != ERR_OK)
			return e;
	}
	*ret_at = b->at + b->len;
	return ERR_OK;
}

void
buf_commit(struct buf *b, size_t len)
{
	assert(len < b->room - b->len);
	b->len += len;
	b->at[b->len] = '\0';
}

enum err
buf_append(struct buf *b, const void *bytes, size_t len)
{
	char *to = NULL;
	enum err e = buf_reserve(b, len, &to);

	if (e != ERR_OK)
		return e;
	if (len > 0)
		memcpy(to, bytes, len);
	buf_commit(b, len);
	return ERR_OK;
}

enum err
buf_append_str(struct buf *b, struct str s)
{
	return buf_append(b, s.at, s.len);
}

enum err
buf_append_byte(struct buf *b, char c)
{
	return buf_append(b, &c, 1);
}

enum err
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	char *to = NULL;
	enum err e;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return ERR_BUG;
	e = buf_reserve(b, (size_t)len, &to);
	if (e != ERR_OK)
		return e;
	va_start(args, format);
	(void)vsnprintf(to, (size_t)len + 1, format, args);
	va_end(args);
	buf_commit(b, (size_t)len);
	return ERR_OK;
}

void
buf_clear(struct buf *b)
{
	buf_truncate(b, 0);
}

void
buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	explicit_bzero(b->at + len, b->len - len);
	b->len = len;
}

void
buf_drop_front(struct buf *b, size_t len)
{
	if (len > b->len)
		len = b->len;
	memmove(b->at, b->at + len, b->len - len);
	buf_truncate(b, b->len - len);
}

char *
buf_take_c_string(struct buf *b)
{
	char *copy = malloc(b->len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, b->at, b->len + 1);
	buf_clear(b);
	return copy;
}
