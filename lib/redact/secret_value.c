/* SPDX-License-Identifier: Apache-2.0 */
/* secret_value - tells secrets from names, words and marks to fill in. */
#include <string.h>
#include <strings.h>

#include "redact/keys.h"
#include "redact/scan.h"
#include "redact/secret_value.h"

#define MIN_STRONG 4
#define MIN_WEAK 14
#define MAX_SPACES 2 /* in quotation marks; more make a sentence */
#define CHANGES_IN 4 /* random text changes at least once in so many bytes */
#define MIN_ENTROPY 65
#define ALPHABET 64
#define HEX_ALPHABET 16
#define UUID_LEN 36
#define LOOKED_AT 96

/* The words, and the starts below, are in small letters. */
static bool
is_one_of(const uint8_t *text, size_t len, const char *const *words, size_t n)
{
	char first = len == 0 ? '\0' : (char)lower(text[0]);

	for (size_t i = 0; i < n; i++)
		if (words[i][0] == first && strlen(words[i]) == len &&
		    strncasecmp(words[i], (const char *)text, len) == 0)
			return true;
	return false;
}

static bool
begins_with_one_of(const uint8_t *text, size_t len, const char *const *starts, size_t n)
{
	char first = len == 0 ? '\0' : (char)lower(text[0]);

	for (size_t i = 0; i < n; i++)
		if (starts[i][0] == first && len >= strlen(starts[i]) &&
		    strncasecmp(starts[i], (const char *)text, strlen(starts[i])) == 0)
			return true;
	return false;
}

/* One sign, five times and more, or nothing else. */
static bool
is_filled_up(const uint8_t *text, size_t len)
{
	size_t same = 1;

	for (size_t i = 1; i < len && i < LOOKED_AT; i++) {
		same = text[i] == text[i - 1] ? same + 1 : 1;
		if (same >= 5 && strchr("xX*.#-_?0", text[i]) != NULL && text[i] != 0)
			return true;
	}
	return same == len;
}

/* "KEY_PASSWORD", "err_missing_secret": names of a program. */
static bool
is_name_of_secret(const uint8_t *text, size_t len)
{
	static const char *const parts[] = { "pass", "secret", "token", "key" };
	bool has_bar = false, has_part = false;

	for (size_t i = 0; i < len; i++) {
		if (!is_letter(text[i]) && text[i] != '_')
			return false;
		has_bar = has_bar || text[i] == '_';
		for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
			if (len - i >= strlen(parts[p]) &&
			    strncasecmp(parts[p], (const char *)text + i, strlen(parts[p])) == 0)
				has_part = true;
	}
	return has_bar && has_part;
}

bool
secret_is_stop_word(const uint8_t *text, size_t len)
{
	static const char *const words[] = { "null", "none", "nil", "true", "false", "undefined",
		"required", "optional", "string", "str", "text", "bytes", "number", "password",
		"passwd", "secret", "token", "apikey", "api_key", "username", "redacted", "hidden",
		"masked", "changeme", "change_me", "change-me", "unknown", "empty", "example",
		"invalid", "expired", "incorrect", "correct", "wrong", "missing", "forgot", "reset",
		"senha", "contraseña", "passwort", "default", "public", "private", "input",
		"enabled", "disabled", "added", "removed", "fixed", "changed", "updated",
		"deprecated", "renamed", "placeholder", "obrigatória", "obrigatorio",
		"authorization", "bearer", "basic", "here", "test", "secretstr", "uint16",
		"varchar", "passphrase" };
	static const char *const starts[] = { "your", "<", "${", "{{", "%(", "$(", "[",
		"process.env", "os.environ", "os.getenv", "env.", "getenv", "example",
		"placeholder", "insert-", "insert_", "my_password", "enter_", "enter-", "seu_",
		"sua_", "config.", "settings.", "self.", "this.", "args.", "options.", "request.",
		"secrets.", "var.", "data.", "&lt;" };

	if (is_one_of(text, len, words, sizeof(words) / sizeof(words[0])) ||
	    begins_with_one_of(text, len, starts, sizeof(starts) / sizeof(starts[0])))
		return true;
	return is_filled_up(text, len) || (len < LOOKED_AT && is_name_of_secret(text, len));
}

enum { KIND_NONE, KIND_DIGIT, KIND_CAPITAL, KIND_SMALL };

static inline int
kind_of(uint8_t c)
{
	if (is_digit(c))
		return KIND_DIGIT;
	if (c >= 'A' && c <= 'Z')
		return KIND_CAPITAL;
	return is_letter(c) || c >= 0x80 ? KIND_SMALL : KIND_NONE;
}

struct secret_signs
secret_signs_of(const uint8_t *text, size_t len)
{
	struct secret_signs c = { 0 };
	int before = KIND_NONE, before_that = KIND_NONE;

	for (size_t i = 0; i < len; i++) {
		int kind = kind_of(text[i]);
		bool is_change = kind != before && kind != KIND_NONE && before != KIND_NONE;

		/* "Word" is one change from what stands before it, not two. */
		if (is_change && kind == KIND_SMALL && before == KIND_CAPITAL &&
		    before_that != KIND_CAPITAL)
			is_change = false;
		c.n_changes += is_change;
		c.n_digits += kind == KIND_DIGIT;
		c.n_capitals += kind == KIND_CAPITAL && i > 0;
		c.n_small += kind == KIND_SMALL;
		c.n_spaces += text[i] == ' ';
		c.n_signs += kind == KIND_NONE && text[i] != ' ';
		before_that = before;
		before = kind;
	}
	return c;
}

static bool
is_all_hex(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_hex(text[i]))
			return false;
	return true;
}

/* c: of the n bytes. */
static bool
is_random(const uint8_t *text, size_t n, const struct secret_signs *c)
{
	return c->n_digits > 0 && c->n_small + c->n_capitals > 0 &&
	    c->n_changes * CHANGES_IN >= n - c->n_signs &&
	    key_entropy(text, n, is_all_hex(text, n) ? HEX_ALPHABET : ALPHABET) >= MIN_ENTROPY;
}

bool
secret_is_random(const uint8_t *text, size_t len)
{
	size_t n = len < LOOKED_AT ? len : LOOKED_AT;
	struct secret_signs c = secret_signs_of(text, n);

	return is_random(text, n, &c);
}

/* 8-4-4-4-12: request ids are everywhere. */
static bool
is_uuid(const uint8_t *text, size_t len)
{
	return len == UUID_LEN && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
	    text[23] == '-';
}

bool
secret_is_plausible(const uint8_t *text, size_t len, bool is_strong)
{
	size_t n = len < LOOKED_AT ? len : LOOKED_AT;
	struct secret_signs c;

	if (len < (is_strong ? MIN_STRONG : MIN_WEAK))
		return false;
	c = secret_signs_of(text, n);
	if (is_strong ? c.n_spaces > MAX_SPACES && c.n_digits == 0
		      : c.n_spaces > 0 || is_uuid(text, len) || !is_random(text, n, &c))
		return false;
	return !secret_is_stop_word(text, len);
}
