/* SPDX-License-Identifier: Apache-2.0 */
/* people - remembers names, and finds every mention of them. */
#include <string.h>

#include "redact/cue.h"
#include "redact/layer.h"
#include "redact/people.h"
#include "redact/wishes.h"
#include "redact/words.h"

#define MIN_PART 3
#define MIN_TOKEN 4
#define MAX_CHAIN 12
#define MENTION 700
#define MIN_SCORE 600  /* what is less sure is not carried on */
#define SURE_SCORE 750 /* a phrase says that it is a name */

/* What speaks for the words of a name. */
enum evidence {
	EVIDENCE_SURE,
	EVIDENCE_SOME, /* it stands as names do */
	EVIDENCE_LIST, /* nothing but the list, as in "mia.li@…" */
};

void
people_clear(struct people *p)
{
	if (p->n == 0)
		return;
	explicit_bzero(p->parts, p->n * sizeof(p->parts[0]));
	p->n = 0;
	memset(p->slots, 0, sizeof(p->slots));
	memset(p->filter, 0, sizeof(p->filter));
	memset(p->pairs, 0, sizeof(p->pairs));
}

static size_t
slot_of(const struct people *p, const uint8_t *text, size_t len)
{
	uint32_t hash = 0x811C9DC5;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ text[i]) * 0x01000193;
	for (size_t at = hash % PEOPLE_SLOTS;; at = (at + 1) % PEOPLE_SLOTS) {
		const struct people_part *part;

		if (p->slots[at] == 0)
			return at;
		part = &p->parts[p->slots[at] - 1];
		if (part->len == len && memcmp(part->text, text, len) == 0)
			return at;
	}
}

static const struct people_part *
find_part(const struct people *p, const uint8_t *text, size_t len)
{
	size_t slot = slot_of(p, text, len);

	return p->slots[slot] == 0 ? NULL : &p->parts[p->slots[slot] - 1];
}

/* Two bytes that a part begins with, letters in either case. */
static inline unsigned int
people_pair(uint8_t first, uint8_t second)
{
	return (first & 31u) | (second & 31u) << 5;
}

/* The second letter may have an accent in the text: U+00C0 to U+017F begin with C3, C4, C5. */
static void
add_pairs(struct people *p, const uint8_t text[static 2])
{
	static const uint8_t leads[] = { 0xC3, 0xC4, 0xC5 };
	unsigned int pair = people_pair(text[0], text[1]);

	p->pairs[pair / 64] |= UINT64_C(1) << (pair % 64);
	for (size_t i = 0; i < sizeof(leads); i++) {
		pair = people_pair(text[0], leads[i]);
		p->pairs[pair / 64] |= UINT64_C(1) << (pair % 64);
	}
}

/* A word can begin with letters that the folded form has no accents on. */
static void
add_to_filter(struct people *p, const uint8_t *text, size_t len)
{
	uint8_t key[LEXICON_MAX_BYTES + 4] = { 0 };

	memcpy(key, text, len);
	for (size_t n = 0; n <= 4 && n <= len; n++) {
		uint8_t kept = key[n];
		uint32_t slot;

		/* The whole beginning last; an accent at n before. */
		if (n < 4 && n < len)
			key[n] = 0x80;
		slot = (word_key(key) * 0x9E3779B1u) >> 17;
		p->filter[slot / 64] |= UINT64_C(1) << (slot % 64);
		key[n] = kept;
	}
}

static void
add_part(struct people *p, const uint8_t *text, size_t len, enum people_kind kind)
{
	size_t slot;

	if (len == 0 || len > PEOPLE_MAX_BYTES || p->n == PEOPLE_MAX)
		return;
	slot = slot_of(p, text, len);
	if (p->slots[slot] != 0) {
		struct people_part *known = &p->parts[p->slots[slot] - 1];

		if (kind < known->kind)
			known->kind = (uint8_t)kind;
		return;
	}
	memcpy(p->parts[p->n].text, text, len);
	p->parts[p->n].len = (uint8_t)len;
	p->parts[p->n].kind = (uint8_t)kind;
	p->slots[slot] = (uint16_t)++p->n;
	add_to_filter(p, text, len);
	if (len > 1)
		add_pairs(p, text);
}

/* What was taken for a name by the way it stands alone says nothing about a word elsewhere, unless
 * the list knows it as a name. */
