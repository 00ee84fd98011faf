/* SPDX-License-Identifier: Apache-2.0 */
/* assignment - the value behind "password:", "api_key =", "?token=" and their like. */
#include <string.h>
#include <strings.h>

#include "redact/assignment.h"
#include "redact/secret_value.h"
#include "redact/words.h"

#define MAX_KEY 40
#define MAX_VALUE 256
#define MORE_WORDS 2 /* of a phrase before its last */
#define MAX_TAIL 4   /* letters of the last word of "chave da API" */
#define MAX_SIGNS 8  /* between the key and the value */
#define UUID_LEN 36
#define MAX_LINE 48
#define ASKS_FOR_DIGITS                                                             \
	(WORD_TYPE(DATE_OF_BIRTH) | WORD_TYPE(POSTAL_CODE) | WORD_TYPE(DEVICE_ID) | \
	    WORD_TYPE(PLATE) | WORD_TYPE(PHONE))
#define LIKELY 850

static bool
is_key_byte(uint8_t c)
{
	return is_alnum(c) || c == '_' || c == '-' || (c >= 0x80 && c != LAYER_BREAK);
}

static inline bool
is_before_sign(uint8_t c)
{
	return c == ' ' || c == '"' || c == '\'' || c == '`' || c == '*' || c == '?' || c == ':' ||
	    c == '.' || c == ']' || c == ')';
}

/* Where what may stand between a key and its sign begins: quotation marks, stars, "?=", "::=". */
static size_t
key_end(const struct scan *s, size_t sign)
{
	size_t end = sign;

	/* Most keys end at their sign. */
	if (end > 0 && is_alnum(s->text[end - 1]))
		return end;
	while (end > 0 && sign - end < 4 && is_before_sign(s->text[end - 1]))
		end--;
	return end;
}

static size_t
key_start(const struct scan *s, size_t end)
{
	size_t start = end;

	while (start > 0 && end - start < MAX_KEY && is_key_byte(s->text[start - 1]))
		start--;
	return start;
}

/* What the phrase says whose last word is the key from start to end. */
static uint64_t
phrase_types(const struct scan *s, size_t start, size_t end)
{
	bool is_bland;

	for (int i = 0; i < MORE_WORDS && start > 1 && s->text[start - 1] == ' ' &&
	     is_key_byte(s->text[start - 2]) && end - start < MAX_KEY;
	     i++)
		start = key_start(s, start - 1);
	return words_of_key_in_layer(s->text + start, end - start, &is_bland);
}

/* What the key in front of the sign says; "token string =" is a key and its type. */
static uint64_t
key_types(const struct scan *s, size_t sign)
{
	size_t end = key_end(s, sign), start = key_start(s, end);
	uint64_t types;
	bool is_bland;

	if (end - start == 6 && start > 0 && s->text[start - 1] == ' ' &&
	    strncasecmp((const char *)s->text + start, "string", 6) == 0) {
		end = start - 1;
		start = key_start(s, end);
	}
	if (start == end || start < s->context_floor)
		return 0;
	types = words_of_key_in_layer(s->text + start, end - start, &is_bland);
	/* "chave da API", "access token" */
	if ((types & (WORD_MAYBE_SECRET | WORD_TYPE(SECRET))) == WORD_MAYBE_SECRET ||
	    (types == 0 && end - start <= MAX_TAIL))
		types |= phrase_types(s, start, end);
	return types;
}

/* "request.form", "self.password": names of a program, not values. */
static bool
is_name_path(const uint8_t *text, size_t len)
{
	bool has_dot = false;

	for (size_t i = 0; i < len; i++) {
		bool begins = i == 0 || text[i - 1] == '.';

		if (text[i] == '.')
			has_dot = true;
		else if (begins ? !is_letter(text[i]) && text[i] != '_'
				: !is_alnum(text[i]) && text[i] != '_')
			return false;
	}
	return has_dot;
}

/* "password: Please …" is prose, "password=request.form" a program: without quotation marks a
 * secret needs a digit, a sign or a capital inside, or its line to itself. */
static bool
is_plausible_bare(const struct scan *s, const struct assignment *a)
{
	const uint8_t *text = s->text + a->start;
	size_t len = a->end - a->start;
	struct secret_signs c = secret_signs_of(text, len);
	uint8_t after = a->end < s->len ? s->text[a->end] : '\n';

	if (memchr(text, '(', len) != NULL || memchr(text, '[', len) != NULL ||
	    strchr("${&|\\/+", text[0]) != NULL || is_name_path(text, len) || after == ':' ||
	    after == '=')
		return false;
	if (c.n_digits > 0)
		return true;
	/* "connect(password=given, …)" */
	if (a->is_equals && (after == ')' || after == ',' || after == ']'))
		return false;
	if (a->is_equals)
		return a->is_tight ? c.n_signs == 0 || memchr(text, '.', len) == NULL
				   : c.n_capitals > 0 && c.n_changes * 4 >= len;
	return c.n_capitals > 0 || c.n_signs > 0 || after == '\n' || after == LAYER_BREAK;
}

