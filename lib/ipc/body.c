/* SPDX-License-Identifier: Apache-2.0 */
/* body - typed fields of a message; a getter compares with what is left and believes no length. */
#include <string.h>

#include "ipc/ipc.h"

#include "base/big_endian.h"

static enum err
put_number(struct buf *b, uint64_t v, size_t bytes)
{
	uint8_t out[8];

	for (size_t i = 0; i < bytes; i++)
		out[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
	return buf_append(b, out, bytes);
}

enum err
ipc_put_u8(struct buf *b, uint8_t v)
{
	return put_number(b, v, 1);
}

enum err
ipc_put_u32(struct buf *b, uint32_t v)
{
	return put_number(b, v, 4);
}

enum err
ipc_put_u64(struct buf *b, uint64_t v)
{
	return put_number(b, v, 8);
}

enum err
ipc_put_bytes(struct buf *b, struct str bytes)
{
	enum err e;

	if (bytes.len > IPC_MAX_BYTES)
		return ERR_TOO_LARGE;
	e = ipc_put_u32(b, (uint32_t)bytes.len);
	return e == ERR_OK ? buf_append_str(b, bytes) : e;
}

enum err
ipc_put_uuid(struct buf *b, const struct uuid *id)
{
	return buf_append(b, id->bytes, UUID_BYTES);
}

static enum err
get_number(struct ipc_reader *r, size_t bytes, uint64_t *ret_v)
{
	if (r->left.len < bytes)
		return ERR_MALFORMED;
	*ret_v = big_endian_get(r->left.at, bytes);
	r->left = str_slice(r->left, bytes, r->left.len);
	return ERR_OK;
}

enum err
ipc_get_u8(struct ipc_reader *r, uint8_t *ret_v)
{
	uint64_t v;
	enum err e = get_number(r, 1, &v);

	if (e == ERR_OK)
		*ret_v = (uint8_t)v;
	return e;
}

enum err
ipc_get_u32(struct ipc_reader *r, uint32_t *ret_v)
{
	uint64_t v;
	enum err e = get_number(r, 4, &v);

	if (e == ERR_OK)
		*ret_v = (uint32_t)v;
	return e;
}

enum err
ipc_get_u64(struct ipc_reader *r, uint64_t *ret_v)
{
	return get_number(r, 8, ret_v);
}

enum err
ipc_get_bytes(struct ipc_reader *r, struct str *ret_bytes)
{
	struct ipc_reader ahead = *r;
	uint32_t len;
	enum err e = ipc_get_u32(&ahead, &len);

	if (e != ERR_OK || len > ahead.left.len)
		return ERR_MALFORMED;
	*ret_bytes = str_slice(ahead.left, 0, len);
	r->left = str_slice(ahead.left, len, ahead.left.len);
	return ERR_OK;
}

enum err
ipc_get_uuid(struct ipc_reader *r, struct uuid *ret_id)
{
	if (r->left.len < UUID_BYTES)
		return ERR_MALFORMED;
	memcpy(ret_id->bytes, r->left.at, UUID_BYTES);
	r->left = str_slice(r->left, UUID_BYTES, r->left.len);
	return ERR_OK;
}

enum err
ipc_end(const struct ipc_reader *r)
{
	return r->left.len == 0 ? ERR_OK : ERR_MALFORMED;
}
