/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of workspaces: versions, and what is taken away is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "keyd_fixture.h"

static void
keys_are_the_same_after_a_restart_and_differ_by_purpose_and_workspace(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	const struct uuid workspaces[2] = { uuid_new(), uuid_new() };
	uint8_t keys[2][KEY_N_PURPOSES][32];

	make_keyring(f, &root);
	for (int round = 0; round < 2; round++) {
		CLEANUP(keyring) struct keyring *ring = NULL;

		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
		assert_int_equal(keyring_count(ring), round == 0 ? 0 : 2);
		for (int w = 0; w < 2; w++)
			assert_int_equal(keyring_create(ring, &workspaces[w]),
			    round == 0 ? ERR_OK : ERR_CONFLICT);
		for (int i = 0; i < 2 * KEY_N_PURPOSES; i++) {
			const uint8_t *key;
			struct uuid id;
			int w = i % 2, p = i / 2;

			assert_int_equal(keyring_key(ring, &workspaces[w], (enum key_purpose)p,
					     &key, &id),
			    ERR_OK);
			if (round == 0)
				memcpy(keys[w][p], key, 32);
			assert_memory_equal(keys[w][p], key, 32);
			for (int j = 0; j < i && round == 0; j++)
				assert_memory_not_equal(keys[j % 2][j / 2], key, 32);
		}
	}
}

static void
a_cut_record_is_dropped_by_keyd_and_left_alone_by_the_list(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *again = NULL, *listed = NULL;
	CLEANUP(buf) struct buf *whole = NULL, *left = NULL;
	const struct uuid workspace = uuid_new(), later = uuid_new();
	char cut[1024];

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &workspace), ERR_OK);
	read_whole(f->active, &whole);
	memcpy(cut, buf_str(whole).at, buf_len(whole));
	memcpy(cut + buf_len(whole), buf_str(whole).at, 50);
	assert_int_equal(file_replace(f->active, (struct str){ cut, buf_len(whole) + 50 }, 0600,
			     NULL),
	    ERR_OK);
	assert_int_equal(keyring_open(f->dir, NULL, &listed, NULL), ERR_OK);
	assert_int_equal(keyring_count(listed), 1);
	read_whole(f->active, &left);
	assert_int_equal(buf_len(left), buf_len(whole) + 50);
	assert_int_equal(keyring_open(f->dir, root, &again, NULL), ERR_OK);
	assert_int_equal(keyring_count(again), 1);
	assert_int_equal(keyring_create(again, &later), ERR_OK);
	keyring_free(TAKE(again));
	assert_int_equal(keyring_open(f->dir, root, &again, NULL), ERR_OK);
	assert_int_equal(keyring_count(again), 2);
}

static void
a_wrapped_key_opens_for_no_other_workspace_and_no_other_root(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL, *other_root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *swapped = NULL, *foreign = NULL;
	CLEANUP(buf) struct buf *whole = NULL;
	const struct uuid ours = uuid_new(), theirs = uuid_new();
	const uint8_t *key;
	struct uuid id;
	char bytes[1024];
	size_t len;

	make_keyring(f, &root);
	assert_int_equal(secret_new(ROOT_KEY_BYTES, &other_root), ERR_OK);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &ours), ERR_OK);
	assert_int_equal(keyring_open(f->dir, other_root, &foreign, NULL), ERR_DENIED);
	read_whole(f->active, &whole);
	len = buf_len(whole);
	assert_true(len < sizeof(bytes));
	memcpy(bytes, buf_str(whole).at, len);
	memcpy(bytes + 4, theirs.bytes, UUID_BYTES);
	assert_int_equal(file_replace(f->active, (struct str){ bytes, len }, 0600, NULL), ERR_OK);
	assert_int_equal(keyring_open(f->dir, root, &swapped, NULL), ERR_OK);
	assert_int_equal(keyring_key(swapped, &theirs, KEY_SEAL, &key, &id), ERR_DENIED);
	assert_int_equal(keyring_key(swapped, &ours, KEY_SEAL, &key, &id), ERR_NOT_FOUND);
}

