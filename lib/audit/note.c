/* SPDX-License-Identifier: Apache-2.0 */
/* note - keys, signatures and the parts of a signed note. */
#include "audit/note.h"
#include "audit/base64.h"
#include "base/hex.h"
#include "seal/seal.h"

#define ED25519 0x01
#define DASH "\xe2\x80\x94 "
#define DASH_BYTES (sizeof(DASH) - 1)
#define BLOB_BYTES (NOTE_KEY_ID_BYTES + NOTE_SIGNATURE_BYTES)

static bool
is_name(struct str name)
{
	if (name.len == 0 || name.len > NOTE_NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == '+')
			return false;
	return true;
}

enum err
note_key_make(struct str name, const uint8_t public_key[static NOTE_KEY_BYTES],
    struct note_key *ret_key)
{
	char hashed[NOTE_NAME_MAX_BYTES + 2 + NOTE_KEY_BYTES];
	struct note_key key = { 0 };
	uint8_t digest[32];
	enum err e;

	if (!is_name(name))
		return ERR_MALFORMED;
	memcpy(key.name, name.at, name.len);
	memcpy(key.public_key, public_key, NOTE_KEY_BYTES);
	memcpy(hashed, name.at, name.len);
	hashed[name.len] = '\n';
	hashed[name.len + 1] = ED25519;
	memcpy(hashed + name.len + 2, public_key, NOTE_KEY_BYTES);
	e = seal_sha256((struct str){ hashed, name.len + 2 + NOTE_KEY_BYTES }, digest);
	if (e != ERR_OK)
		return e;
	memcpy(key.id, digest, NOTE_KEY_ID_BYTES);
	*ret_key = key;
	return ERR_OK;
}

/* Up to the mark, which is dropped; false when there is none. */
static bool
cut(struct str *left, char mark, struct str *ret_part)
{
	const char *at = left->len == 0 ? NULL : memchr(left->at, mark, left->len);

	if (at == NULL)
		return false;
	*ret_part = (struct str){ left->at, (size_t)(at - left->at) };
	*left = (struct str){ at + 1, left->len - ret_part->len - 1 };
	return true;
}

enum err
note_key_read(struct str text, struct note_key *ret_key)
{
	CLEANUP(buf) struct buf *blob = NULL;
	uint8_t id[NOTE_KEY_ID_BYTES];
	struct note_key key;
	struct str name, hex;
	enum err e;

	if (!cut(&text, '+', &name) || !cut(&text, '+', &hex) ||
	    !hex_decode(hex, id, NOTE_KEY_ID_BYTES))
		return ERR_MALFORMED;
	e = buf_new(NOTE_MAX_BYTES, &blob);
	if (e == ERR_OK)
		e = base64_decode(text, blob);
	if (e != ERR_OK)
		return e;
	if (buf_len(blob) != 1 + NOTE_KEY_BYTES || buf_str(blob).at[0] != ED25519)
		return ERR_MALFORMED;
	e = note_key_make(name, (const uint8_t *)buf_str(blob).at + 1, &key);
	if (e == ERR_OK && memcmp(key.id, id, NOTE_KEY_ID_BYTES) != 0)
		e = ERR_MALFORMED;
	if (e == ERR_OK)
		*ret_key = key;
	return e;
}

enum err
note_key_write(const struct note_key *key, struct buf *out)
{
	char blob[1 + NOTE_KEY_BYTES], hex[2 * NOTE_KEY_ID_BYTES + 1];
	enum err e;

	blob[0] = ED25519;
	memcpy(blob + 1, key->public_key, NOTE_KEY_BYTES);
	hex_encode(key->id, NOTE_KEY_ID_BYTES, hex);
	e = buf_printf(out, "%s+%s+", key->name, hex);
	return e == ERR_OK ? base64_encode((struct str){ blob, sizeof(blob) }, out) : e;
}

