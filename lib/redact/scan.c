/* SPDX-License-Identifier: Apache-2.0 */
/* scan - the pass over the masks, and the list of candidates. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "redact/ahead.h"
#include "redact/columns.h"
#include "redact/cue.h"
#include "redact/encoded.h"
#include "redact/keys.h"
#include "redact/scan.h"
#include "redact/token.h"
#include "redact/value.h"
#include "redact/wishes.h"
#include "redact/words.h"

/* Is compiled twice, see scan_run. */
#define SCAN_INLINE __attribute__((always_inline)) static inline

#define MANY_LETTERS 8
#define MAX_LEAD 4    /* letters that a number with separators begins with */
#define NEAR 40       /* bytes */
#define UUID_THIRD 14 /* bytes before the third group of a UUID */

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
	/* What is flagged by default takes no words from the values around it. */
	if (c.end > s->context_floor && c.type <= REDACT_SECRET)
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

uint64_t
scan_field_types(struct scan *s, size_t at)
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
	return scan_field_types(s, at) | s->asked |
	    words_before(s->text, floor < at ? floor : at, at);
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
		match_element(s, at);
		match_key_behind_sign(s, at);
		break;
	default:
		break;
	}
}

/* A street, a place or a date of birth at the start of a number. */
SCAN_INLINE void
match_near_digits(struct scan *s, size_t at, const struct ahead *a)
{
	if (ahead_may_be_place(a))
		match_place(s, at);
	if (s->asked != 0)
		match_asked_date(s, at);
	if (ahead_may_be_house(s, at, a))
		match_house_number(s, at);
	if (at > 1 && ahead_may_be_code(a))
		(void)match_postal_form(s, at);
}

/* "abcdefab-abcd-4…": the words of a UUID's first two groups were not looked at. */
static bool
has_uuid_before(const struct scan *s, size_t at)
{
	return at >= UUID_THIRD && s->text[at - 1] == '-' && s->text[at - 6] == '-' &&
	    !is_digit(s->text[at - 5]) && s->text[at + 4] == '-' && s->text[at + 9] == '-';
}

/* The hyphens of a UUID, and the signs of a MAC address. */
static bool
match_hex_groups(struct scan *s, size_t at, size_t len)
{
	const uint8_t *text = s->text + at;

	if ((text[2] == '-' && text[5] == '-') || (text[4] == '.' && text[9] == '.'))
		return match_mac_groups(s, at, len);
	if (text[8] == '-' && text[13] == '-' && text[18] == '-')
		return match_pix_uuid(s, at);
	return text[0] == '4' && has_uuid_before(s, at) && match_pix_uuid(s, at - UUID_THIRD);
}

/* The first group of a MAC address or a UUID, or the third of one.  Without branches: few tokens
 * are one, but many are as long. */
SCAN_INLINE bool
may_be_hex_group(const uint8_t *at, size_t len)
{
	unsigned int is_hyphen = at[len] == '-', is_point = at[len] == '.', is_third = at[0] == '4';
	unsigned int has_two_or_eight = (unsigned int)(len == 2) | (len == 8);

	return ((has_two_or_eight & is_hyphen) | ((len == 4) & (is_point | is_third))) != 0;
}

/* A word of letters, when somebody wants it. */
SCAN_INLINE void
match_letters(struct scan *s, size_t at, unsigned int wishes, size_t len)
{
	if ((wishes & WISH_HEX) != 0 && match_hex_groups(s, at, len))
		return;
	if ((wishes & WISH_LABEL) != 0 || at < s->armed_until)
		match_code_label(s, at, len);
	if ((wishes & WISH_KEY) != 0)
		match_key_word(s, at);
	if ((wishes & (WISH_NAME | WISH_CUE | WISH_PHRASE)) != 0)
		match_cue(s, at, wishes);
}

/* A word of letters, and what is wanted of it. */
struct word {
	size_t len;
	unsigned int wishes;
};

/* A token begins where digits are near: letters and digits in one, or one of both.  Returns
 * the word that nothing has taken; its length is 0 when there is none. */