static void
a_damaged_keyring_stops_the_start(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *damaged = NULL;
	CLEANUP(buf) struct buf *whole = NULL;
	const struct uuid workspace = uuid_new();
	struct err_detail detail = { "" };
	char bytes[1024];

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &workspace), ERR_OK);
	read_whole(f->active, &whole);
	memcpy(bytes, buf_str(whole).at, buf_len(whole));
	bytes[2] = 9;
	assert_int_equal(file_replace(f->active, (struct str){ bytes, buf_len(whole) }, 0600, NULL),
	    ERR_OK);
	assert_int_equal(keyring_open(f->dir, root, &damaged, &detail), ERR_MALFORMED);
	assert_non_null(strstr(detail.text, "backup"));
}

/* The zero id marks an empty slot: a workspace of that name would get a key of zeros. */
static void
the_zero_workspace_gets_no_key(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	const struct uuid zero = { { 0 } };
	const uint8_t *key;
	struct uuid id;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &zero), ERR_MALFORMED);
	assert_int_equal(keyring_key(ring, &zero, KEY_SEAL, &key, &id), ERR_NOT_FOUND);
}

/* A copy of the keyring's files, or their restoring. */
struct backup {
	struct buf *file[3];
};

static void
take_backup(const struct fixture *f, struct backup *b)
{
	read_whole(f->keyring, &b->file[0]);
	read_whole(f->active, &b->file[1]);
	read_whole(f->wrapping, &b->file[2]);
}

static void
restore(const char *path, const struct buf *bytes)
{
	assert_int_equal(file_replace(path, buf_str(bytes), 0600, NULL), ERR_OK);
}

static void
free_backup(struct backup *b)
{
	for (int i = 0; i < 3; i++)
		buf_free(b->file[i]);
}

static void
a_rotated_key_seals_anew_opens_the_old_and_keeps_pseudonyms(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	const struct uuid workspace = uuid_new();
	uint8_t old_seal[32], old_mac[32];
	struct uuid old_id, id;
	const uint8_t *key;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &workspace), ERR_OK);
	assert_int_equal(keyring_key(ring, &workspace, KEY_PLACEHOLDER, &key, &old_id), ERR_OK);
	memcpy(old_mac, key, 32);
	assert_int_equal(keyring_key(ring, &workspace, KEY_SEAL, &key, &old_id), ERR_OK);
	memcpy(old_seal, key, 32);
	assert_int_equal(keyring_rotate(ring, &workspace), ERR_OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(keyring_key(ring, &workspace, KEY_SEAL, &key, &id), ERR_OK);
		assert_false(uuid_equals(&id, &old_id));
		assert_memory_not_equal(key, old_seal, 32);
		assert_int_equal(keyring_key(ring, &workspace, KEY_PLACEHOLDER, &key, &id), ERR_OK);
		assert_memory_equal(key, old_mac, 32);
		assert_int_equal(keyring_key_of_version(ring, &workspace, &old_id, &key), ERR_OK);
		assert_memory_equal(key, old_seal, 32);
		keyring_free(TAKE(ring));
		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	}
	assert_int_equal(keyring_at(ring, 1)->version, 2);
}

static void
a_workspace_keeps_a_bounded_number_of_versions(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	const struct uuid workspace = uuid_new(), other = uuid_new();

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_rotate(ring, &workspace), ERR_NOT_FOUND);
	assert_int_equal(keyring_create(ring, &workspace), ERR_OK);
	for (int i = 1; i < KEYRING_MAX_VERSIONS; i++)
		assert_int_equal(keyring_rotate(ring, &workspace), ERR_OK);
	assert_int_equal(keyring_rotate(ring, &workspace), ERR_TOO_LARGE);
	assert_int_equal(keyring_create(ring, &other), ERR_OK);
	assert_int_equal(keyring_rotate(ring, &other), ERR_OK);
}

