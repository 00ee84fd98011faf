/* SPDX-License-Identifier: Apache-2.0 */
/* Reads fields in the order that the input's own bytes choose: every view lies inside the input,
 * and what is left only shrinks. */
#include <assert.h>
#include <stdint.h>

#include "ipc/ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err
get_something(struct ipc_reader *r, uint8_t kind, struct str whole)
{
	struct str text = { NULL, 0 };
	struct uuid id;
	uint8_t small;
	uint32_t medium;
	uint64_t large;
	enum err e;

	switch (kind % 5) {
	case 0:
		return ipc_get_u8(r, &small);
	case 1:
		return ipc_get_u32(r, &medium);
	case 2:
		return ipc_get_u64(r, &large);
	case 3:
		e = ipc_get_bytes(r, &text);
		assert(e != ERR_OK ||
		    (text.at >= whole.at && text.at + text.len <= whole.at + whole.len));
		return e;
	default:
		return ipc_get_uuid(r, &id);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = { (const char *)data, size };
	struct ipc_reader r = { whole };
	uint8_t kind;

	while (ipc_get_u8(&r, &kind) == ERR_OK) {
		size_t before = r.left.len;
		enum err e = get_something(&r, kind, whole);

		assert(r.left.len <= before);
		if (e != ERR_OK)
			break;
	}
	return 0;
}
