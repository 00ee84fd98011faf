/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "audit/base64.h"
#include "audit/note.h"
#include "seal/seal.h"

/* From the documentation of golang.org/x/mod/sumdb/note. */
#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define ENOCH "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define TEXT                                                         \
	"If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n"
#define PETERS_LINE                  \
	"\xe2\x80\x94 PeterNeumann " \
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ENOCHS_LINE               \
	"\xe2\x80\x94 EnochRoot " \
	"rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"

static struct note_key
key_of(const char *text)
{
	struct note_key key;

	assert_int_equal(note_key_read(str_from(text), &key), ERR_OK);
	return key;
}

static void
published_notes_open(void **state)
{
	struct note_key peter = key_of(PETER), enoch = key_of(ENOCH);
	struct str text;

	(void)state;
	assert_int_equal(note_open(&peter, STR(TEXT "\n" PETERS_LINE), &text), ERR_OK);
	assert_true(str_equals(text, STR(TEXT)));
	assert_int_equal(note_open(&peter, STR(TEXT "\n" PETERS_LINE ENOCHS_LINE), &text), ERR_OK);
	assert_int_equal(note_open(&enoch, STR(TEXT "\n" PETERS_LINE ENOCHS_LINE), &text), ERR_OK);
	assert_int_equal(note_open(&enoch, STR(TEXT "\n" PETERS_LINE), &text), ERR_NOT_FOUND);
}

static void
every_change_of_one_byte_is_refused(void **state)
{
	static const char note[] = TEXT "\n" PETERS_LINE;
	struct note_key peter = key_of(PETER);
	char changed[sizeof(note)];
	struct str text;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(note); i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			memcpy(changed, note, sizeof(note));
			changed[i] = (char)((uint8_t)changed[i] ^ 1u << bit);
			assert_int_not_equal(note_open(&peter,
						 (struct str){ changed, sizeof(note) - 1 }, &text),
			    ERR_OK);
		}
}

static void
keys_have_one_spelling(void **state)
{
	static const char *const bad[] = { "", "PeterNeumann", "PeterNeumann+c74f20a3",
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumanN+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
		"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW" };
	CLEANUP(buf) struct buf *out = NULL;
	struct note_key key = key_of(PETER);

	(void)state;
	assert_int_equal(buf_new(NOTE_MAX_BYTES, &out), ERR_OK);
	assert_int_equal(note_key_write(&key, out), ERR_OK);
	assert_string_equal(buf_c_string(out), PETER);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(note_key_read(str_from(bad[i]), &key), ERR_MALFORMED);
}

static void
a_checkpoint_that_we_sign_opens_and_is_bound_to_its_origin(void **state)
{
	static const uint8_t seed[32] = { 7 };
	struct merkle_checkpoint at = { 12345, { { 1, 2, 3 } } }, read;
	CLEANUP(buf) struct buf *text = NULL, *note = NULL;
	uint8_t public_key[32], signature[64];
	struct note_key key;

	(void)state;
	assert_int_equal(seal_public_key(seed, public_key), ERR_OK);
	assert_int_equal(note_key_make(STR("log.example"), public_key, &key), ERR_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(buf_new(NOTE_MAX_BYTES, &text), ERR_OK);
		assert_int_equal(buf_new(NOTE_MAX_BYTES, &note), ERR_OK);
		assert_int_equal(checkpoint_write(i == 0 ? STR("log.example")
							 : STR("other.example"),
				     &at, text),
		    ERR_OK);
		assert_int_equal(seal_sign(seed, buf_str(text), signature), ERR_OK);
		assert_int_equal(note_write(&key, buf_str(text), signature, note), ERR_OK);
		assert_int_equal(checkpoint_open(&key, buf_str(note), &read),
		    i == 0 ? ERR_OK : ERR_DENIED);
		buf_free(TAKE(text));
		buf_free(TAKE(note));
	}
	assert_int_equal(read.size, 12345);
	assert_true(merkle_equals(&read.root, &at.root));
}

static void
checkpoints_have_one_spelling(void **state)
{
#define ROOT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	static const char *const bad[] = { "", "o\n", "o\n1\n", "o\n01\n" ROOT, "o\n-1\n" ROOT,
		"o\n+1\n" ROOT, "\n1\n" ROOT, "o\n1\nAAAA\n", "o\n1\n" ROOT "more\n",
		"o\n99999999999999999999\n" ROOT,
		"o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n" };
	struct merkle_checkpoint at;
	struct str origin;

	(void)state;
	assert_int_equal(checkpoint_read(STR("o\n1\n" ROOT), &origin, &at), ERR_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(checkpoint_read(str_from(bad[i]), &origin, &at), ERR_MALFORMED);
}

/* RFC 4648, section 10. */
static void
base64_is_that_of_the_rfc(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" } };
	static const char *const bad[] = { "Z", "Zg",
		"Zg=", "Zh==", "Zm9=", "====", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm-_" };
	CLEANUP(buf) struct buf *out = NULL;

	(void)state;
	assert_int_equal(buf_new(64, &out), ERR_OK);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		buf_clear(out);
		assert_int_equal(base64_encode(str_from(pairs[i][0]), out), ERR_OK);
		assert_string_equal(buf_c_string(out), pairs[i][1]);
		buf_clear(out);
		assert_int_equal(base64_decode(str_from(pairs[i][1]), out), ERR_OK);
		assert_string_equal(buf_c_string(out), pairs[i][0]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(base64_decode(str_from(bad[i]), out), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_notes_open),
		cmocka_unit_test(every_change_of_one_byte_is_refused),
		cmocka_unit_test(keys_have_one_spelling),
		cmocka_unit_test(a_checkpoint_that_we_sign_opens_and_is_bound_to_its_origin),
		cmocka_unit_test(checkpoints_have_one_spelling),
		cmocka_unit_test(base64_is_that_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
