/* SPDX-License-Identifier: Apache-2.0 */
/* json_syntax - a JSON recogniser without recursion: one bit for each open bracket. */
#include <string.h>

#include "redact/json_syntax.h"
#include "redact/run.h"

struct parse {
	const uint8_t *at;
	size_t len;
	size_t i;
	size_t depth;
	struct json_strings *strings;
	uint8_t is_object[JSON_MAX_DEPTH / 8]; /* a bit for each open bracket */
};

bool
json_is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

struct json_string
json_string_at(const uint8_t *text, size_t len, size_t from)
{
	size_t i = from + run_until(text + from, len - from, "\"\\\\\\", false);
	bool has_escapes = i < len && text[i] == '\\';

	while (i < len && text[i] == '\\') {
		i = len - i > 2 ? i + 2 : len;
		i += run_until(text + i, len - i, "\"\\\\\\", false);
	}
	return (struct json_string){ (uint32_t)i & INT32_MAX, has_escapes };
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

size_t
json_number_end(const uint8_t *text, size_t len, size_t from)
{
	size_t i = from;

	while (i < len && (is_digit(text[i]) || memchr("+-.eE", text[i], 5) != NULL))
		i++;
	return i;
}

static void
skip_space(struct parse *p)
{
	while (p->i < p->len && json_is_space(p->at[p->i]))
		p->i++;
}

static bool
is_next(const struct parse *p, uint8_t c)
{
	return p->i < p->len && p->at[p->i] == c;
}

static size_t
digits(struct parse *p)
{
	size_t from = p->i;

	while (p->i < p->len && is_digit(p->at[p->i]))
		p->i++;
	return p->i - from;
}

static bool
number(struct parse *p)
{
	if (is_next(p, '-'))
		p->i++;
	if (is_next(p, '0'))
		p->i++;
	else if (digits(p) == 0)
		return false;
	if (is_next(p, '.')) {
		p->i++;
		if (digits(p) == 0)
			return false;
	}
	if (!is_next(p, 'e') && !is_next(p, 'E'))
		return true;
	p->i++;
	if (is_next(p, '+') || is_next(p, '-'))
		p->i++;
	return digits(p) > 0;
}

/* NaN and Infinity are no JSON, but common writers make them. */
static bool
word(struct parse *p)
{
	static const char *const words[] = { "true", "false", "null", "NaN", "Infinity",
		"-Infinity" };

	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		size_t n = strlen(words[w]);

		if (p->len - p->i >= n && memcmp(p->at + p->i, words[w], n) == 0) {
			p->i += n;
			return true;
		}
	}
	return false;
}

static bool
escape(struct parse *p)
{
	if (p->len - p->i < 2)
		return false;
	if (p->at[p->i + 1] != 'u') {
		p->i += 2;
		return memchr("\"\\/bfnrt", p->at[p->i - 1], 8) != NULL;
	}
	if (p->len - p->i < 6)
		return false;
	for (size_t i = 2; i < 6; i++) {
		uint8_t c = p->at[p->i + i];

		if (!is_digit(c) && ((c | 0x20) < 'a' || (c | 0x20) > 'f'))
			return false;
	}
	p->i += 6;
	return true;
}

static void
note(struct parse *p, bool has_escapes)
{
	struct json_strings *s = p->strings;

	if (s->n < JSON_NOTED_STRINGS)
		s->at[s->n++] = (struct json_string){ (uint32_t)p->i & INT32_MAX, has_escapes };
}

static bool
string(struct parse *p)
{
	bool has_escapes = false;

	if (!is_next(p, '"'))
		return false;
	p->i++;
	for (;;) {
		p->i += run_until(p->at + p->i, p->len - p->i, "\"\\\\\\", false);
		if (p->i == p->len || p->at[p->i] == '"')
			break;
		if (!escape(p))
			return false;
		has_escapes = true;
	}
	note(p, has_escapes);
	p->i++;
	return p->i <= p->len;
}

static bool
push(struct parse *p, bool is_object)
{
	unsigned int bit = p->depth % 8;

	if (p->depth == JSON_MAX_DEPTH)
		return false;
	/* Of a byte that no bracket has been in yet, no bit is set. */
	if (bit == 0)
		p->is_object[p->depth / 8] = 0;
	p->is_object[p->depth / 8] &= (uint8_t) ~(1u << bit);
	p->is_object[p->depth / 8] |= (uint8_t)((unsigned int)is_object << bit);
	p->depth++;
	p->i++;
	return true;
}

static bool
is_in_object(const struct parse *p)
{
	return (p->is_object[(p->depth - 1) / 8] >> ((p->depth - 1) % 8) & 1) != 0;
}

static bool
key(struct parse *p)
{
	skip_space(p);
	if (!string(p))
		return false;
	skip_space(p);
	if (!is_next(p, ':'))
		return false;
	p->i++;
	return true;
}

/* Closes brackets behind a value and goes on to the next one's start. */
static bool
after_value(struct parse *p)
{
	while (p->depth > 0) {
		skip_space(p);
		if (is_next(p, ',')) {
			p->i++;
			return !is_in_object(p) || key(p);
		}
		if (!is_next(p, is_in_object(p) ? '}' : ']'))
			return false;
		p->i++;
		p->depth--;
	}
	return true;
}

/* Opens a bracket; *ret_is_empty when it was closed at once. */
static bool
open_bracket(struct parse *p, bool *ret_is_empty)
{
	bool is_object = p->at[p->i] == '{';

	if (!push(p, is_object))
		return false;
	skip_space(p);
	*ret_is_empty = is_next(p, is_object ? '}' : ']');
	if (!*ret_is_empty)
		return !is_object || key(p);
	p->i++;
	p->depth--;
	return true;
}

static bool
value(struct parse *p)
{
	do {
		bool is_whole = true;

		skip_space(p);
		if (p->i >= p->len)
			return false;
		if (p->at[p->i] == '{' || p->at[p->i] == '[') {
			if (!open_bracket(p, &is_whole))
				return false;
		} else if (p->at[p->i] == '"') {
			if (!string(p))
				return false;
		} else if (!word(p) && !number(p)) {
			return false;
		}
		if (is_whole && !after_value(p))
			return false;
	} while (p->depth > 0);
	return true;
}

bool
json_is_document(const uint8_t *text, size_t len, struct json_strings *strings)
{
	struct parse p;
	size_t n_values = 0;

	p.at = text;
	p.len = len;
	p.i = 0;
	p.depth = 0;
	p.strings = strings;
	for (skip_space(&p); p.i < len; skip_space(&p)) {
		if (p.at[p.i] != '{' && p.at[p.i] != '[' && p.at[p.i] != '"')
			return false;
		if (!value(&p))
			return false;
		n_values++;
	}
	return n_values > 0;
}
