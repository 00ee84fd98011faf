/* SPDX-License-Identifier: Apache-2.0 */
/* columns - finds lines of names, and hands the cells below them to match_field. */
#include "redact/columns.h"
#include "redact/layer.h"
#include "redact/lexicon.h"
#include "redact/words.h"

#define MAX_HEADER 400
#define MAX_ROW 2000
#define MAX_NAME 40
#define MIN_CELLS 2
#define BY_SPACES ' ' /* two and more part the cells */

/* A cell without the spaces and quotation marks around it. */
struct cell {
	size_t start;
	size_t end;
};

static struct cell
trimmed(const struct scan *s, size_t start, size_t end)
{
	while (start < end && (s->text[start] <= ' ' || strchr("\"'`*", s->text[start]) != NULL))
		start++;
	while (end > start &&
	    (s->text[end - 1] <= ' ' || strchr("\"'`*", s->text[end - 1]) != NULL))
		end--;
	return (struct cell){ start, end };
}

/* Both compilers know how to work on all of them at once. */
typedef uint8_t bytes_16 __attribute__((vector_size(16)));

/* Two spaces side by side; NULL when there are none.  Sought in every line that no sign parts;
 * reads whole steps, into the padding. */
static const uint8_t *
find_gap(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += sizeof(bytes_16)) {
		bytes_16 here, next;
		uint64_t is_gap[2];

		memcpy(&here, at + i, sizeof(here));
		memcpy(&next, at + i + 1, sizeof(next));
		here = (bytes_16)((here == ' ') & (next == ' '));
		memcpy(is_gap, &here, sizeof(here));
		if ((is_gap[0] | is_gap[1]) == 0)
			continue;
		while (at[i] != ' ' || at[i + 1] != ' ')
			i++;
		return i + 1 < len ? at + i : NULL;
	}
	return NULL;
}

/* Where the cell that begins at `at` ends; what stands in quotation marks is one. */
static size_t
cell_end(const struct scan *s, size_t at, size_t end, uint8_t sign)
{
	const uint8_t *found;

	if (sign == BY_SPACES) {
		found = find_gap(s->text + at, end - at);
		return found == NULL ? end : (size_t)(found - s->text);
	}
	if (at < end && s->text[at] == '"') {
		found = memchr(s->text + at + 1, '"', end - at - 1);
		at = found == NULL ? at : (size_t)(found - s->text);
	}
	found = memchr(s->text + at, sign, end - at);
	return found == NULL ? end : (size_t)(found - s->text);
}

/* Where the first cell begins; *end: where the last one ends. */
static size_t
skip_spaces(const struct scan *s, size_t start, size_t *end)
{
	while (*end > start && s->text[*end - 1] <= ' ')
		(*end)--;
	while (start < *end && s->text[start] == ' ')
		start++;
	return start;
}

/* The cells of a line; 0 when there are too many. */
static size_t
read_cells(const struct scan *s, size_t start, size_t end, uint8_t sign,
    struct cell ret_cells[static COLUMNS_MAX])
{
	size_t n = 0;

	if (sign == BY_SPACES)
		start = skip_spaces(s, start, &end);
	for (size_t at = start; at <= end; n++) {
		size_t to = cell_end(s, at, end, sign);

		if (n == COLUMNS_MAX)
			return 0;
		while (sign == BY_SPACES && to + 1 < end && s->text[to + 1] == ' ')
			to++;
		ret_cells[n] = trimmed(s, at, to);
		at = to + 1;
	}
	return n;
}

/* "Date of birth", "customer_name", "E-mail (work)" */
static bool
is_name(const struct scan *s, const struct cell *c, uint8_t sign)
{
	if (c->end - c->start > MAX_NAME ||
	    (c->end > c->start && !lexicon_is_letter(s->text[c->start])))
		return false;
	for (size_t i = c->start; i < c->end; i++) {
		uint8_t b = s->text[i];

		/* "user(name)" is a program's. */
		if (b == '(' && i > c->start && s->text[i - 1] != ' ')
			return false;
		if (!is_alnum(b) && b < 0x80 && strchr(" _-./()#'", b) == NULL &&
		    !(b == ',' && sign == BY_SPACES))
			return false;
	}
	return true;
}

/* What the name says; the sign of "Nº de série" is none of its letters. */
static uint64_t
types_of_name(const struct scan *s, const struct cell *c)
{
	uint8_t name[MAX_NAME];
	size_t n = 0;
	bool is_bland;

	for (size_t i = c->start; i < c->end; i++) {
		bool is_sign = s->text[i] == 0xC2;

		name[n++] = is_sign ? ' ' : s->text[i];
		i += is_sign;
	}
	return words_of_key(name, n, &is_bland);
}

