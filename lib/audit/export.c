/* SPDX-License-Identifier: Apache-2.0 */
/* export - lines to bytes and back. */
#include <inttypes.h>

#include "audit/base64.h"
#include "audit/export.h"

#define FORMAT "{\"format\":\"rendfly-audit-1\",\"origin\":\""
#define MAX_NUMBER_DIGITS 19

static enum err
put_base64(struct buf *out, const char *name, struct str bytes)
{
	enum err e = buf_printf(out, "\"%s\":\"", name);

	if (e == ERR_OK)
		e = base64_encode(bytes, out);
	return e == ERR_OK ? buf_append_byte(out, '"') : e;
}

static struct str
hash_bytes(const struct merkle_hash *hashes, size_t n)
{
	return (struct str){ (const char *)hashes, n * MERKLE_HASH_BYTES };
}

static enum err
put_header(const struct export_line *line, struct buf *out)
{
	char id[UUID_TEXT_BYTES] = "all";
	enum err e;

	if (!line->is_all)
		uuid_format(&line->workspace, id);
	e = buf_printf(out, FORMAT "%.*s\",\"workspace\":\"%s\",", STR_ARG(line->origin), id);
	return e == ERR_OK ? put_base64(out, "note", line->note) : e;
}

static enum err
put_entry(const struct export_line *line, struct buf *out)
{
	enum err e = buf_printf(out, "{\"leaf_index\":%" PRIu64 ",", line->leaf_index);

	if (e == ERR_OK && line->kind == EXPORT_ENTRY)
		e = buf_printf(out, "\"ws_seq\":%" PRIu64 ",", line->ws_seq);
	if (e == ERR_OK)
		e = put_base64(out, "hash", hash_bytes(&line->hash, 1));
	if (e != ERR_OK || line->kind == EXPORT_PRUNED)
		return e;
	e = buf_append_byte(out, ',');
	if (e == ERR_OK)
		e = put_base64(out, "leaf", line->leaf);
	if (e != ERR_OK || !line->has_proof)
		return e;
	e = buf_append_byte(out, ',');
	if (e == ERR_OK)
		e = put_base64(out, "proof", hash_bytes(line->proof.hashes, line->proof.n));
	return e;
}

enum err
export_write(const struct export_line *line, struct buf *out)
{
	size_t before = buf_len(out);
	enum err e;

	if (line->kind == EXPORT_HEADER) {
		e = put_header(line, out);
	} else if (line->kind == EXPORT_NOTE) {
		e = buf_append_byte(out, '{');
		if (e == ERR_OK)
			e = put_base64(out, "note", line->note);
	} else {
		e = put_entry(line, out);
	}
	if (e == ERR_OK)
		e = buf_append_str(out, STR("}\n"));
	if (e != ERR_OK)
		buf_truncate(out, before);
	return e;
}

/* ---- reading: a cursor that takes exactly what it expects */

static bool
take(struct str *left, struct str literal)
{
	if (!str_starts_with(*left, literal))
		return false;
	*left = str_slice(*left, literal.len, left->len);
	return true;
}

static bool
take_number(struct str *left, uint64_t *ret_v)
{
	uint64_t v = 0;
	size_t n = 0;

	while (n < left->len && n <= MAX_NUMBER_DIGITS && left->at[n] >= '0' && left->at[n] <= '9')
		v = 10 * v + (uint64_t)(left->at[n++] - '0');
	if (n == 0 || n > MAX_NUMBER_DIGITS || (n > 1 && left->at[0] == '0'))
		return false;
	*left = str_slice(*left, n, left->len);
	*ret_v = v;
	return true;
}

/* Up to the closing quote, which is taken too. */
static bool
take_text(struct str *left, struct str *ret_text)
{
	const char *end = left->len == 0 ? NULL : memchr(left->at, '"', left->len);

	if (end == NULL)
		return false;
	*ret_text = (struct str){ left->at, (size_t)(end - left->at) };
	*left = str_slice(*left, ret_text->len + 1, left->len);
	return true;
}

/* A view into scratch, whose memory was reserved for the whole line before. */
static bool
take_bytes(struct str *left, struct buf *scratch, struct str *ret_bytes)
{
	size_t before = buf_len(scratch);
	struct str text;

	if (!take_text(left, &text) || base64_decode(text, scratch) != ERR_OK)
		return false;
	*ret_bytes = str_slice(buf_str(scratch), before, buf_len(scratch));
	return true;
}