static void
only_an_old_version_retires_and_not_before_its_time(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	const struct uuid workspace = uuid_new(), other = uuid_new();
	struct uuid old_id, new_id;
	const uint8_t *key;
	int64_t late;
	size_t at;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &workspace), ERR_OK);
	assert_int_equal(keyring_create(ring, &other), ERR_OK);
	assert_int_equal(keyring_key(ring, &workspace, KEY_SEAL, &key, &old_id), ERR_OK);
	assert_int_equal(keyring_rotate(ring, &workspace), ERR_OK);
	assert_int_equal(keyring_key(ring, &workspace, KEY_SEAL, &key, &new_id), ERR_OK);
	assert_int_equal(keyring_newest(ring, &workspace, &at), ERR_OK);
	late = keyring_at(ring, at)->created_ms + KEYRING_RETIRE_AFTER_MS;
	assert_int_equal(keyring_retire(ring, &workspace, &old_id, late - 1), ERR_BUSY);
	assert_int_equal(keyring_retire(ring, &workspace, &new_id, late), ERR_CONFLICT);
	assert_int_equal(keyring_retire(ring, &other, &old_id, late), ERR_NOT_FOUND);
	assert_int_equal(keyring_retire(ring, &workspace, &old_id, late), ERR_OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(keyring_key_of_version(ring, &workspace, &old_id, &key),
		    ERR_NOT_FOUND);
		assert_int_equal(keyring_key_of_version(ring, &workspace, &new_id, &key), ERR_OK);
		assert_int_equal(keyring_key(ring, &other, KEY_SEAL, &key, &new_id), ERR_OK);
		assert_int_equal(keyring_key(ring, &workspace, KEY_SEAL, &key, &new_id), ERR_OK);
		keyring_free(TAKE(ring));
		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	}
}

static void
a_destroyed_workspace_has_no_key_and_never_gets_one_again(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	const struct uuid gone = uuid_new(), stays = uuid_new();
	uint8_t before[32];
	const uint8_t *key;
	struct uuid id;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &gone), ERR_OK);
	assert_int_equal(keyring_rotate(ring, &gone), ERR_OK);
	assert_int_equal(keyring_create(ring, &stays), ERR_OK);
	assert_int_equal(keyring_key(ring, &stays, KEY_SEAL, &key, &id), ERR_OK);
	memcpy(before, key, 32);
	assert_int_equal(keyring_destroy(ring, &gone), ERR_OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(keyring_key(ring, &gone, KEY_SEAL, &key, &id), ERR_GONE);
		assert_int_equal(keyring_create(ring, &gone), ERR_GONE);
		assert_int_equal(keyring_rotate(ring, &gone), ERR_GONE);
		assert_int_equal(keyring_destroy(ring, &gone), ERR_GONE);
		assert_int_equal(keyring_key(ring, &stays, KEY_SEAL, &key, &id), ERR_OK);
		assert_memory_equal(key, before, 32);
		keyring_free(TAKE(ring));
		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	}
	assert_int_equal(keyring_count(ring), 2);
}

/* The two files of records as they were, in their places, beside the wrapping key of today. */
static void
a_keyring_restored_from_before_a_destruction_opens_nothing(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *restored = NULL;
	const struct uuid gone = uuid_new();
	struct backup yesterday = { { NULL } };
	const uint8_t *key;
	struct uuid id;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &gone), ERR_OK);
	take_backup(f, &yesterday);
	assert_int_equal(keyring_destroy(ring, &gone), ERR_OK);
	keyring_free(TAKE(ring));
	/* Into the place where records are read from now. */
	restore(f->keyring, yesterday.file[1]);
	assert_int_equal(keyring_open(f->dir, root, &restored, NULL), ERR_OK);
	assert_int_equal(keyring_key(restored, &gone, KEY_SEAL, &key, &id), ERR_DENIED);
	free_backup(&yesterday);
}

