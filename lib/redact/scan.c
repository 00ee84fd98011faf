/* SPDX-License-Identifier: Apache-2.0 */
/* scan - the pass over the masks, and the list of candidates. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "redact/address.h"
#include "redact/cue.h"
#include "redact/encoded.h"
#include "redact/scan.h"
#include "redact/token.h"
#include "redact/value.h"
#include "redact/words.h"

#define BLOCKS_AT_ONCE 64
#define NEAR 40 /* bytes */
#define MAX_TOKEN 128

void
scan_add(struct scan *s, struct candidate c)
{
	void *at = s->found->at;
	size_t i = s->found->n;
	enum err e = grow(&at, &s->found->cap, i + 1, sizeof(*s->found->at));

	s->found->at = at;
	if (e != ERR_OK) {
		s->error = e;
		return;
	}
	/* Matchers look back a bounded way, so this is a few steps. */
	while (i > 0 && s->found->at[i - 1].start > c.start) {
		s->found->at[i] = s->found->at[i - 1];
		i--;
	}
	s->found->at[i] = c;
	s->found->n++;
	if (c.end > s->context_floor)
		s->context_floor = c.end;
}

void
scan_add_meaning(struct scan *s, struct candidate c, const uint8_t *value, size_t len)
{
	void *values = s->found->values;
	enum err e = grow(&values, &s->found->cap_values, s->found->n_values + len, 1);

	s->found->values = values;
	if (e != ERR_OK || len > SCAN_MAX_VALUE) {
		s->error = e != ERR_OK ? e : ERR_BUG;
		return;
	}
	memcpy(s->found->values + s->found->n_values, value, len);
	c.value_at = (uint32_t)s->found->n_values;
	c.value_len = (uint16_t)len;
	s->found->n_values += len;
	scan_add(s, c);
}

void
candidates_clear(struct candidates *c)
{
	if (c->n_values > 0)
		explicit_bzero(c->values, c->n_values);
	c->n = 0;
	c->n_values = 0;
}

void
candidates_done(struct candidates *c)
{
	candidates_clear(c);
	free(c->at);
	free(c->values);
	*c = (struct candidates){ 0 };
}

/* What the key of the field around `at` says. */
static uint64_t
field_types(struct scan *s, size_t at)
{
	const struct fields *f = s->fields;

	while (s->field > 0 && f->at[s->field - 1].end > at)
		s->field--;
	while (s->field < f->n && f->at[s->field].end <= at)
		s->field++;
	if (s->field < f->n && f->at[s->field].start <= at)
		return f->at[s->field].types;
	return 0;
}

static uint64_t
context_from(struct scan *s, size_t floor, size_t at)
{
	if (floor < s->context_floor)
		floor = s->context_floor;
	if (floor < s->block_resume)
		floor = s->block_resume;
	return field_types(s, at) | s->asked | words_before(s->text, floor < at ? floor : at, at);
}

uint64_t
scan_context(struct scan *s, size_t at)
{
	return context_from(s, 0, at);
}

uint64_t
scan_context_near(struct scan *s, size_t at)
{
	return context_from(s, at > NEAR ? at - NEAR : 0, at);
}

/* One sign: what can stand beside it. */
static void
match_sign(struct scan *s, size_t at)
{
	if (at < s->block_resume)
		return;
	switch (s->text[at]) {
	case '@':
		match_email(s, at, 1);
		match_handle(s, at);
		break;
	case '%':
		if (s->text[at + 1] == '4' && s->text[at + 2] == '0')
			match_email(s, at, 3);
		break;
	case ':':
		match_key_behind_sign(s, at);
		match_url_credentials(s, at);
		match_colon_address(s, at);
		match_assignment(s, at);
		break;
	case '=':
		match_assignment(s, at);
		break;
	case '[':
		match_placeholder(s, at);
		break;
	case '/':
		match_slash(s, at);
		match_key_behind_sign(s, at);
		break;
	default:
		break;
	}
}

