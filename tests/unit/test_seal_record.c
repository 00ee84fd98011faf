/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seal/seal.h"

static const uint8_t key[SEAL_KEY_BYTES] = "0123456789abcdef0123456789abcde";
static const struct str text = { "Never quote a price.", 20 };

struct sealed {
	struct seal_place place;
	struct buf *record;
};

static struct sealed
seal_something(void)
{
	struct sealed s = { .place = {
				STR("system_messages"), STR("sealed"), uuid_new(), uuid_new() } };
	struct uuid key_id = uuid_new();

	assert_int_equal(buf_new(4096, &s.record), ERR_OK);
	assert_int_equal(seal_record(key, &key_id, &s.place, text, s.record), ERR_OK);
	return s;
}

static enum err
try_open(const uint8_t *with, const struct seal_place *place, struct str record)
{
	CLEANUP(buf) struct buf *out = NULL;
	enum err e;

	assert_int_equal(buf_new(4096, &out), ERR_OK);
	assert_int_equal(buf_append(out, "before", 6), ERR_OK);
	e = seal_open(with, place, record, out);
	if (e == ERR_OK)
		assert_true(str_equals(str_slice(buf_str(out), 6, 100), text));
	else
		assert_true(str_equals(buf_str(out), STR("before")));
	return e;
}

static void
a_record_opens_where_it_lives(void **state)
{
	struct sealed s = seal_something();

	(void)state;
	assert_int_equal(buf_len(s.record), text.len + SEAL_OVERHEAD_BYTES);
	assert_int_equal(try_open(key, &s.place, buf_str(s.record)), ERR_OK);
	buf_free(s.record);
}

static void
a_record_moved_elsewhere_is_refused(void **state)
{
	struct sealed s = seal_something();
	struct seal_place moved[4] = { s.place, s.place, s.place, s.place };

	(void)state;
	moved[0].table = STR("rules");
	moved[1].column = STR("sealedx");
	moved[2].workspace = uuid_new();
	moved[3].row = uuid_new();
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(try_open(key, &moved[i], buf_str(s.record)), ERR_DENIED);
	/* A boundary moved between two fields is another place too. */
	moved[0] = s.place;
	moved[0].table = STR("system_message");
	moved[0].column = STR("ssealed");
	assert_int_equal(try_open(key, &moved[0], buf_str(s.record)), ERR_DENIED);
	buf_free(s.record);
}

static void
every_flipped_bit_is_refused_alike(void **state)
{
	struct sealed s = seal_something();
	char copy[4096];
	size_t len = buf_len(s.record);

	(void)state;
	for (size_t bit = 0; bit < len * 8; bit++) {
		memcpy(copy, buf_str(s.record).at, len);
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
		assert_int_equal(try_open(key, &s.place, (struct str){ copy, len }), ERR_DENIED);
	}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(try_open(key, &s.place, str_slice(buf_str(s.record), 0, cut)),
		    ERR_DENIED);
	buf_free(s.record);
}

static void
another_key_is_refused_by_the_commitment(void **state)
{
	struct sealed s = seal_something();

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint8_t other[SEAL_KEY_BYTES];

		assert_int_equal(seal_random(other, sizeof(other)), ERR_OK);
		assert_int_equal(try_open(other, &s.place, buf_str(s.record)), ERR_DENIED);
	}
	buf_free(s.record);
}

static void
nonces_do_not_repeat(void **state)
{
	struct sealed a = seal_something(), b = seal_something();
	size_t at = 1 + UUID_BYTES + SEAL_COMMITMENT_BYTES;

	(void)state;
	assert_memory_not_equal(buf_str(a.record).at + at, buf_str(b.record).at + at,
	    SEAL_NONCE_BYTES);
	buf_free(a.record);
	buf_free(b.record);
}

static void
base64url_has_one_spelling(void **state)
{
	static const char *const wrong[] = { "A", "AB==", "A+", "A/", "AB C", "AB\n", "_x", "AAB" };
	CLEANUP(buf) struct buf *text_form = NULL, *back = NULL;

	(void)state;
	assert_int_equal(buf_new(4096, &text_form), ERR_OK);
	assert_int_equal(buf_new(4096, &back), ERR_OK);
	for (size_t len = 0; len < 100; len++) {
		uint8_t bytes[100];

		assert_int_equal(seal_random(bytes, sizeof(bytes)), ERR_OK);
		buf_clear(text_form);
		buf_clear(back);
		assert_int_equal(seal_base64url_encode((struct str){ (const char *)bytes, len },
				     text_form),
		    ERR_OK);
		assert_int_equal(seal_base64url_decode(buf_str(text_form), back), ERR_OK);
		assert_int_equal(buf_len(back), len);
		assert_memory_equal(buf_str(back).at, bytes, len);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(seal_base64url_decode(str_from(wrong[i]), back), ERR_MALFORMED);
}

static void
the_self_test_holds(void **state)
{
	(void)state;
	assert_int_equal(seal_self_test(), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_self_test_holds),
		cmocka_unit_test(a_record_opens_where_it_lives),
		cmocka_unit_test(a_record_moved_elsewhere_is_refused),
		cmocka_unit_test(every_flipped_bit_is_refused_alike),
		cmocka_unit_test(another_key_is_refused_by_the_commitment),
		cmocka_unit_test(nonces_do_not_repeat),
		cmocka_unit_test(base64url_has_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
