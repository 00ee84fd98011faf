/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "redact/redact.h"

#include "entity_samples.inc"

#define MAX_TEXT 1024
#define MAX_WANTED 8
#define TRIES 20000

static struct redactor *redactor;
static struct redact_findings *findings;

static int
set_up(void **state)
{
	(void)state;
	return redactor_new(&redactor) == ERR_OK && redact_findings_new(&findings) == ERR_OK ? 0
											     : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	redactor_free(redactor);
	redact_findings_free(findings);
	return 0;
}

static size_t
find(const char *text, size_t len)
{
	assert_int_equal(redact_find(redactor, (struct str){ text, len }, findings), ERR_OK);
	return redact_count(findings);
}

struct sample {
	char text[MAX_TEXT];
	size_t len;
	size_t starts[MAX_WANTED];
	size_t ends[MAX_WANTED];
	size_t n;
};

/* Takes the marks out. */
static void
read_sample(const char *marked, struct sample *s)
{
	*s = (struct sample){ 0 };
	for (; *marked != '\0'; marked++) {
		if (strncmp(marked, "<<", 2) == 0) {
			s->starts[s->n] = s->len;
			marked++;
		} else if (strncmp(marked, ">>", 2) == 0) {
			s->ends[s->n++] = s->len;
			marked++;
		} else {
			s->text[s->len++] = *marked;
		}
		assert_true(s->len < MAX_TEXT && s->n < MAX_WANTED);
	}
}

static bool
was_found(enum redact_type type, size_t start, size_t end)
{
	const struct redact_span *spans = redact_spans(findings);

	for (size_t i = 0; i < redact_count(findings); i++)
		if (spans[i].type == type && spans[i].start == start && spans[i].end == end)
			return true;
	return false;
}

/* Every sample of lib/redact/entities/, to the byte. */
static void
what_the_entities_show_is_found(void **state)
{
	size_t n_missed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct sample s;

		if (samples[i].is_negative)
			continue;
		read_sample(samples[i].text, &s);
		(void)find(s.text, s.len);
		for (size_t w = 0; w < s.n; w++) {
			if (was_found(samples[i].type, s.starts[w], s.ends[w]))
				continue;
			print_message("%s: %s\n", redact_type_name(samples[i].type),
			    samples[i].text);
			n_missed++;
		}
	}
	assert_int_equal(n_missed, 0);
}

static void
what_the_entities_show_as_harmless_is_left_alone(void **state)
{
	size_t n_wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		if (!samples[i].is_negative)
			continue;
		for (size_t f = find(samples[i].text, strlen(samples[i].text)); f-- > 0;) {
			if (redact_spans(findings)[f].type != samples[i].type)
				continue;
			print_message("%s: %s\n", redact_type_name(samples[i].type),
			    samples[i].text);
			n_wrong++;
		}
	}
	assert_int_equal(n_wrong, 0);
}

/* Forms of one value: the first finding of each has the same canonical value. */
static void
a_value_has_one_canonical_form_however_it_is_written(void **state)
{
	static const char *const groups[][6] = {
		{ "+55 11 98765-4321", "(11) 98765-4321", "cel 11987654321", "011 98765-4321",
		    "+55 (0)11 98765 4321", "(11) 98765-4321 ramal 12" },
		{ "+44 20 7946 0958", "+44 (0)20 7946 0958", "020 7946 0958", "0044 20 7946 0958" },
		{ "+33 6 12 34 56 78", "06 12 34 56 78", "06.12.34.56.78", "+33 (0)6 12 34 56 78" },
		{ "+1 415-555-2671", "(415) 555-2671", "1-415-555-2671", "415.555.2671 ext. 9",
		    "415 dot 555 dot 2671" },
		{ "4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111" },
		{ "16.727.230/0001-97", "cnpj 16727230000197" },
		{ "12.ABC.345/01DE-35", "cnpj 12abc34501de35" },
		{ "DE89 3704 0044 0532 0130 00", "de89370400440532013000" },
		{ "AB 12 34 56 C", "ab123456c" },
		{ "54362315K", "54.362.315-K", "dni 54362315-k" },
		{ "00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e" },
		{ "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
		    "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed" },
	};

	(void)state;
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		char first[64] = "";

		for (size_t i = 0; i < 6 && groups[g][i] != NULL; i++) {
			struct str value;
			char canonical[64];

			if (find(groups[g][i], strlen(groups[g][i])) != 1)
				print_message("not one: %s\n", groups[g][i]);
			assert_int_equal(redact_count(findings), 1);
			value = redact_value(findings, 0).canonical;
			assert_true(value.len < sizeof(canonical));
			memcpy(canonical, value.at, value.len);
			canonical[value.len] = '\0';
			if (i == 0)
				memcpy(first, canonical, sizeof(first));
			assert_string_equal(canonical, first);
		}
	}
}

