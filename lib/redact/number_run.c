/* SPDX-License-Identifier: Apache-2.0 */
/* number_run - reads groups of digits and what parts them. */
#include <string.h>
#include <strings.h>

#include "redact/number.h"

#define MAX_SEPARATOR 3 /* bytes between two groups */

static size_t
read_group(const struct scan *s, size_t at, struct number_run *run)
{
	size_t end = at, kept;

	while (end < s->len && is_digit(s->text[end]))
		end++;
	kept = end - at < NUMBER_LONG_GROUP ? end - at : NUMBER_LONG_GROUP;
	run->starts[run->n] = (uint32_t)at;
	run->ends[run->n] = (uint32_t)end;
	run->sizes[run->n] = (char)('0' + kept);
	/* Always as many as can be kept: what is too much is written over by the next group. */
	static_assert(NUMBER_LONG_GROUP <= LAYER_PADDING, "they can be read");
	memcpy(run->digits + run->offsets[run->n], s->text + at, NUMBER_LONG_GROUP);
	run->offsets[run->n + 1] = (uint16_t)(run->offsets[run->n] + kept);
	run->single |= (uint32_t)(kept == 1) << run->n;
	run->n++;
	return end;
}

/* " dot ", " traço ": a separator that was spelled, and digits behind it; its length or 0.  text
 * has LAYER_PADDING zeros behind it. */
static size_t
spelled_separator(const uint8_t *text, char *ret_kind)
{
	static const struct {
		const char *word;
		char kind;
	} words[] = { { " dot ", '.' }, { " dash ", '-' }, { " hyphen ", '-' }, { " ponto ", '.' },
		{ " traço ", '-' }, { " traco ", '-' }, { " hífen ", '-' }, { " hifen ", '-' },
		{ " punto ", '.' }, { " guion ", '-' }, { " guión ", '-' }, { " punkt ", '.' },
		{ " strich ", '-' }, { " bindestrich ", '-' }, { " point ", '.' },
		{ " tiret ", '-' }, { " trattino ", '-' }, { " punt ", '.' }, { " streepje ", '-' },
		{ " barra ", '/' }, { " slash ", '/' } };

	/* The first letters of the words below. */
	if (text[0] != ' ' || !is_letter(text[1]) || strchr("bdghpst", lower(text[1])) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len;

		if (lower(text[1]) != (uint8_t)words[i].word[1])
			continue;
		len = strlen(words[i].word);
		if (strncasecmp((const char *)text, words[i].word, len) == 0) {
			*ret_kind = words[i].kind;
			return is_digit(text[len]) ? len : 0;
		}
	}
	return 0;
}

bool
number_goes_on_in_words(const uint8_t *text)
{
	char kind;

	return spelled_separator(text, &kind) > 0;
}

static void
add_separator(struct number_run *run, size_t len, char kind, bool is_loose)
{
	size_t last = run->n - 1;

	run->seps[last] = kind;
	run->kinds[last] = number_sep_kind((uint8_t)kind);
	run->gaps[last] = (uint8_t)len;
	run->near |= (uint32_t)(len == 1 && kind == ' ') << last;
	run->loose |= (uint32_t)is_loose << last;
}

/* The separator behind the last group, when another group follows it; its length or 0. */
static size_t
read_separator(const struct scan *s, size_t at, struct number_run *run)
{
	size_t n = 0;
	char kind = ' ';
	bool is_loose = false;

	/* Mostly one sign. */
	if (is_digit(s->text[at + 1]) && (number_sep_kind(s->text[at]) & ~SEP_PLUS) != 0) {
		kind = (char)s->text[at];
		add_separator(run, 1, kind, kind == ' ' || kind == '(' || kind == '\n');
		return 1;
	}
	for (; n < MAX_SEPARATOR && at + n < s->len; n++) {
		char c = (char)s->text[at + n];

		if (c == ' ' || c == '(' || c == '\n')
			is_loose = true;
		else if (c != '-' && c != '.' && c != '/' && c != ')' &&
		    (c != '+' || n > 0 || strchr("68", run->sizes[run->n - 1]) == NULL))
			break;
		if (c == ')' || (kind != ')' && c != ' '))
			kind = c;
	}
	if (n == 1 && kind == ' ' && is_letter(s->text[at + 1]))
		n = spelled_separator(s->text + at, &kind);
	if (n == 0 || at + n >= s->len || !is_digit(s->text[at + n]))
		return 0;
	add_separator(run, n, kind, is_loose && n <= MAX_SEPARATOR);
	return n;
}

size_t
number_run_read(const struct scan *s, size_t at, struct number_run *run)
{
	run->text = s->text;
	run->n = 0;
	run->offsets[0] = 0;
	run->near = 0;
	run->loose = 0;
	run->single = 0;
	for (;;) {
		size_t gap;

		at = read_group(s, at, run);
		gap = read_separator(s, at, run);
		if (gap == 0 || run->n == NUMBER_MAX_GROUPS)
			return at;
		/* Digits that go on as letters are a name, not a group. */
		at += gap;
	}
}
