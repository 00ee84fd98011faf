/* SPDX-License-Identifier: Apache-2.0 */
/* verify - holds an export against its checkpoints, line by line, and keeps the first fault. */
#include <stdlib.h>
#include <time.h>

#include "audit/export.h"
#include "audit/sequences.h"

#define MAX_ANCHORS ((size_t)16 << 20)

struct export_verifier {
	struct note_key key;
	bool may_be_pruned;
	struct merkle_checkpoint *anchors;
	size_t n_anchors;
	size_t room_for_anchors;
	size_t next_anchor; /* the first that the tree has not passed; sorted by size by then */
	struct sequences *sequences;
	struct buf *scratch;
	bool has_header;
	bool is_all;
	struct uuid workspace;
	struct merkle_checkpoint whole;  /* the header's */
	struct merkle_frontier frontier; /* export of all */
	uint64_t good_until;             /* leaves under the last checkpoint that held */
	uint64_t next_index;             /* one past the last entry */
	bool is_past_pruning;            /* an entry of the middle of a month was there */
	struct export_verdict verdict;
};

enum err
export_verifier_new(const struct note_key *key, bool may_be_pruned,
    struct export_verifier **ret_verifier)
{
	CLEANUP(export_verifier) struct export_verifier *v = calloc(1, sizeof(*v));
	enum err e;

	if (v == NULL)
		return ERR_NOMEM;
	v->key = *key;
	v->may_be_pruned = may_be_pruned;
	v->verdict.is_good = true;
	e = sequences_new(&v->sequences);
	if (e == ERR_OK)
		e = buf_new(EXPORT_LINE_MAX_BYTES, &v->scratch);
	if (e == ERR_OK)
		*ret_verifier = TAKE(v);
	return e;
}

void
export_verifier_free(struct export_verifier *v)
{
	if (v == NULL)
		return;
	free(v->anchors);
	sequences_free(v->sequences);
	buf_free(v->scratch);
	free(v);
}

