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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phrase_in_any_of_the_languages_gives_the_name_behind_it_away),
		cmocka_unit_test(greetings_titles_roles_and_signatures_give_names_away),
		cmocka_unit_test(words_that_only_look_like_names_stay),
		cmocka_unit_test(a_name_that_was_found_is_found_wherever_it_is_mentioned),
		cmocka_unit_test(people_of_one_text_of_a_conversation_are_known_in_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
