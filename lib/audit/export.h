/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export - the file that `rendfly audit export` writes and `rendfly audit verify` judges off line.
 *
 * Lines of JSON in one spelling only, so that no byte can change unseen:
 *
 *   {"format":"rendfly-audit-1","origin":NAME,"workspace":"all" or UUID,"note":NOTE}
 *   {"leaf_index":N,"ws_seq":N,"hash":HASH,"leaf":LEAF}                in the export of all
 *   {"leaf_index":N,"ws_seq":N,"hash":HASH,"leaf":LEAF,"proof":HASHES} in one of a workspace
 *   {"leaf_index":N,"hash":HASH}                                       its event was pruned
 *   {"note":NOTE}                                                      a checkpoint at this point
 *
 * The bytes of notes, leaves and hashes are in base64.  The first line's note is the checkpoint
 * that the whole file is held against.
 *
 * An export of all holds every leaf in order: hashes, order, gaps in each workspace's numbers and
 * the root at every checkpoint are checked.  One of a workspace holds that workspace's events, each
 * with its proof of inclusion.  The verifier is fed lines and keeps a few hundred bytes a
 * workspace.
 */
#pragma once

#include "audit/event.h"
#include "audit/note.h"

#define EXPORT_LINE_MAX_BYTES (32u << 10)

enum export_kind { EXPORT_HEADER, EXPORT_ENTRY, EXPORT_PRUNED, EXPORT_NOTE };

/* leaf, note and proof are views into the buffer that export_read() was given. */
struct export_line {
	enum export_kind kind;
	struct str origin;
	struct uuid workspace;
	bool is_all; /* the header of an export of all; has no workspace */
	struct str note;
	uint64_t leaf_index;
	uint64_t ws_seq;
	struct merkle_hash hash;
	struct str leaf;
	bool has_proof;
	struct merkle_proof proof;
};

/* Appends the line and its newline. */
MUST_CHECK enum err export_write(const struct export_line *line, struct buf *out);

/* Strict: text is one line without its newline; what is accepted, export_write() writes back byte
 * for byte.  scratch is cleared and then holds what the views point at. */
MUST_CHECK enum err export_read(struct str text, struct buf *scratch, struct export_line *ret_line);

/* ---- the verifier */

struct export_verifier;

struct export_verdict {
	bool is_good;
	uint64_t n_entries; /* those whose event stands in the file */
	uint64_t n_pruned;  /* those of which the hash is left */
	uint64_t size;      /* of the checkpoint */
	uint64_t first_bad; /* leaf index; the fault is at it, or between it and last_bad */
	uint64_t last_bad;  /* equal to first_bad when the entry is known */
	char why[160];
};

/* may_be_pruned: events older than some entry may be missing, their hashes not. */
MUST_CHECK enum err export_verifier_new(const struct note_key *key, bool may_be_pruned,
    struct export_verifier **ret_verifier);
void export_verifier_free(struct export_verifier *v);
CLEANUP_DEFINE(export_verifier);

/* A checkpoint that was kept elsewhere, given before the first line; ERR_DENIED when its signature
 * does not hold.  An export that is not of the log that it speaks of is bad. */
MUST_CHECK enum err export_verifier_anchor(struct export_verifier *v, struct str note);

/* The size of the largest of them: an export must hold as much. */
uint64_t export_verifier_reach(const struct export_verifier *v);

/* One line without its newline.  The first fault is kept; lines after it change nothing.  Fails
 * only when memory is out. */
MUST_CHECK enum err export_verifier_line(struct export_verifier *v, struct str line);

/* After the last line. */
MUST_CHECK enum err export_verifier_end(struct export_verifier *v,
    struct export_verdict *ret_verdict);

/* A whole file in memory; a last line without newline is a fault. */
MUST_CHECK enum err export_verify(struct export_verifier *v, struct str file,
    struct export_verdict *ret_verdict);
