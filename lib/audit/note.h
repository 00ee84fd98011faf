/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note - C2SP signed-note with Ed25519, and the text of a checkpoint (C2SP tlog-checkpoint).
 *
 * A note is a text that ends in a newline, an empty line, and one line for each signature:
 *
 *   "— " name " " base64(key id 4 | signature 64)
 *
 * The key id is the first four bytes of SHA-256(name "\n" 0x01 public key).  Signatures by other
 * keys are of no account.  A verifier's key is written name+hex(key id)+base64(0x01 | public key).
 * A checkpoint's text is three lines: origin, number of leaves, base64 of the root.
 */
#pragma once

#include "audit/merkle.h"
#include "base/buf.h"

#define NOTE_MAX_BYTES 8192
#define NOTE_NAME_MAX_BYTES 128
#define NOTE_KEY_BYTES 32
#define NOTE_KEY_ID_BYTES 4
#define NOTE_SIGNATURE_BYTES 64

struct note_key {
	char name[NOTE_NAME_MAX_BYTES + 1];
	uint8_t id[NOTE_KEY_ID_BYTES];
	uint8_t public_key[NOTE_KEY_BYTES];
};

/* ERR_MALFORMED: a name with white space, '+' or control characters, or none. */
MUST_CHECK enum err note_key_make(struct str name, const uint8_t public_key[static NOTE_KEY_BYTES],
    struct note_key *ret_key);
MUST_CHECK enum err note_key_read(struct str text, struct note_key *ret_key);
MUST_CHECK enum err note_key_write(const struct note_key *key, struct buf *out);

/* Appends the note of a text that was signed. */
MUST_CHECK enum err note_write(const struct note_key *key, struct str text,
    const uint8_t signature[static NOTE_SIGNATURE_BYTES], struct buf *out);

/* The signed text, a view into the note.  ERR_MALFORMED: no note.  ERR_NOT_FOUND: not signed by
 * this key.  ERR_DENIED: signed wrongly. */
MUST_CHECK enum err note_open(const struct note_key *key, struct str note, struct str *ret_text);

/* The text without a look at the signatures: for those who pass a note on. */
MUST_CHECK enum err note_peek(struct str note, struct str *ret_text);

/* Of the first of notes that stand one behind the other: a note ends with its block of signatures,
 * so the first line behind an empty one that does not begin with a dash begins the next. */
size_t note_length(struct str notes);

MUST_CHECK enum err checkpoint_write(struct str origin, const struct merkle_checkpoint *at,
    struct buf *out);
MUST_CHECK enum err checkpoint_read(struct str text, struct str *ret_origin,
    struct merkle_checkpoint *ret_at);

/* Both at once; ERR_DENIED also when the origin is not the key's name. */
MUST_CHECK enum err checkpoint_open(const struct note_key *key, struct str note,
    struct merkle_checkpoint *ret_at);
