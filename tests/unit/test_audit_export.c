/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An export of LEAVES entries, its checkpoints signed every BATCH, and everything that somebody
 * with the whole database, but neither our key nor the anchors, could do to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "audit/base64.h"
#include "audit/export.h"
#include "seal/seal.h"

#define LEAVES 300
#define BATCH 50
#define WORKSPACES 3
#define MAX_LINES (LEAVES + LEAVES / BATCH + 2)
#define LINE_BYTES 1024
#define ORIGIN "log.example"

static const uint8_t our_seed[32] = { 1 }, their_seed[32] = { 2 };
static struct note_key our_key;
static struct merkle_hash hashes[LEAVES];
static struct str leaves[LEAVES];
static char leaf_bytes[LEAVES][256];

/* One line, and the entry that a fault in it is named as. */
struct line {
	char text[LINE_BYTES];
	size_t len;
	uint64_t index;
	bool is_entry;
};

struct file {
	struct line lines[MAX_LINES];
	size_t n;
};

static struct file original, changed;
static uint64_t state_of_random = 88172645463325252u;

static uint64_t
pick(uint64_t below)
{
	state_of_random ^= state_of_random << 13;
	state_of_random ^= state_of_random >> 7;
	state_of_random ^= state_of_random << 17;
	return state_of_random % below;
}

static void
sign(const uint8_t seed[static 32], uint64_t size, const struct merkle_hash *root, struct buf *note)
{
	struct merkle_checkpoint at = { size, *root };
	CLEANUP(buf) struct buf *text = NULL;
	uint8_t signature[64];

	assert_int_equal(buf_new(NOTE_MAX_BYTES, &text), ERR_OK);
	assert_int_equal(checkpoint_write(STR(ORIGIN), &at, text), ERR_OK);
	assert_int_equal(seal_sign(seed, buf_str(text), signature), ERR_OK);
	assert_int_equal(note_write(&our_key, buf_str(text), signature, note), ERR_OK);
}

static void
root_of(uint64_t size, struct merkle_hash *ret_root)
{
	struct merkle_frontier f = { 0 };

	for (uint64_t i = 0; i < size; i++)
		assert_int_equal(merkle_append(&f, &hashes[i]), ERR_OK);
	assert_int_equal(merkle_root(&f, ret_root), ERR_OK);
}

static struct buf *
note_of(const uint8_t seed[static 32], uint64_t size)
{
	struct merkle_hash root;
	struct buf *note;

	root_of(size, &root);
	assert_int_equal(buf_new(NOTE_MAX_BYTES, &note), ERR_OK);
	sign(seed, size, &root, note);
	return note;
}

static void
write_line(const struct export_line *line, struct line *ret_line)
{
	CLEANUP(buf) struct buf *b = NULL;

	assert_int_equal(buf_new(LINE_BYTES, &b), ERR_OK);
	assert_int_equal(export_write(line, b), ERR_OK);
	memcpy(ret_line->text, buf_str(b).at, buf_len(b));
	ret_line->len = buf_len(b);
	ret_line->index = line->leaf_index;
	ret_line->is_entry = line->kind == EXPORT_ENTRY || line->kind == EXPORT_PRUNED;
}

static void
write_entry(size_t i, struct str leaf, struct line *ret_line)
{
	struct export_line line = { .kind = EXPORT_ENTRY, .leaf_index = i, .leaf = leaf };

	line.ws_seq = i / WORKSPACES + 1;
	assert_int_equal(merkle_leaf_hash(leaf, &line.hash), ERR_OK);
	write_line(&line, ret_line);
}

static void
write_note(const uint8_t seed[static 32], enum export_kind kind, uint64_t size,
    struct line *ret_line)
{
	CLEANUP(buf) struct buf *note = note_of(seed, size);
	struct export_line line = { .kind = kind, .origin = STR(ORIGIN), .is_all = true };

	line.note = buf_str(note);
	write_line(&line, ret_line);
	ret_line->index = kind == EXPORT_HEADER ? 0 : size;
}

static struct audit_event
event_of(size_t i)
{
	struct audit_event event = { .ws_seq = i / WORKSPACES + 1, .at_us = 1800000000000000 + i };

	event.workspace.bytes[0] = (uint8_t)(i % WORKSPACES);
	event.event_id.bytes[0] = (uint8_t)(i >> 8);
	event.event_id.bytes[1] = (uint8_t)i;
	event.name = AUDIT_SENSITIVE_READ;
	event.outcome = AUDIT_SUCCESS;
	event.actor_kind = STR("user");
	event.object_kind = STR("conversation");
	return event;
}