static enum people_kind
kind_of(const uint8_t *folded, size_t len, bool is_sure)
{
	unsigned int classes = names_class(folded, len);

	if (len < MIN_PART || (classes & (NAME_STOP | NAME_HEAD)) != 0 ||
	    (!is_sure && (classes & NAME_KNOWN) == 0))
		return PEOPLE_JOINED;
	return (classes & (NAME_COMMON | NAME_THING)) != 0 ? PEOPLE_CAPITAL : PEOPLE_ANY;
}

static size_t
letters_end(const uint8_t *text, size_t at, size_t len)
{
	while (at < len && lexicon_is_letter(text[at]))
		at++;
	return at;
}

/* Each word of a name. */
static void
add_words(struct people *p, const uint8_t *text, size_t start, size_t end, enum evidence evidence)
{
	while (start < end) {
		uint8_t folded[LEXICON_MAX_BYTES];
		size_t to = letters_end(text, start, end), n;
		unsigned int classes;

		if (to == start) {
			start++;
			continue;
		}
		n = lexicon_fold(text + start, to - start, folded);
		classes = names_class(folded, n);
		start = to;
		if ((classes & NAME_PARTICLE) != 0 || n < 2)
			continue;
		if (evidence == EVIDENCE_LIST && ((classes & NAME_FIRST) == 0 || n < MIN_PART))
			continue;
		add_part(p, folded, n, kind_of(folded, n, evidence == EVIDENCE_SURE));
	}
}

static size_t
fold_token(const uint8_t *text, size_t len, uint8_t ret_folded[static PEOPLE_MAX_BYTES])
{
	if (len > PEOPLE_MAX_BYTES)
		return 0;
	for (size_t i = 0; i < len; i++)
		ret_folded[i] = lower(text[i]);
	return len;
}

/* A user name that is a word would be found where it is the word. */
static bool
is_distinct(const uint8_t *token, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_digit(token[i]) || token[i] == '@')
			return true;
	return false;
}

void
people_add(struct people *p, const uint8_t *text, const struct candidates *found)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct candidate *c = &found->at[i];
		uint8_t folded[PEOPLE_MAX_BYTES];

		if (c->score < MIN_SCORE || c->value_len > 0)
			continue;
		if (c->type == REDACT_PERSON) {
			add_words(p, text, c->start, c->end,
			    c->score >= SURE_SCORE ? EVIDENCE_SURE : EVIDENCE_SOME);
		} else if (c->type == REDACT_EMAIL) {
			const uint8_t *at = memchr(text + c->start, '@', c->end - c->start);

			if (at != NULL)
				add_words(p, text, c->start, (size_t)(at - text), EVIDENCE_LIST);
		} else if (c->type == REDACT_USERNAME && c->end - c->start >= MIN_TOKEN) {
			size_t n = fold_token(text + c->start, c->end - c->start, folded);

			add_words(p, text, c->start, c->end, EVIDENCE_LIST);
			if (is_distinct(folded, n))
				add_part(p, folded, n, PEOPLE_TOKEN);
		}
	}
}

/* ASCII letters, eight at most: what wishes are asked for. */
static size_t
letters_at(const uint8_t *at)
{
	size_t n = 0;

	while (n < 8 && is_letter(at[n]))
		n++;
	return n;
}

/* Cues and fields. */
static void
find_in_block(struct scan *s, size_t base, const struct masks *m, uint64_t *carry)
{
	uint64_t starts = m->alnum & ~(m->alnum << 1 | *carry) & ~m->digit;

	*carry = m->alnum >> 63;
	for (; starts != 0; starts &= starts - 1) {
		size_t at = base + (unsigned int)__builtin_ctzll(starts);
		unsigned int wishes;

		if (at >= s->len)
			return;
		wishes = wishes_of(s->wishes, s->text + at, letters_at(s->text + at)) &
		    (WISH_CUE | WISH_PHRASE | WISH_NAME);
		if (wishes != 0)
			match_cue(s, at, wishes);
	}
}

enum err
people_find(struct scan *s)
{
	size_t n_blocks = masks_n_blocks(s->len);
	uint64_t carry = 0;

	for (size_t i = 0; i < s->fields->n; i++)
		if ((s->fields->at[i].types &
			(WORD_TYPE(PERSON) | WORD_TYPE(USERNAME) | WORD_MAYBE_NAME |
			    WORD_PEOPLE)) != 0)
			match_field(s, &s->fields->at[i]);
	for (size_t b = 0; b < n_blocks && s->error == ERR_OK; b++)
		find_in_block(s, b * MASKS_BLOCK, &s->masks[b], &carry);
	return s->error;
}

