/* SPDX-License-Identifier: Apache-2.0 */
/* A note opens only with what the published key signed; checkpoints and keys that are read are
 * written back byte for byte. */
#include <assert.h>
#include <stdint.h>

#include "audit/note.h"

#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define TEXT                                                         \
	"If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size }, text, origin;
	CLEANUP(buf) struct buf *out = NULL;
	struct merkle_checkpoint at;
	struct note_key peter, key;

	assert(note_key_read(STR(PETER), &peter) == ERR_OK);
	assert(buf_new(2 * NOTE_MAX_BYTES + size, &out) == ERR_OK);
	if (note_open(&peter, input, &text) == ERR_OK)
		assert(str_equals(text, STR(TEXT)));
	if (checkpoint_read(input, &origin, &at) == ERR_OK) {
		assert(checkpoint_write(origin, &at, out) == ERR_OK);
		assert(str_equals(buf_str(out), input));
	}
	buf_clear(out);
	if (note_key_read(input, &key) == ERR_OK) {
		assert(note_key_write(&key, out) == ERR_OK);
		assert(str_equals_ignoring_case(buf_str(out), input)); /* hex in either case */
	}
	return 0;
}