void
wish_for(struct wishes *w, const char *beginning, enum wish wish)
{
	size_t pair = (size_t)(uint8_t)beginning[0] << 8 | (uint8_t)beginning[1];

	w->of_pair[pair] |= (uint8_t)wish;
}

void
wish_for_any_case(struct wishes *w, const char *beginning, enum wish wish)
{
	for (unsigned int i = 0; i < 4; i++) {
		char pair[2] = { beginning[0], beginning[1] };

		for (unsigned int j = 0; j < 2; j++)
			if (is_letter((uint8_t)pair[j]))
				pair[j] =
				    (char)((pair[j] & ~0x20) | ((i >> j & 1) != 0 ? 0x20 : 0));
		wish_for(w, pair, wish);
	}
}

/* A street, a place or a date of birth at the start of a number. */
static void
match_near_digits(struct scan *s, size_t at)
{
	match_place(s, at);
	match_asked_date(s, at);
	match_house_number(s, at);
}

/* A run of letters and digits: as far as the block goes from its masks, then byte by byte. */
struct token {
	size_t len;
	bool has_digit;
	bool has_letter;
};

static struct token
read_token(const struct scan *s, size_t at, unsigned int bit, const struct masks *m)
{
	uint64_t gap = ~(m->alnum >> bit), inside, digits;
	struct token t = { .len = MASKS_BLOCK - bit };

	/* Zeros come in from above, so there is a gap unless the run fills the block. */
	if (gap != 0 && bit + (size_t)__builtin_ctzll(gap) < MASKS_BLOCK)
		t.len = (size_t)__builtin_ctzll(gap);
	inside = t.len < MASKS_BLOCK ? (UINT64_C(1) << t.len) - 1 : UINT64_MAX;
	digits = m->digit >> bit & inside;
	t.has_digit = digits != 0;
	t.has_letter = digits != inside;
	if (bit + t.len < MASKS_BLOCK)
		return t;
	for (; t.len < MAX_TOKEN && is_alnum(s->text[at + t.len]); t.len++) {
		t.has_digit = t.has_digit || is_digit(s->text[at + t.len]);
		t.has_letter = t.has_letter || is_letter(s->text[at + t.len]);
	}
	return t;
}

/* A word of letters; most are dismissed by their first two bytes. */
static void
match_letters(struct scan *s, size_t at, unsigned int wishes, size_t len, bool is_cue)
{
	if ((wishes & WISH_LABEL) != 0 || at < s->armed_until)
		match_code_label(s, at, len);
	if ((wishes & ~(unsigned int)WISH_LABEL) != 0)
		match_word(s, at, wishes);
	if (is_cue)
		match_cue(s, at);
}

static unsigned int
wishes_at(const struct scan *s, size_t at)
{
	return s->wishes->of_pair[(size_t)s->text[at] << 8 | s->text[at + 1]];
}

/* The hyphens of a UUID. */
static bool
has_uuid_groups(const struct scan *s, size_t at)
{
	return s->text[at + 8] == '-' && s->text[at + 13] == '-' && s->text[at + 18] == '-';
}

static bool
has_mac_groups(const struct scan *s, size_t at)
{
	return (s->text[at + 2] == '-' && s->text[at + 5] == '-') ||
	    (s->text[at + 4] == '.' && s->text[at + 9] == '.');
}

/* A token begins where digits are near: letters and digits in one, or one of both. */
static void
match_start(struct scan *s, size_t at, unsigned int bit, const struct masks *m)
{
	struct token t = read_token(s, at, bit, m);

	if ((m->digit >> bit & 1) != 0)
		match_near_digits(s, at);
	if ((has_mac_groups(s, at) && match_mac_groups(s, at, t.len)) ||
	    (has_uuid_groups(s, at) && match_pix_uuid(s, at)))
		return;
	if ((m->digit >> bit & 1) != 0) {
		if (!t.has_letter || !match_token(s, at, t.len))
			match_number(s, at);
		return;
	}
	if ((t.has_digit || is_digit(s->text[at + t.len + 1])) && match_token(s, at, t.len))
		return;
	match_letters(s, at, wishes_at(s, at), t.len, cue_may_begin(s->text + at));
}