SCAN_INLINE struct word
match_start(struct scan *s, size_t at, unsigned int bit, const struct masks *m)
{
	static const struct word none;
	bool is_number = (m->digit >> bit & 1) != 0;
	struct ahead a = ahead_of(s->text + at, bit, m);
	struct token t = token_ahead(&a);
	size_t n_letters;

	if (is_number)
		match_near_digits(s, at, &a);
	if (may_be_hex_group(a.at, t.len) && match_hex_groups(s, at, t.len))
		return none;
	if ((a.at[t.len] == '~' || a.at[t.len] == '|') &&
	    match_odd_key(s, at, t.len, is_number && !t.has_letter))
		return none;
	if (is_number && !t.has_letter) {
		if (at >= s->number_resume && (at < s->armed_until || !ahead_is_short(&a)))
			match_number(s, at);
		return none;
	}
	if (is_number) {
		if (!match_token(s, at, t.len))
			match_number(s, at);
		return none;
	}
	if (t.has_digit && ahead_may_be_code_of_letters(&a, t.len) && match_postal_form(s, at))
		return none;
	if ((t.has_digit || (t.len <= MAX_LEAD && is_digit(s->text[at + t.len + 1]))) &&
	    match_token(s, at, t.len))
		return none;
	/* More than eight are as good as eight. */
	n_letters = (size_t)__builtin_ctzll(~(a.alnum & ~a.digit) | UINT64_C(1) << MANY_LETTERS);
	return (struct word){ t.len, wishes_of(s->wishes, s->text + at, n_letters) };
}

/* The first bytes of runs of ENCODED_MIN_RUN letters and digits. */
SCAN_INLINE uint64_t
long_runs(uint64_t alnum)
{
	uint64_t of_4 = alnum & alnum >> 1 & alnum >> 2 & alnum >> 3;

	static_assert(ENCODED_MIN_RUN == 12, "three times four");
	return of_4 & of_4 >> 4 & of_4 >> 8;
}

/* Long words of this block; a run that reached the end of the one before is counted on. */
SCAN_INLINE void
note_long_words(struct scan *s, size_t base, uint64_t starts, uint64_t alnum)
{
	uint64_t words = starts & long_runs(alnum);
	unsigned int lead =
	    alnum == UINT64_MAX ? MASKS_BLOCK : (unsigned int)__builtin_ctzll(~alnum);

	if (s->tail + lead >= ENCODED_MIN_RUN && s->tail > 0 && lead > 0)
		encoded_note(s->encoded, s->text, s->len, base - s->tail);
	s->tail = lead == MASKS_BLOCK ? s->tail + lead
	    : alnum >> 63 == 0        ? 0
				      : (size_t)__builtin_clzll(~alnum);
	for (; words != 0; words &= words - 1)
		encoded_note(s->encoded, s->text, s->len,
		    base + (unsigned int)__builtin_ctzll(words));
}

/* The bytes of words from which a seed is ahead in the same word (an occluded fill: each step
 * doubles how far it reaches). */
SCAN_INLINE uint64_t
fill_words(uint64_t seeds, uint64_t alnum)
{
	seeds |= alnum & seeds >> 1;
	alnum &= alnum >> 1;
	seeds |= alnum & seeds >> 2;
	alnum &= alnum >> 2;
	seeds |= alnum & seeds >> 4;
	alnum &= alnum >> 4;
	seeds |= alnum & seeds >> 8;
	alnum &= alnum >> 8;
	seeds |= alnum & seeds >> 16;
	alnum &= alnum >> 16;
	return seeds | (alnum & seeds >> 32);
}

/* Words with a digit in them, or one behind the sign that follows. */
SCAN_INLINE uint64_t
words_near_digits(uint64_t starts, const struct masks *m)
{
	unsigned int last_bit;
	uint64_t seeds, near, last, gap, digits;

	if (starts == 0)
		return 0;
	seeds = m->digit | ((m->digit & starts) >> 2 & m->alnum);
	near = seeds == 0 ? 0 : starts & fill_words(seeds, m->alnum);
	/* The last word may go on in the next block. */
	last_bit = MASKS_BLOCK - 1 - (unsigned int)__builtin_clzll(starts);
	last = UINT64_C(1) << last_bit;
	gap = ~bits_from(m[0].alnum, m[1].alnum, last_bit);
	digits = bits_from(m[0].digit, m[1].digit, last_bit);
	/* Its bits, and two more: up to the lowest bit of the gap, that one, and the next. */
	gap &= -gap;
	return gap == 0 || (digits & ((gap << 2) - 1)) != 0 ? near | last : near;
}

/* What is wanted of words of one block: ret_wishes at each one's first byte; returns the words that
 * something is wanted of. */