static void
nothing_of_a_key_that_was_taken_away_is_left_in_the_files(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	const struct uuid gone = uuid_new();
	struct backup before = { { NULL } }, after = { { NULL } };
	struct str record, slot;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &gone), ERR_OK);
	take_backup(f, &before);
	assert_int_equal(keyring_destroy(ring, &gone), ERR_OK);
	take_backup(f, &after);
	record = str_slice(buf_str(before.file[1]), 64, 96);
	slot = str_slice(buf_str(before.file[2]), buf_len(before.file[2]) - 60,
	    buf_len(before.file[2]));
	assert_int_equal(record.len, 32);
	assert_int_equal(slot.len, 60);
	for (int i = 0; i < 3; i++) {
		struct str now = buf_str(after.file[i]);

		assert_null(memmem(now.at, now.len, record.at, record.len));
		assert_null(memmem(now.at, now.len, slot.at, slot.len));
	}
	free_backup(&before);
	free_backup(&after);
}

static void
a_lost_or_damaged_wrapping_key_stops_the_start(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(buf) struct buf *wrapping = NULL;
	const struct uuid workspace = uuid_new();
	char bytes[1024];
	size_t len;

	make_keyring(f, &root);
	for (int i = 0; i < 2; i++) {
		CLEANUP(keyring) struct keyring *ring = NULL;

		/* The second time in the other file. */
		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
		assert_int_equal(i == 0 ? keyring_create(ring, &workspace)
					: keyring_destroy(ring, &workspace),
		    ERR_OK);
		buf_free(TAKE(wrapping));
		read_whole(f->wrapping, &wrapping);
		len = buf_len(wrapping);
		assert_true(len < sizeof(bytes));
		memcpy(bytes, buf_str(wrapping).at, len);
		for (size_t at = 0; at < len; at += 16) {
			CLEANUP(keyring) struct keyring *damaged = NULL;
			enum err e;

			bytes[at] = (char)(bytes[at] ^ 1);
			assert_int_equal(file_replace(f->wrapping, (struct str){ bytes, len }, 0600,
					     NULL),
			    ERR_OK);
			e = keyring_open(f->dir, root, &damaged, NULL);
			/* A slot that was wiped before may hold anything. */
			assert_true(e == ERR_MALFORMED ||
			    (e == ERR_OK && keyring_generation(damaged) == (uint64_t)i + 1));
			bytes[at] = (char)(bytes[at] ^ 1);
		}
		assert_int_equal(unlink(f->wrapping), 0);
		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_MALFORMED);
		restore(f->wrapping, wrapping);
	}
}

/* One key under the root key, as keyrings were before there were versions. */
static void
write_first_format(const struct fixture *f, const struct secret *root, const struct uuid *workspace,
    const uint8_t key[static 32])
{
	CLEANUP(buf) struct buf *file = NULL;
	const struct uuid key_id = uuid_new();
	struct seal_place place = { STR("keyring"), STR("key"), *workspace, key_id };
	const uint8_t created[8] = { 0 }, len[2] = { 0, 32 + SEAL_OVERHEAD_BYTES };

	assert_int_equal(buf_new(4096, &file), ERR_OK);
	assert_int_equal(buf_append(file, "RK\x01\x01", 4), ERR_OK);
	assert_int_equal(buf_append(file, workspace->bytes, UUID_BYTES), ERR_OK);
	assert_int_equal(buf_append(file, key_id.bytes, UUID_BYTES), ERR_OK);
	assert_int_equal(buf_append(file, created, sizeof(created)), ERR_OK);
	assert_int_equal(buf_append(file, len, sizeof(len)), ERR_OK);
	assert_int_equal(seal_record(secret_view(root), &key_id, &place,
			     (struct str){ (const char *)key, 32 }, file),
	    ERR_OK);
	assert_int_equal(file_replace(f->keyring, buf_str(file), 0600, NULL), ERR_OK);
}

