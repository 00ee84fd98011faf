/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/note.h"
#include "base/file.h"
#include "keyd/audit_sign.h"
#include "seal/seal.h"

#define LEAVES 40
#define ORIGIN STR("log.example")

static const uint8_t keys[64] = { 3 };
static struct merkle_hash leaves[LEAVES];
static char folder[64], file[128];

static int
make_folder(void **state)
{
	char path[128];

	(void)state;
	for (size_t i = 0; i < LEAVES; i++)
		leaves[i].bytes[0] = (uint8_t)(i + 1);
	(void)snprintf(folder, sizeof(folder), "/tmp/rendfly-test-sign-XXXXXX");
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/keys", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(file, sizeof(file), "%s/keys/audit.signed", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	char path[128];

	(void)state;
	(void)unlink(file);
	(void)snprintf(path, sizeof(path), "%s/keys", folder);
	(void)rmdir(path);
	(void)rmdir(folder);
	return 0;
}

static enum err
fetch(void *from, unsigned int level, uint64_t index, struct merkle_hash *ret_hash)
{
	struct merkle_frontier f = { 0 };

	(void)from;
	for (uint64_t i = index << level; i < (index + 1) << level; i++)
		assert_int_equal(merkle_append(&f, &leaves[i]), ERR_OK);
	return merkle_root(&f, ret_hash);
}

static struct merkle_checkpoint
checkpoint_of(uint64_t size)
{
	struct merkle_checkpoint at = { .size = size };
	struct merkle_frontier f = { 0 };

	for (uint64_t i = 0; i < size; i++)
		assert_int_equal(merkle_append(&f, &leaves[i]), ERR_OK);
	assert_int_equal(merkle_root(&f, &at.root), ERR_OK);
	return at;
}

static struct merkle_proof
proof_of(uint64_t from, uint64_t to)
{
	struct merkle_tree tree = { fetch, NULL, to };
	struct merkle_proof proof = { 0 };

	if (from > 0 && from < to)
		assert_int_equal(merkle_prove_consistency(&tree, from, &proof), ERR_OK);
	return proof;
}

static struct audit_signer *
opened(void)
{
	struct audit_signer *s = NULL;
	struct err_detail detail = { "" };

	assert_int_equal(audit_signer_open(folder, keys, &s, &detail), ERR_OK);
	return s;
}

/* By an honest log, from the size that the caller thinks was signed last. */
static enum err
sign(struct audit_signer *s, uint64_t from, uint64_t to)
{
	struct merkle_checkpoint at = checkpoint_of(to);
	struct merkle_proof proof = proof_of(from, to);
	uint8_t signature[AUDIT_SIGNATURE_BYTES];

	return audit_signer_sign(s, ORIGIN, &at, &proof, signature);
}

static void
a_growing_log_is_signed_and_the_note_opens(void **state)
{
	CLEANUP(audit_signer) struct audit_signer *s = opened();
	struct merkle_checkpoint at = checkpoint_of(7), read;
	struct merkle_proof proof = proof_of(3, 7);
	CLEANUP(buf) struct buf *text = NULL, *note = NULL;
	uint8_t signature[AUDIT_SIGNATURE_BYTES], public_key[32];
	struct note_key key;

	(void)state;
	assert_int_equal(sign(s, 0, 3), ERR_OK);
	assert_int_equal(audit_signer_sign(s, ORIGIN, &at, &proof, signature), ERR_OK);
	assert_int_equal(sign(s, 7, 7), ERR_OK); /* once more, after a crash of the steward */
	assert_int_equal(buf_new(NOTE_MAX_BYTES, &text), ERR_OK);
	assert_int_equal(buf_new(NOTE_MAX_BYTES, &note), ERR_OK);
	assert_int_equal(checkpoint_write(ORIGIN, &at, text), ERR_OK);
	assert_int_equal(seal_public_key(keys, public_key), ERR_OK);
	assert_int_equal(note_key_make(ORIGIN, public_key, &key), ERR_OK);
	assert_int_equal(note_write(&key, buf_str(text), signature, note), ERR_OK);
	assert_int_equal(checkpoint_open(&key, buf_str(note), &read), ERR_OK);
	assert_int_equal(read.size, 7);
}

static void
a_log_that_was_rolled_back_or_forked_is_refused_also_after_a_restart(void **state)
{
	struct audit_signer *s = opened();
	struct merkle_checkpoint other = checkpoint_of(20);
	struct merkle_proof proof = proof_of(13, 20);
	uint8_t signature[AUDIT_SIGNATURE_BYTES];

	(void)state;
	for (uint64_t i = 1; i <= 13; i++)
		assert_int_equal(sign(s, i - 1, i), ERR_OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(audit_signer_size(s), 13);
		assert_int_equal(sign(s, 0, 12), ERR_DENIED);
		assert_int_equal(sign(s, 0, 20), ERR_DENIED); /* no proof */
		other.root.bytes[5] ^= 1;
		assert_int_equal(audit_signer_sign(s, ORIGIN, &other, &proof, signature),
		    ERR_DENIED);
		other.root.bytes[5] ^= 1;
		assert_int_equal(audit_signer_sign(s, STR("other.example"), &other, &proof,
				     signature),
		    ERR_DENIED);
		leaves[4].bytes[9] ^= 1; /* an old entry rewritten, all hashes made anew */
		assert_int_equal(sign(s, 13, 20), ERR_DENIED);
		assert_int_equal(sign(s, 13, 13), ERR_DENIED);
		leaves[4].bytes[9] ^= 1;
		audit_signer_free(s);
		s = opened();
	}
	assert_int_equal(sign(s, 13, 20), ERR_OK);
	audit_signer_free(s);
}

static void
a_record_that_a_crash_cut_leaves_the_one_before(void **state)
{
	CLEANUP(buf) struct buf *bytes = NULL;
	struct audit_signer *s = opened();
	struct err_detail detail = { "" };

	(void)state;
	assert_int_equal(sign(s, 0, 5), ERR_OK);
	assert_int_equal(sign(s, 5, 9), ERR_OK);
	audit_signer_free(s);
	assert_int_equal(buf_new(4096, &bytes), ERR_OK);
	assert_int_equal(file_read(file, bytes, NULL), ERR_OK);
	assert_int_equal(file_replace(file, str_slice(buf_str(bytes), 0, buf_len(bytes) - 1), 0600,
			     NULL),
	    ERR_OK);
	s = opened();
	assert_int_equal(audit_signer_size(s), 5);
	audit_signer_free(s);
	/* No record at all that is ours is a fault, not a beginning. */
	buf_clear(bytes);
	for (int i = 0; i < 104; i++)
		assert_int_equal(buf_append_byte(bytes, 'x'), ERR_OK);
	assert_int_equal(file_replace(file, buf_str(bytes), 0600, NULL), ERR_OK);
	assert_int_equal(audit_signer_open(folder, keys, &s, &detail), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_growing_log_is_signed_and_the_note_opens,
		    make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
		    a_log_that_was_rolled_back_or_forked_is_refused_also_after_a_restart,
		    make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_record_that_a_crash_cut_leaves_the_one_before,
		    make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
