/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of every kind in entities/secrets.toml, as instances that are made from its shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "redact/keys.h"
#include "redact/layer.h"
#include "redact/redact.h"

#define TEXT_BYTES 2048

struct key_sample {
	const char *kind;
	const char *whole;
	const char *too_short; /* by one byte */
	const char *misspelt;  /* one letter of its head is another; NULL: the head has none */
};

#include "redact/key_samples.inc"

#define N_SAMPLES (sizeof(key_samples) / sizeof(key_samples[0]))

struct place {
	const char *before;
	const char *after;
};

/* Everything of the key is covered, and nothing but the places' own words is in the same span. */
static bool
is_found_whole(struct redactor *r, struct redact_findings *f, const struct place *place,
    const char *key)
{
	char text[TEXT_BYTES];
	int n = snprintf(text, sizeof(text), "%s%s%s", place->before, key, place->after);
	size_t start = strlen(place->before), end = start + strlen(key);

	assert_true(n > 0 && (size_t)n < sizeof(text));
	assert_int_equal(redact_find(r, (struct str){ text, (size_t)n }, f), ERR_OK);
	for (size_t i = 0; i < redact_count(f); i++) {
		const struct redact_span *span = &redact_spans(f)[i];

		if (span->type == REDACT_SECRET && span->start <= start && span->end >= end)
			return true;
	}
	print_error("not found whole: %s\n", text);
	return false;
}

static void
every_kind_is_found_whole_wherever_it_stands(void **state)
{
	static const struct place places[] = {
		{ "", "" },
		{ "I pasted ", " by mistake, sorry." },
		{ "é isso: ", ", obrigado" },
		{ "{\"note\": \"line one\\n", "\"}" },
		{ "export SERVICE_VALUE=", "\n" },
		{ "x = '", "';" },
		{ "https://host.example/v1?q=1&x=", "&page=2" },
		{ "| row | `", "` |" },
		{ "(see \"", "\")." },
	};
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	size_t missed = 0;

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&f), ERR_OK);
	for (size_t i = 0; i < N_SAMPLES; i++)
		for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++)
			missed += !is_found_whole(r, f, &places[p], key_samples[i].whole);
	assert_int_equal(missed, 0);
}

/* Is there a key of this kind somewhere in the text? */
static bool
is_of_kind(const char *text, const char *kind)
{
	uint8_t padded[TEXT_BYTES] = { 0 };
	size_t len = strlen(text);

	assert_true(len + LAYER_PADDING < sizeof(padded));
	memcpy(padded, text, len);
	for (size_t at = 0; at < len; at++) {
		struct key_match m;

		if (key_find(padded, len, at, &m) && m.kind->role == KEY_ROLE_KEY &&
		    strcmp(m.kind->name, kind) == 0)
			return true;
	}
	return false;
}

static void
what_is_one_byte_short_or_misspelt_is_no_key_of_the_kind(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < N_SAMPLES; i++) {
		const struct key_sample *sample = &key_samples[i];

		if (!is_of_kind(sample->whole, sample->kind)) {
			print_error("%s: another kind: %s\n", sample->kind, sample->whole);
			wrong++;
		}
		if (is_of_kind(sample->too_short, sample->kind)) {
			print_error("%s: too short: %s\n", sample->kind, sample->too_short);
			wrong++;
		}
		if (sample->misspelt != NULL && is_of_kind(sample->misspelt, sample->kind)) {
			print_error("%s: misspelt: %s\n", sample->kind, sample->misspelt);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void
there_are_at_least_two_hundred_and_twenty_kinds(void **state)
{
	size_t kinds = 1;

	(void)state;
	for (size_t i = 1; i < N_SAMPLES; i++)
		kinds += strcmp(key_samples[i].kind, key_samples[i - 1].kind) != 0;
	assert_true(kinds >= 220);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_found_whole_wherever_it_stands),
		cmocka_unit_test(what_is_one_byte_short_or_misspelt_is_no_key_of_the_kind),
		cmocka_unit_test(there_are_at_least_two_hundred_and_twenty_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