static void
a_keyring_of_the_first_format_goes_on_with_the_same_keys(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL, *listed = NULL;
	const struct uuid workspace = uuid_new();
	uint8_t key[32], expected[2][32];
	const uint8_t *got;
	struct uuid id;

	make_keyring(f, &root);
	assert_int_equal(seal_random(key, sizeof(key)), ERR_OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(seal_hkdf((struct str){ (const char *)key, 32 },
				     (struct str){ (const char *)workspace.bytes, UUID_BYTES },
				     i == 0 ? STR("rendfly seal 1") : STR("rendfly placeholder 1"),
				     expected[i], 32),
		    ERR_OK);
	write_first_format(f, root, &workspace, key);
	assert_int_equal(keyring_open(f->dir, NULL, &listed, NULL), ERR_OK);
	assert_int_equal(keyring_count(listed), 1);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
		assert_int_equal(keyring_key(ring, &workspace, KEY_SEAL, &got, &id), ERR_OK);
		assert_memory_equal(got, expected[0], 32);
		assert_int_equal(keyring_key(ring, &workspace, KEY_PLACEHOLDER, &got, &id), ERR_OK);
		assert_memory_equal(got, expected[1], 32);
		keyring_free(TAKE(ring));
	}
}

/* In place of the system's, for all of this file: what a crash leaves is test_keyd_crash's. */
int
fdatasync(int fd)
{
	return fd < 0 ? -1 : 0;
}

/* Nobody fills the keyring of all by acting as ever new people of one workspace. */
static void
a_workspace_has_so_many_subjects_and_no_more(void **state)
{
	const struct fixture *f = *state;
	CLEANUP(secret) struct secret *root = NULL;
	CLEANUP(keyring) struct keyring *ring = NULL;
	const struct uuid workspace = uuid_new(), other = uuid_new(), first = uuid_new();
	const uint8_t *key;
	struct uuid subject = first, id;

	make_keyring(f, &root);
	assert_int_equal(keyring_open(f->dir, root, &ring, NULL), ERR_OK);
	assert_int_equal(keyring_create(ring, &workspace), ERR_OK);
	assert_int_equal(keyring_create(ring, &other), ERR_OK);
	for (size_t i = 0; i < KEYRING_MAX_SUBJECTS; i++, subject = uuid_new())
		assert_int_equal(keyring_subject_key(ring, &workspace, &subject, &key, &id),
		    ERR_OK);
	assert_int_equal(keyring_subject_key(ring, &workspace, &subject, &key, &id), ERR_TOO_LARGE);
	assert_int_equal(keyring_subject_key(ring, &workspace, &first, &key, &id), ERR_OK);
	assert_int_equal(keyring_destroy_subject(ring, &workspace, &first), ERR_OK);
	assert_int_equal(keyring_subject_key(ring, &workspace, &subject, &key, &id), ERR_TOO_LARGE);
	assert_int_equal(keyring_subject_key(ring, &other, &subject, &key, &id), ERR_OK);
	assert_int_equal(keyring_rotate(ring, &workspace), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(keys_are_the_same_after_a_restart_and_differ_by_purpose_and_workspace),
		IN_FOLDER(a_cut_record_is_dropped_by_keyd_and_left_alone_by_the_list),
		IN_FOLDER(a_wrapped_key_opens_for_no_other_workspace_and_no_other_root),
		IN_FOLDER(a_damaged_keyring_stops_the_start),
		IN_FOLDER(the_zero_workspace_gets_no_key),
		IN_FOLDER(a_rotated_key_seals_anew_opens_the_old_and_keeps_pseudonyms),
		IN_FOLDER(a_workspace_keeps_a_bounded_number_of_versions),
		IN_FOLDER(only_an_old_version_retires_and_not_before_its_time),
		IN_FOLDER(a_destroyed_workspace_has_no_key_and_never_gets_one_again),
		IN_FOLDER(a_keyring_restored_from_before_a_destruction_opens_nothing),
		IN_FOLDER(nothing_of_a_key_that_was_taken_away_is_left_in_the_files),
		IN_FOLDER(a_lost_or_damaged_wrapping_key_stops_the_start),
		IN_FOLDER(a_keyring_of_the_first_format_goes_on_with_the_same_keys),
		IN_FOLDER(a_workspace_has_so_many_subjects_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
