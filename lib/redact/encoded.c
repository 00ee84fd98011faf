/* SPDX-License-Identifier: Apache-2.0 */
/* encoded - base64 (RFC 4648, both alphabets, with and without padding) as text. */
#include <string.h>

#include "redact/encoded.h"
#include "redact/fold.h"
#include "redact/json_syntax.h"
#include "redact/parts.h"
#include "redact/utf8.h"

#define MIN_CHARACTERS 16
#define MAX_LOOK_BACK 256
#define FIRST_CHARACTERS 12 /* nine bytes tell text from all else */

static int
value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* value_of is not negative. */
static inline bool
has_value(uint8_t c)
{
	return is_alnum(c) || c == '+' || c == '-' || c == '/' || c == '_';
}

/* Whole groups of four, and what the last two or three characters hold; returns the bytes. */
static size_t
decode(const uint8_t *at, size_t n, uint8_t *ret_bytes)
{
	size_t n_bytes = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 6 | (uint32_t)value_of(at[i]);
		if (i % 4 == 0)
			continue;
		ret_bytes[n_bytes++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	return n_bytes;
}

static bool
is_text(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((bytes[i] < ' ' && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t') ||
		    bytes[i] == 0x7F)
			return false;
	return true;
}

/* The first bytes decide for nearly every word that is no encoded text. */
static bool
begins_like_text(const uint8_t *at)
{
	uint8_t bytes[FIRST_CHARACTERS];
	size_t n = decode(at, FIRST_CHARACTERS, bytes);

	/* Bytes past ASCII come in words, not alone: most must be ASCII. */
	for (size_t i = 0, high = 0; i < n; i++) {
		high += bytes[i] >= 0x80;
		if (high > n / 2)
			return false;
	}
	return is_text(bytes, n);
}

void
encoded_note(struct encoded_words *words, const uint8_t *text, size_t len, size_t at)
{
	size_t start = at, end = at;

	if (at < words->resume)
		return;
	while (start > words->resume && at - start < MAX_LOOK_BACK && has_value(text[start - 1]))
		start--;
	while (end < len && has_value(text[end]))
		end++;
	words->resume = end;
	if (end - start < MIN_CHARACTERS || words->n == ENCODED_MAX_WORDS ||
	    !begins_like_text(text + start))
		return;
	while (end < len && end - words->resume < 2 && text[end] == '=')
		end++;
	words->at[words->n++] = (struct encoded_word){ (uint32_t)start, (uint32_t)end };
}

/* The decoded text in the layer that is scanned; *ret_is_text is false when it is none. */
static enum err
lay_out(struct redactor *r, const uint8_t *at, size_t n, bool *ret_is_text)
{
	struct inner *inner = &r->inner;
	struct source s;
	size_t n_bytes;

	while (n > 0 && at[n - 1] == '=')
		n--;
	if (n > ENCODED_MAX_BYTES)
		n = ENCODED_MAX_BYTES - ENCODED_MAX_BYTES % 4;
	n_bytes = decode(at, n, inner->bytes);
	if (n_bytes > inner->n_bytes)
		inner->n_bytes = n_bytes;
	*ret_is_text = is_text(inner->bytes, n_bytes) && utf8_is_valid(inner->bytes, n_bytes);
	if (!*ret_is_text)
		return ERR_OK;
	r->scratch.strings.n = 0;
	if (json_is_document(inner->bytes, n_bytes, &r->scratch.strings))
		return json_lay_out(&r->scratch, inner->bytes, n_bytes, &inner->folded,
		    &inner->fields);
	s = source_of_text(inner->bytes, n_bytes);
	return fold_append(&inner->folded, &s, 0, n_bytes);
}

/* What is only flagged by default must not stand for what is replaced. */
static unsigned int
rank_of(const struct candidate *c)
{
	return c->score + (c->type <= REDACT_SECRET ? 1000u : 0u);
}

/* The finding of which we are most sure; the first of equals. */
static const struct candidate *
best_of(const struct candidates *found)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < found->n; i++)
		if (best == NULL || rank_of(&found->at[i]) > rank_of(best))
			best = &found->at[i];
	return best;
}

/* One finding alone keeps its meaning, so that it gets the token of the plain value. */
static void
add_outer(struct scan *outer, const struct encoded_word *word, const struct redactor *r)
{
	const struct candidate *best = best_of(&r->inner.found);
	struct candidate c = { .start = word->start, .end = word->end };
	const uint8_t *value;
	size_t len;

	if (best == NULL)
		return;
	c.type = best->type;
	c.score = best->score;
	c.how = CANONICAL_RAW;
	value = best->value_len > 0 ? r->inner.found.values + best->value_at
				    : r->inner.folded.text + best->start;
	len = best->value_len > 0 ? best->value_len : best->end - best->start;
	if (r->inner.found.n > 1 || len > SCAN_MAX_VALUE) {
		scan_add(outer, c);
		return;
	}
	c.how = best->how;
	c.n_drop = best->n_drop;
	c.country = best->country;
	scan_add_meaning(outer, c, value, len);
}

static enum err
scan_word(struct redactor *r, struct scan *outer, const struct encoded_word *word)
{
	struct scan s = {
		.found = &r->inner.found,
		.fields = &r->inner.fields,
		.wishes = outer->wishes,
		.numbers = outer->numbers,
	};
	bool is_whole_text;
	enum err e = lay_out(r, outer->text + word->start, word->end - word->start, &is_whole_text);

	if (e != ERR_OK || !is_whole_text || r->inner.folded.len == 0)
		return e;
	memset(r->inner.folded.text + r->inner.folded.len, 0, LAYER_PADDING);
	s.text = r->inner.folded.text;
	s.len = r->inner.folded.len;
	e = masks_fill(&r->inner.masks, r->masks_of, s.text, s.len);
	s.masks = r->inner.masks.at;
	if (e == ERR_OK)
		e = scan_run(&s);
	if (e == ERR_OK)
		add_outer(outer, word, r);
	return e == ERR_OK ? outer->error : e;
}

enum err
encoded_scan(struct redactor *r, struct scan *outer)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < outer->encoded->n && e == ERR_OK; i++) {
		e = scan_word(r, outer, &outer->encoded->at[i]);
		candidates_clear(&r->inner.found);
		layer_clear(&r->inner.folded);
		r->inner.fields.n = 0;
	}
	if (r->inner.n_bytes > 0)
		explicit_bzero(r->inner.bytes, r->inner.n_bytes);
	r->inner.n_bytes = 0;
	return e;
}