static uint64_t
next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* How many of TRIES random numbers of n digits in prose are taken for something. */
static size_t
count_taken(size_t n)
{
	uint64_t seed = 7 + n;
	size_t n_taken = 0;

	for (size_t i = 0; i < TRIES; i++) {
		char digits[32] = "", text[96];

		for (size_t d = 0; d < n; d++)
			digits[d] = (char)('0' + (next(&seed) % (d == 0 ? 9 : 10)) + (d == 0));
		(void)snprintf(text, sizeof(text), "the batch was %s and it went well", digits);
		n_taken += find(text, strlen(text)) > 0;
	}
	return n_taken;
}

static void
random_numbers_without_a_word_that_names_them_are_left_alone(void **state)
{
	/* Per mille of random numbers that may be taken, by their digits. */
	static const struct {
		size_t n;
		size_t most;
	} bounds[] = { { 5, 0 }, { 6, 0 }, { 7, 0 }, { 8, 0 }, { 9, 0 }, { 10, 0 }, { 11, 95 },
		{ 12, 0 }, { 13, 1 }, { 14, 25 }, { 15, 15 }, { 16, 40 }, { 17, 10 }, { 18, 10 },
		{ 20, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		size_t taken = count_taken(bounds[i].n);

		if (taken * 1000 > bounds[i].most * TRIES)
			print_message("%zu digits: %zu\n", bounds[i].n, taken);
		assert_true(taken * 1000 <= bounds[i].most * TRIES);
	}
}

static void
no_timestamp_is_a_card(void **state)
{
	uint64_t seed = 99;

	(void)state;
	for (size_t i = 0; i < 5 * (size_t)TRIES; i++) {
		char text[64];
		uint64_t at = 1600000000000u + next(&seed) % 300000000000u;

		(void)snprintf(text, sizeof(text), "at %llu, then %llu", (unsigned long long)at,
		    (unsigned long long)(at / 1000));
		if (find(text, strlen(text)) != 0)
			print_message("%s\n", text);
		assert_int_equal(redact_count(findings), 0);
	}
}

static void
prices_dates_and_versions_are_left_alone(void **state)
{
	static const char *const texts[] = { "R$ 1.234.567,89", "$12,345,678.90", "1 234 567 EUR",
		"2024-05-20 06:00:12", "20.05.2024 18:30", "05/20/2024", "v1.2.3.4-rc.5",
		"10.0.19045.3693", "pages 12-14, 120-130", "1024x768", "ISBN 978-3-16-148410-0",
		"EAN 4006381333931", "0.5309136012499991", "3.14159265358979",
		"-122.41941550, 37.77492950 3", "550e8400-e29b-41d4-a716-446655440000",
		"sha 5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "order #1004-2024-000123",
		"invoice 2024/000123456", "flight AA1234 at 10:45" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t f = find(texts[i], strlen(texts[i])); f-- > 0;) {
			const struct redact_span *span = &redact_spans(findings)[f];

			/* Coordinates are another matcher's. */
			if (span->type == REDACT_GEO)
				continue;
			print_message("%s: %s\n", texts[i], redact_type_name(span->type));
			fail();
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_entities_show_is_found),
		cmocka_unit_test(what_the_entities_show_as_harmless_is_left_alone),
		cmocka_unit_test(a_value_has_one_canonical_form_however_it_is_written),
		cmocka_unit_test(random_numbers_without_a_word_that_names_them_are_left_alone),
		cmocka_unit_test(no_timestamp_is_a_card),
		cmocka_unit_test(prices_dates_and_versions_are_left_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
