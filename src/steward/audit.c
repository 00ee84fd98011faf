/* SPDX-License-Identifier: Apache-2.0 */
#include "steward/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "audit/note.h"
#include "base/file.h"
#include "base/log.h"
#include "store/queries.h"

#define MAX_BATCH 1000
#define MAX_BATCHES_A_TURN 20

struct audit_closer {
	const char *origin;
	int anchors;
	int key;
	char published[CONF_PATH_BYTES + 32]; /* where the edge serves the last note from */
	bool is_published;                    /* the last one; unknown at the start */
	bool is_told;                         /* that it could not be */
	bool is_key_written;
	bool is_loaded; /* the frontier is that of the committed leaves */
	struct merkle_frontier frontier;
	/* Subtrees of the batch at hand; a batch completes fewer than it has leaves, and a spine.
	 */
	size_t n;
	int64_t levels[MAX_BATCH + MERKLE_MAX_DEPTH];
	int64_t indexes[MAX_BATCH + MERKLE_MAX_DEPTH];
	struct merkle_hash hashes[MAX_BATCH + MERKLE_MAX_DEPTH];
	struct str views[MAX_BATCH + MERKLE_MAX_DEPTH];
};

static int
open_file(const char *dir, const char *name, int flags, struct err_detail *reterr)
{
	char path[CONF_PATH_BYTES + 32];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/audit/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0644);
	if (fd < 0)
		(void)err_set(reterr, ERR_IO, "%s: %s; tools/setup/init makes the folder", path,
		    strerror(errno));
	return fd;
}

enum err
audit_closer_new(const struct conf *conf, struct audit_closer **ret_closer,
    struct err_detail *reterr)
{
	CLEANUP_FD int anchors = open_file(conf->dir, "checkpoints", O_APPEND, reterr);
	CLEANUP_FD int key = anchors < 0 ? -1 : open_file(conf->dir, "key", 0, reterr);
	struct audit_closer *c;

	if (anchors < 0 || key < 0)
		return ERR_IO;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ERR_NOMEM;
	c->anchors = TAKE_FD(anchors);
	c->key = TAKE_FD(key);
	(void)snprintf(c->published, sizeof(c->published), "%s/run/checkpoint", conf->dir);
	c->origin = conf->audit_origin;
	*ret_closer = c;
	return ERR_OK;
}

void
audit_closer_free(struct audit_closer *c)
{
	if (c == NULL)
		return;
	(void)close(c->anchors);
	(void)close(c->key);
	free(c);
}

static enum err
ask_hashes(struct audit_closer *c, struct store *s, size_t n, struct merkle_hash *ret_hashes)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(s, SQL_AUDIT_TREE_HASHES,
	    (struct store_param[]){ P_INTS(c->levels, n), P_INTS(c->indexes, n) }, 2, &rows);

	if (e == ERR_OK && store_row_count(rows) != n)
		e = ERR_BUG;
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		struct str hash = store_text(rows, i, 0);

		if (store_is_null(rows, i, 0) || hash.len != MERKLE_HASH_BYTES)
			return ERR_MALFORMED; /* somebody took parts of the tree away */
		memcpy(ret_hashes[i].bytes, hash.at, MERKLE_HASH_BYTES);
	}
	return e;
}

/* The roots of the complete subtrees that the committed leaves are made of. */
static enum err
load_frontier(struct audit_closer *c, struct store *s)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_run(s, SQL_AUDIT_TREE_SIZE, NULL, 0, &rows);
	uint64_t size, done = 0;
	size_t n = 0;

	if (e != ERR_OK)
		return e;
	size = (uint64_t)store_int(rows, 0, 0);
	for (int level = 62; level >= 0; level--)
		if ((size >> level & 1) != 0) {
			c->levels[n] = level;
			c->indexes[n++] = (int64_t)(done >> level);
			done += (uint64_t)1 << level;
		}
	c->frontier = (struct merkle_frontier){ .size = size };
	e = n == 0 ? ERR_OK : ask_hashes(c, s, n, c->frontier.roots);
	c->is_loaded = e == ERR_OK;
	return e;
}