static struct str
leaf_of(const struct audit_event *event, char *at)
{
	CLEANUP(buf) struct buf *b = NULL;

	assert_int_equal(buf_new(AUDIT_LEAF_MAX_BYTES, &b), ERR_OK);
	assert_int_equal(audit_leaf_write(event, b), ERR_OK);
	memcpy(at, buf_str(b).at, buf_len(b));
	return (struct str){ at, buf_len(b) };
}

static void
write_file(const uint8_t seed[static 32], size_t n, struct file *f)
{
	f->n = 0;
	write_note(seed, EXPORT_HEADER, n, &f->lines[f->n++]);
	for (size_t i = 0; i < n; i++) {
		write_entry(i, leaves[i], &f->lines[f->n++]);
		if ((i + 1) % BATCH == 0)
			write_note(seed, EXPORT_NOTE, i + 1, &f->lines[f->n++]);
	}
}

static int
make_export(void **state)
{
	uint8_t public_key[32];

	(void)state;
	assert_int_equal(seal_public_key(our_seed, public_key), ERR_OK);
	assert_int_equal(note_key_make(STR(ORIGIN), public_key, &our_key), ERR_OK);
	for (size_t i = 0; i < LEAVES; i++) {
		struct audit_event event = event_of(i);

		leaves[i] = leaf_of(&event, leaf_bytes[i]);
		assert_int_equal(merkle_leaf_hash(leaves[i], &hashes[i]), ERR_OK);
	}
	write_file(our_seed, LEAVES, &original);
	return 0;
}

/* anchor: the size of a checkpoint that was kept, 0 for none. */
static struct export_verdict
verdict_of(const struct file *f, uint64_t anchor, bool may_be_pruned)
{
	CLEANUP(export_verifier) struct export_verifier *v = NULL;
	CLEANUP(buf) struct buf *bytes = NULL, *note = note_of(our_seed, anchor);
	struct export_verdict verdict;

	assert_int_equal(export_verifier_new(&our_key, may_be_pruned, &v), ERR_OK);
	if (anchor > 0)
		assert_int_equal(export_verifier_anchor(v, buf_str(note)), ERR_OK);
	assert_int_equal(buf_new(MAX_LINES * LINE_BYTES, &bytes), ERR_OK);
	for (size_t i = 0; i < f->n; i++)
		assert_int_equal(buf_append(bytes, f->lines[i].text, f->lines[i].len), ERR_OK);
	assert_int_equal(export_verify(v, buf_str(bytes), &verdict), ERR_OK);
	return verdict;
}

static void
an_untouched_export_is_good(void **state)
{
	struct export_verdict v = verdict_of(&original, 2 * BATCH, false);

	(void)state;
	assert_string_equal(v.why, "");
	assert_true(v.is_good);
	assert_int_equal(v.n_entries, LEAVES);
	assert_int_equal(v.size, LEAVES);
}

/* ---- the campaign: each changes `changed` and says where; *ret_is_exact: it must be named alone
 */

typedef uint64_t change(bool *ret_is_exact);

static size_t
pick_entry_line(void)
{
	for (;;) {
		size_t i = pick(changed.n);

		if (changed.lines[i].is_entry)
			return i;
	}
}

static uint64_t
flip_a_bit(bool *ret_is_exact)
{
	struct line *line = &changed.lines[pick(changed.n)];
	size_t at = pick(line->len);

	line->text[at] = (char)((uint8_t)line->text[at] ^ 1u << pick(8));
	*ret_is_exact = true;
	return line->index;
}

static void
remove_lines(size_t from, size_t n)
{
	memmove(&changed.lines[from], &changed.lines[from + n],
	    (changed.n - from - n) * sizeof(changed.lines[0]));
	changed.n -= n;
}

static uint64_t
delete_an_entry(bool *ret_is_exact)
{
	size_t i = pick_entry_line();
	uint64_t index = changed.lines[i].index;

	remove_lines(i, 1);
	*ret_is_exact = true;
	return index;
}