static bool
take_hash(struct str *left, struct buf *scratch, struct merkle_hash *ret_hash)
{
	struct str bytes;

	if (!take_bytes(left, scratch, &bytes) || bytes.len != MERKLE_HASH_BYTES)
		return false;
	memcpy(ret_hash->bytes, bytes.at, MERKLE_HASH_BYTES);
	return true;
}

static bool
take_proof(struct str *left, struct buf *scratch, struct merkle_proof *ret_proof)
{
	struct str bytes;

	if (!take_bytes(left, scratch, &bytes) || bytes.len % MERKLE_HASH_BYTES != 0 ||
	    bytes.len > sizeof(ret_proof->hashes))
		return false;
	ret_proof->n = bytes.len / MERKLE_HASH_BYTES;
	memcpy(ret_proof->hashes, bytes.at, bytes.len);
	return true;
}

static bool
is_origin(struct str origin)
{
	for (size_t i = 0; i < origin.len; i++)
		if (origin.at[i] <= ' ' || origin.at[i] > '~' || origin.at[i] == '\\')
			return false;
	return origin.len > 0 && origin.len <= NOTE_NAME_MAX_BYTES;
}

static bool
read_header(struct str left, struct buf *scratch, struct export_line *line)
{
	char id[UUID_TEXT_BYTES];
	struct str workspace;

	if (!take(&left, STR(FORMAT)) || !take_text(&left, &line->origin) ||
	    !is_origin(line->origin) || !take(&left, STR(",\"workspace\":\"")) ||
	    !take_text(&left, &workspace) || !take(&left, STR(",\"note\":\"")) ||
	    !take_bytes(&left, scratch, &line->note) || !str_equals(left, STR("}")))
		return false;
	line->is_all = str_equals(workspace, STR("all"));
	if (line->is_all)
		return true;
	if (!uuid_parse(workspace, &line->workspace))
		return false;
	uuid_format(&line->workspace, id); /* lower case only */
	return str_equals(workspace, str_from(id));
}

static bool
read_entry(struct str left, struct buf *scratch, struct export_line *line)
{
	if (!take(&left, STR("{\"leaf_index\":")) || !take_number(&left, &line->leaf_index))
		return false;
	line->kind = take(&left, STR(",\"ws_seq\":")) ? EXPORT_ENTRY : EXPORT_PRUNED;
	if (line->kind == EXPORT_ENTRY && !take_number(&left, &line->ws_seq))
		return false;
	if (!take(&left, STR(",\"hash\":\"")) || !take_hash(&left, scratch, &line->hash))
		return false;
	if (line->kind == EXPORT_PRUNED)
		return str_equals(left, STR("}"));
	if (!take(&left, STR(",\"leaf\":\"")) || !take_bytes(&left, scratch, &line->leaf))
		return false;
	line->has_proof = take(&left, STR(",\"proof\":\""));
	if (line->has_proof && !take_proof(&left, scratch, &line->proof))
		return false;
	return str_equals(left, STR("}"));
}

static bool
read_note(struct str left, struct buf *scratch, struct export_line *line)
{
	return take(&left, STR("{\"note\":\"")) && take_bytes(&left, scratch, &line->note) &&
	    str_equals(left, STR("}"));
}

enum err
export_read(struct str text, struct buf *scratch, struct export_line *ret_line)
{
	struct export_line line = { 0 };
	bool is_good;
	char *room;
	enum err e;

	buf_clear(scratch);
	e = buf_reserve(scratch, text.len, &room);
	if (e != ERR_OK)
		return e;
	line.kind = EXPORT_NOTE;
	if (str_starts_with(text, STR("{\"leaf_index\""))) {
		is_good = read_entry(text, scratch, &line);
	} else if (str_starts_with(text, STR("{\"note\""))) {
		is_good = read_note(text, scratch, &line);
	} else {
		line.kind = EXPORT_HEADER;
		is_good = read_header(text, scratch, &line);
	}
	if (!is_good)
		return ERR_MALFORMED;
	*ret_line = line;
	return ERR_OK;
}