enum err
note_write(const struct note_key *key, struct str text,
    const uint8_t signature[static NOTE_SIGNATURE_BYTES], struct buf *out)
{
	char blob[BLOB_BYTES];
	enum err e;

	if (text.len == 0 || text.at[text.len - 1] != '\n')
		return ERR_BUG;
	memcpy(blob, key->id, NOTE_KEY_ID_BYTES);
	memcpy(blob + NOTE_KEY_ID_BYTES, signature, NOTE_SIGNATURE_BYTES);
	e = buf_append_str(out, text);
	if (e == ERR_OK)
		e = buf_printf(out, "\n" DASH "%s ", key->name);
	if (e == ERR_OK)
		e = base64_encode((struct str){ blob, sizeof(blob) }, out);
	return e == ERR_OK ? buf_append_byte(out, '\n') : e;
}

/* The text with its last newline, and the lines of signatures behind the last empty line. */
static bool
split(struct str note, struct str *ret_text, struct str *ret_signatures)
{
	if (note.len < 2 || note.len > NOTE_MAX_BYTES || note.at[note.len - 1] != '\n')
		return false;
	for (size_t i = 0; i < note.len; i++)
		if (((uint8_t)note.at[i] < ' ' && note.at[i] != '\n') || note.at[i] == 0x7f)
			return false;
	for (size_t i = note.len - 1; i > 0; i--)
		if (note.at[i] == '\n' && note.at[i - 1] == '\n') {
			*ret_text = str_slice(note, 0, i);
			*ret_signatures = str_slice(note, i + 1, note.len);
			return ret_signatures->len > 0;
		}
	return false;
}

/* ERR_NOT_FOUND: another key's line. */
static enum err
check_line(const struct note_key *key, struct str line, struct str text, struct buf *blob)
{
	const uint8_t *bytes;
	struct str name;
	enum err e;

	if (!str_starts_with(line, STR(DASH)))
		return ERR_MALFORMED;
	line = str_slice(line, DASH_BYTES, line.len);
	if (!cut(&line, ' ', &name) || name.len == 0)
		return ERR_MALFORMED;
	buf_clear(blob);
	e = base64_decode(line, blob);
	if (e != ERR_OK)
		return e;
	bytes = (const uint8_t *)buf_str(blob).at;
	if (buf_len(blob) < NOTE_KEY_ID_BYTES + 1)
		return ERR_MALFORMED;
	if (name.len != strlen(key->name) || memcmp(name.at, key->name, name.len) != 0 ||
	    memcmp(bytes, key->id, NOTE_KEY_ID_BYTES) != 0)
		return ERR_NOT_FOUND;
	return buf_len(blob) == BLOB_BYTES &&
		seal_verify(key->public_key, text, bytes + NOTE_KEY_ID_BYTES)
	    ? ERR_OK
	    : ERR_DENIED;
}

enum err
note_open(const struct note_key *key, struct str note, struct str *ret_text)
{
	CLEANUP(buf) struct buf *blob = NULL;
	struct str text, lines, line;
	bool is_signed = false;
	enum err e;

	if (!split(note, &text, &lines))
		return ERR_MALFORMED;
	e = buf_new(NOTE_MAX_BYTES, &blob);
	while (e == ERR_OK && cut(&lines, '\n', &line)) {
		e = check_line(key, line, text, blob);
		is_signed = is_signed || e == ERR_OK;
		if (e == ERR_NOT_FOUND)
			e = ERR_OK;
	}
	if (e == ERR_OK && !is_signed)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		*ret_text = text;
	return e;
}

enum err
note_peek(struct str note, struct str *ret_text)
{
	struct str lines;

	return split(note, ret_text, &lines) ? ERR_OK : ERR_MALFORMED;
}

size_t
note_length(struct str notes)
{
	bool is_signed = false;
	size_t at = 0;

	while (at < notes.len) {
		const char *end = memchr(notes.at + at, '\n', notes.len - at);
		struct str line =
		    str_slice(notes, at, end == NULL ? notes.len : (size_t)(end - notes.at));

		if (is_signed && !str_starts_with(line, STR(DASH)))
			return at;
		is_signed = is_signed || line.len == 0;
		at += line.len + 1;
	}
	return notes.len;
}
