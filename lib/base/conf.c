/* SPDX-License-Identifier: Apache-2.0 */
/* conf - reads the configuration against its one table; see conf.h. */
#include "base/conf.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define CONF_MAX_FILE_BYTES (256u << 10)

enum conf_type { CONF_INT, CONF_BOOL, CONF_TEXT };

static const struct conf_row {
	const char *name;
	enum conf_type type;
	size_t at; /* offset of the field */
	int64_t least, most;
	const char *help;
} rows[] = {

#define CONF_ROW(name, type, fallback, least, most, help) \
	{ #name, CONF_##type, offsetof(struct conf, name), (least), (most), (help) },
	CONF_TABLE(CONF_ROW)
#undef CONF_ROW
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

#define CONF_DEFAULT_INT(name, fallback) conf->name = (fallback);
#define CONF_DEFAULT_BOOL(name, fallback) conf->name = (fallback);
#define CONF_DEFAULT_TEXT(name, fallback) \
	(void)snprintf(conf->name, sizeof(conf->name), "%s", (fallback));

void
conf_set_defaults(struct conf *conf)
{
	*conf = (struct conf){ 0 };
#define CONF_DEFAULT(name, type, fallback, ...) CONF_DEFAULT_##type(name, fallback)
	CONF_TABLE(CONF_DEFAULT)
#undef CONF_DEFAULT
}

static int64_t *
number_at(struct conf *conf, const struct conf_row *row)
{
	return (int64_t *)(void *)((char *)conf + row->at);
}

static char *
text_at(struct conf *conf, const struct conf_row *row)
{
	return (char *)conf + row->at;
}

/* ---- values */

static bool
parse_number(struct str text, int64_t *ret_number)
{
	char digits[24], *end = NULL;

	if (text.len == 0 || text.len >= sizeof(digits))
		return false;
	(void)snprintf(digits, sizeof(digits), "%.*s", STR_ARG(text));
	*ret_number = strtoll(digits, &end, 10);
	return *end == '\0' && digits[0] != '+' && digits[0] != ' ';
}

static enum err
set_number(struct conf *conf, const struct conf_row *row, struct str value,
    struct err_detail *reterr)
{
	int64_t number;

	if (row->type == CONF_BOOL &&
	    (str_equals(value, STR("on")) || str_equals(value, STR("off"))))
		value = str_equals(value, STR("on")) ? STR("1") : STR("0");
	if (!parse_number(value, &number) || number < row->least || number > row->most) {
		if (row->type == CONF_BOOL)
			return err_set(reterr, ERR_MALFORMED, "%s is on or off, not `%.*s`",
			    row->name, STR_ARG(value));
		return err_set(reterr, ERR_MALFORMED,
		    "%s is a number from %" PRId64 " to %" PRId64 ", not `%.*s`", row->name,
		    row->least, row->most, STR_ARG(value));
	}
	*number_at(conf, row) = number;
	return ERR_OK;
}

static bool
is_printable(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return false;
	return true;
}

static enum err
set_text(struct conf *conf, const struct conf_row *row, struct str value, struct err_detail *reterr)
{
	if (value.len >= CONF_VALUE_BYTES || !is_printable(value))
		return err_set(reterr, ERR_MALFORMED,
		    "%s is longer than %d bytes or not plain text", row->name,
		    CONF_VALUE_BYTES - 1);
	(void)snprintf(text_at(conf, row), CONF_VALUE_BYTES, "%.*s", STR_ARG(value));
	return ERR_OK;
}

/* ---- providers */

static bool
is_provider_name(struct str name)
{
	if (name.len == 0 || name.len >= sizeof(((struct conf_provider *)0)->name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", name.at[i]))
			return false;
	return !str_equals(name, STR("api")) && !str_equals(name, STR("healthz"));
}

static struct conf_provider *
find_or_add_provider(struct conf *conf, struct str name)
{
	for (size_t i = 0; i < conf->n_providers; i++)
		if (str_equals(str_from(conf->providers[i].name), name))
			return &conf->providers[i];
	if (conf->n_providers == CONF_MAX_PROVIDERS)
		return NULL;
	(void)snprintf(conf->providers[conf->n_providers].name, sizeof(conf->providers[0].name),
	    "%.*s", STR_ARG(name));
	return &conf->providers[conf->n_providers++];
}

/* Host names, IPv4 and bracketless names only: what also fits a certificate and nginx's files. */
static bool
is_host(struct str host)
{
	if (host.len == 0 || host.len >= sizeof(((struct conf_provider *)0)->host))
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-",
			host.at[i]))
			return false;
	return true;
}

static bool
is_url_path(struct str path)
{
	if (path.len >= sizeof(((struct conf_provider *)0)->path))
		return false;
	for (size_t i = 0; i < path.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_~-",
			path.at[i]))
			return false;
	return true;
}

/* https://HOST[:PORT][/PATH] */
static enum err
set_provider_url(struct conf_provider *p, struct str url, struct err_detail *reterr)
{
	static const struct str scheme = { "https://", 8 };
	struct str rest, host, path = { "", 0 };
	const char *slash, *colon;
	int64_t port = 443;

	if (!str_starts_with(url, scheme))
		return err_set(reterr, ERR_MALFORMED, "provider.%s must be an https:// URL",
		    p->name);
	rest = host = str_slice(url, scheme.len, url.len);
	slash = memchr(rest.at, '/', rest.len);
	if (slash != NULL) {
		host = str_slice(rest, 0, (size_t)(slash - rest.at));
		path = str_slice(rest, host.len, rest.len);
	}
	while (path.len > 0 && path.at[path.len - 1] == '/')
		path.len--;
	colon = memchr(host.at, ':', host.len);
	if (colon != NULL) {
		size_t at = (size_t)(colon - host.at);

		if (!parse_number(str_slice(host, at + 1, host.len), &port) || port < 1 ||
		    port > 65535)
			return err_set(reterr, ERR_MALFORMED, "provider.%s has a port out of range",
			    p->name);
		host = str_slice(host, 0, at);
	}
	if (!is_host(host) || !is_url_path(path))
		return err_set(reterr, ERR_MALFORMED,
		    "provider.%s is not of the form https://HOST[:PORT][/PATH]", p->name);
	(void)snprintf(p->host, sizeof(p->host), "%.*s", STR_ARG(host));
	(void)snprintf(p->path, sizeof(p->path), "%.*s", STR_ARG(path));
	p->port = (uint16_t)port;
	return ERR_OK;
}

static enum err
set_provider(struct conf *conf, struct str name, struct str value, struct err_detail *reterr)
{
	static const struct str ca_end = { ".ca", 3 };
	struct conf_provider *p;
	bool is_ca = name.len > ca_end.len &&
	    str_equals(str_slice(name, name.len - ca_end.len, name.len), ca_end);

	if (is_ca)
		name = str_slice(name, 0, name.len - ca_end.len);
	if (!is_provider_name(name))
		return err_set(reterr, ERR_MALFORMED,
		    "a provider's name is 1 to 31 of a-z, 0-9 and -, and not api or healthz");
	p = find_or_add_provider(conf, name);
	if (p == NULL)
		return err_set(reterr, ERR_TOO_LARGE, "more than %d providers", CONF_MAX_PROVIDERS);
	if (!is_ca)
		return set_provider_url(p, value, reterr);
	if (value.len >= sizeof(p->ca) || !is_printable(value))
		return err_set(reterr, ERR_MALFORMED, "provider.%s.ca is too long", p->name);
	(void)snprintf(p->ca, sizeof(p->ca), "%.*s", STR_ARG(value));
	return ERR_OK;
}

/* ---- lines */

static enum err
set_value(struct conf *conf, struct str name, struct str value, struct err_detail *reterr)
{
	static const struct str provider = { "provider.", 9 };

	if (str_starts_with(name, provider))
		return set_provider(conf, str_slice(name, provider.len, name.len), value, reterr);
	for (size_t i = 0; i < N_ROWS; i++) {
		if (!str_equals(name, str_from(rows[i].name)))
			continue;
		return rows[i].type == CONF_TEXT ? set_text(conf, &rows[i], value, reterr)
						 : set_number(conf, &rows[i], value, reterr);
	}
	return err_set(reterr, ERR_MALFORMED,
	    "there is no setting `%.*s`; `rendfly config` lists them all", STR_ARG(name));
}

static enum err
parse_line(struct conf *conf, struct str line, struct err_detail *reterr)
{
	const char *equals;
	size_t at;

	line = str_trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return ERR_OK;
	equals = memchr(line.at, '=', line.len);
	if (equals == NULL)
		return err_set(reterr, ERR_MALFORMED, "not of the form `name = value`");
	at = (size_t)(equals - line.at);
	return set_value(conf, str_trim(str_slice(line, 0, at)),
	    str_trim(str_slice(line, at + 1, line.len)), reterr);
}

enum err
conf_parse(struct str text, struct conf *conf, struct err_detail *reterr)
{
	struct str left = text;

	for (int number = 1; left.len > 0; number++) {
		const char *end = memchr(left.at, '\n', left.len);
		size_t len = end == NULL ? left.len : (size_t)(end - left.at);
		struct err_detail detail = { "" };
		enum err e = parse_line(conf, str_slice(left, 0, len), &detail);

		if (e != ERR_OK)
			return err_set(reterr, e, "line %d: %.400s", number, detail.text);
		left = str_slice(left, len + 1, left.len);
	}
	for (size_t i = 0; i < conf->n_providers; i++)
		if (conf->providers[i].host[0] == '\0')
			return err_set(reterr, ERR_MALFORMED,
			    "provider.%s.ca stands without provider.%s", conf->providers[i].name,
			    conf->providers[i].name);
	return ERR_OK;
}

enum err
conf_load(const char *dir, struct conf *ret_conf, struct err_detail *reterr)
{
	CLEANUP(buf) struct buf *b = NULL;
	char absolute[PATH_MAX], path[PATH_MAX + 16];
	struct err_detail detail = { "" };
	enum err e;

	if (realpath(dir, absolute) == NULL)
		return err_set(reterr, ERR_NOT_FOUND,
		    "there is no data folder %s: `make run` makes it, or name one with --dir", dir);
	if (strlen(absolute) >= sizeof(ret_conf->dir))
		return err_set(reterr, ERR_TOO_LARGE, "the path of %s is too long", dir);
	(void)snprintf(path, sizeof(path), "%s/rendfly.conf", absolute);
	e = buf_new(CONF_MAX_FILE_BYTES, &b);
	if (e == ERR_OK)
		e = file_read(path, b, &detail);
	if (e != ERR_OK)
		return err_set(reterr, e, "%s", e == ERR_NOMEM ? err_text(e) : detail.text);
	conf_set_defaults(ret_conf);
	(void)snprintf(ret_conf->dir, sizeof(ret_conf->dir), "%s", absolute);
	e = conf_parse(buf_str(b), ret_conf, &detail);
	if (e != ERR_OK)
		return err_set(reterr, e, "%.100s, %.380s", path, detail.text);
	return ERR_OK;
}

/* ---- writing */

static enum err
write_row(const struct conf *conf, const struct conf_row *row, struct buf *out)
{
	const char *at = (const char *)conf + row->at;

	if (row->type == CONF_TEXT)
		return buf_printf(out, "%s = %s\n", row->name, at);
	if (row->type == CONF_BOOL)
		return buf_printf(out, "%s = %s\n", row->name,
		    *(const int64_t *)(const void *)at != 0 ? "on" : "off");
	return buf_printf(out, "%s = %" PRId64 "\n", row->name, *(const int64_t *)(const void *)at);
}

static enum err
write_provider(const struct conf_provider *p, struct buf *out)
{
	enum err e =
	    buf_printf(out, "provider.%s = https://%s:%u%s\n", p->name, p->host, p->port, p->path);

	if (e == ERR_OK && p->ca[0] != '\0')
		e = buf_printf(out, "provider.%s.ca = %s\n", p->name, p->ca);
	return e;
}

enum err
conf_write(const struct conf *conf, struct buf *out)
{
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < N_ROWS; i++) {
		e = buf_printf(out, "# %s\n", rows[i].help);
		if (e == ERR_OK)
			e = write_row(conf, &rows[i], out);
	}
	for (size_t i = 0; e == ERR_OK && i < conf->n_providers; i++)
		e = write_provider(&conf->providers[i], out);
	return e;
}

const struct conf_provider *
conf_find_provider(const struct conf *conf, struct str name)
{
	for (size_t i = 0; i < conf->n_providers; i++)
		if (str_equals(str_from(conf->providers[i].name), name))
			return &conf->providers[i];
	return NULL;
}
