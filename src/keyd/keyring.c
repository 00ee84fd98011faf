/* SPDX-License-Identifier: Apache-2.0 */
/* keyring - see keyring.h. */
#include "keyd/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* Purpose keys of the versions used last, in one piece of secret memory made at the start: the
 * sandbox forbids making more. */
#define CACHE_SLOTS 256
#define SLOT_BYTES (KEY_N_PURPOSES * (size_t)SEAL_KEY_BYTES)

struct keyring {
	struct keyring_file *file;
	struct key_record *records; /* sorted by workspace, subject, version */
	size_t n, room;
	struct secret *cache;
	struct uuid cached[CACHE_SLOTS]; /* whose keys a slot holds; zero: none */
};

static const struct {
	const char *name;
	size_t half; /* of the pair */
} purposes[KEY_N_PURPOSES] = { [KEY_SEAL] = { "rendfly seal 1", 0 },
	[KEY_PLACEHOLDER] = { "rendfly placeholder 1", 1 },
	[KEY_CHAIN] = { "rendfly chain 1", 1 },
	[KEY_SYSTEM] = { "rendfly system message 1", 1 } };

/* ---- the list */

static int
compare(const struct key_record *a, const struct key_record *b)
{
	int by = memcmp(a->workspace.bytes, b->workspace.bytes, UUID_BYTES);

	if (by == 0)
		by = memcmp(a->subject.bytes, b->subject.bytes, UUID_BYTES);
	if (by == 0)
		by = (a->version > b->version) - (a->version < b->version);
	return by;
}

