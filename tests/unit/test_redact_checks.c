/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "redact/checks.h"
#include "redact/hash.h"

#define TRIES 200000

/* Numbers that their authorities, or the libraries of others, give as examples. */
static const struct vector {
	const char *name;
	check_function *check;
	const char *id;
} vectors[] = {
	{ "CPF", check_cpf, "39053344705" },
	{ "CNPJ", check_cnpj, "16727230000197" },
	{ "CNPJ with letters", check_cnpj, "12ABC34501DE35" },
	{ "CNH", check_cnh, "02650306461" },
	{ "título", check_titulo_eleitor, "004356870906" },
	{ "título of Minas Gerais", check_titulo_eleitor, "102385010671" },
	{ "PESEL", check_pesel, "44051401359" },
	{ "Steuer-ID", check_steuer_id, "36574261809" },
	{ "NIF", check_nif, "501964843" },
	{ "cartão de cidadão", check_cartao_cidadao, "000000000ZZ4" },
	{ "BSN", check_bsn, "111222333" },
	{ "NHS", check_nhs, "9434765870" },
	{ "BE", check_be_nrn, "85073003328" },
	{ "NIR", check_nir, "295109912611193" },
	{ "HETU", check_hetu, "131052308T" },
	{ "HETU, new separator", check_hetu, "0105949032" },
	{ "personnummer", check_personnummer, "8803200016" },
	{ "codice fiscale", check_codice_fiscale, "RCCMNL83S18D969H" },
	{ "partita IVA", check_partita_iva, "07643520567" },
	{ "DNI", check_dni, "54362315K" },
	{ "NIE", check_nie, "X2482300W" },
	{ "CIF", check_cif, "A58818501" },
	{ "CUIT", check_cuit, "20123456786" },
	{ "CURP", check_curp, "BOXW310820HNERXN09" },
	{ "RUT", check_rut, "123456785" },
	{ "ABA", check_routing, "021000021" },
	{ "IMEI", check_imei, "490154203237518" },
};

static void
each_check_takes_the_published_example(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		if (!vectors[i].check((const uint8_t *)vectors[i].id))
			print_message("%s %s\n", vectors[i].name, vectors[i].id);
		assert_true(vectors[i].check((const uint8_t *)vectors[i].id));
	}
}

/* The example with its last sign changed is wrong, whatever it is changed to. */
static void
each_check_refuses_every_other_last_sign(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		char id[32];
		size_t last = strlen(vectors[i].id) - 1;
		bool is_letter = vectors[i].id[last] > '9';

		memcpy(id, vectors[i].id, last + 2);
		for (char c = is_letter ? 'A' : '0'; c <= (is_letter ? 'Z' : '9'); c++) {
			id[last] = c;
			if (c == vectors[i].id[last])
				continue;
			if (vectors[i].check((const uint8_t *)id))
				print_message("%s %s\n", vectors[i].name, id);
			assert_false(vectors[i].check((const uint8_t *)id));
		}
	}
}

static void
numbers_that_nobody_has_are_refused(void **state)
{
	(void)state;
	assert_false(check_cpf((const uint8_t *)"11111111111"));
	assert_false(check_ssn((const uint8_t *)"078051120"));
	assert_false(check_ssn((const uint8_t *)"666128726"));
	assert_false(check_ssn((const uint8_t *)"900128726"));
	assert_false(check_itin((const uint8_t *)"912931234"));
	assert_false(check_ein((const uint8_t *)"071234567"));
	assert_false(check_nino((const uint8_t *)"GB123456A"));
	assert_false(check_nino((const uint8_t *)"AB123456E"));
	assert_true(check_nino((const uint8_t *)"AB123456C"));
	assert_false(check_cpr((const uint8_t *)"3113621234"));
	assert_true(check_rfc((const uint8_t *)"GODE561231GR8", 13));
	assert_false(check_rfc((const uint8_t *)"GODE561231GR9", 13));
	assert_false(check_boleto((const uint8_t
					  *)"00190500954014481606906809350314337370000000101",
	    46));
	assert_true(check_boleto((const uint8_t *)"00190500954014481606906809350314337370000000100",
	    47));
}

static void
an_account_number_has_its_countrys_length_and_remainder(void **state)
{
	static const char *const right[] = { "DE89370400440532013000", "GB82WEST12345698765432",
		"FR1420041010050500013M02606", "ES9121000418450200051332",
		"PT50000201231234567890154", "IT60X0542811101000000123456", "NL91ABNA0417164300",
		"BR1800360305000010009795493C1", "PL61109010140000071219812874", "BE68539007547034",
		"MT84MALT011000012345MTLCAST001S" };

	(void)state;
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		uint8_t wrong[40];
		size_t n = strlen(right[i]);

		assert_true(check_iban((const uint8_t *)right[i], n));
		assert_false(check_iban((const uint8_t *)right[i], n - 1));
		memcpy(wrong, right[i], n);
		wrong[3] = wrong[3] == '9' ? '0' : wrong[3] + 1;
		assert_false(check_iban(wrong, n));
	}
}

/* Of random numbers of eleven digits, about one in seven passes one of six checks: why a check
 * alone does not decide.  A check that takes much more or less is broken. */
static void
random_numbers_pass_as_often_as_they_should(void **state)
{
	static const struct {
		check_function *check;
		size_t n;
		double share;
	} cases[] = { { check_cpf, 11, 0.010 }, { check_pis, 11, 0.100 }, { check_cnh, 11, 0.010 },
		{ check_pesel, 11, 0.018 }, { check_steuer_id, 11, 0.0033 },
		{ check_be_nrn, 11, 0.0026 }, { check_nhs, 10, 0.091 }, { check_nif, 9, 0.079 },
		{ check_bsn, 9, 0.091 }, { check_routing, 9, 0.037 }, { check_ssn, 9, 0.889 },
		{ check_titulo_eleitor, 12, 0.0028 }, { check_cns, 15, 0.045 } };

	uint64_t seed = 20261126;

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		size_t n_passed = 0;

		for (size_t i = 0; i < TRIES; i++) {
			uint8_t digits[16] = { 0 };

			for (size_t d = 0; d < cases[c].n; d++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				digits[d] = (uint8_t)('0' + (seed >> 33) % 10);
			}
			n_passed += cases[c].check(digits);
		}
		assert_in_range(n_passed, (uintmax_t)(cases[c].share * TRIES * 0.7),
		    (uintmax_t)(cases[c].share * TRIES * 1.3));
	}
}

static void
assert_hash(const uint8_t *hash, const char *wanted)
{
	char hex[2 * HASH_BYTES + 1];

	for (size_t i = 0; i < HASH_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	assert_string_equal(hex, wanted);
}

static void
the_hashes_give_the_published_values(void **state)
{
	static const char long_text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t hash[HASH_BYTES];

	(void)state;
	hash_sha256((const uint8_t *)"abc", 3, hash);
	assert_hash(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_sha256((const uint8_t *)long_text, sizeof(long_text) - 1, hash);
	assert_hash(hash, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	hash_keccak256((const uint8_t *)"", 0, hash);
	assert_hash(hash, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
	hash_keccak256((const uint8_t *)"abc", 3, hash);
	assert_hash(hash, "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_check_takes_the_published_example),
		cmocka_unit_test(each_check_refuses_every_other_last_sign),
		cmocka_unit_test(numbers_that_nobody_has_are_refused),
		cmocka_unit_test(an_account_number_has_its_countrys_length_and_remainder),
		cmocka_unit_test(random_numbers_pass_as_often_as_they_should),
		cmocka_unit_test(the_hashes_give_the_published_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
