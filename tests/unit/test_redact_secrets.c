/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets told by what stands around them, and what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "redact/redact.h"

#define TEXT_BYTES 4096

/* Marks what must be found: <<...>> around it; nothing else may be a secret. */
static void
assert_secrets(const char *const *marked, size_t n)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	size_t wrong = 0;

	assert_int_equal(redactor_new(&r), ERR_OK);
	assert_int_equal(redact_findings_new(&f), ERR_OK);
	for (size_t i = 0; i < n; i++) {
		char text[TEXT_BYTES], found[TEXT_BYTES];
		size_t len = 0, out = 0, span = 0;

		for (const char *c = marked[i]; *c != '\0'; c++)
			if (memcmp(c, "<<", 2) == 0 || memcmp(c, ">>", 2) == 0)
				c++;
			else
				text[len++] = *c;
		assert_int_equal(redact_find(r, (struct str){ text, len }, f), ERR_OK);
		for (size_t at = 0; at <= len; at++) {
			const struct redact_span *s = &redact_spans(f)[span];
			bool is_in = span < redact_count(f) && s->type == REDACT_SECRET;

			if (is_in && at == s->start)
				out += (size_t)snprintf(found + out, sizeof(found) - out, "<<");
			if (is_in && at == s->end) {
				out += (size_t)snprintf(found + out, sizeof(found) - out, ">>");
				span++;
			}
			if (at < len)
				found[out++] = text[at];
		}
		found[out] = '\0';
		if (strcmp(found, marked[i]) != 0) {
			print_error("wanted %s\n found %s\n", marked[i], found);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

#define ASSERT_SECRETS(list) assert_secrets(list, sizeof(list) / sizeof(list[0]))

static void
keys_with_a_sign_inside_are_found_whole(void **state)
{
	static const char *const texts[] = {
		"client_secret=<<bP88Q~rcBcYjzzOhg1Hnn76Wm3jGgakZiZ.8vMgR>>",
		"Example= <<GN.7Q~4AkLZBNEbz4Jxlm~O5G6SsyFxYg6zMR>>",
		"(use the client secret: <<QtT8Q~9C-_Ij~RouHVpD2Tuf3oHWGh.DQ3kcjbAn>>)",
		"the value is <<QtT8Q~9C-_Ij~RouHVpD2Tuf3oHWGh.DQ3kcjbAn>>. Thanks",
		"b.substr(~Q8) abc8Q~short and 12Q~",
		"a8Q~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		"access token <<613023951123456|pZx3Kq8_wLm2Nv7Rt-5YbHs9DfG>> for the app",
		"| 613023951123456|next column of a table |",
		"SONAR.LOGIN ?= \"<<12345678ABCDEFH1234567890ABCDEFH12345678>>\"",
		"SUMO_ACCESS_ID = \"<<suGyI5imvADdvU>>\"",
		"export <<BUNDLE_GEMS__CONTRIBSYS__COM=\"cafebabe:deadbeef>>\"",
	};

	(void)state;
	ASSERT_SECRETS(texts);
}

static void
what_people_tell_is_found_in_the_languages_we_sell_in(void **state)
{
	static const char *const texts[] = {
		"my password is <<hunter2>>",
		"The password for the admin page is still <<Zebra-77>>.",
		"use password <<s3cretpw9>> to log in",
		"minha senha é <<abacate99>>, pode testar",
		"senha do wifi: <<abacaxi123>>",
		"troquei a palavra-passe para <<lisboa#25>>",
		"mi contraseña es <<tortuga88>>",
		"Kennwort: <<Blume4711>>",
		"das Passwort lautet <<Blume4711>>",
		"mon mot de passe est <<fromage42>>",
		"mot  de  passe :\n<<fromage42>>\n",
		"la parola d'ordine è <<gatto2024x>>",
		"mijn wachtwoord is <<kaas4567>>",
		"| Password | <<rtuc-4117-XX>> |",
		"passwd - <<6qMTY9h9HwCL>>",
		"password => \"<<correct horse>>\"",
		"<password><<hunter22>></password>",
	};

	(void)state;
	ASSERT_SECRETS(texts);
}

static void
what_programs_and_headers_hold_is_found(void **state)
{
	static const char *const texts[] = {
		"DB_PASSWORD=<<supersecret>>\nDEBUG=1",
		"Server=db;User Id=sa;Password=<<hunter2>>;",
		"jdbc:sqlserver://h:1433;user=sa;password=<<Abc123xx>>;",
		("DefaultEndpointsProtocol=https;<<AccountKey="
		 "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1fG3hI5jK7lM9nO1pQ3rS5tU7vW9xY1zA3bC5d==>>"),
		"postgres://<<ann:s3cret>>@db.example/x",
		"mongodb+srv://<<ann:s3cret>>@cluster.example/x",
		"redis://<<:s3cretpw>>@cache:6379/0",
		"aws_secret_access_key = <<wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY>>",
		"Authorization: Bearer <<abc123def456ghi789>>",
		"Authorization: Basic <<dXNlcjpwYXNz>>",
		"Authorization: Token <<9944b09199c62bcf9418ad846dd0e4bb>>",
		"curl -X POST -u <<admin:s3cr3tpw>> https://h.example/",
		"Cookie: lang=en; session=<<b8f1c3d97ae24f60a1e5>>; theme=dark",
		"machine h.example login bob password <<s3cr3tpw>>",
		"//registry.example/:_authToken=<<8a3b1c9d7e5f40218a3b1c9d7e5f4021>>",
		"{\"auths\":{\"r.example\":{\"auth\":\"<<dXNlcjpwYXNzd29yZDEyMw==>>\"}}}",
		"https://h.example/f?sig=<<aB3dE5fG7hI9jK1lM3nO5>>&x=1",
		"HEROKU_API_KEY=<<8097eb22-2828-433c-8002-029fa5b6d6c7>>",
	};

	(void)state;
	ASSERT_SECRETS(texts);
}

static void
tokens_and_key_blocks_go_whole_even_cut_short(void **state)
{
	static const char *const texts[] = {
		"t <<eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.nrbzIJz99Om7TvJ04jn>>.",
		"t <<eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0>> (cut)",
		"t <<eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..48V1_ALb6US04U3b.5eym8TW.XFBoMYUZ>>",
		("<<-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0a1b2c3d4\n"
		 "-----END RSA PRIVATE KEY----->>\nthen"),
		"see <<-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9u>>",
	};

	(void)state;
	ASSERT_SECRETS(texts);
}

static void
prose_programs_and_places_to_fill_in_are_left(void **state)
{
	static const char *const texts[] = {
		"the token is important",
		"Your password is required and must have 8 characters.",
		"a senha é obrigatória",
		"reset your password in 30 days",
		"password = get_password(user)",
		"connect(user=user, password=given, host=host)",
		"self.password = request.form",
		"token_type: bearer, token_count=12345678901234567",
		"api_key = \"your_api_key_here_123\"",
		"password: ${DB_PASSWORD}",
		"password=********",
		"TOKEN=<your token>",
		"if \"-----BEGIN RSA PRIVATE KEY-----\" in text:",
		"key = \"550e8400-e29b-41d4-a716-446655440000\"",
		"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"\"integrity\": \"sha512-aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9dE1fG3hI5jK7lM9nO1\"",
		"basic understanding of bearer bonds 2024",
		"class=\"token-list__item--active2 key-value-pair-3\"",
		"the sk-learn-style-interface-of-2019",
	};

	(void)state;
	ASSERT_SECRETS(texts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_with_a_sign_inside_are_found_whole),
		cmocka_unit_test(what_people_tell_is_found_in_the_languages_we_sell_in),
		cmocka_unit_test(what_programs_and_headers_hold_is_found),
		cmocka_unit_test(tokens_and_key_blocks_go_whole_even_cut_short),
		cmocka_unit_test(prose_programs_and_places_to_fill_in_are_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