/* "?user=a&key=b": another value follows; the "&" of a password stands before none. */
static bool
begins_parameter(const uint8_t *at)
{
	size_t i = 1;

	while (i < MAX_KEY && (is_alnum(at[i]) || at[i] == '_' || at[i] == '-' || at[i] == '.'))
		i++;
	return i == 1 || i == MAX_KEY || at[i] == '=' || at[i] == ';';
}

enum { END_OF_ANY = 1, END_BEHIND_EQUALS = 2 };

#define EIGHT(x) x, x, x, x, x, x, x, x

/* What ends a value without quotation marks: values are long, and each byte of them is asked. */
static const uint8_t bare_ends[UINT8_MAX + 1] = {
	EIGHT(END_OF_ANY),
	EIGHT(END_OF_ANY),
	EIGHT(END_OF_ANY),
	EIGHT(END_OF_ANY),
	[' '] = END_OF_ANY,
	['"'] = END_OF_ANY,
	['\''] = END_OF_ANY,
	['<'] = END_OF_ANY,
	['>'] = END_OF_ANY,
	['`'] = END_OF_ANY,
	[LAYER_BREAK] = END_OF_ANY,
	['&'] = END_BEHIND_EQUALS,
	[';'] = END_BEHIND_EQUALS,
	[','] = END_BEHIND_EQUALS,
};

static inline unsigned int
ends_of(const struct assignment *a)
{
	return END_OF_ANY | (a->is_equals ? END_BEHIND_EQUALS : 0u);
}

/* The length of a mark that a value may be wrapped in; 0: none. */
size_t
assignment_mark_len(const uint8_t *at)
{
	static const char *const wide[] = { "\xc2\xab", "\xe2\x80\x9c", "\xe2\x80\x9e",
		"\xe2\x80\x98", "\xe2\x80\xb9" };

	if (*at != 0 && *at < 0x80)
		return strchr(" *:=>|<\t", *at) != NULL;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (memcmp(at, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return 0;
}

/* Skips what may stand between the sign and the value; a secret may begin on the next line. */
static size_t
skip_to_value(const struct scan *s, size_t at, bool may_break)
{
	size_t limit = at + MAX_SIGNS;

	while (at < limit && at < s->len) {
		bool is_break = s->text[at] == '\n' && may_break;
		size_t n = is_break ? 1 : assignment_mark_len(s->text + at);

		if (n == 0)
			break;
		may_break = may_break && !is_break;
		at += n;
	}
	return at;
}

/* What closes a sentence, a bracket or a quotation is no part of the value. */
static void
trim_end(const struct scan *s, struct assignment *a, bool is_ascii)
{
	static const char *const wide[] = { "\xc2\xbb", "\xe2\x80\x9d", "\xe2\x80\x99",
		"\xe2\x80\x9c", "\xe2\x80\xba" };

	while (a->end > a->start && s->text[a->end - 1] != 0 &&
	    strchr(".,;:)]}*|", s->text[a->end - 1]) != NULL)
		a->end--;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]) && !is_ascii; i++) {
		const uint8_t *at =
		    memmem(s->text + a->start, a->end - a->start, wide[i], strlen(wide[i]));

		if (at != NULL)
			a->end = (size_t)(at - s->text);
	}
}

void
assignment_value(const struct scan *s, size_t at, struct assignment *a)
{
	const uint8_t *text = s->text;
	uint8_t quote = text[at], bits = 0;
	unsigned int ends = ends_of(a);
	size_t limit, end;

	a->is_quoted = at < s->len && (quote == '"' || quote == '\'' || quote == '`');
	a->start = at + a->is_quoted;
	limit = s->len - a->start > MAX_VALUE ? a->start + MAX_VALUE : s->len;
	end = a->start;
	if (a->is_quoted) {
		while (end < limit && text[end] != quote && text[end] != '\n' &&
		    text[end] != LAYER_BREAK)
			end++;
		a->end = end;
		return;
	}
	for (;;) {
		while (end < limit && (bare_ends[text[end]] & ends) == 0)
			bits |= text[end++];
		if (end == limit || text[end] != '&' || begins_parameter(text + end))
			break;
		bits |= text[end++];
	}
	a->end = end;
	trim_end(s, a, bits < 0x80);
}