/* The subtrees that a leaf completes, then the leaf itself. */
static enum err
add_leaf(struct audit_closer *c, const struct merkle_hash *leaf)
{
	size_t n = merkle_n_roots(c->frontier.size);
	struct merkle_hash hash = *leaf;
	unsigned int level = 0;

	for (uint64_t size = c->frontier.size; (size & 1) != 0; size >>= 1) {
		enum err e = merkle_node_hash(&c->frontier.roots[--n], &hash, &hash);

		if (e != ERR_OK)
			return e;
		level++;
		if (c->n == sizeof(c->levels) / sizeof(c->levels[0]))
			return ERR_BUG;
		c->levels[c->n] = level;
		c->indexes[c->n] = (int64_t)(c->frontier.size >> level);
		c->hashes[c->n++] = hash;
	}
	return merkle_append(&c->frontier, leaf);
}

static enum err
add_leaves(struct audit_closer *c, const struct store_rows *rows)
{
	enum err e = ERR_OK;

	c->n = 0;
	for (size_t i = 0; i < store_row_count(rows) && e == ERR_OK; i++) {
		struct str hash = store_text(rows, i, 1);
		struct merkle_hash leaf;

		if (hash.len != MERKLE_HASH_BYTES ||
		    (uint64_t)store_int(rows, i, 0) != c->frontier.size)
			return ERR_MALFORMED;
		memcpy(leaf.bytes, hash.at, MERKLE_HASH_BYTES);
		e = add_leaf(c, &leaf);
	}
	for (size_t i = 0; i < c->n; i++)
		c->views[i] = (struct str){ (const char *)c->hashes[i].bytes, MERKLE_HASH_BYTES };
	return e;
}

static enum err
close_batch(struct audit_closer *c, struct store *s, size_t *ret_n)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	enum err e = store_begin_plain(s);

	if (e == ERR_OK)
		e = store_run(s, SQL_AUDIT_CLOSE_BATCH, (struct store_param[]){ P_INT(MAX_BATCH) },
		    1, &rows);
	if (e == ERR_OK)
		e = add_leaves(c, rows);
	if (e == ERR_OK && c->n > 0)
		e = store_run(s, SQL_AUDIT_ADD_NODES,
		    (struct store_param[]){ P_INTS(c->levels, c->n), P_INTS(c->indexes, c->n),
			P_BYTEAS(c->views, c->n) },
		    3, NULL);
	if (e == ERR_OK)
		e = store_commit(s);
	if (e != ERR_OK) {
		store_rollback(s);
		c->is_loaded = false;
		return e;
	}
	*ret_n = store_row_count(rows);
	return ERR_OK;
}

struct node_source {
	struct audit_closer *c;
	struct store *store;
};

static enum err
fetch_node(void *from, unsigned int level, uint64_t index, struct merkle_hash *ret_hash)
{
	struct node_source *source = from;

	source->c->levels[0] = level;
	source->c->indexes[0] = (int64_t)index;
	return ask_hashes(source->c, source->store, 1, ret_hash);
}

/* For those who verify; the same bytes at each start. */
static enum err
write_key(struct audit_closer *c, const struct note_key *key)
{
	CLEANUP(buf) struct buf *text = NULL;
	enum err e = c->is_key_written ? ERR_OK : buf_new(NOTE_MAX_BYTES, &text);

	if (c->is_key_written || e != ERR_OK)
		return e;
	e = note_key_write(key, text);
	if (e == ERR_OK)
		e = buf_append_byte(text, '\n');
	if (e == ERR_OK)
		e = file_write_all(c->key, buf_str(text));
	c->is_key_written = e == ERR_OK;
	return e;
}

static enum err
write_note(struct audit_closer *c, struct keyd_client *keyd, const struct merkle_checkpoint *at,
    const struct merkle_proof *proof, struct buf *note)
{
	const struct keyd_checkpoint checkpoint = { c->origin, at->size,
		{ (const char *)at->root.bytes, MERKLE_HASH_BYTES },
		{ (const char *)proof->hashes, proof->n * MERKLE_HASH_BYTES } };
	CLEANUP(buf) struct buf *text = NULL;
	uint8_t public_key[NOTE_KEY_BYTES], signature[NOTE_SIGNATURE_BYTES];
	struct note_key key;
	enum err e = keyd_audit_sign(keyd, &checkpoint, signature);

	if (e == ERR_OK)
		e = keyd_audit_key(keyd, public_key);
	if (e == ERR_OK)
		e = note_key_make(str_from(c->origin), public_key, &key);
	if (e == ERR_OK)
		e = write_key(c, &key);
	if (e == ERR_OK)
		e = buf_new(NOTE_MAX_BYTES, &text);
	if (e == ERR_OK)
		e = checkpoint_write(str_from(c->origin), at, text);
	return e == ERR_OK ? note_write(&key, buf_str(text), signature, note) : e;
}

