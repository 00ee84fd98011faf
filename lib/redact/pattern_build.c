/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern_build - from a program to a table: the subset construction.  Jumps lead forward only, so
 * one sweep follows them all, the longest match is known beforehand and the automaton has no loops.
 */
#include "redact/pattern_parts.h"

#define WORDS_MAX ((PROGRAM_MAX + 1 + 63) / 64)
#define HASH_SLOTS 8192 /* twice the states */
#define MAX_WORK 15000000u
#define MAX_TABLE_BYTES (512u << 10) /* of one pattern */

struct builder {
	const struct program *p;
	struct pattern *out;
	size_t words;   /* of one set of instructions */
	uint64_t *sets; /* n_states of them */
	uint16_t slots[HASH_SLOTS];
	uint8_t sample[256]; /* a byte of each class */
	uint64_t work;
	uint16_t longest[PROGRAM_MAX + 1];
};

static enum err
fail(struct pattern_fault *fault, const char *what, const char *remedy)
{
	*fault = (struct pattern_fault){ 0, what, remedy };
	return ERR_MALFORMED;
}

/* Bytes that no set tells apart are one class. */
static void
divide_bytes(struct builder *b)
{
	const struct program *p = b->p;
	struct pattern *out = b->out;

	out->n_classes = 1;
	memset(out->classes, 0, sizeof(out->classes));
	for (size_t s = 0; s < p->n_sets; s++) {
		int16_t renamed[2][256];
		uint16_t n = 0;

		memset(renamed, -1, sizeof(renamed));
		for (unsigned int byte = 0; byte < 256; byte++) {
			int16_t *name = &renamed[set_has(&p->sets[s], byte)][out->classes[byte]];

			if (*name < 0) {
				b->sample[n] = (uint8_t)byte;
				*name = (int16_t)n++;
			}
			out->classes[byte] = (uint8_t)*name;
		}
		out->n_classes = n;
	}
}

static bool
has(const uint64_t *set, size_t i)
{
	return (set[i >> 6] >> (i & 63) & 1) != 0;
}

static void
add(uint64_t *set, size_t i)
{
	set[i >> 6] |= (uint64_t)1 << (i & 63);
}

/* Follows splits and jumps, which then leave the set; returns how many. */
static uint64_t
close_set(const struct program *p, uint64_t *set, size_t words)
{
	uint64_t n = 0;

	for (size_t w = 0; w < words; w++) {
		uint64_t done = 0, left;

		while ((left = set[w] & ~done) != 0) {
			size_t bit = (size_t)__builtin_ctzll(left), i = w * 64 + bit;

			done |= (uint64_t)1 << bit;
			n++;
			if (i >= p->n || p->at[i].op == OP_SET)
				continue;
			set[w] &= ~((uint64_t)1 << bit);
			if (p->at[i].op == OP_SPLIT)
				add(set, i + 1);
			add(set, i + p->at[i].to);
		}
	}
	return n;
}

/* The state that stands for the set; a new one when there is none.  0: too many. */
static uint16_t
state_of(struct builder *b, const uint64_t *set)
{
	uint64_t hash = 0xcbf29ce484222325u;
	struct pattern *out = b->out;
	bool is_empty = true;
	size_t slot;

	for (size_t w = 0; w < b->words; w++) {
		hash = (hash ^ set[w]) * 0x100000001b3u;
		hash ^= hash >> 29;
		is_empty &= set[w] == 0;
	}
	if (is_empty)
		return PATTERN_DEAD;
	for (slot = hash % HASH_SLOTS; b->slots[slot] != 0; slot = (slot + 1) % HASH_SLOTS)
		if (memcmp(b->sets + b->slots[slot] * b->words, set, b->words * 8) == 0)
			return b->slots[slot];
	if (out->n_states == PATTERN_MAX_STATES)
		return PATTERN_DEAD;
	b->slots[slot] = out->n_states;
	memcpy(b->sets + out->n_states * b->words, set, b->words * 8);
	return out->n_states++;
}

static void
step(struct builder *b, const uint64_t *from, unsigned int byte, uint64_t *to)
{
	const struct program *p = b->p;

	memset(to, 0, b->words * 8);
	for (size_t w = 0; w < b->words; w++) {
		for (uint64_t left = from[w]; left != 0; left &= left - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(left);

			if (i < p->n && set_has(&p->sets[p->at[i].set], byte))
				add(to, i + 1);
			b->work++;
		}
	}
	b->work += b->words;
	b->work += close_set(p, to, b->words);
}

