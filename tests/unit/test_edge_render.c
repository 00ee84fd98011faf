/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "edge/render.h"

#define OUT_BYTES ((size_t)1 << 20)

static enum err
render(const struct conf *conf, struct buf **ret_out)
{
	const struct edge_paths paths = { "/data/run/edge", "/data/run/edge/module.so" };

	assert_int_equal(buf_new(OUT_BYTES, ret_out), ERR_OK);
	return edge_render_nginx(conf, &paths, "default-src 'none'", 100, *ret_out, NULL);
}

static void
with_provider(struct conf *conf, const char *text)
{
	conf_set_defaults(conf);
	(void)snprintf(conf->dir, sizeof(conf->dir), "/data");
	assert_int_equal(conf_parse(str_from(text), conf, NULL), ERR_OK);
}

static void
a_provider_gets_its_location_and_no_placeholder_is_left(void **state)
{
	CLEANUP(buf) struct buf *out = NULL;
	struct conf conf;

	(void)state;
	with_provider(&conf, "provider.openai = https://api.example.com/v1\n");
	assert_int_equal(render(&conf, &out), ERR_OK);
	assert_non_null(strstr(buf_c_string(out), "location /openai/ {"));
	assert_non_null(strstr(buf_c_string(out), "https://provider_openai/v1$rendfly_rest"));
	assert_non_null(strstr(buf_c_string(out), "proxy_set_header Host \"api.example.com\";"));
	assert_null(strchr(buf_c_string(out), '@'));
}

static void
a_value_that_could_become_a_directive_is_refused(void **state)
{
	static const char *const values[] = { "/x\";evil", "/x$http_host", "/x\\", "/x\nevil" };
	struct conf conf;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		CLEANUP(buf) struct buf *out = NULL;

		with_provider(&conf, "provider.openai = https://api.example.com\n");
		(void)snprintf(conf.dir, sizeof(conf.dir), "%s", values[i]);
		assert_int_equal(render(&conf, &out), ERR_MALFORMED);
	}
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		CLEANUP(buf) struct buf *out = NULL;

		with_provider(&conf, "provider.openai = https://api.example.com\n");
		(void)snprintf(conf.providers[0].ca, sizeof(conf.providers[0].ca), "%s", values[i]);
		assert_int_equal(render(&conf, &out), ERR_MALFORMED);
	}
}

static void
an_address_is_only_an_address(void **state)
{
	CLEANUP(buf) struct buf *out = NULL;
	struct conf conf;

	(void)state;
	with_provider(&conf, "");
	(void)snprintf(conf.listen_address, sizeof(conf.listen_address), "127.0.0.1; evil");
	assert_int_equal(render(&conf, &out), ERR_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_provider_gets_its_location_and_no_placeholder_is_left),
		cmocka_unit_test(a_value_that_could_become_a_directive_is_refused),
		cmocka_unit_test(an_address_is_only_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