/* What parts the cells of a line of names: behind a comma of a sentence stands a space. */
static uint8_t
sign_of(const struct scan *s, size_t start, size_t end)
{
	static const uint8_t signs[] = "|\t;,";

	for (size_t i = 0; i < sizeof(signs) - 1; i++) {
		const uint8_t *at = memchr(s->text + start, signs[i], end - start);

		if (at != NULL && (signs[i] == '|' || at[1] != ' '))
			return signs[i];
		if (at != NULL)
			break;
	}
	return find_gap(s->text + start, end - start) == NULL ? 0 : BY_SPACES;
}

/* A line that some sign parts; most are none, and need no room for its cells. */
__attribute__((noinline)) static void
read_names(const struct scan *s, struct columns *c, size_t start, size_t end)
{
	struct cell cells[COLUMNS_MAX];
	bool says_something = false;
	size_t n = read_cells(s, start, end, c->sign, cells);

	for (size_t i = 0; i < n; i++) {
		/* "window;": the end of a statement */
		if (!is_name(s, &cells[i], c->sign) ||
		    (cells[i].start == cells[i].end && c->sign != '|'))
			return;
		c->types[i] = types_of_name(s, &cells[i]);
		says_something |= c->types[i] != 0;
	}
	c->n = n >= MIN_CELLS && says_something ? n : 0;
}

static void
read_header(const struct scan *s, struct columns *c, size_t start, size_t end)
{
	c->n = 0;
	if (end - start <= MAX_HEADER && (c->sign = sign_of(s, start, end)) != 0)
		read_names(s, c, start, end);
}

static void
match_row(struct scan *s, const struct columns *c, size_t start, size_t end)
{
	struct cell cells[COLUMNS_MAX];

	if (end - start > MAX_ROW || read_cells(s, start, end, c->sign, cells) != c->n)
		return;
	for (size_t i = 0; i < c->n; i++) {
		struct field f = { .start = (uint32_t)cells[i].start,
			.end = (uint32_t)cells[i].end,
			.types = c->types[i] };

		if (f.types != 0 && f.end > f.start)
			match_field(s, &f);
	}
}

static bool
has_placeholder(const struct scan *s, size_t start, size_t end)
{
	const uint8_t *at = s->text + start;

	while ((at = memchr(at, '[', (size_t)(s->text + end - at))) != NULL) {
		if (placeholder_len(at, (size_t)(s->text + end - at)) > 0)
			return true;
		at++;
	}
	return false;
}

/* Names stand in the first line of a paragraph, or in one that a colon or a fence leads to. */
static bool
leads_to_table(const struct scan *s, size_t start, size_t end)
{
	while (end > start && s->text[end - 1] <= ' ')
		end--;
	return end == start || s->text[end - 1] == ':' || memcmp(s->text + start, "```", 3) == 0;
}

/* A table is open up to an empty line or the end of its string.  Where none has begun, none begins
 * before the next of these, and so nothing more is found in what was redacted before. */
static void
read_line(struct scan *s, struct columns *c, size_t start, size_t end)
{
	bool is_line = end < s->len && s->text[end] == '\n';

	if (c->n > 0 && start < end && !has_placeholder(s, start, end))
		match_row(s, c, start, end);
	else if (c->n == 0 && start < end && is_line && !c->is_over)
		read_header(s, c, start, end);
	if (start == end || !is_line) {
		c->n = 0;
		c->is_over = false;
	} else {
		c->is_over = c->n == 0 && !leads_to_table(s, start, end);
	}
}

/* The end of the line or of the string that it stands in.  Strings may be many and lines few: the
 * end of a line is sought once. */
static size_t
line_end(const struct scan *s, struct columns *c, size_t at)
{
	const uint8_t *found;

	if (c->line_end <= at) {
		found =
		    s->text[at] == '\n' ? s->text + at : memchr(s->text + at, '\n', s->len - at);
		c->line_end = found == NULL ? s->len : (size_t)(found - s->text);
	}
	if (c->line_end == at)
		return at;
	found = memchr(s->text + at, LAYER_BREAK, c->line_end - at);
	return found == NULL ? c->line_end : (size_t)(found - s->text);
}

void
columns_read_lines(struct scan *s, struct columns *c, size_t end)
{
	while (c->next < end && c->next < s->len) {
		size_t start = c->next, to = line_end(s, c, start);

		c->next = to + 1;
		read_line(s, c, start, to);
	}
}
