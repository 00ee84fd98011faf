/* SPDX-License-Identifier: Apache-2.0 */
/* assignment - the value behind "password:", "api_key =", "?token=" and their like. */
#include <string.h>
#include <strings.h>

#include "redact/scan.h"
#include "redact/words.h"

#define MAX_KEY 40
#define MAX_VALUE 256
#define MIN_STRONG 4
#define MIN_WEAK 16
#define MAX_SPACES 2 /* in quotation marks; more make a sentence */
#define LIKELY 850
#define UUID_LEN 36

struct assignment {
	size_t start;
	size_t end;
	bool is_quoted;
	bool is_strong;
	bool is_equals;
};

static bool
is_key_byte(uint8_t c)
{
	return is_alnum(c) || c == '_' || c == '-' || (c >= 0x80 && c != LAYER_BREAK);
}

/* What the key in front of the sign says; quotation marks and stars may stand between. */
static uint64_t
key_types(const struct scan *s, size_t sign)
{
	size_t end = sign, start;

	while (end > 0 && sign - end < 3 && s->text[end - 1] != 0 &&
	    strchr(" \"'`*", s->text[end - 1]) != NULL)
		end--;
	start = end;
	while (start > 0 && end - start < MAX_KEY && is_key_byte(s->text[start - 1]))
		start--;
	if (start == end || start < s->context_floor)
		return 0;
	return words_of_key(s->text + start, end - start);
}

static bool
is_one_of(const uint8_t *text, size_t len, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], (const char *)text, len) == 0)
			return true;
	return false;
}

/* What stands where a secret would: types, words of forms, marks to fill in. */
static bool
is_stop_word(const uint8_t *text, size_t len)
{
	static const char *const words[] = { "null", "none", "true", "false", "undefined",
		"required", "optional", "string", "str", "password", "passwd", "secret", "token",
		"redacted", "hidden", "changeme", "unknown", "empty", "example", "invalid",
		"expired", "incorrect", "correct", "wrong", "missing", "forgot", "reset" };
	static const char *const starts[] = { "your", "<", "${", "{{", "%(", "$(", "process.env",
		"os.environ", "xxx", "env." };

	if (is_one_of(text, len, words, sizeof(words) / sizeof(words[0])))
		return true;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (len >= strlen(starts[i]) &&
		    strncasecmp(starts[i], (const char *)text, strlen(starts[i])) == 0)
			return true;
	for (size_t i = 1; i < len; i++)
		if (text[i] != text[0])
			return false;
	return true;
}

struct composition {
	size_t n_digits;
	size_t n_capitals; /* past the first byte */
	size_t n_small;
	size_t n_signs;
	size_t n_spaces;
};

static struct composition
composition_of(const uint8_t *text, size_t len)
{
	struct composition c = { 0 };

	for (size_t i = 0; i < len; i++) {
		if (is_digit(text[i]))
			c.n_digits++;
		else if (text[i] >= 'A' && text[i] <= 'Z')
			c.n_capitals += i > 0;
		else if (is_letter(text[i]) || text[i] >= 0x80)
			c.n_small++;
		else if (text[i] == ' ')
			c.n_spaces++;
		else
			c.n_signs++;
	}
	return c;
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
	struct composition c = composition_of(text, len);

	if (len < (is_strong ? MIN_STRONG : MIN_WEAK) || is_stop_word(text, len))
		return false;
	if (is_strong)
		return c.n_spaces <= MAX_SPACES || c.n_digits > 0;
	return c.n_spaces == 0 && c.n_digits > 0 && c.n_small + c.n_capitals > 0 &&
	    !is_uuid(text, len);
}

/* "password: Please …" is prose, "password=request.form" a program: without quotation marks a
 * secret needs a digit, a sign or a capital inside, or its line to itself. */
static bool
is_plausible_bare(const struct scan *s, const struct assignment *a)
{
	const uint8_t *text = s->text + a->start;
	size_t len = a->end - a->start;
	struct composition c = composition_of(text, len);
	uint8_t after = a->end < s->len ? s->text[a->end] : '\n';

	if (memchr(text, '(', len) != NULL || text[0] == '$' || text[0] == '{' || text[0] == '[')
		return false;
	if (c.n_digits > 0)
		return true;
	if (a->is_equals)
		return c.n_signs == 0 || memchr(text, '.', len) == NULL;
	return c.n_capitals > 0 || c.n_signs > 0 || after == '\n' || after == LAYER_BREAK;
}

static bool
ends_bare(uint8_t c, bool is_equals)
{
	if (c <= ' ' || c == LAYER_BREAK || strchr("\"'<>`", c) != NULL)
		return true;
	return is_equals && (c == '&' || c == ';' || c == ',');
}

/* Skips what may stand between the sign and the value. */
static size_t
skip_to_value(const struct scan *s, size_t at, bool is_equals)
{
	size_t limit = at + 4;

	if (is_equals && s->text[at] == '>')
		at++;
	while (at < limit && at < s->len &&
	    (s->text[at] == ' ' || s->text[at] == '*' || s->text[at] == '='))
		at++;
	return at;
}

static void
find_value(const struct scan *s, size_t at, struct assignment *a)
{
	uint8_t quote = s->text[at];
	size_t limit;

	a->is_quoted = at < s->len && (quote == '"' || quote == '\'' || quote == '`');
	a->start = at + a->is_quoted;
	limit = s->len - a->start > MAX_VALUE ? a->start + MAX_VALUE : s->len;
	a->end = a->start;
	if (a->is_quoted) {
		while (a->end < limit && s->text[a->end] != quote && s->text[a->end] != '\n' &&
		    s->text[a->end] != LAYER_BREAK)
			a->end++;
		return;
	}
	while (a->end < limit && !ends_bare(s->text[a->end], a->is_equals))
		a->end++;
	while (a->end > a->start && s->text[a->end - 1] != 0 &&
	    strchr(".,;:)]}*", s->text[a->end - 1]) != NULL)
		a->end--;
}

void
match_assignment(struct scan *s, size_t sign)
{
	struct assignment a = { .is_equals = s->text[sign] == '=' };
	uint64_t types;
	size_t at;

	if (sign < s->word_resume)
		return;
	types = key_types(s, sign);
	a.is_strong = (types & WORD_TYPE(SECRET)) != 0;
	if (!a.is_strong && (types & WORD_MAYBE_SECRET) == 0)
		return;
	at = skip_to_value(s, sign + 1, a.is_equals);
	if (at >= s->len)
		return;
	find_value(s, at, &a);
	/* What stands in a URL as "?sig=" is as good as a password, if it is long. */
	if (!secret_is_plausible(s->text + a.start, a.end - a.start, a.is_strong) ||
	    (!a.is_quoted && a.is_strong && !is_plausible_bare(s, &a)))
		return;
	scan_add_secret(s, a.start, a.end, LIKELY);
}
