/* SPDX-License-Identifier: Apache-2.0 */
/* audit_anchors - see audit_anchors.h; the file grows for years and is read piece by piece. */
#include "cli/audit_anchors.h"

#include <stdio.h>

#define PIECE_BYTES (64u << 10)

/* Whole notes of what was read; at the end of the file the last one is whole, too. */
static enum err
take_notes(struct export_verifier *v, struct buf *b, bool is_end)
{
	struct str left = buf_str(b);
	enum err e = ERR_OK;

	while (left.len > 0 && e == ERR_OK) {
		size_t len = note_length(left);

		if (len == left.len && !is_end && len <= NOTE_MAX_BYTES)
			break;
		e = export_verifier_anchor(v, str_slice(left, 0, len));
		left = str_slice(left, len, left.len);
	}
	buf_drop_front(b, buf_len(b) - left.len);
	return e == ERR_OK || e == ERR_NOMEM ? e : ERR_MALFORMED;
}

enum err
audit_anchors_read(struct export_verifier *v, const char *path)
{
	CLEANUP(buf) struct buf *b = NULL;
	FILE *file = fopen(path, "rbe");
	size_t n = 1;
	enum err e = file == NULL ? ERR_NOT_FOUND : buf_new((size_t)4 * PIECE_BYTES, &b);

	while (e == ERR_OK && n > 0) {
		char *at;

		e = buf_reserve(b, PIECE_BYTES, &at);
		if (e != ERR_OK)
			break;
		n = fread(at, 1, PIECE_BYTES, file);
		buf_commit(b, n);
		e = ferror(file) != 0 ? ERR_IO : take_notes(v, b, n == 0);
	}
	if (file != NULL)
		(void)fclose(file);
	return e;
}
