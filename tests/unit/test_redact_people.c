/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "redact/redact.h"

#define OUT_BYTES (1u << 20)
#define MAX_FINDINGS 64

struct example {
	const char *text;
	const char *wanted;
};

/* The text with each finding as "[TYPE:aaaaaa]". */
static void
redact_to(struct redactor *r, const char *text, struct buf *out)
{
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	struct redact_token tokens[MAX_FINDINGS];

	assert_int_equal(redact_findings_new(&f), ERR_OK);
	assert_int_equal(redact_find(r, str_from(text), f), ERR_OK);
	assert_true(redact_count(f) < MAX_FINDINGS);
	for (size_t i = 0; i < redact_count(f); i++)
		memcpy(tokens[i].chars, "aaaaaa", sizeof("aaaaaa"));
	buf_clear(out);
	assert_int_equal(redact_render(str_from(text), f, tokens, out), ERR_OK);
}

static void
assert_examples(const struct example *examples, size_t n)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(buf) struct buf *out = NULL;

	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(buf_new(OUT_BYTES, &out), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		redact_to(r, examples[i].text, out);
		assert_string_equal(buf_c_string(out), examples[i].wanted);
	}
}

#define ASSERT_EXAMPLES(list) assert_examples(list, sizeof(list) / sizeof(list[0]))

