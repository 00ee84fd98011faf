/* SPDX-License-Identifier: Apache-2.0 */
/* Every line that is read is written back byte for byte, and no file without our key's signature is
 * good. */
#include <assert.h>
#include <stdint.h>

#include "audit/export.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(struct str text)
{
	CLEANUP(buf) struct buf *scratch = NULL, *out = NULL;
	struct export_line line;
	struct audit_event event;

	assert(buf_new(EXPORT_LINE_MAX_BYTES, &scratch) == ERR_OK);
	assert(buf_new(2 * EXPORT_LINE_MAX_BYTES, &out) == ERR_OK);
	if (export_read(text, scratch, &line) != ERR_OK)
		return;
	assert(export_write(&line, out) == ERR_OK);
	assert(buf_len(out) == text.len + 1);
	assert(str_equals(str_slice(buf_str(out), 0, text.len), text));
	if (line.kind != EXPORT_ENTRY || audit_leaf_read(line.leaf, &event) != ERR_OK)
		return;
	buf_clear(out);
	assert(audit_leaf_write(&event, out) == ERR_OK);
	assert(str_equals(buf_str(out), line.leaf));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t public_key[NOTE_KEY_BYTES] = { 9 }; /* nobody's */
	CLEANUP(export_verifier) struct export_verifier *v = NULL;
	struct str file = { (const char *)data, size }, left = file;
	struct export_verdict verdict;
	struct note_key key;

	while (left.len > 0) {
		const char *end = memchr(left.at, '\n', left.len);
		size_t len = end == NULL ? left.len : (size_t)(end - left.at);

		check_line(str_slice(left, 0, len));
		left = str_slice(left, end == NULL ? len : len + 1, left.len);
	}
	assert(note_key_make(STR("log.example"), public_key, &key) == ERR_OK);
	assert(export_verifier_new(&key, true, &v) == ERR_OK);
	assert(export_verify(v, file, &verdict) == ERR_OK);
	assert(!verdict.is_good);
	return 0;
}
