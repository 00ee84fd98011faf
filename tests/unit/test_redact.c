/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <jansson.h>

#include "redact/redact.h"

#define OUT_BYTES (1u << 20)

/* The text with each finding as "[TYPE]", tokens left out, so that a case is one line. */
static void
redact_to(struct redactor *r, const char *text, size_t len, struct buf *out)
{
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	struct redact_token tokens[64];

	assert_int_equal(redact_findings_new(&f), ERR_OK);
	assert_int_equal(redact_find(r, (struct str){ text, len }, f), ERR_OK);
	assert_true(redact_count(f) < 64);
	for (size_t i = 0; i < redact_count(f); i++)
		memcpy(tokens[i].chars, "aaaaaa", sizeof("aaaaaa"));
	buf_clear(out);
	assert_int_equal(redact_render((struct str){ text, len }, f, tokens, out), ERR_OK);
}

struct example {
	const char *text;
	const char *wanted;
};

static void
assert_examples(const struct example *examples, size_t n)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(buf) struct buf *out = NULL;

	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(buf_new(OUT_BYTES, &out), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		redact_to(r, examples[i].text, strlen(examples[i].text), out);
		assert_string_equal(buf_c_string(out), examples[i].wanted);
	}
}

#define ASSERT_EXAMPLES(list) assert_examples(list, sizeof(list) / sizeof(list[0]))

static void
personal_data_becomes_typed_placeholders(void **state)
{
	static const struct example examples[] = {
		{ "write to joao.silva@gmail.com please", "write to [EMAIL:aaaaaa] please" },
		{ "card 4111 1111 1111 1111 ok", "card [CARD:aaaaaa] ok" },
		{ "CPF 390.533.447-05.", "CPF [CPF:aaaaaa]." },
		{ "CNPJ 16.727.230/0001-97", "CNPJ [CNPJ:aaaaaa]" },
		{ "CNPJ 12.ABC.345/01DE-35", "CNPJ [CNPJ:aaaaaa]" },
		{ "IBAN DE89 3704 0044 0532 0130 00 now", "IBAN [IBAN:aaaaaa] now" },
		{ "SSN 536-22-8726", "SSN [SSN:aaaaaa]" },
		{ "call +55 11 98765-4321 today", "call [PHONE:aaaaaa] today" },
		{ "from 203.0.114.77 again", "from [IP:aaaaaa] again" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
what_only_looks_like_it_stays(void **state)
{
	static const struct example examples[] = {
		{ "flight HAT069 on 2024-05-20 at 06:00:00",
		    "flight HAT069 on 2024-05-20 at 06:00:00" },
		{ "reservation NO6JO3, credit_card_4421486",
		    "reservation NO6JO3, credit_card_4421486" },
		{ "git@github.com:owner/name", "git@github.com:owner/name" },
		{ "npm i @scope/pkg", "npm i @scope/pkg" },
		{ "id 550e8400-e29b-41d4-a716-446655440000",
		    "id 550e8400-e29b-41d4-a716-446655440000" },
		{ "at 1716212345678 ms", "at 1716212345678 ms" },
		{ "it costs $1,234.56", "it costs $1,234.56" },
		{ "order 4111 1111 1111 1112", "order 4111 1111 1111 1112" },
		{ "[EMAIL:k7f3qa] wrote", "[EMAIL:k7f3qa] wrote" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
json_is_decoded_before_matching_and_stays_json(void **state)
{
	static const char text[] =
	    "{\"a\":\"x\\njoao@gmail.com\",\"b\":[\"\\u006aoao@gmail.com\"],\"n\":1.50}";
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(buf) struct buf *out = NULL;
	json_t *json;

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(buf_new(OUT_BYTES, &out), ERR_OK);
	redact_to(r, text, sizeof(text) - 1, out);
	assert_null(strstr(buf_c_string(out), "gmail"));
	json = json_loadb(buf_str(out).at, buf_len(out), 0, NULL);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_object_get(json, "a")), "x\n[EMAIL:aaaaaa]");
	json_decref(json);
}

static void
the_same_value_written_otherwise_has_one_canonical_form(void **state)
{
	static const char text[] = "390.533.447-05 and cpf 39053344705, A@B.com.br and a@b.com.br";
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&f), ERR_OK);
	assert_int_equal(redact_find(r, (struct str){ text, sizeof(text) - 1 }, f), ERR_OK);
	assert_int_equal(redact_count(f), 4);
	assert_true(str_equals(redact_value(f, 0).canonical, redact_value(f, 1).canonical));
	assert_true(str_equals(redact_value(f, 2).canonical, redact_value(f, 3).canonical));
}

static void
invalid_utf8_is_refused(void **state)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&f), ERR_OK);
	assert_int_equal(redact_find(r,
			     STR("a\xff"
				 "b"),
			     f),
	    ERR_MALFORMED);
	assert_int_equal(redact_find(r, STR("\xed\xa0\x80"), f), ERR_MALFORMED);
}

