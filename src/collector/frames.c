/* SPDX-License-Identifier: Apache-2.0 */
/* Frames off and onto the capture socket; see frames.h. */
#include "collector/frames.h"

#include "base/big_endian.h"

enum err
frame_take(struct str *bytes, struct frame *ret_frame)
{
	struct frame f;
	unsigned int type;
	uint32_t len;

	/* The type is checked as soon as it has come: a peer that speaks otherwise ends at once. */
	if (bytes->len == 0)
		return ERR_BUSY;
	type = (unsigned char)bytes->at[0];
	if (type < FRAME_START || type > FRAME_END)
		return ERR_MALFORMED;
	if (bytes->len < FRAME_HEAD_BYTES)
		return ERR_BUSY;
	len = (uint32_t)big_endian_get(bytes->at + 1 + UUID_BYTES, 4);
	if (len > FRAME_MAX_BODY_BYTES)
		return ERR_MALFORMED;
	if (bytes->len - FRAME_HEAD_BYTES < len)
		return ERR_BUSY;
	f.type = (enum frame_type)type;
	memcpy(f.capture.bytes, bytes->at + 1, UUID_BYTES);
	f.body = str_slice(*bytes, FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + len);
	*bytes = str_slice(*bytes, FRAME_HEAD_BYTES + len, bytes->len);
	*ret_frame = f;
	return ERR_OK;
}

enum err
frame_write_ack(const struct uuid *capture, enum capture_fate fate, struct buf *out)
{
	char ack[FRAME_HEAD_BYTES + 1] = { FRAME_ACK };

	memcpy(ack + 1, capture->bytes, UUID_BYTES);
	ack[FRAME_HEAD_BYTES - 1] = 1;
	ack[FRAME_HEAD_BYTES] = (char)fate;
	return buf_append(out, ack, sizeof(ack));
}