/* A long value was judged by its beginning; all of it goes. */
static size_t
whole_end(const struct scan *s, const struct assignment *a)
{
	size_t end = a->end;

	if (end - a->start < MAX_VALUE)
		return end;
	while (end < s->len && (bare_ends[s->text[end]] & ends_of(a)) == 0)
		end++;
	return end;
}

void
assignment_add(struct scan *s, const struct assignment *a, uint16_t score)
{
	scan_add_secret(s, a->start, whole_end(s, a), score);
}

/* "prompt='Password: ', stream=None": the mark closes what was quoted before. */
static bool
is_behind_quotation(const struct scan *s, const struct assignment *a)
{
	return a->is_quoted && a->start < a->end && strchr(",);", s->text[a->start]) != NULL;
}

bool
assignment_is_plausible(const struct scan *s, const struct assignment *a)
{
	return !is_behind_quotation(s, a) &&
	    secret_is_plausible(s->text + a->start, a->end - a->start, a->is_strong) &&
	    (a->is_quoted || !a->is_strong || is_plausible_bare(s, a));
}

/* "clave CURP", "chave PIX": such words call other things keys too; "senha do PIX" is a secret. */
bool
assignment_is_other_key(uint64_t types, bool is_strong)
{
	static const uint64_t others = (WORD_TYPE(RUT) << 1) - WORD_TYPE(CARD);

	return (types & WORD_ABOUT_SECRET) != 0 ||
	    (!is_strong && (types & others & ~WORD_TYPE(CRYPTO)) != 0);
}

/* "Authorization: 550e8400-e29b-…": a UUID is any number's elsewhere. */
static bool
is_authorization(const struct scan *s, size_t sign, const struct assignment *a)
{
	static const char key[] = "authorization";
	size_t len = sizeof(key) - 1, end = key_end(s, sign);

	return end >= len && a->end - a->start == UUID_LEN &&
	    strncasecmp((const char *)s->text + end - len, key, len) == 0 &&
	    s->text[a->start + 8] == '-' && s->text[a->start + 13] == '-' &&
	    s->text[a->start + 18] == '-' && s->text[a->start + 23] == '-';
}

/* "postalCode: M14 5RB" outside JSON: phrases are not read in such a word. */
static void
match_camel_key(struct scan *s, size_t sign, uint64_t types)
{
	size_t end = key_end(s, sign), start = key_start(s, end), at = sign + 1;
	struct field f = { .types = types & ASKS_FOR_DIGITS };
	bool is_camel = false;

	for (size_t i = start + 1; i < end; i++)
		is_camel |= s->text[i] >= 'A' && s->text[i] <= 'Z' && s->text[i - 1] >= 'a';
	if (!is_camel)
		return;
	while (at < s->len && s->text[at] != 0 && strchr(" \"'", s->text[at]) != NULL)
		at++;
	for (end = at; end < s->len && end - at < MAX_LINE && s->text[end] != LAYER_BREAK &&
	     strchr("\n\"',;|", s->text[end]) == NULL;)
		if (strchr("(){}[]$<>", s->text[end++]) != NULL)
			return;
	if (end - at == MAX_LINE)
		return;
	f.start = (uint32_t)at;
	f.end = (uint32_t)end;
	match_field(s, &f);
}

/* Behind a key that says what stands there.  Apart: most keys do not. */
__attribute__((noinline)) static void
match_value_of(struct scan *s, size_t sign, uint64_t types)
{
	struct assignment a = { .is_equals = s->text[sign] == '=' };
	size_t at;

	a.is_strong = (types & WORD_TYPE(SECRET)) != 0;
	if (assignment_is_other_key(types, a.is_strong))
		return;
	at = skip_to_value(s, sign + 1, a.is_strong && !a.is_equals);
	if (at >= s->len)
		return;
	a.is_tight = at == sign + 1;
	assignment_value(s, at, &a);
	if (assignment_is_plausible(s, &a) || is_authorization(s, sign, &a))
		assignment_add(s, &a, LIKELY);
}

void
match_assignment(struct scan *s, size_t sign)
{
	uint64_t types;

	if (sign < s->word_resume || s->text[sign + 1] == '/')
		return;
	types = key_types(s, sign);
	if ((types & ASKS_FOR_DIGITS) != 0)
		match_camel_key(s, sign, types);
	if ((types & (WORD_TYPE(SECRET) | WORD_MAYBE_SECRET)) != 0)
		match_value_of(s, sign, types);
}