static enum err
fill_table(struct builder *b, struct pattern_fault *fault)
{
	static const char remedy[] =
	    "begin and end it with something fixed, and use smaller repeats "
	    "of narrower classes than .";
	uint64_t set[WORDS_MAX] = { 0 };
	struct pattern *out = b->out;

	out->n_states = 1; /* the dead one */
	add(set, 0);
	(void)close_set(b->p, set, b->words);
	if (has(set, b->p->n))
		return fail(fault, "the pattern matches nothing at all, everywhere",
		    "make at least one part of it not optional");
	(void)state_of(b, set);
	for (size_t s = PATTERN_START; s < out->n_states; s++) {
		for (size_t c = 0; c < out->n_classes; c++) {
			size_t known = out->n_states;
			uint16_t to;

			step(b, b->sets + s * b->words, b->sample[c], set);
			to = state_of(b, set);
			if (b->work > MAX_WORK ||
			    (known == PATTERN_MAX_STATES && to == PATTERN_DEAD &&
				memcmp(set, b->sets, b->words * 8) != 0))
				return fail(fault, "the pattern has too many possibilities",
				    remedy);
			if (to != PATTERN_DEAD && has(set, b->p->n))
				to |= PATTERN_ACCEPTS;
			out->next[s * out->n_classes + c] = to;
		}
		if ((size_t)out->n_states * out->n_classes * 2 > MAX_TABLE_BYTES)
			return fail(fault, "the pattern has too many possibilities", remedy);
	}
	return ERR_OK;
}

/* The longest text that the program takes; jumps lead forward only. */
static size_t
longest_match(const struct program *p, uint16_t longest[static PROGRAM_MAX + 1])
{
	longest[p->n] = 0;
	for (size_t i = p->n; i > 0; i--) {
		const struct instruction *in = &p->at[i - 1];
		size_t next = longest[i], other;

		if (in->op == OP_SET) {
			longest[i - 1] = (uint16_t)(next + 1);
			continue;
		}
		other = longest[i - 1 + in->to];
		longest[i - 1] = (uint16_t)(in->op == OP_JUMP || other > next ? other : next);
	}
	return longest[0];
}

/* The table so far into one of the size that it needs. */
static enum err
keep_table(struct pattern *out, const uint16_t *table, struct arena *a, struct pattern_fault *fault)
{
	size_t n = (size_t)out->n_states * out->n_classes;

	out->next = arena_alloc_array(a, n, sizeof(*out->next));
	if (out->next == NULL)
		return fail(fault, "the patterns of the policy are too large together",
		    "use fewer, or simpler ones");
	memcpy(out->next, table, n * sizeof(*table));
	return ERR_OK;
}

static enum err
build(struct builder *b, struct arena *a, struct pattern_fault *fault)
{
	uint16_t *table = calloc((size_t)PATTERN_MAX_STATES * 256, sizeof(*table));
	enum err e = ERR_NOMEM;

	b->words = (b->p->n + 1 + 63) / 64;
	b->sets = calloc(PATTERN_MAX_STATES, b->words * sizeof(*b->sets));
	b->out->next = table;
	if (b->sets != NULL && table != NULL) {
		divide_bytes(b);
		e = fill_table(b, fault);
		b->out->next = NULL;
		if (e == ERR_OK)
			e = keep_table(b->out, table, a, fault);
	}
	free(b->sets);
	free(table);
	return e;
}

enum err
pattern_build(struct arena *a, const struct program *p, struct pattern *ret_pattern,
    struct pattern_fault *ret_fault)
{
	struct builder *b = calloc(1, sizeof(*b));
	enum err e;

	if (b == NULL)
		return ERR_NOMEM;
	*ret_pattern =
	    (struct pattern){ .is_word_start = p->is_word_start, .is_word_end = p->is_word_end };
	b->p = p;
	b->out = ret_pattern;
	if (longest_match(p, b->longest) > PATTERN_MAX_MATCH_BYTES)
		e = fail(ret_fault, "the pattern can match more than 1024 bytes",
		    "use smaller repeats; * and + mean up to 64 times, . up to four bytes");
	else
		e = build(b, a, ret_fault);
	free(b);
	return e;
}
