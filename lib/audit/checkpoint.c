/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint - the three lines that say how large the log is and what its root is. */
#include <inttypes.h>

#include "audit/base64.h"
#include "audit/note.h"

enum err
checkpoint_write(struct str origin, const struct merkle_checkpoint *at, struct buf *out)
{
	enum err e = buf_append_str(out, origin);

	if (e == ERR_OK)
		e = buf_printf(out, "\n%" PRIu64 "\n", at->size);
	if (e == ERR_OK)
		e = base64_encode((struct str){ (const char *)at->root.bytes, MERKLE_HASH_BYTES },
		    out);
	return e == ERR_OK ? buf_append_byte(out, '\n') : e;
}

static bool
take_line(struct str *left, struct str *ret_line)
{
	const char *end = left->len == 0 ? NULL : memchr(left->at, '\n', left->len);

	if (end == NULL || end == left->at)
		return false;
	*ret_line = (struct str){ left->at, (size_t)(end - left->at) };
	*left = (struct str){ end + 1, left->len - ret_line->len - 1 };
	return true;
}

/* Decimal without a leading zero, as the specification wants it. */
static bool
read_size(struct str line, uint64_t *ret_size)
{
	uint64_t v = 0;

	if (line.len > 19 || (line.len > 1 && line.at[0] == '0'))
		return false;
	for (size_t i = 0; i < line.len; i++) {
		if (line.at[i] < '0' || line.at[i] > '9')
			return false;
		v = 10 * v + (uint64_t)(line.at[i] - '0');
	}
	*ret_size = v;
	return true;
}

enum err
checkpoint_read(struct str text, struct str *ret_origin, struct merkle_checkpoint *ret_at)
{
	CLEANUP(buf) struct buf *root = NULL;
	struct str origin, size, base64;
	struct merkle_checkpoint at;
	enum err e;

	if (!take_line(&text, &origin) || !take_line(&text, &size) || !take_line(&text, &base64) ||
	    text.len != 0 || !read_size(size, &at.size))
		return ERR_MALFORMED;
	e = buf_new(NOTE_MAX_BYTES, &root);
	if (e == ERR_OK)
		e = base64_decode(base64, root);
	if (e == ERR_OK && buf_len(root) != MERKLE_HASH_BYTES)
		e = ERR_MALFORMED;
	if (e != ERR_OK)
		return e;
	memcpy(at.root.bytes, buf_str(root).at, MERKLE_HASH_BYTES);
	*ret_origin = origin;
	*ret_at = at;
	return ERR_OK;
}

enum err
checkpoint_open(const struct note_key *key, struct str note, struct merkle_checkpoint *ret_at)
{
	struct str text, origin;
	enum err e = note_open(key, note, &text);

	if (e == ERR_OK)
		e = checkpoint_read(text, &origin, ret_at);
	if (e == ERR_OK && !str_equals(origin, str_from(key->name)))
		e = ERR_DENIED;
	return e;
}