/* For everybody, without a session: what customers keep is an anchor that nobody here can take
 * back.  Tried again at each turn; the log goes on meanwhile. */
static void
publish(struct audit_closer *c, struct str note)
{
	struct err_detail detail = { "" };

	c->is_published = file_replace(c->published, note, 0644, &detail) == ERR_OK;
	if (!c->is_published && !c->is_told)
		log_error("checkpoint_not_published", LOG_STR("cause", detail.text));
	else if (c->is_published && c->is_told)
		log_info("checkpoint_published");
	c->is_told = !c->is_published;
}

/* How many leaves the checkpoint has that is served; 0 when none is, or none that can be read. */
static uint64_t
published_size(const struct audit_closer *c)
{
	CLEANUP(buf) struct buf *note = NULL;
	struct merkle_checkpoint at = { 0 };
	struct err_detail detail = { "" };
	struct str text, origin;
	enum err e = buf_new(NOTE_MAX_BYTES, &note);

	if (e == ERR_OK)
		e = file_read(c->published, note, &detail);
	if (e == ERR_OK)
		e = note_peek(buf_str(note), &text);
	if (e == ERR_OK)
		e = checkpoint_read(text, &origin, &at);
	return e == ERR_OK ? at.size : 0;
}

static enum err
sign(struct audit_closer *c, struct store *s, struct keyd_client *keyd, uint64_t signed_before)
{
	struct node_source source = { c, s };
	struct merkle_tree tree = { fetch_node, &source, c->frontier.size };
	struct merkle_checkpoint at = { .size = c->frontier.size };
	struct merkle_proof proof = { 0 };
	CLEANUP(buf) struct buf *note = NULL;
	enum err e = merkle_root(&c->frontier, &at.root);

	if (e == ERR_OK && signed_before > 0)
		e = merkle_prove_consistency(&tree, signed_before, &proof);
	if (e == ERR_OK)
		e = buf_new(NOTE_MAX_BYTES, &note);
	if (e == ERR_OK)
		e = write_note(c, keyd, &at, &proof, note);
	if (e == ERR_DENIED)
		log_error("audit_log_was_rolled_back", LOG_INT("size", (int64_t)at.size));
	/* The anchor first: what it holds and the database does not is a roll-back. */
	if (e == ERR_OK)
		e = file_append(c->anchors, buf_str(note));
	if (e == ERR_OK)
		e = store_run(s, SQL_AUDIT_ADD_CHECKPOINT,
		    (struct store_param[]){ P_INT((int64_t)at.size),
			P_BYTEA(((struct str){ (const char *)at.root.bytes, MERKLE_HASH_BYTES })),
			P_TEXT(buf_str(note)) },
		    3, NULL);
	if (e == ERR_OK)
		publish(c, buf_str(note));
	return e;
}

/* Signs the leaves that no checkpoint in the database holds. */
static enum err
sign_if_due(struct audit_closer *c, struct store *s, struct keyd_client *keyd)
{
	CLEANUP(store_rows) struct store_rows *last = NULL;
	uint64_t signed_before;
	enum err e = store_run(s, SQL_AUDIT_LAST_CHECKPOINT, NULL, 0, &last);

	if (e != ERR_OK)
		return e;
	signed_before = store_row_count(last) == 0 ? 0 : (uint64_t)store_int(last, 0, 0);
	if (c->frontier.size > signed_before)
		return sign(c, s, keyd, signed_before);
	/* What is served already may be newer than a database that was put back: it stays. */
	if (!c->is_published)
		c->is_published = published_size(c) >= signed_before;
	if (!c->is_published)
		publish(c, store_text(last, 0, 2));
	return ERR_OK;
}

/* keyd may have signed a size that came no further: that one must be signed again, and reach the
 * database, before there are more leaves.  keyd wants proofs from what it signed last. */
enum err
audit_close(struct audit_closer *c, struct store *store, struct keyd_client *keyd)
{
	size_t n = MAX_BATCH;
	enum err e = c->is_loaded ? ERR_OK : load_frontier(c, store);

	if (e == ERR_OK)
		e = sign_if_due(c, store, keyd);
	for (int i = 0; i < MAX_BATCHES_A_TURN && n == MAX_BATCH && e == ERR_OK; i++)
		e = close_batch(c, store, &n);
	return e == ERR_OK ? sign_if_due(c, store, keyd) : e;
}
