/* SPDX-License-Identifier: Apache-2.0 */
/* secret_value - tells secrets from names, words and marks to fill in. */
#include <assert.h>
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

enum { KIND_NONE, KIND_DIGIT, KIND_CAPITAL, KIND_SMALL, KIND_BITS = 2 };

#define FIVE(x) x, x, x, x, x
#define TEN(x) FIVE(x), FIVE(x)
#define LETTERS(x) TEN(x), TEN(x), FIVE(x), x
#define SIXTY(x) TEN(x), TEN(x), TEN(x), TEN(x), TEN(x), TEN(x)
#define NONE KIND_NONE

static const uint8_t kinds[] = { TEN(NONE), TEN(NONE), TEN(NONE), TEN(NONE), FIVE(NONE), NONE, NONE,
	NONE, TEN(KIND_DIGIT), FIVE(NONE), NONE, NONE, LETTERS(KIND_CAPITAL), FIVE(NONE), NONE,
	LETTERS(KIND_SMALL), FIVE(NONE), /* and all that is not ASCII */
	SIXTY(KIND_SMALL), SIXTY(KIND_SMALL), FIVE(KIND_SMALL), KIND_SMALL, KIND_SMALL,
	KIND_SMALL };

static_assert(sizeof(kinds) == UINT8_MAX + 1, "a kind for each byte");

/* Is it a change?  A bit for each three kinds in a row, the last one lowest: from one to another,
 * none of them KIND_NONE.  But "Word" is one change from what stands before it, not two. */
#define CHANGES UINT64_C(0x62C06AC062C062C0)

/* Most keys in a program are asked for it: without a branch. */
struct secret_signs
secret_signs_of(const uint8_t *text, size_t len)
{
	size_t n_kinds[1 << KIND_BITS] = { 0 }, n_changes = 0, n_spaces = 0;
	unsigned int last_three = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned int kind = kinds[text[i]];

		last_three = (last_three << KIND_BITS | kind) & ((1u << 3 * KIND_BITS) - 1);
		n_changes += CHANGES >> last_three & 1;
		n_spaces += text[i] == ' ';
		n_kinds[kind]++;
	}
	return (struct secret_signs){
		.n_changes = n_changes,
		.n_digits = n_kinds[KIND_DIGIT],
		.n_capitals = n_kinds[KIND_CAPITAL] - (len > 0 && kinds[text[0]] == KIND_CAPITAL),
		.n_small = n_kinds[KIND_SMALL],
		.n_spaces = n_spaces,
		.n_signs = n_kinds[KIND_NONE] - n_spaces,
	};
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

/* What was redacted before stands in it: the rest was seen then, and was no secret. */
static bool
holds_placeholder(const uint8_t *text, size_t len)
{
	const uint8_t *end = text + len, *at = text;

	while ((at = memchr(at, '[', (size_t)(end - at))) != NULL) {
		if (placeholder_len(at, (size_t)(end - at)) > 0)
			return true;
		at++;
	}
	return false;
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
	return !secret_is_stop_word(text, len) && !holds_placeholder(text, len);
}