static uint64_t
insert_an_entry(bool *ret_is_exact)
{
	size_t from = pick_entry_line(), to = pick_entry_line();
	struct line copy = changed.lines[from];

	/* Not before itself: that would be the file as it was up to there. */
	memmove(&changed.lines[to + 1], &changed.lines[to],
	    (changed.n - to) * sizeof(changed.lines[0]));
	changed.lines[to] = copy;
	changed.n++;
	*ret_is_exact = true;
	return changed.lines[to + 1].index + (from == to ? 1 : 0);
}

static uint64_t
swap_two_entries(bool *ret_is_exact)
{
	size_t a = pick_entry_line(), b = pick_entry_line();
	struct line kept;

	while (a == b)
		b = pick_entry_line();
	kept = changed.lines[a];
	changed.lines[a] = changed.lines[b];
	changed.lines[b] = kept;
	*ret_is_exact = true;
	return kept.index < changed.lines[a].index ? kept.index : changed.lines[a].index;
}

static uint64_t
truncate_the_file(bool *ret_is_exact)
{
	size_t i = pick_entry_line();
	uint64_t index = changed.lines[i].index;

	changed.n = i;
	*ret_is_exact = true;
	return index;
}

static uint64_t
reverse_a_stretch(bool *ret_is_exact)
{
	size_t from = pick_entry_line(), to = from;
	uint64_t first = changed.lines[from].index;

	while (to + 1 < changed.n && to < from + 8 && changed.lines[to + 1].is_entry)
		to++;
	if (to == from)
		return delete_an_entry(ret_is_exact);
	for (; from < to; from++, to--) {
		struct line kept = changed.lines[from];

		changed.lines[from] = changed.lines[to];
		changed.lines[to] = kept;
	}
	*ret_is_exact = true;
	return first;
}

/* As somebody would who knows how hashes are made. */
static uint64_t
change_a_time_and_its_hash(bool *ret_is_exact)
{
	size_t i = pick_entry_line();
	uint64_t index = changed.lines[i].index;
	struct audit_event event = event_of(index);
	char bytes[256];

	event.at_us += 1 + pick(1000000);
	write_entry(index, leaf_of(&event, bytes), &changed.lines[i]);
	*ret_is_exact = false;
	return index;
}

static uint64_t
rewrite_the_suffix(bool *ret_is_exact)
{
	size_t first = pick_entry_line();
	uint64_t index = changed.lines[first].index;

	for (size_t i = first; i < changed.n; i++) {
		struct audit_event event = event_of(changed.lines[i].index);
		char bytes[256];

		if (!changed.lines[i].is_entry)
			continue;
		event.actor = STR("somebody else");
		write_entry(changed.lines[i].index, leaf_of(&event, bytes), &changed.lines[i]);
	}
	*ret_is_exact = false;
	return index;
}

/* A log of their own, signed with their own key under our name. */
static uint64_t
fork_the_log(bool *ret_is_exact)
{
	write_file(their_seed, BATCH * (1 + pick(LEAVES / BATCH)), &changed);
	*ret_is_exact = true;
	return 0;
}

/* An older state that was true once. */
static uint64_t
restore_yesterday(bool *ret_is_exact)
{
	uint64_t size = BATCH * (1 + pick(LEAVES / BATCH - 1));

	write_file(our_seed, size, &changed);
	*ret_is_exact = false;
	return size;
}

static change *const changes[] = { flip_a_bit, delete_an_entry, insert_an_entry, swap_two_entries,
	truncate_the_file, reverse_a_stretch, change_a_time_and_its_hash, rewrite_the_suffix,
	fork_the_log, restore_yesterday };

static void
every_tampering_is_found_and_the_first_bad_entry_named(void **state)
{
	size_t rounds = getenv("RENDFLY_LONG") == NULL ? 500 : 10000;

	(void)state;
	for (size_t i = 0; i < rounds; i++) {
		size_t kind = pick(sizeof(changes) / sizeof(changes[0]));
		struct export_verdict v;
		uint64_t where;
		bool is_exact;

		changed = original;
		where = changes[kind](&is_exact);
		v = verdict_of(&changed, LEAVES, false);
		if (v.is_good || where < v.first_bad || where > v.last_bad ||
		    (is_exact && v.first_bad != v.last_bad))
			fail_msg("round %zu, change %zu at %zu: %s, %zu to %zu, %s", i, kind,
			    (size_t)where, v.is_good ? "good" : "bad", (size_t)v.first_bad,
			    (size_t)v.last_bad, v.why);
		/* Not named more loosely than between two checkpoints. */
		if (kind != 9)
			assert_true(v.last_bad - v.first_bad < BATCH);
	}
}