SCAN_INLINE uint64_t
wanted_words(const struct scan *s, size_t base, uint64_t words, const struct masks *m,
    uint8_t ret_wishes[static MASKS_BLOCK])
{
	const struct wishes *w = s->wishes;
	const uint8_t *text = s->text + base;
	uint64_t wanted = 0, last = 0;

	/* What begins behind the last gap may end in the next block. */
	if (m->alnum == UINT64_MAX)
		last = words;
	else if (m->alnum >> 63 != 0)
		last = words & ~(UINT64_MAX >> (unsigned int)__builtin_clzll(~m->alnum));
	words ^= last;
	for (; words != 0; words &= words - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(words), wishes;
		uint64_t begin;

		memcpy(&begin, text + bit, sizeof(begin));
		wishes = wishes_look(w, begin, (size_t)__builtin_ctzll(~(m->alnum >> bit)));
		ret_wishes[bit] = (uint8_t)wishes;
		wanted |= (uint64_t)((wishes & WISHES_OF_SCAN) != 0) << bit;
	}
	if (last != 0) {
		unsigned int bit = (unsigned int)__builtin_ctzll(last);
		uint64_t gap = ~bits_from(m[0].alnum, m[1].alnum, bit);

		ret_wishes[bit] = (uint8_t)wishes_of(w, text + bit,
		    gap == 0 ? MASKS_BLOCK : (size_t)__builtin_ctzll(gap));
		wanted |= (ret_wishes[bit] & WISHES_OF_SCAN) != 0 ? last : 0;
	}
	return wanted;
}

/* Adds what is wanted of the words that what is not ASCII follows; returns those words. */
SCAN_INLINE uint64_t
cut_words(const struct scan *s, size_t base, uint64_t words, const struct masks *m,
    uint8_t wishes[static MASKS_BLOCK])
{
	uint64_t ends = m->alnum & (m[0].high >> 1 | m[1].high << 63);
	uint64_t wanted = 0;

	for (words &= fill_words(ends, m->alnum); words != 0; words &= words - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(words);
		uint64_t gap = ~(m->alnum >> bit);

		wishes[bit] |= (uint8_t)wishes_of_cut(s->wishes, s->text + base + bit,
		    (size_t)__builtin_ctzll(gap));
		wanted |= (uint64_t)((wishes[bit] & WISHES_OF_SCAN) != 0) << bit;
	}
	return wanted;
}

/* The word that begins at `bit` of a block. */
SCAN_INLINE struct word
word_at(unsigned int bit, const struct masks *m, unsigned int wishes)
{
	uint64_t gap = ~bits_from(m[0].alnum, m[1].alnum, bit);

	return (struct word){ gap == 0 ? MASKS_BLOCK : (size_t)__builtin_ctzll(gap), wishes };
}

/* The triggers of one block, in the order of the text. */
SCAN_INLINE void
match_block(struct scan *s, size_t base, const struct masks *m, uint64_t *carry)
{
	uint64_t starts = m->alnum & ~(m->alnum << 1 | *carry);
	uint64_t near = words_near_digits(starts, m), words = starts & ~near, triggers;
	uint8_t wishes[MASKS_BLOCK];

	*carry = m->alnum >> 63;
	if (s->encoded != NULL)
		note_long_words(s, base, starts, m->alnum);
	triggers = near | m->sign | wanted_words(s, base, words, m, wishes);
	if ((m->high | (m[1].high & 1)) != 0)
		triggers |= cut_words(s, base, words, m, wishes);
	if (base < s->armed_until)
		triggers |= words;
	for (; triggers != 0; triggers &= triggers - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(triggers);
		size_t at = base + bit;
		struct word word = { 0, 0 };

		if (at >= s->len)
			return;
		if ((m->sign >> bit & 1) != 0)
			match_sign(s, at);
		else if (at < s->block_resume)
			continue;
		else if ((near >> bit & 1) != 0)
			word = match_start(s, at, bit, m);
		else
			word = word_at(bit, m, wishes[bit]);
		if (word.len > 0)
			match_letters(s, at, word.wishes, word.len);
		/* All words behind a label are looked at. */
		if (at < s->armed_until)
			triggers |= words & ~(UINT64_MAX >> (MASKS_BLOCK - 1 - bit));
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

SCAN_INLINE enum err
run(struct scan *s)
{
	size_t n_blocks = masks_n_blocks(s->len), next_field = 0;
	struct columns columns = { 0 };
	uint64_t carry = 0;

	for (size_t b = 0; b < n_blocks && s->error == ERR_OK; b++) {
		match_block(s, b * MASKS_BLOCK, &s->masks[b], &carry);
		next_field = match_fields(s, next_field, (b + 1) * MASKS_BLOCK);
		columns_read(s, &columns, (b + 1) * MASKS_BLOCK);
	}
	return s->error;
}

static enum err
run_plain(struct scan *s)
{
	return run(s);
}

#if defined(__x86_64__)

/* The same for processors that shift by any count, and find and clear the lowest bit, in one step:
 * the masks are read by little else. */
__attribute__((target("bmi,bmi2"))) static enum err
run_with_bits(struct scan *s)
{
	return run(s);
}

static bool
has_bits(void)
{
	return __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0;
}

enum err
scan_run(struct scan *s)
{
	return has_bits() ? run_with_bits(s) : run_plain(s);
}

#else

enum err
scan_run(struct scan *s)
{
	return run_plain(s);
}

#endif