/* Where the record is or would be. */
static size_t
position_of(const struct keyring *k, const struct key_record *wanted)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&k->records[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum err
make_room(struct keyring *k)
{
	size_t room = k->room == 0 ? 64 : k->room * 2;
	struct key_record *more;

	if (k->n == KEYRING_MAX_RECORDS)
		return ERR_TOO_LARGE;
	if (k->n < k->room)
		return ERR_OK;
	more = realloc(k->records, room * sizeof(*more));
	if (more == NULL)
		return ERR_NOMEM;
	k->records = more;
	k->room = room;
	return ERR_OK;
}

static enum err
remember(void *to, const struct key_record *r)
{
	struct keyring *k = to;
	size_t at = position_of(k, r);
	enum err e;

	if (at < k->n && compare(&k->records[at], r) == 0)
		return ERR_MALFORMED;
	e = make_room(k);
	if (e != ERR_OK)
		return e;
	memmove(k->records + at + 1, k->records + at, (k->n - at) * sizeof(*k->records));
	k->records[at] = *r;
	k->n++;
	return ERR_OK;
}

/* The workspace's own records: from *ret_from on; how many. */
static size_t
find_own(const struct keyring *k, const struct uuid *workspace, size_t *ret_from)
{
	const struct key_record first = { .workspace = *workspace };
	size_t from = position_of(k, &first), n = 0;

	while (from + n < k->n && uuid_equals(&k->records[from + n].workspace, workspace) &&
	    uuid_is_zero(&k->records[from + n].subject))
		n++;
	*ret_from = from;
	return n;
}

enum err
keyring_newest(const struct keyring *k, const struct uuid *workspace, size_t *ret_at)
{
	size_t from, n = find_own(k, workspace, &from);

	if (n == 0)
		return ERR_NOT_FOUND;
	*ret_at = from + n - 1;
	return k->records[*ret_at].kind == KEY_GONE_WORKSPACE ? ERR_GONE : ERR_OK;
}

size_t
keyring_count(const struct keyring *k)
{
	return k->n;
}

const struct key_record *
keyring_at(const struct keyring *k, size_t i)
{
	return &k->records[i];
}

uint64_t
keyring_generation(const struct keyring *k)
{
	return keyring_file_generation(k->file);
}

/* ---- life */

enum err
keyring_open(const char *dir, const struct secret *root, struct keyring **ret_keyring,
    struct err_detail *reterr)
{
	CLEANUP(keyring) struct keyring *k = calloc(1, sizeof(*k));
	enum err e;

	if (k == NULL)
		return err_set(reterr, ERR_NOMEM, "out of memory");
	if (root != NULL && secret_new(CACHE_SLOTS * SLOT_BYTES, &k->cache) != ERR_OK)
		return err_set(reterr, ERR_NOMEM,
		    "no memory for keys: raise the limit of locked memory");
	e = keyring_file_open(dir, root, &k->file, reterr);
	if (e == ERR_OK)
		e = keyring_file_read(k->file, remember, k, reterr);
	/* From before there was a wrapping key, or made a moment ago. */
	if (e == ERR_OK && root != NULL && keyring_file_generation(k->file) == 0) {
		e = keyring_file_replace(k->file, k->records, k->n);
		if (e != ERR_OK)
			(void)err_set(reterr, e, "the keyring cannot be wrapped anew: %s",
			    err_text(e));
	}
	if (e == ERR_OK)
		*ret_keyring = TAKE(k);
	return e;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	keyring_file_free(k->file);
	secret_free(k->cache);
	free(k->records);
	free(k);
}

static void
empty_cache(struct keyring *k)
{
	explicit_bzero(secret_bytes(k->cache), secret_len(k->cache));
	memset(k->cached, 0, sizeof(k->cached));
}

/* ---- adding */

static enum err
add(struct keyring *k, struct key_record *r, const uint8_t pair[static KEY_PAIR_BYTES])
{
	enum err e = make_room(k);

	if (e == ERR_OK)
		e = keyring_file_seal(k->file, r, pair);
	if (e == ERR_OK)
		e = keyring_file_append(k->file, r);
	return e == ERR_OK ? remember(k, r) : e;
}

enum err
keyring_create(struct keyring *k, const struct uuid *workspace)
{
	struct key_record r = { .kind = KEY_OF_WORKSPACE,
		.workspace = *workspace,
		.key_id = uuid_new(),
		.version = 1,
		.created_ms = clock_wall_ms() };
	uint8_t pair[KEY_PAIR_BYTES];
	size_t at;
	enum err e;

	/* The zero id is the installation's, which has no key. */
	if (uuid_is_zero(workspace))
		return ERR_MALFORMED;
	e = keyring_newest(k, workspace, &at);
	if (e != ERR_NOT_FOUND)
		return e == ERR_OK ? ERR_CONFLICT : e;
	e = seal_random(pair, sizeof(pair));
	if (e == ERR_OK)
		e = add(k, &r, pair);
	explicit_bzero(pair, sizeof(pair));
	return e;
}

enum err
keyring_rotate(struct keyring *k, const struct uuid *workspace)
{
	struct key_record r;
	uint8_t pair[KEY_PAIR_BYTES];
	size_t at, from;
	enum err e = keyring_newest(k, workspace, &at);

	if (e == ERR_OK && find_own(k, workspace, &from) >= KEYRING_MAX_VERSIONS)
		e = ERR_TOO_LARGE;
	if (e != ERR_OK)
		return e;
	r = k->records[at];
	r.key_id = uuid_new();
	r.version++;
	r.created_ms = clock_wall_ms();
	/* The pseudonyms' half stays. */
	e = keyring_file_unseal(k->file, &k->records[at], pair);
	if (e == ERR_OK)
		e = seal_random(pair, SEAL_KEY_BYTES);
	if (e == ERR_OK)
		e = add(k, &r, pair);
	explicit_bzero(pair, sizeof(pair));
	return e;
}

/* ---- taking away */

/* Puts all records but those from..from+n in force, with one more or none. */
static enum err
replace_range(struct keyring *k, size_t from, size_t n, const struct key_record *more)
{
	size_t kept = k->n - n, room = kept + 1;
	struct key_record *records = malloc(room * sizeof(*records));
	enum err e;

	if (records == NULL)
		return ERR_NOMEM;
	memcpy(records, k->records, from * sizeof(*records));
	if (more != NULL)
		records[from] = *more;
	memcpy(records + from + (more != NULL), k->records + from + n,
	    (k->n - from - n) * sizeof(*records));
	kept += more != NULL;
	e = keyring_file_replace(k->file, records, kept);
	if (e != ERR_OK) {
		free(records);
		return e;
	}
	free(k->records);
	k->records = records;
	k->n = kept;
	k->room = room;
	empty_cache(k);
	return ERR_OK;
}

enum err
keyring_retire(struct keyring *k, const struct uuid *workspace, const struct uuid *key_id,
    int64_t now_ms)
{
	size_t newest, from, at;
	enum err e = keyring_newest(k, workspace, &newest);

	if (e != ERR_OK)
		return e;
	(void)find_own(k, workspace, &from);
	at = from;
	while (at <= newest && !uuid_equals(&k->records[at].key_id, key_id))
		at++;
	if (at > newest)
		return ERR_NOT_FOUND;
	if (at == newest)
		return ERR_CONFLICT;
	if (now_ms - k->records[at + 1].created_ms < KEYRING_RETIRE_AFTER_MS)
		return ERR_BUSY;
	return replace_range(k, at, 1, NULL);
}

/* What is left tells that there was a workspace; its pair is zeros. */
static enum err
make_mark(const struct keyring *k, struct key_record *mark)
{
	static const uint8_t zeros[KEY_PAIR_BYTES];

	mark->created_ms = clock_wall_ms();
	return keyring_file_seal(k->file, mark, zeros);
}

enum err
keyring_destroy(struct keyring *k, const struct uuid *workspace)
{
	struct key_record mark = { .kind = KEY_GONE_WORKSPACE, .workspace = *workspace };
	size_t newest, from, n = 0;
	enum err e = keyring_newest(k, workspace, &newest);

	if (e == ERR_OK)
		e = make_mark(k, &mark);
	if (e != ERR_OK)
		return e;
	/* Its subjects' keys stand behind its own. */
	(void)find_own(k, workspace, &from);
	while (from + n < k->n && uuid_equals(&k->records[from + n].workspace, workspace))
		n++;
	return replace_range(k, from, n, &mark);
}

static size_t
find_subject(const struct keyring *k, const struct uuid *workspace, const struct uuid *subject,
    bool *ret_is_there)
{
	const struct key_record wanted = {
		.workspace = *workspace, .subject = *subject, .version = 1
	};
	size_t at = position_of(k, &wanted);

	*ret_is_there = at < k->n && compare(&k->records[at], &wanted) == 0;
	return at;
}

enum err
keyring_destroy_subject(struct keyring *k, const struct uuid *workspace, const struct uuid *subject)
{
	struct key_record mark = {
		.kind = KEY_GONE_SUBJECT, .workspace = *workspace, .subject = *subject, .version = 1
	};
	bool is_there;
	size_t at, newest;
	enum err e = keyring_newest(k, workspace, &newest);

	if (e != ERR_OK)
		return e;
	at = find_subject(k, workspace, subject, &is_there);
	if (!is_there)
		return ERR_NOT_FOUND;
	if (k->records[at].kind == KEY_GONE_SUBJECT)
		return ERR_GONE;
	/* By the key's id a record tells that its subject was erased. */
	mark.key_id = k->records[at].key_id;
	e = make_mark(k, &mark);
	return e == ERR_OK ? replace_range(k, at, 1, &mark) : e;
}

enum err
keyring_reroot(struct keyring *k, const struct secret *root)
{
	keyring_file_reroot(k->file, root);
	return replace_range(k, 0, 0, NULL);
}

bool
keyring_is_rerooted(const struct keyring *k)
{
	return keyring_file_is_rerooted(k->file);
}

/* ---- keys */

static enum err
derive_slot(const struct keyring *k, const struct key_record *r, uint8_t *slot)
{
	uint8_t pair[KEY_PAIR_BYTES];
	struct str salt = { (const char *)r->workspace.bytes, UUID_BYTES };
	enum err e = keyring_file_unseal(k->file, r, pair);

	for (size_t i = 0; e == ERR_OK && i < KEY_N_PURPOSES; i++)
		e = seal_hkdf((struct str){ (const char *)pair + purposes[i].half * SEAL_KEY_BYTES,
				  SEAL_KEY_BYTES },
		    salt, str_from(purposes[i].name), slot + i * SEAL_KEY_BYTES, SEAL_KEY_BYTES);
	explicit_bzero(pair, sizeof(pair));
	return e;
}

static enum err
find_key(struct keyring *k, const struct key_record *r, enum key_purpose purpose,
    const uint8_t **ret_key)
{
	/* The random end of the id spreads the versions over the slots. */
	size_t slot = (size_t)(r->key_id.bytes[14] ^ r->key_id.bytes[15]) % CACHE_SLOTS;
	uint8_t *bytes = secret_bytes(k->cache) + slot * SLOT_BYTES;

	if (!uuid_equals(&k->cached[slot], &r->key_id)) {
		enum err e;

		k->cached[slot] = (struct uuid){ { 0 } };
		e = derive_slot(k, r, bytes);
		if (e != ERR_OK)
			return e;
		k->cached[slot] = r->key_id;
	}
	*ret_key = bytes + (size_t)purpose * SEAL_KEY_BYTES;
	return ERR_OK;
}

enum err
keyring_key(struct keyring *k, const struct uuid *workspace, enum key_purpose purpose,
    const uint8_t **ret_key, struct uuid *ret_key_id)
{
	size_t at;
	enum err e = keyring_newest(k, workspace, &at);

	if (e != ERR_OK)
		return e;
	*ret_key_id = k->records[at].key_id;
	return find_key(k, &k->records[at], purpose, ret_key);
}

/* Behind the workspace's own keys. */
static size_t
count_subjects(const struct keyring *k, const struct uuid *workspace)
{
	struct key_record last = { .workspace = *workspace, .version = UINT32_MAX };
	size_t from, n = find_own(k, workspace, &from);

	memset(last.subject.bytes, 0xff, UUID_BYTES);
	return position_of(k, &last) - from - n;
}

static enum err
add_subject(struct keyring *k, const struct uuid *workspace, const struct uuid *subject)
{
	struct key_record r = { .kind = KEY_OF_SUBJECT,
		.workspace = *workspace,
		.subject = *subject,
		.key_id = uuid_new(),
		.version = 1,
		.created_ms = clock_wall_ms() };
	uint8_t pair[KEY_PAIR_BYTES];
	enum err e = seal_random(pair, sizeof(pair));

	if (e == ERR_OK)
		e = add(k, &r, pair);
	explicit_bzero(pair, sizeof(pair));
	return e;
}

enum err
keyring_subject_key(struct keyring *k, const struct uuid *workspace, const struct uuid *subject,
    const uint8_t **ret_key, struct uuid *ret_key_id)
{
	bool is_there;
	size_t newest, at;
	enum err e = keyring_newest(k, workspace, &newest);

	/* The zero subject is the workspace itself. */
	if (uuid_is_zero(subject))
		return ERR_MALFORMED;
	if (e != ERR_OK)
		return e;
	at = find_subject(k, workspace, subject, &is_there);
	if (!is_there)
		e = count_subjects(k, workspace) < KEYRING_MAX_SUBJECTS
		    ? add_subject(k, workspace, subject)
		    : ERR_TOO_LARGE;
	else if (k->records[at].kind == KEY_GONE_SUBJECT)
		e = ERR_GONE;
	if (e != ERR_OK)
		return e;
	*ret_key_id = k->records[at].key_id;
	return find_key(k, &k->records[at], KEY_SEAL, ret_key);
}

/* The place of a subject's key behind the workspace's own; k->n when none has this one. */
static size_t
find_subject_by_key(const struct keyring *k, const struct uuid *workspace,
    const struct uuid *key_id)
{
	size_t from, n = find_own(k, workspace, &from);

	for (size_t at = from + n; at < k->n && uuid_equals(&k->records[at].workspace, workspace);
	     at++)
		if (uuid_equals(&k->records[at].key_id, key_id))
			return at;
	return k->n;
}

bool
keyring_is_of_subject(const struct keyring *k, const struct uuid *workspace,
    const struct uuid *key_id)
{
	return find_subject_by_key(k, workspace, key_id) < k->n;
}

enum err
keyring_key_of_version(struct keyring *k, const struct uuid *workspace, const struct uuid *key_id,
    const uint8_t **ret_key)
{
	size_t newest, from;
	enum err e = keyring_newest(k, workspace, &newest);

	if (e != ERR_OK)
		return e;
	/* Almost always the newest is asked for; subjects stand behind it. */
	(void)find_own(k, workspace, &from);
	for (size_t at = newest + 1; at-- > from;)
		if (uuid_equals(&k->records[at].key_id, key_id))
			return find_key(k, &k->records[at], KEY_SEAL, ret_key);
	from = find_subject_by_key(k, workspace, key_id);
	if (from == k->n)
		return ERR_NOT_FOUND;
	return k->records[from].kind == KEY_GONE_SUBJECT
	    ? ERR_GONE
	    : find_key(k, &k->records[from], KEY_SEAL, ret_key);
}
