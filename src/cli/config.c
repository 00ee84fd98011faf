/* SPDX-License-Identifier: Apache-2.0 */
/* config - shows the configuration in force, checks a file, writes the table as a document. */
#include <getopt.h>
#include <stdio.h>

#include "base/conf.h"
#include "base/file.h"
#include "cli/commands.h"

#define CONFIG_MAX_BYTES (1u << 20)

static int
usage(FILE *to, int status)
{
	(void)fprintf(to,
	    "usage: rendfly config [--dir DIR]   every setting in force, with what it does\n"
	    "       rendfly config --check FILE   would this file be accepted?\n"
	    "       rendfly config --markdown     docs/config.md\n");
	return status;
}

static int
fail(const struct err_detail *detail)
{
	(void)fprintf(stderr, "rendfly config: %s\n", detail->text);
	return 2;
}

static int
check(const char *path)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct err_detail detail = { "out of memory" };
	struct conf conf;

	conf_set_defaults(&conf);
	if (buf_new(CONFIG_MAX_BYTES, &b) != ERR_OK || file_read(path, b, &detail) != ERR_OK ||
	    conf_parse(buf_str(b), &conf, &detail) != ERR_OK)
		return fail(&detail);
	(void)printf("%s is right\n", path);
	return 0;
}

static int
show(const char *dir)
{
	CLEANUP(buf) struct buf *b = NULL;
	struct err_detail detail = { "out of memory" };
	struct conf conf;

	if (conf_load(dir, &conf, &detail) != ERR_OK)
		return fail(&detail);
	if (buf_new(CONFIG_MAX_BYTES, &b) != ERR_OK || conf_write(&conf, b) != ERR_OK)
		return fail(&detail);
	(void)fputs(buf_c_string(b), stdout);
	return 0;
}

static int
write_markdown(void)
{
	(void)printf(
	    "# Configuration\n\n"
	    "`DIR/rendfly.conf` has `name = value` lines and `#` comments; an unknown name or a value\n"
	    "out of range stops the start. `rendfly config` shows what is in force. Besides the settings\n"
	    "below, `provider.NAME = https://HOST[:PORT][/PATH]` names a provider, and\n"
	    "`provider.NAME.ca = FILE` its certificate authority when no public one signed.\n\n"
	    "| setting | default | what it does |\n|---|---|---|\n");
#define SHOWN_INT(fallback) #fallback
#define SHOWN_BOOL(fallback) ((fallback) ? "on" : "off")
#define SHOWN_TEXT(fallback) fallback
#define CONFIG_ROW(name, type, fallback, least, most, help) \
	(void)printf("| `%s` | %s | %s |\n", #name, SHOWN_##type(fallback), help);
	CONF_TABLE(CONFIG_ROW)
#undef CONFIG_ROW
	return 0;
}

int
config_main(int argc, char **argv)
{
	static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
		{ "check", required_argument, NULL, 'c' }, { "markdown", no_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
	const char *dir = "var";
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'd')
			dir = optarg;
		else if (option == 'c')
			return check(optarg);
		else if (option == 'm')
			return write_markdown();
		else
			return usage(option == 'h' ? stdout : stderr, option == 'h' ? 0 : 2);
	}
	return show(dir);
}