static void
a_phrase_in_any_of_the_languages_gives_the_name_behind_it_away(void **state)
{
	static const struct example examples[] = {
		{ "my name is john smith and I need help",
		    "my name is [PERSON:aaaaaa] and I need help" },
		{ "I'm Priya Patel, calling", "I'm [PERSON:aaaaaa], calling" },
		{ "me chamo joão pedro souza e preciso", "me chamo [PERSON:aaaaaa] e preciso" },
		{ "Meu nome é José D'Ávila", "Meu nome é [PERSON:aaaaaa]" },
		{ "me llamo juan pérez garcía, hola", "me llamo [PERSON:aaaaaa], hola" },
		{ "Mein Name ist Hans-Peter von der Heide.", "Mein Name ist [PERSON:aaaaaa]." },
		{ "je m'appelle François Lefèvre", "je m'appelle [PERSON:aaaaaa]" },
		{ "Mi chiamo Giuseppe Verdi", "Mi chiamo [PERSON:aaaaaa]" },
		{ "mijn naam is Pieter van den Berg", "mijn naam is [PERSON:aaaaaa]" },
		{ "MY NAME IS JOHN SMITH", "MY NAME IS [PERSON:aaaaaa]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
greetings_titles_roles_and_signatures_give_names_away(void **state)
{
	static const struct example examples[] = {
		{ "Olá João, tudo bem?", "Olá [PERSON:aaaaaa], tudo bem?" },
		{ "Sehr geehrte Frau Müller", "Sehr geehrte Frau [PERSON:aaaaaa]" },
		{ "Dear Mr. O'Brien,", "Dear Mr. [PERSON:aaaaaa]," },
		{ "Thank you, Mia. Could you", "Thank you, [PERSON:aaaaaa]. Could you" },
		{ "Dr. Paulo da Silva", "Dr. [PERSON:aaaaaa]" },
		{ "Passenger 1: AMELIA AHMED", "Passenger 1: [PERSON:aaaaaa]" },
		{ "Nome completo: maria aparecida souza", "Nome completo: [PERSON:aaaaaa]" },
		{ "Name: J. R. Silva", "Name: [PERSON:aaaaaa]" },
		{ "Best regards,\nKwame Mensah", "Best regards,\n[PERSON:aaaaaa]" },
		{ "on behalf of Emma Brown", "on behalf of [PERSON:aaaaaa]" },
		{ "| Name | John Doe |", "| Name | [PERSON:aaaaaa] |" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
words_that_only_look_like_names_stay(void **state)
{
	static const char *const texts[] = { "Times New Roman", "Dear Customer,", "Hi there!",
		"Hello World", "I am happy to help", "I'm Sorry to hear that", "sou cliente",
		"New York is big", "Best Regards", "San Francisco", "Microsoft Visual Studio",
		"Ich bin Softwareentwickler", "je suis Ingénieur", "Dear Hiring Manager,",
		"customer Support Team", "Name: Premium Plan", "name: my-service",
		"My name is not on the list", "Thanks for the help", "MS Word",
		"Sr. Software Engineer", "On behalf of Goldman Sachs", "Hotel Maria Cristina",
		"Madison Avenue, Charlotte Airport", "Will you be there in May?",
		"{\"name\":\"get_user_details\",\"title\":\"Blue Shirt\"}" };
	struct example examples[sizeof(texts) / sizeof(texts[0])];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		examples[i] = (struct example){ texts[i], texts[i] };
	ASSERT_EXAMPLES(examples);
}

static void
a_name_that_was_found_is_found_wherever_it_is_mentioned(void **state)
{
	static const struct example examples[] = {
		{ "maria called. My name is Maria Silva. SILVA, yes.",
		    "[PERSON:aaaaaa] called. My name is [PERSON:aaaaaa]. [PERSON:aaaaaa], yes." },
		{ "My name is Élodie Martin. ÉLODIE!",
		    "My name is [PERSON:aaaaaa]. [PERSON:aaaaaa]!" },
		{ "I am Will Smith. I will do it.", "I am [PERSON:aaaaaa]. I will do it." },
		{ "My name is Mia Li, login mia_li_3668",
		    "My name is [PERSON:aaaaaa], login [USERNAME:aaaaaa]" },
		{ "{\"first_name\":\"Omar\",\"note\":\"omar's bag\"}",
		    "{\"first_name\":\"[PERSON:aaaaaa]\",\"note\":\"[PERSON:aaaaaa]'s bag\"}" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
people_of_one_text_of_a_conversation_are_known_in_the_others(void **state)
{
	static const char first[] = "ask omar about it", second[] = "My name is Omar Hassan.";
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(buf) struct buf *out = NULL;

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(buf_new(OUT_BYTES, &out), ERR_OK);
	redactor_begin(r);
	assert_int_equal(redactor_learn(r, str_from(first), 0), ERR_OK);
	assert_int_equal(redactor_learn(r, str_from(second), 1), ERR_OK);
	redactor_at(r, 0);
	redact_to(r, first, out);
	assert_string_equal(buf_c_string(out), "ask [PERSON:aaaaaa] about it");
	redactor_begin(r);
	redact_to(r, first, out);
	assert_string_equal(buf_c_string(out), first);
}

static void
addresses_and_postal_codes_of_all_countries_are_found(void **state)
{
	static const struct example examples[] = {
		{ "Moro na Rua das Flores, 123, apto 45, Centro, São Paulo - SP, 01310-100.",
		    "Moro na [ADDRESS:aaaaaa]." },
		{ "rua das flores 123", "[ADDRESS:aaaaaa]" },
		{ "at 123 Main St Apt 4B, Springfield, IL 62704", "at [ADDRESS:aaaaaa]" },
		{ "my home: Flat 31, 216 Church Court", "my home: [ADDRESS:aaaaaa]" },
		{ "Hauptstraße 12, 10115 Berlin", "[ADDRESS:aaaaaa]" },
		{ "12 bis, rue de la Paix, 75002 Paris", "[ADDRESS:aaaaaa]" },
		{ "Calle Mayor 5, 3º B, 28013 Madrid", "[ADDRESS:aaaaaa]" },
		{ "Via Roma 10, 00184 Roma (RM)", "[ADDRESS:aaaaaa]" },
		{ "Kerkstraat 12-A, 1017 GP Amsterdam", "[ADDRESS:aaaaaa]" },
		{ "Postfach 1020", "[ADDRESS:aaaaaa]" },
		{ "my zip code is 94107", "my zip code is [POSTAL_CODE:aaaaaa]" },
		{ "CEP 01310-100", "CEP [POSTAL_CODE:aaaaaa]" },
		{ "Postcode:\nSW1A 2AA", "Postcode:\n[POSTAL_CODE:aaaaaa]" },
		{ "via email 123 times", "via email 123 times" },
		{ "5 minutes down the road", "5 minutes down the road" },
		{ "3 Apples and 4 Pears", "3 Apples and 4 Pears" },
		{ "Copyright 2019 Anthony Green", "Copyright 2019 [PERSON:aaaaaa]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
what_needs_words_beside_it_is_found_with_them_and_left_without(void **state)
{
	static const struct example examples[] = {
		{ "born on March 5, 1985", "born on [DATE_OF_BIRTH:aaaaaa]" },
		{ "nascida em 5 de março de 1985", "nascida em [DATE_OF_BIRTH:aaaaaa]" },
		{ "05/03/1985 is my date of birth", "[DATE_OF_BIRTH:aaaaaa] is my date of birth" },
		{ "due on 05/03/1985", "due on 05/03/1985" },
		{ "born on 45/03/1985", "born on 45/03/1985" },
		{ "my user id is mia_li_3668.", "my user id is [USERNAME:aaaaaa]." },
		{ "call mia_function_3668()", "call mia_function_3668()" },
		{ "see linkedin.com/in/maria-silva", "see linkedin.com/in/[USERNAME:aaaaaa]" },
		{ "github.com/torvalds/linux", "github.com/torvalds/linux" },
		{ "my instagram is @maria.s", "my instagram is [USERNAME:aaaaaa]" },
		{ "use @pytest.fixture", "use @pytest.fixture" },
		{ "placa ABC1D23", "placa [PLATE:aaaaaa]" },
		{ "Kennzeichen: M-KJ 541", "Kennzeichen: [PLATE:aaaaaa]" },
		{ "ticket PROJ-1234", "ticket PROJ-1234" },
		{ "IDFA EA7583CD-A667-48BC-B806-42ECB2B48606", "IDFA [DEVICE_ID:aaaaaa]" },
		{ "at -23.5505, -46.6333 now", "at [GEO:aaaaaa] now" },
		{ "40°26'46\"N 79°58'56\"W", "[GEO:aaaaaa]" },
		{ "[0.12345, 0.56789, 0.90123]", "[0.12345, 0.56789, 0.90123]" },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

static void
a_spelled_address_has_the_value_of_the_plain_one(void **state)
{
	static const char *const texts[] = { "joao.silva@gmail.com",
		"joao ponto silva arroba gmail ponto com", "joao.silva (at) gmail (dot) com",
		"joao.silva [at] gmail.com", "Joao dot Silva at gmail dot com" };
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;

	(void)state;
	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&f), ERR_OK);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(redact_find(r, str_from(texts[i]), f), ERR_OK);
		assert_int_equal(redact_count(f), 1);
		assert_int_equal(redact_value(f, 0).type, REDACT_EMAIL);
		assert_true(str_equals(redact_value(f, 0).canonical, str_from(texts[0])));
	}
	assert_int_equal(redact_find(r, STR("look at the dot"), f), ERR_OK);
	assert_int_equal(redact_count(f), 0);
}

/* The scanner keeps the words that it read last. */
static void
a_word_of_one_text_is_not_taken_for_the_one_at_its_place_in_the_next(void **state)
{
	static const struct example examples[] = {
		{ "my name is Maria Silva.", "my name is [PERSON:aaaaaa]." },
		{ "my name is 12345 67890.", "my name is 12345 67890." },
		{ "my name is Jo.", "my name is [PERSON:aaaaaa]." },
		{ "my name is Johannes Brahms.", "my name is [PERSON:aaaaaa]." },
	};

	(void)state;
	ASSERT_EXAMPLES(examples);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phrase_in_any_of_the_languages_gives_the_name_behind_it_away),
		cmocka_unit_test(greetings_titles_roles_and_signatures_give_names_away),
		cmocka_unit_test(words_that_only_look_like_names_stay),
		cmocka_unit_test(a_name_that_was_found_is_found_wherever_it_is_mentioned),
		cmocka_unit_test(addresses_and_postal_codes_of_all_countries_are_found),
		cmocka_unit_test(what_needs_words_beside_it_is_found_with_them_and_left_without),
		cmocka_unit_test(a_spelled_address_has_the_value_of_the_plain_one),
		cmocka_unit_test(
		    a_word_of_one_text_is_not_taken_for_the_one_at_its_place_in_the_next),
		cmocka_unit_test(people_of_one_text_of_a_conversation_are_known_in_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