static void
without_an_anchor_an_old_log_is_good_and_with_one_it_is_not(void **state)
{
	(void)state;
	write_file(our_seed, BATCH, &changed);
	assert_true(verdict_of(&changed, 0, false).is_good);
	assert_true(verdict_of(&changed, BATCH, false).is_good);
	assert_false(verdict_of(&changed, BATCH + 1, false).is_good);
}

static void
pruned_events_leave_a_tree_that_verifies_and_are_a_fault_when_not_expected(void **state)
{
	struct export_line pruned = { .kind = EXPORT_PRUNED };
	struct export_verdict v;

	(void)state;
	changed = original;
	for (size_t i = 1; i <= BATCH; i++) {
		pruned.leaf_index = i - 1;
		pruned.hash = hashes[i - 1];
		write_line(&pruned, &changed.lines[i]);
	}
	v = verdict_of(&changed, LEAVES, true);
	assert_string_equal(v.why, "");
	assert_int_equal(v.n_pruned, BATCH);
	assert_int_equal(v.n_entries, LEAVES - BATCH);
	assert_false(verdict_of(&changed, LEAVES, false).is_good);
	/* One in the middle is no pruning. */
	changed = original;
	pruned.leaf_index = BATCH - 1;
	pruned.hash = hashes[BATCH - 1];
	write_line(&pruned, &changed.lines[BATCH]);
	v = verdict_of(&changed, LEAVES, true);
	assert_false(v.is_good);
	assert_int_equal(v.first_bad, BATCH - 1);
}

/* ---- a customer's slice */

static enum err
fetch(void *from, unsigned int level, uint64_t index, struct merkle_hash *ret_hash)
{
	struct merkle_frontier f = { 0 };

	(void)from;
	for (uint64_t i = index << level; i < (index + 1) << level; i++)
		assert_int_equal(merkle_append(&f, &hashes[i]), ERR_OK);
	return merkle_root(&f, ret_hash);
}

static void
write_slice(uint8_t workspace, struct file *f)
{
	CLEANUP(buf) struct buf *note = note_of(our_seed, LEAVES);
	struct merkle_tree tree = { fetch, NULL, LEAVES };
	struct export_line head = { .kind = EXPORT_HEADER, .origin = STR(ORIGIN) };

	f->n = 0;
	head.workspace.bytes[0] = workspace;
	head.note = buf_str(note);
	write_line(&head, &f->lines[f->n++]);
	for (size_t i = workspace; i < LEAVES; i += WORKSPACES) {
		struct export_line line = { .kind = EXPORT_ENTRY, .leaf_index = i };

		line.ws_seq = i / WORKSPACES + 1;
		line.hash = hashes[i];
		line.leaf = leaves[i];
		line.has_proof = true;
		assert_int_equal(merkle_prove_inclusion(&tree, i, &line.proof), ERR_OK);
		write_line(&line, &f->lines[f->n++]);
	}
}

static void
a_slice_verifies_and_shows_a_missing_or_foreign_event(void **state)
{
	struct export_verdict v;

	(void)state;
	write_slice(1, &changed);
	v = verdict_of(&changed, LEAVES, false);
	assert_string_equal(v.why, "");
	assert_int_equal(v.n_entries, LEAVES / WORKSPACES);
	for (size_t i = 1; i + 1 < changed.n; i += 7) {
		uint64_t index = changed.lines[i + 1].index;

		write_slice(1, &changed);
		remove_lines(i, 1);
		v = verdict_of(&changed, LEAVES, false);
		assert_false(v.is_good);
		assert_int_equal(v.first_bad, index);
		write_slice(1, &changed);
	}
	write_slice(1, &changed);
	write_slice(2, &original);
	changed.lines[5] = original.lines[5];
	write_file(our_seed, LEAVES, &original);
	assert_string_equal(verdict_of(&changed, LEAVES, false).why,
	    "an event of another workspace");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_untouched_export_is_good),
		cmocka_unit_test(every_tampering_is_found_and_the_first_bad_entry_named),
		cmocka_unit_test(without_an_anchor_an_old_log_is_good_and_with_one_it_is_not),
		cmocka_unit_test(
		    pruned_events_leave_a_tree_that_verifies_and_are_a_fault_when_not_expected),
		cmocka_unit_test(a_slice_verifies_and_shows_a_missing_or_foreign_event),
	};

	return cmocka_run_group_tests(tests, make_export, NULL);
}