/* A word begins, it ends in this block, and no digit is near. */
static void
match_plain_start(struct scan *s, size_t at, unsigned int bit, const struct masks *m)
{
	unsigned int wishes = wishes_at(s, at);
	bool is_cue = cue_may_begin(s->text + at);

	if (has_mac_groups(s, at) && match_mac_groups(s, at, 2))
		return;
	if (wishes != 0 || at < s->armed_until || is_cue)
		match_letters(s, at, wishes, (size_t)__builtin_ctzll(~(m->alnum >> bit)), is_cue);
}

/* The first bytes of runs of ENCODED_MIN_RUN letters and digits. */
static uint64_t
long_runs(uint64_t alnum)
{
	uint64_t of_4 = alnum & alnum >> 1 & alnum >> 2 & alnum >> 3;

	static_assert(ENCODED_MIN_RUN == 12, "three times four");
	return of_4 & of_4 >> 4 & of_4 >> 8;
}

/* Long words of this block; a run that reached the end of the one before is counted on. */
static void
note_long_words(struct scan *s, size_t base, uint64_t starts, uint64_t alnum)
{
	uint64_t words = starts & long_runs(alnum);
	unsigned int lead =
	    alnum == UINT64_MAX ? MASKS_BLOCK : (unsigned int)__builtin_ctzll(~alnum);

	if (s->tail > 0 && lead > 0 && s->tail + lead >= ENCODED_MIN_RUN)
		encoded_note(s->encoded, s->text, s->len, base - s->tail);
	s->tail = lead == MASKS_BLOCK ? s->tail + lead
	    : alnum >> 63 == 0        ? 0
				      : (size_t)__builtin_clzll(~alnum);
	for (; words != 0; words &= words - 1)
		encoded_note(s->encoded, s->text, s->len,
		    base + (unsigned int)__builtin_ctzll(words));
}

/* The triggers of one block, in the order of the text. */
static void
match_block(struct scan *s, size_t base, const struct masks *m, uint64_t *carry)
{
	uint64_t starts = m->alnum & ~(m->alnum << 1 | *carry), triggers = starts | m->sign;
	/* Where no digit is near; the last word may have some in the next block. */
	unsigned int plain = m->digit != 0 || starts == 0
	    ? 0
	    : MASKS_BLOCK - 1 - (unsigned int)__builtin_clzll(starts);

	*carry = m->alnum >> 63;
	if (s->encoded != NULL)
		note_long_words(s, base, starts, m->alnum);
	for (; triggers != 0; triggers &= triggers - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(triggers);
		size_t at = base + bit;

		if (at >= s->len)
			return;
		if ((m->sign >> bit & 1) != 0)
			match_sign(s, at);
		else if (at < s->block_resume)
			continue;
		else if (bit < plain)
			match_plain_start(s, at, bit, m);
		else
			match_start(s, at, bit, m);
	}
}

/* Fields before `end`, so that the list of candidates stays nearly in order. */
static size_t
match_fields(struct scan *s, size_t next, size_t end)
{
	for (; next < s->fields->n && s->fields->at[next].start < end; next++)
		if (s->fields->at[next].types != 0)
			match_field(s, &s->fields->at[next]);
	return next;
}

enum err
scan_run(struct scan *s, masks_function *masks_of)
{
	struct masks masks[BLOCKS_AT_ONCE];
	size_t n_blocks = (s->len + MASKS_BLOCK - 1) / MASKS_BLOCK;
	size_t next_field = 0;
	uint64_t carry = 0;

	for (size_t done = 0; done < n_blocks && s->error == ERR_OK;) {
		size_t n = n_blocks - done < BLOCKS_AT_ONCE ? n_blocks - done : BLOCKS_AT_ONCE;

		masks_of(s->text + done * MASKS_BLOCK, n, masks);
		for (size_t b = 0; b < n; b++) {
			size_t base = (done + b) * MASKS_BLOCK;

			match_block(s, base, &masks[b], &carry);
			next_field = match_fields(s, next_field, base + MASKS_BLOCK);
		}
		done += n;
	}
	return s->error;
}
