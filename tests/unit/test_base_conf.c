/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/conf.h"

static void
what_is_written_is_read_back(void **state)
{
	CLEANUP(buf) struct buf *text = NULL;
	static struct conf conf, back;
	struct err_detail detail = { "" };

	(void)state;
	conf_set_defaults(&conf);
	assert_int_equal(conf_parse(STR("listen_port = 9443\nedge_http2 = on\n# a remark\n\n"
					"provider.openai = https://api.openai.com\n"
					"provider.mine = https://10.0.0.1:8000/base/\n"
					"provider.mine.ca = /etc/ca.crt\n"),
			     &conf, &detail),
	    ERR_OK);
	assert_int_equal(buf_new(1 << 20, &text), ERR_OK);
	assert_int_equal(conf_write(&conf, text), ERR_OK);
	conf_set_defaults(&back);
	assert_int_equal(conf_parse(buf_str(text), &back, &detail), ERR_OK);
	assert_memory_equal(&conf, &back, sizeof(conf));
	assert_int_equal(back.listen_port, 9443);
	assert_int_equal(back.edge_http2, 1);
	assert_int_equal(back.n_providers, 2);
	assert_string_equal(conf_find_provider(&back, STR("mine"))->path, "/base");
	assert_int_equal(conf_find_provider(&back, STR("mine"))->port, 8000);
	assert_int_equal(conf_find_provider(&back, STR("openai"))->port, 443);
	assert_null(conf_find_provider(&back, STR("other")));
}

static void
a_wrong_line_stops_the_start_and_is_named(void **state)
{
	static const char *const wrong[] = { "listen_prt = 1", "listen_port = 0",
		"listen_port = 70000", "listen_port = 1x", "listen_port = ", "listen_port",
		"edge_http2 = maybe", "provider.x = http://plain.example",
		"provider.X = https://a.example", "provider.api = https://a.example",
		"provider.x = https://a.example:0", "provider.x = https://a;b.example",
		"provider.x = https://a.example/\"", "provider.x.ca = /only/the/ca",
		"listen_address = a\tb", "= 1" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CLEANUP(buf) struct buf *text = NULL;
		struct err_detail detail = { "" };
		static struct conf conf;

		assert_int_equal(buf_new(4096, &text), ERR_OK);
		assert_int_equal(buf_printf(text, "\n%s\n", wrong[i]), ERR_OK);
		conf_set_defaults(&conf);
		assert_int_not_equal(conf_parse(buf_str(text), &conf, &detail), ERR_OK);
		assert_true(detail.text[0] != '\0');
		if (strstr(wrong[i], ".ca") == NULL)
			assert_non_null(strstr(detail.text, "line 2: "));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_wrong_line_stops_the_start_and_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
