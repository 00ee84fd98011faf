/* SPDX-License-Identifier: Apache-2.0 */
/* config - shows the configuration in force, checks a file, writes the table as a document. */
#include <stdio.h>

#include "base/conf.h"
#include "base/file.h"
#include "cli/args.h"
#include "cli/commands.h"

#define CONFIG_MAX_BYTES (1u << 20)

static const struct manual_option options[] = { MANUAL_DIR,
	{ "--check", "FILE", "would this file be accepted? Nothing else is done", false },
	{ "--markdown", NULL, "every setting as a table: docs/config.md", false }, { 0 } };

const struct manual config_manual = {
	.name = "config",
	.summary = "show the configuration in force, check a file",
	.usage = "[--dir DIR]\n--check FILE\n--markdown",
	.about = "Writes every setting in force, with what it does, in the format of "
		 "DIR/rendfly.conf.",
	.exits = "0, or 2 for a file that is not accepted; the line and the reason are told.",
	.options = options,
};

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
	    "`provider.NAME.ca = FILE` its certificate authority when no public one signed. With the\n"
	    "authority's list of revoked certificates in the same file, what stands on it is refused\n"
	    "(`vault_ca_file` and `judge_ca_file` likewise; the database's list is `pki/ca.crl`).\n\n"
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
	struct args args;
	int status;

	if (!args_read(&config_manual, argc, argv, &args, &status))
		return status;
	if (args_has(&args, "--check"))
		return check(args_value(&args, "--check"));
	if (args_has(&args, "--markdown"))
		return write_markdown();
	return show(args_value_or(&args, "--dir", "var"));
}
