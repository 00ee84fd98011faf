/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "keytable/keytable.h"

#define FILE_MAX_BYTES 1000000

static const uint8_t PEPPER[32] = "0123456789abcdef0123456789abcde";

struct place {
	char folder[64];
	char path[96];
};

static int
make_place(void **state)
{
	static struct place place;

	(void)snprintf(place.folder, sizeof(place.folder), "/tmp/test_keytable.XXXXXX");
	assert_non_null(mkdtemp(place.folder));
	(void)snprintf(place.path, sizeof(place.path), "%s/keytable", place.folder);
	*state = &place;
	return 0;
}

static int
remove_place(void **state)
{
	const struct place *place = *state;

	(void)unlink(place->path);
	return rmdir(place->folder);
}

static struct str
key_text(char at[static 64], unsigned int i)
{
	(void)snprintf(at, 64, "pk_live_test%u", i);
	return str_from(at);
}

static void
write_keys(const char *path, unsigned int n, int64_t published_at_ms)
{
	struct keytable_entry *entries = calloc(n + 1, sizeof(*entries));
	char text[64];

	assert_non_null(entries);
	for (unsigned int i = 0; i < n; i++) {
		assert_true(keytable_hash(PEPPER, key_text(text, i), entries[i].hash));
		entries[i].rate_per_minute = i + 1;
		entries[i].burst = 7;
		entries[i].key.bytes[0] = (uint8_t)i;
	}
	assert_int_equal(keytable_write(path, published_at_ms, PEPPER, entries, n, NULL), ERR_OK);
	free(entries);
}

static void
every_written_key_is_found_with_its_own_limits_and_no_other_is(void **state)
{
	CLEANUP(keytable) struct keytable *t = NULL;
	const struct place *place = *state;
	char text[64];

	write_keys(place->path, 500, 1234567890123);
	assert_int_equal(keytable_map(place->path, &t, NULL), ERR_OK);
	assert_int_equal(keytable_count(t), 500);
	assert_int_equal(keytable_published_at_ms(t), 1234567890123);
	for (unsigned int i = 0; i < 500; i++) {
		const struct keytable_entry *e = keytable_find(t, key_text(text, i));

		assert_non_null(e);
		assert_int_equal(e->rate_per_minute, i + 1);
		assert_int_equal(e->key.bytes[0], (uint8_t)i);
	}
	assert_null(keytable_find(t, key_text(text, 500)));
	assert_null(keytable_find(t, STR("")));
	assert_null(keytable_find(t, str_slice(key_text(text, 3), 0, 12)));
}

static void
an_empty_table_is_valid_and_knows_no_key(void **state)
{
	CLEANUP(keytable) struct keytable *t = NULL;
	const struct place *place = *state;

	write_keys(place->path, 0, 1);
	assert_int_equal(keytable_map(place->path, &t, NULL), ERR_OK);
	assert_int_equal(keytable_count(t), 0);
	assert_null(keytable_find(t, STR("pk_live_test0")));
}

static void
any_changed_or_missing_byte_makes_the_file_malformed(void **state)
{
	CLEANUP(buf) struct buf *whole = NULL;
	const struct place *place = *state;
	struct keytable *t = NULL;

	write_keys(place->path, 3, 1);
	assert_int_equal(buf_new(FILE_MAX_BYTES, &whole), ERR_OK);
	assert_int_equal(file_read(place->path, whole, NULL), ERR_OK);
	for (size_t i = 0; i < buf_len(whole); i++) {
		CLEANUP_MEM char *changed = malloc(buf_len(whole));

		assert_non_null(changed);
		memcpy(changed, buf_str(whole).at, buf_len(whole));
		changed[i] = (char)(changed[i] ^ 1);
		assert_int_equal(file_replace(place->path, (struct str){ changed, buf_len(whole) },
				     0644, NULL),
		    ERR_OK);
		assert_int_equal(keytable_map(place->path, &t, NULL), ERR_MALFORMED);
		assert_int_equal(file_replace(place->path, str_slice(buf_str(whole), 0, i), 0644,
				     NULL),
		    ERR_OK);
		assert_int_equal(keytable_map(place->path, &t, NULL), ERR_MALFORMED);
	}
}

static void
a_missing_file_is_told_from_a_broken_one(void **state)
{
	const struct place *place = *state;
	struct keytable *t = NULL;
	struct err_detail why;

	assert_int_equal(keytable_map(place->path, &t, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, place->path));
}

static void
the_same_key_twice_is_refused_by_the_writer(void **state)
{
	struct keytable_entry entries[2] = { 0 };
	const struct place *place = *state;

	assert_int_equal(keytable_write(place->path, 1, PEPPER, entries, 2, NULL), ERR_CONFLICT);
}

static void
a_mapped_table_outlives_its_replacement(void **state)
{
	CLEANUP(keytable) struct keytable *before = NULL;
	CLEANUP(keytable) struct keytable *after = NULL;
	const struct place *place = *state;
	char text[64];

	write_keys(place->path, 2, 1);
	assert_int_equal(keytable_map(place->path, &before, NULL), ERR_OK);
	write_keys(place->path, 1, 2);
	assert_int_equal(keytable_map(place->path, &after, NULL), ERR_OK);
	assert_non_null(keytable_find(before, key_text(text, 1)));
	assert_null(keytable_find(after, key_text(text, 1)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_written_key_is_found_with_its_own_limits_and_no_other_is),
		TEST(an_empty_table_is_valid_and_knows_no_key),
		TEST(any_changed_or_missing_byte_makes_the_file_malformed),
		TEST(a_missing_file_is_told_from_a_broken_one),
		TEST(the_same_key_twice_is_refused_by_the_writer),
		TEST(a_mapped_table_outlives_its_replacement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
