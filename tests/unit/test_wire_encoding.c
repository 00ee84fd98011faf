/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "wire/wire.h"

enum { ZLIB = 15, GZIP = 15 + 16, RAW = -15 };

static struct str
pack(struct arena *a, int window, const char *bytes, size_t len)
{
	z_stream z = { 0 };
	size_t room = len + 1000;
	char *out = arena_alloc(a, room);

	assert_non_null(out);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)bytes;
	z.avail_in = (uInt)len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	room -= z.avail_out;
	(void)deflateEnd(&z);
	return (struct str){ out, room };
}

static void
each_encoding_gives_the_body_back(void **state)
{
	static const struct {
		const char *name;
		int window;
	} cases[] = { { "gzip", GZIP }, { " X-GZIP ", GZIP }, { "deflate", ZLIB },
		{ "deflate", RAW } };
	CLEANUP(arena) struct arena *a = NULL;
	static char body[200000];
	struct str got;

	(void)state;
	assert_int_equal(arena_new(16u << 20, &a), ERR_OK);
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (char)('a' + i * i % 23);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str packed = pack(a, cases[i].window, body, sizeof(body));

		assert_int_equal(wire_decode_body(a, str_from(cases[i].name), packed, &got),
		    ERR_OK);
		assert_true(str_equals(got, (struct str){ body, sizeof(body) }));
	}
	assert_int_equal(wire_decode_body(a, STR("identity"), STR("x"), &got), ERR_OK);
	assert_int_equal(got.len, 1);
}

static void
a_body_cut_anywhere_gives_its_beginning(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	struct str body = STR("data: one\n\ndata: two\n\ndata: three\n\n");
	struct str packed;
	struct str got;

	(void)state;
	assert_int_equal(arena_new(16u << 20, &a), ERR_OK);
	packed = pack(a, GZIP, body.at, body.len);
	for (size_t end = 0; end <= packed.len; end++) {
		assert_int_equal(wire_decode_body(a, STR("gzip"), str_slice(packed, 0, end), &got),
		    ERR_OK);
		assert_true(str_starts_with(body, got));
	}
	assert_true(str_equals(got, body));
}

static void
a_bomb_stops_at_the_cap(void **state)
{
	CLEANUP(arena) struct arena *a = NULL;
	CLEANUP_MEM char *zeros = calloc(1, WIRE_MAX_BODY_BYTES + 1);
	struct str packed;
	struct str got;

	(void)state;
	assert_non_null(zeros);
	assert_int_equal(arena_new(256u << 20, &a), ERR_OK);
	packed = pack(a, GZIP, zeros, WIRE_MAX_BODY_BYTES);
	assert_int_equal(wire_decode_body(a, STR("gzip"), packed, &got), ERR_OK);
	assert_int_equal(got.len, WIRE_MAX_BODY_BYTES);
	packed = pack(a, GZIP, zeros, WIRE_MAX_BODY_BYTES + 1);
	assert_int_equal(wire_decode_body(a, STR("gzip"), packed, &got), ERR_TOO_LARGE);
}

static void
other_encodings_and_broken_bytes_are_malformed(void **state)
{
	static const char *const names[] = { "br", "zstd", "gzip, gzip", "gzip" };
	CLEANUP(arena) struct arena *a = NULL;
	struct str got;

	(void)state;
	assert_int_equal(arena_new(1u << 20, &a), ERR_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(wire_decode_body(a, str_from(names[i]), STR("not packed"), &got),
		    ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_encoding_gives_the_body_back),
		cmocka_unit_test(a_body_cut_anywhere_gives_its_beginning),
		cmocka_unit_test(a_bomb_stops_at_the_cap),
		cmocka_unit_test(other_encodings_and_broken_bytes_are_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