/* One pass over the text, and what was read of it. */
struct marking {
	const struct people *people;
	const struct scan *s;
	struct candidates *mentions;
	size_t resume;
	size_t next; /* the first candidate that may reach the word */
	enum err error;
};

/* What a candidate covers whole needs no mention. */
static bool
is_covered(struct marking *m, size_t start, size_t end)
{
	const struct candidates *found = m->s->found;

	while (m->next < found->n && found->at[m->next].end <= start)
		m->next++;
	return m->next < found->n && found->at[m->next].start <= start &&
	    found->at[m->next].end >= end;
}

static void
add_mention(struct marking *m, size_t start, size_t end, enum redact_type type)
{
	void *at = m->mentions->at;
	enum err e;

	m->resume = end;
	if (is_covered(m, start, end))
		return;
	e = grow(&at, &m->mentions->cap, m->mentions->n + 1, sizeof(*m->mentions->at));
	m->mentions->at = at;
	if (e != ERR_OK) {
		m->error = e;
		return;
	}
	m->mentions->at[m->mentions->n++] = (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = (uint16_t)type,
		.score = MENTION,
		.how = type == REDACT_PERSON ? CANONICAL_WORDS : CANONICAL_LOWER,
	};
}

static bool
is_token_byte(uint8_t c)
{
	return is_alnum(c) || c == '_' || c == '.' || c == '-';
}

/* A user name as a whole, or an identifier made of names: "mia_li_3668", "paul.smith". */
static bool
mark_token(struct marking *m, size_t at)
{
	const struct scan *s = m->s;
	size_t end = at, n_parts = 0, n_digits = 0, n_signs = 0;
	uint8_t folded[LEXICON_MAX_BYTES];
	const struct people_part *whole, *part;

	while (end < s->len && end - at < PEOPLE_MAX_BYTES && is_token_byte(s->text[end])) {
		if (s->text[end] == '.' && n_digits > 0 && is_digit(s->text[end + 1]))
			return false; /* a version */
		n_digits += is_digit(s->text[end]);
		n_signs +=
		    s->text[end] == '_' || (s->text[end] == '.' && is_alnum(s->text[end + 1]));
		end++;
	}
	while (end > at && !is_alnum(s->text[end - 1]))
		end--;
	if (end - at == PEOPLE_MAX_BYTES)
		return false;
	whole = find_part(m->people, folded, fold_token(s->text + at, end - at, folded));
	if (whole != NULL && whole->kind == PEOPLE_TOKEN) {
		add_mention(m, at, end, REDACT_USERNAME);
		return true;
	}
	if (n_signs == 0)
		return false;
	for (size_t i = at; i < end; i++) {
		size_t to = letters_end(s->text, i, end),
		       n = lexicon_fold(s->text + i, to - i, folded);

		part = n < 2 ? NULL : find_part(m->people, folded, n);
		n_parts += part != NULL && part->kind != PEOPLE_TOKEN;
		i = to;
	}
	if (n_parts < 2 && (n_parts == 0 || n_digits == 0))
		return false;
	add_mention(m, at, end, REDACT_USERNAME);
	return true;
}

/* Is the word at [start, end) in the set, and may it stand by itself as it is written? */
static bool
knows_word(const struct marking *m, size_t start, size_t end, bool *ret_is_alone)
{
	uint8_t folded[LEXICON_MAX_BYTES];
	size_t n = lexicon_fold(m->s->text + start, end - start, folded);
	const struct people_part *part = n == 0 ? NULL : find_part(m->people, folded, n);
	uint8_t first = m->s->text[start];

	if (part == NULL || part->kind == PEOPLE_TOKEN)
		return false;
	if (part->kind == PEOPLE_ANY ||
	    (part->kind == PEOPLE_CAPITAL && ((first >= 'A' && first <= 'Z') || first >= 0x80)))
		*ret_is_alone = true;
	return true;
}

