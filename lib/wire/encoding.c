/* SPDX-License-Identifier: Apache-2.0 */
/* Content encodings undone, with a cap on what comes out. */
#define ZLIB_CONST
#include <zlib.h>

#include "base/buf.h"
#include "wire/wire.h"

#define STEP_BYTES 65536

enum { WINDOW_ZLIB = 15, WINDOW_GZIP = 15 + 16, WINDOW_RAW = -15 };

static enum err
inflate_step(z_stream *z, struct buf *out, int *ret_result)
{
	size_t room = buf_limit(out) - buf_len(out);
	char *at = NULL;
	enum err e;

	if (room == 0)
		return ERR_TOO_LARGE;
	if (room > STEP_BYTES)
		room = STEP_BYTES;
	e = buf_reserve(out, room, &at);
	if (e != ERR_OK)
		return e;
	z->next_out = (Bytef *)at;
	z->avail_out = (uInt)room;
	*ret_result = inflate(z, Z_NO_FLUSH);
	buf_commit(out, room - z->avail_out);
	return ERR_OK;
}

/* What a cut stream had brought so far is a result; bytes that do not decode are not. */
static enum err
inflate_all(z_stream *z, struct buf *out)
{
	for (;;) {
		int result = Z_OK;
		enum err e = inflate_step(z, out, &result);

		if (e != ERR_OK)
			return e;
		/* gzip files may follow one another. */
		if (result == Z_STREAM_END && z->avail_in > 0)
			result = inflateReset(z);
		else if (result == Z_STREAM_END)
			return ERR_OK;
		if (result == Z_BUF_ERROR ||
		    (result == Z_OK && z->avail_in == 0 && z->avail_out > 0))
			return ERR_OK;
		if (result != Z_OK)
			return result == Z_MEM_ERROR ? ERR_NOMEM : ERR_MALFORMED;
	}
}

static enum err
inflate_into(int window, struct str body, struct buf *out)
{
	z_stream z = { 0 };
	enum err e;

	if (body.len > WIRE_MAX_BODY_BYTES)
		return ERR_TOO_LARGE;
	if (inflateInit2(&z, window) != Z_OK)
		return ERR_NOMEM;
	z.next_in = (const Bytef *)body.at;
	z.avail_in = (uInt)body.len;
	e = inflate_all(&z, out);
	(void)inflateEnd(&z);
	return e;
}

/* Two formats go by the name deflate: with zlib's two bytes before it and without. */
static bool
has_zlib_head(struct str body)
{
	unsigned int first;
	unsigned int second;

	if (body.len < 2)
		return false;
	first = (unsigned char)body.at[0];
	second = (unsigned char)body.at[1];
	return (first & 0x0f) == 8 && (first << 8 | second) % 31 == 0;
}

enum err
wire_decode_body(struct arena *a, struct str content_encoding, struct str body,
    struct str *ret_body)
{
	CLEANUP(buf) struct buf *out = NULL;
	struct str name = str_trim(content_encoding);
	struct str copy;
	int window;
	enum err e;

	if (name.len == 0 || str_equals_ignoring_case(name, STR("identity"))) {
		*ret_body = body;
		return ERR_OK;
	}
	if (str_equals_ignoring_case(name, STR("gzip")) ||
	    str_equals_ignoring_case(name, STR("x-gzip")))
		window = WINDOW_GZIP;
	else if (str_equals_ignoring_case(name, STR("deflate")))
		window = has_zlib_head(body) ? WINDOW_ZLIB : WINDOW_RAW;
	else
		return ERR_MALFORMED;

	e = buf_new(WIRE_MAX_BODY_BYTES + 1, &out);
	if (e == ERR_OK)
		e = inflate_into(window, body, out);
	if (e != ERR_OK)
		return e;
	if (buf_len(out) > WIRE_MAX_BODY_BYTES)
		return ERR_TOO_LARGE;
	copy = arena_copy(a, buf_str(out));
	if (copy.at == NULL)
		return ERR_NOMEM;
	*ret_body = copy;
	return ERR_OK;
}
