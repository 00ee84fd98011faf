/* SPDX-License-Identifier: Apache-2.0 */
/* What Vault answers is read into types or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "vault/answer.h"

/* As Vault 1.15 and OpenBao 2.0 answer a log-in. */
static const char LOGIN[] =
    "{\"request_id\":\"4b3a\",\"lease_id\":\"\",\"renewable\":false,\"lease_duration\":0,"
    "\"data\":null,\"wrap_info\":null,\"warnings\":null,\"auth\":{\"client_token\":"
    "\"hvs.CAESIJ\",\"accessor\":\"3xK\",\"policies\":[\"default\",\"rendfly\"],"
    "\"token_policies\":[\"default\",\"rendfly\"],\"metadata\":{\"role_name\":\"rendfly\"},"
    "\"lease_duration\":1200,\"renewable\":true,\"entity_id\":\"e\",\"token_type\":\"service\","
    "\"orphan\":true,\"mfa_requirement\":null,\"num_uses\":0}}";

static void
a_log_in_gives_token_lease_and_whether_it_can_be_renewed(void **state)
{
	struct vault_auth auth = { .token = "" };

	(void)state;
	assert_int_equal(vault_read_auth(str_from(LOGIN), &auth), ERR_OK);
	assert_string_equal(auth.token, "hvs.CAESIJ");
	assert_int_equal(auth.lease_s, 1200);
	assert_true(auth.is_renewable);
}

static void
what_is_no_log_in_is_malformed(void **state)
{
	static const char *const bad[] = { "", "{}", "[]", "{\"auth\":null}", "{\"auth\":[]}",
		"{\"auth\":{\"client_token\":\"t\"}}",
		"{\"auth\":{\"client_token\":\"\",\"lease_duration\":1}}",
		"{\"auth\":{\"client_token\":7,\"lease_duration\":1}}",
		"{\"auth\":{\"client_token\":\"t\",\"lease_duration\":\"1\"}}",
		"{\"auth\":{\"client_token\":\"t\",\"lease_duration\":-1}}",
		"{\"auth\":{\"client_token\":\"t\",\"lease_duration\":1e99}}",
		"{\"auth\":{\"client_token\":\"t\",\"lease_duration\":99999999999}}",
		"{\"auth\":{\"client_token\":\"t\\r\\nX-Evil: 1\",\"lease_duration\":1}}",
		"{\"auth\":{\"client_token\":\"t\",\"lease_duration\":1}} more",
		"{\"auth\":{\"client_token\":\"t\",\"client_token\":\"u\",\"lease_duration\":1}}" };
	static char large[700];
	struct vault_auth auth = { .token = "untouched" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(vault_read_auth(str_from(bad[i]), &auth), ERR_OK);
	(void)snprintf(large, sizeof(large),
	    "{\"auth\":{\"lease_duration\":1,\"client_token\":\"%0600d\"}}", 7);
	assert_int_equal(vault_read_auth(str_from(large), &auth), ERR_MALFORMED);
	assert_string_equal(auth.token, "untouched");
}

static void
a_text_is_taken_from_data_only(void **state)
{
	CLEANUP(buf) struct buf *out = NULL;

	(void)state;
	assert_int_equal(buf_new(VAULT_TEXT_MAX_BYTES, &out), ERR_OK);
	assert_int_equal(vault_read_text(STR("{\"ciphertext\":\"vault:v1:x\"}"), "ciphertext", out),
	    ERR_MALFORMED);
	assert_int_equal(vault_read_text(STR("{\"data\":{\"ciphertext\":\"\"}}"), "ciphertext",
			     out),
	    ERR_MALFORMED);
	assert_int_equal(vault_read_text(STR("{\"data\":{\"ciphertext\":null}}"), "ciphertext",
			     out),
	    ERR_MALFORMED);
	assert_int_equal(buf_len(out), 0);
	assert_int_equal(vault_read_text(STR("{\"data\":{\"ciphertext\":\"vault:v1:x\","
					     "\"key_version\":1},\"warnings\":null}"),
			     "ciphertext", out),
	    ERR_OK);
	assert_true(str_equals(buf_str(out), STR("vault:v1:x")));
}

static void
each_status_means_try_again_refused_or_wrong(void **state)
{
	static const struct {
		long status;
		enum err expected;
	} cases[] = { { 200, ERR_OK }, { 204, ERR_OK }, { 400, ERR_MALFORMED }, { 403, ERR_DENIED },
		{ 404, ERR_MALFORMED }, { 412, ERR_BUSY }, { 429, ERR_BUSY }, { 473, ERR_BUSY },
		{ 500, ERR_BUSY }, { 503, ERR_BUSY }, { 302, ERR_MALFORMED },
		{ 0, ERR_MALFORMED } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(vault_status(cases[i].status), cases[i].expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_in_gives_token_lease_and_whether_it_can_be_renewed),
		cmocka_unit_test(what_is_no_log_in_is_malformed),
		cmocka_unit_test(a_text_is_taken_from_data_only),
		cmocka_unit_test(each_status_means_try_again_refused_or_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