enum err
export_verifier_anchor(struct export_verifier *v, struct str note)
{
	struct merkle_checkpoint at, *more;
	enum err e = checkpoint_open(&v->key, note, &at);

	if (e != ERR_OK)
		return e;
	if (v->n_anchors == MAX_ANCHORS)
		return ERR_TOO_LARGE;
	if (v->n_anchors == v->room_for_anchors) {
		size_t room = v->n_anchors == 0 ? 64 : 2 * v->n_anchors;

		more = reallocarray(v->anchors, room, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		v->anchors = more;
		v->room_for_anchors = room;
	}
	v->anchors[v->n_anchors++] = at;
	return ERR_OK;
}

uint64_t
export_verifier_reach(const struct export_verifier *v)
{
	uint64_t reach = 0;

	for (size_t i = 0; i < v->n_anchors; i++)
		if (v->anchors[i].size > reach)
			reach = v->anchors[i].size;
	return reach;
}

static void
found(struct export_verifier *v, uint64_t first, uint64_t last, const char *why)
{
	v->verdict.is_good = false;
	v->verdict.first_bad = first;
	v->verdict.last_bad = last > first ? last : first;
	(void)snprintf(v->verdict.why, sizeof(v->verdict.why), "%s", why);
}

/* What is wrong with the entry that comes next. */
static void
found_here(struct export_verifier *v, const char *why)
{
	found(v, v->next_index, v->next_index, why);
}

/* The tree as it is now is not the signed one: one of the entries since the last good root. */
static void
found_since(struct export_verifier *v, const char *why)
{
	found(v, v->good_until, v->next_index == 0 ? 0 : v->next_index - 1, why);
}

static enum err
check_root(struct export_verifier *v, const struct merkle_checkpoint *at, const char *why)
{
	struct merkle_hash root;
	enum err e = merkle_root(&v->frontier, &root);

	if (e == ERR_OK && !merkle_equals(&root, &at->root))
		found_since(v, why);
	return e;
}

/* Anchors of the size that the tree has now. */
static enum err
check_anchors(struct export_verifier *v)
{
	enum err e = ERR_OK;

	while (v->next_anchor < v->n_anchors && e == ERR_OK && v->verdict.is_good &&
	    v->anchors[v->next_anchor].size <= v->frontier.size)
		e = check_root(v, &v->anchors[v->next_anchor++],
		    "the root is not that of a checkpoint kept elsewhere");
	return e;
}

static int
by_size(const void *a, const void *b)
{
	const struct merkle_checkpoint *left = a, *right = b;

	return left->size < right->size ? -1 : left->size > right->size;
}

static enum err
take_header(struct export_verifier *v, const struct export_line *line)
{
	enum err e = checkpoint_open(&v->key, line->note, &v->whole);

	if (e == ERR_NOMEM)
		return e;
	if (v->has_header)
		found_here(v, "a second header");
	else if (e != ERR_OK || !str_equals(line->origin, str_from(v->key.name)))
		found_here(v, "the header's checkpoint is not signed by the key");
	v->has_header = true;
	v->is_all = line->is_all;
	v->workspace = line->workspace;
	if (v->n_anchors > 0)
		qsort(v->anchors, v->n_anchors, sizeof(*v->anchors), by_size);
	return v->is_all ? check_anchors(v) : ERR_OK;
}

static enum err
take_note(struct export_verifier *v, const struct export_line *line)
{
	struct merkle_checkpoint at;
	enum err e = checkpoint_open(&v->key, line->note, &at);

	if (e == ERR_NOMEM)
		return e;
	if (!v->is_all || e != ERR_OK) {
		found_here(v, "a checkpoint that is not signed by the key");
		return ERR_OK;
	}
	if (at.size != v->frontier.size) {
		found_here(v, "a checkpoint at the wrong place");
		return ERR_OK;
	}
	e = check_root(v, &at, "the root is not the signed one");
	if (e == ERR_OK && v->verdict.is_good)
		v->good_until = v->frontier.size;
	return e;
}

/* Whole months are pruned.  Around midnight an event of the old month may stand behind some of the
 * new one: its transaction ended later. */
static bool
is_in_first_minute_of_month(uint64_t at_us)
{
	const time_t seconds = (time_t)(at_us / 1000000);
	struct tm tm;

	return gmtime_r(&seconds, &tm) != NULL && tm.tm_mday == 1 && tm.tm_hour == 0 &&
	    tm.tm_min == 0;
}

static bool
may_be_missing(const struct export_verifier *v)
{
	return v->may_be_pruned && !v->is_past_pruning;
}

/* Its own bytes: hash, shape, number. */
static enum err
check_leaf(struct export_verifier *v, const struct export_line *line)
{
	struct audit_event event;
	struct merkle_hash hash;
	uint64_t *last;
	enum err e = merkle_leaf_hash(line->leaf, &hash);

	if (e != ERR_OK)
		return e;
	if (!merkle_equals(&hash, &line->hash)) {
		found_here(v, "the leaf is not that of its hash");
		return ERR_OK;
	}
	if (audit_leaf_read(line->leaf, &event) != ERR_OK || event.ws_seq != line->ws_seq) {
		found_here(v, "the leaf is no event with this number");
		return ERR_OK;
	}
	if (!v->is_all && !uuid_equals(&event.workspace, &v->workspace)) {
		found_here(v, "an event of another workspace");
		return ERR_OK;
	}
	e = sequences_last(v->sequences, &event.workspace, &last);
	if (e != ERR_OK)
		return e;
	if (event.ws_seq != *last + 1 &&
	    !(event.ws_seq > *last && (may_be_missing(v) || (*last == 0 && v->may_be_pruned))))
		found_here(v, "a gap in the numbers of the workspace");
	v->is_past_pruning |= !is_in_first_minute_of_month(event.at_us);
	*last = event.ws_seq;
	return ERR_OK;
}

static enum err
take_slice_entry(struct export_verifier *v, const struct export_line *line)
{
	uint64_t here = line->leaf_index;
	enum err e;

	if (here < v->next_index) {
		found_here(v, "an entry out of order");
		return ERR_OK;
	}
	v->next_index = here;
	e = check_leaf(v, line);
	if (e != ERR_OK || !v->verdict.is_good)
		return e;
	if (line->kind != EXPORT_ENTRY || !line->has_proof) {
		found_here(v, "an entry without proof");
		return ERR_OK;
	}
	e = merkle_check_inclusion(v->whole.size, here, &line->hash, &line->proof, &v->whole.root);
	if (e == ERR_NOMEM)
		return e;
	if (e != ERR_OK)
		found_here(v, "the proof does not lead to the signed root");
	v->next_index = here + 1;
	v->verdict.n_entries++;
	return ERR_OK;
}

static enum err
take_entry(struct export_verifier *v, const struct export_line *line)
{
	bool is_pruned = line->kind == EXPORT_PRUNED;
	enum err e = ERR_OK;

	if (line->leaf_index != v->next_index || line->has_proof)
		found_here(v, "an entry is missing, doubled or out of order");
	else if (is_pruned && !may_be_missing(v))
		found_here(v, "the event is missing");
	else if (!is_pruned)
		e = check_leaf(v, line);
	if (e != ERR_OK || !v->verdict.is_good)
		return e;
	e = merkle_append(&v->frontier, &line->hash);
	if (e != ERR_OK)
		return e;
	v->next_index++;
	if (is_pruned)
		v->verdict.n_pruned++;
	else
		v->verdict.n_entries++;
	return check_anchors(v);
}

enum err
export_verifier_line(struct export_verifier *v, struct str text)
{
	struct export_line line;
	enum err e;

	if (!v->verdict.is_good)
		return ERR_OK;
	e = export_read(text, v->scratch, &line);
	if (e == ERR_NOMEM)
		return e;
	if (e != ERR_OK || v->has_header == (line.kind == EXPORT_HEADER)) {
		found_here(v, "a line that is none of an export");
		return ERR_OK;
	}
	if (line.kind == EXPORT_HEADER)
		return take_header(v, &line);
	if (line.kind == EXPORT_NOTE)
		return take_note(v, &line);
	return v->is_all ? take_entry(v, &line) : take_slice_entry(v, &line);
}

/* Anchors that the file does not reach, or that cannot be held against a slice. */
static void
check_reach(struct export_verifier *v)
{
	for (size_t i = 0; i < v->n_anchors && v->verdict.is_good; i++) {
		if (v->anchors[i].size > v->whole.size)
			found(v, v->whole.size, v->anchors[i].size - 1,
			    "the log was rolled back behind a checkpoint kept elsewhere");
		else if (v->anchors[i].size == v->whole.size &&
		    !merkle_equals(&v->anchors[i].root, &v->whole.root))
			found(v, 0, v->whole.size,
			    "the header is not the checkpoint kept elsewhere");
	}
}

enum err
export_verifier_end(struct export_verifier *v, struct export_verdict *ret_verdict)
{
	enum err e = ERR_OK;

	if (v->verdict.is_good && !v->has_header)
		found_here(v, "no header");
	if (v->verdict.is_good && v->is_all && v->frontier.size != v->whole.size)
		found(v, v->frontier.size < v->whole.size ? v->frontier.size : v->whole.size, 0,
		    "the entries end before or behind the checkpoint");
	if (v->verdict.is_good && v->is_all)
		e = check_root(v, &v->whole, "the root is not the signed one");
	check_reach(v);
	v->verdict.size = v->whole.size;
	*ret_verdict = v->verdict;
	return e;
}

enum err
export_verify(struct export_verifier *v, struct str file, struct export_verdict *ret_verdict)
{
	enum err e = ERR_OK;

	while (file.len > 0 && e == ERR_OK) {
		const char *end = memchr(file.at, '\n', file.len);
		size_t len = end == NULL ? file.len : (size_t)(end - file.at);

		if (end == NULL)
			e = export_verifier_line(v, STR(""));
		else
			e = export_verifier_line(v, (struct str){ file.at, len });
		file = str_slice(file, end == NULL ? len : len + 1, file.len);
	}
	return e == ERR_OK ? export_verifier_end(v, ret_verdict) : e;
}