static void
encoded_text_is_read_one_level_deep(void **state)
{
	/* base64 of "joao.silva@exemplo.com.br", with and without padding, and of
	 * "my card is 4111 1111 1111 1111"; what is no text stays. */
	static const struct example examples[] = {
		{ "see am9hby5zaWx2YUBleGVtcGxvLmNvbS5icg== now", "see [EMAIL:aaaaaa] now" },
		{ "see am9hby5zaWx2YUBleGVtcGxvLmNvbS5icg now", "see [EMAIL:aaaaaa] now" },
		{ "\"bXkgY2FyZCBpcyA0MTExIDExMTEgMTExMSAxMTEx\"", "\"[CARD:aaaaaa]\"" },
		{ "plain aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91 stays",
		    "plain aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91 stays" },
		{ "joao%2Esilva%40exemplo%2Ecom", "[EMAIL:aaaaaa]" },
		{ "maria&#64;exemplo&period;com", "[EMAIL:aaaaaa]" },
		{ "jos\xD0\xB5@ex\xD0\xB0mple.com", "[EMAIL:aaaaaa]" }, /* Cyrillic e and a */
		{ "call +5\xCC\xB6"
		  "5 11 98765-4321",
		    "call [PHONE:aaaaaa]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
assert_same_value(struct redactor *r, const char *a, const char *b)
{
	CLEANUP(redact_findings) struct redact_findings *first = NULL;
	CLEANUP(redact_findings) struct redact_findings *second = NULL;
	struct str x, y;

	assert_int_equal(redact_findings_new(&first), ERR_OK);
	assert_int_equal(redact_findings_new(&second), ERR_OK);
	assert_int_equal(redact_find(r, str_from(a), first), ERR_OK);
	assert_int_equal(redact_find(r, str_from(b), second), ERR_OK);
	assert_int_equal(redact_count(first), 1);
	assert_int_equal(redact_count(second), 1);
	x = redact_value(first, 0).canonical;
	y = redact_value(second, 0).canonical;
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.at, y.at, x.len);
}

static void
an_encoded_value_has_the_token_of_the_plain_one(void **state)
{
	CLEANUP(redactor) struct redactor *r = NULL;

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_same_value(r, "Joao.Silva@exemplo.com.br", "am9hby5zaWx2YUBleGVtcGxvLmNvbS5icg==");
	assert_same_value(r, "+55 (11) 98765-4321", "KzU1ICgxMSkgOTg3NjUtNDMyMQ==");
	assert_same_value(r, "joao@exemplo.com", "joao%40exemplo.com");
}

/* The texts of one conversation, each with its findings as "[TYPE]". */
static void
assert_thread(const char *const *texts, const char *const *wanted, size_t n)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(buf) struct buf *out = NULL;

	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(buf_new(OUT_BYTES, &out), ERR_OK);
	redactor_begin(r);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(redactor_learn(r, str_from(texts[i]), i % 2), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		redactor_at(r, i);
		redact_to(r, texts[i], strlen(texts[i]), out);
		assert_string_equal(buf_c_string(out), wanted[i]);
	}
}

static void
a_value_cut_by_the_end_of_a_message_is_found_in_both_halves(void **state)
{
	static const char *const texts[] = { "my card is 4111 1111", "go on", "1111 1111.",
		"thanks", "joao.silva@", "?", "exemplo.com", "ok", "reservation 4111", "yes",
		"1234 bags" };
	static const char *const wanted[] = { "my card is [CARD:aaaaaa]", "go on", "[CARD:aaaaaa].",
		"thanks", "[EMAIL:aaaaaa]", "?", "[EMAIL:aaaaaa]", "ok", "reservation 4111", "yes",
		"1234 bags" };

	(void)state;
	assert_thread(texts, wanted, sizeof(texts) / sizeof(texts[0]));
}

static void
a_short_answer_is_understood_by_what_was_asked(void **state)
{
	static const char *const texts[] = { "Hi", "Could you give me your social security number?",
		"536228726", "And the weight?", "536228726" };
	static const char *const wanted[] = { "Hi",
		"Could you give me your social security number?", "[SSN:aaaaaa]", "And the weight?",
		"536228726" };

	(void)state;
	assert_thread(texts, wanted, sizeof(texts) / sizeof(texts[0]));
}

static void
both_halves_of_a_value_have_one_token(void **state)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	static const char *const texts[] = { "my card is 4111 1111", "1111 1111" };

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&f), ERR_OK);
	redactor_begin(r);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(redactor_learn(r, str_from(texts[i]), 0), ERR_OK);
	for (size_t i = 0; i < 2; i++) {
		redactor_at(r, i);
		assert_int_equal(redact_find(r, str_from(texts[i]), f), ERR_OK);
		assert_int_equal(redact_count(f), 1);
		assert_int_equal(redact_value(f, 0).canonical.len, 16);
	}
}

static void
numbers_side_by_side_are_each_found_whole(void **state)
{
	static const struct example examples[] = {
		{ "Tel. (21) 99304-1508. 4111 1111 1111 1111 ok",
		    "Tel. [PHONE:aaaaaa]. [CARD:aaaaaa] ok" },
		{ "4111 1111 1111 1111 5500 0000 0000 0004", "[CARD:aaaaaa] [CARD:aaaaaa]" },
		{ "390.533.447-05 4111 1111 1111 1111", "[CPF:aaaaaa] [CARD:aaaaaa]" },
		{ "4111 1111 1111 1111 (21) 99304-1508", "[CARD:aaaaaa] [PHONE:aaaaaa]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_side_by_side_are_each_found_whole),
		cmocka_unit_test(a_value_cut_by_the_end_of_a_message_is_found_in_both_halves),
		cmocka_unit_test(a_short_answer_is_understood_by_what_was_asked),
		cmocka_unit_test(both_halves_of_a_value_have_one_token),
		cmocka_unit_test(encoded_text_is_read_one_level_deep),
		cmocka_unit_test(an_encoded_value_has_the_token_of_the_plain_one),
		cmocka_unit_test(personal_data_becomes_typed_placeholders),
		cmocka_unit_test(what_only_looks_like_it_stays),
		cmocka_unit_test(json_is_decoded_before_matching_and_stays_json),
		cmocka_unit_test(the_same_value_written_otherwise_has_one_canonical_form),
		cmocka_unit_test(invalid_utf8_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