/* The next word behind one space, point or hyphen; particles are passed over. */
static size_t
next_word(const struct scan *s, size_t at, bool is_initial)
{
	for (int i = 0; i < 3; i++) {
		uint8_t folded[LEXICON_MAX_BYTES];
		size_t end, n, start = at;

		while (start < s->len && start - at < 2 &&
		    (s->text[start] == ' ' || s->text[start] == '-' ||
			(s->text[start] == '.' && is_initial) || s->text[start] == '\''))
			start++;
		end = letters_end(s->text, start, s->len);
		if (start == at || end == start)
			return s->len;
		n = lexicon_fold(s->text + start, end - start, folded);
		if (n == 0 || (names_class(folded, n) & NAME_PARTICLE) == 0)
			return start;
		at = end;
	}
	return s->len;
}

/* The names that follow one another from the word at `at`. */
static void
mark_chain(struct marking *m, size_t at)
{
	const struct scan *s = m->s;
	size_t end = at, word = at;
	bool is_alone = false;

	for (int i = 0; i < MAX_CHAIN && word < s->len; i++) {
		size_t word_end = letters_end(s->text, word, s->len);

		if (is_digit(s->text[word_end]) || s->text[word_end] == '_' ||
		    !knows_word(m, word, word_end, &is_alone))
			break;
		end = word_end;
		word = next_word(s, word_end, word_end - word == 1);
	}
	if (end > at && is_alone)
		add_mention(m, at, end, REDACT_PERSON);
}

static void
mark_word(struct marking *m, size_t at)
{
	const uint8_t *text = m->s->text;

	/* "É" and "Á" are no ASCII: the word begins before them. */
	if (at >= 2 && text[at - 1] >= 0x80 && text[at - 1] != LAYER_BREAK) {
		if (text[at - 2] == 0xC2 || (at >= 3 && text[at - 3] == 0xE2))
			at += 0;
		else if (text[at - 2] == 0xC3 && (at < 3 || !lexicon_is_letter(text[at - 3])))
			at -= 2;
		else
			return;
	}
	if (at < m->resume || !word_filter_has(m->people->filter, word_key(text + at)))
		return;
	if (at > 0 && (text[at - 1] == '_' || text[at - 1] == '/'))
		return;
	if (!mark_token(m, at))
		mark_chain(m, at);
}

/* Both are in order of their starts. */
static enum err
merge_mentions(struct candidates *found, const struct candidates *mentions)
{
	void *at = found->at;
	size_t i = found->n, j = mentions->n, to = i + j;
	enum err e = grow(&at, &found->cap, to, sizeof(*found->at));

	found->at = at;
	if (e != ERR_OK)
		return e;
	found->n = to;
	while (j > 0) {
		if (i > 0 && found->at[i - 1].start > mentions->at[j - 1].start)
			found->at[--to] = found->at[--i];
		else
			found->at[--to] = mentions->at[--j];
	}
	return ERR_OK;
}

/* The words of one block that may be people's, or that begin before a letter of ASCII. */
static uint64_t
known_words(const struct people *p, const uint8_t *text, uint64_t starts, uint64_t high)
{
	uint64_t known = starts & high << 1;

	for (; starts != 0; starts &= starts - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(starts);
		unsigned int pair = people_pair(text[bit], text[bit + 1]);

		known |= (p->pairs[pair / 64] >> (pair % 64) & 1) << bit;
	}
	return known;
}

enum err
people_mark(const struct people *p, struct scan *s, struct candidates *mentions)
{
	struct marking m = { .people = p, .s = s, .mentions = mentions };
	size_t n_blocks = masks_n_blocks(s->len);
	uint64_t carry = 0, high = 0;

	mentions->n = 0;
	if (p->n == 0)
		return ERR_OK;
	for (size_t b = 0; b < n_blocks && m.error == ERR_OK; b++) {
		const struct masks *masks = &s->masks[b];
		size_t base = b * MASKS_BLOCK;
		uint64_t starts = masks->alnum & ~(masks->alnum << 1 | carry);
		uint64_t words =
		    known_words(p, s->text + base, starts, masks->high) | (starts & high);

		carry = masks->alnum >> 63;
		high = masks->high >> 63;
		for (; words != 0; words &= words - 1) {
			size_t at = base + (unsigned int)__builtin_ctzll(words);

			if (at < s->len)
				mark_word(&m, at);
		}
	}
	return m.error != ERR_OK ? m.error : merge_mentions(s->found, mentions);
}
