/* SPDX-License-Identifier: Apache-2.0 */
/* pattern - compiled, its cost tried out, and run over a layer. */
#include "redact/pattern_parts.h"
#include "redact/scan.h"

#define TRIAL_BYTES 4096
#define FLAT_STEPS 65536

static bool
is_word(uint8_t c)
{
	return is_alnum(c) || c == '_' || (c >= 0x80 && c != LAYER_BREAK);
}

/* Whether a placeholder stands at `at`: nothing matches into it, and what touches it has no edge of
 * a word there, so that a second pass over what was redacted finds nothing more. */
static size_t
placeholder_at(const uint8_t *text, size_t at, size_t len)
{
	return at < len && text[at] == '[' ? placeholder_len(text + at, len - at) : 0;
}

static bool
ends_a_word(const uint8_t *text, size_t at, size_t len)
{
	bool is_before = is_word(text[at - 1]);
	bool is_behind = at < len && (is_word(text[at]) || placeholder_at(text, at, len) > 0);

	return is_before != is_behind;
}

/* The end of the longest match that begins at `at`; 0: none.  Counts the steps. */
static size_t
walk(const struct pattern *p, const uint8_t *text, size_t at, size_t len, uint64_t *steps)
{
	unsigned int state = PATTERN_START;
	size_t end = 0, i = at;

	for (; i < len; i++) {
		unsigned int next = p->next[state * p->n_classes + p->classes[text[i]]];

		if (next == PATTERN_DEAD || placeholder_at(text, i, len) > 0)
			break;
		if ((next & PATTERN_ACCEPTS) != 0 &&
		    (!p->is_word_end || ends_a_word(text, i + 1, len)))
			end = i + 1;
		state = next & ~PATTERN_ACCEPTS;
	}
	*steps += i - at + 1;
	return end;
}

/* ---- scanning */

struct pattern_scan
pattern_scan_begin(const struct pattern_set *set, const uint8_t *text, size_t len)
{
	return (struct pattern_scan){ .set = set,
		.text = text,
		.len = len,
		.at = SIZE_MAX,
		.steps_left = (uint64_t)len * PATTERN_STEPS_PER_BYTE + FLAT_STEPS };
}

/* The patterns that may begin at the byte. */
static uint32_t
beginning_at(const struct pattern_scan *s)
{
	uint32_t which = s->set->first[s->text[s->at]];
	bool is_before;

	if (which == 0 || (which & s->set->word_starts) == 0)
		return which;
	is_before = s->at > 0 && (s->at == s->placeholder_end || is_word(s->text[s->at - 1]));
	return is_before == is_word(s->text[s->at]) ? which & ~s->set->word_starts : which;
}

/* Goes to the next byte where a pattern may begin; false at the end. */
static bool
advance(struct pattern_scan *s)
{
	s->at = s->at == SIZE_MAX ? 0 : s->at + 1;
	while (s->at < s->len) {
		size_t n = placeholder_at(s->text, s->at, s->len);

		if (n > 0) {
			s->at += n;
			s->placeholder_end = s->at;
			continue;
		}
		s->left = beginning_at(s);
		if (s->left != 0)
			return true;
		s->at++;
	}
	return false;
}

bool
pattern_scan_next(struct pattern_scan *s, struct pattern_match *ret_match)
{
	while (s->left != 0 || advance(s)) {
		unsigned int which = (unsigned int)__builtin_ctz(s->left);
		uint64_t steps = 0;
		size_t end;

		s->left &= s->left - 1;
		if (s->at < s->resume[which])
			continue;
		end = walk(&s->set->at[which], s->text, s->at, s->len, &steps);
		if (steps > s->steps_left) {
			s->is_over_budget = true;
			return false;
		}
		s->steps_left -= steps;
		if (end == 0)
			continue;
		s->resume[which] = end;
		*ret_match = (struct pattern_match){ s->at, end, which };
		return true;
	}
	return false;
}

void
pattern_set_index(struct pattern_set *set)
{
	memset(set->first, 0, sizeof(set->first));
	set->word_starts = 0;
	for (size_t i = 0; i < set->n; i++) {
		const struct pattern *p = &set->at[i];

		if (p->is_word_start)
			set->word_starts |= (uint32_t)1 << i;
		for (unsigned int byte = 0; byte < 256; byte++)
			if (p->next[PATTERN_START * p->n_classes + p->classes[byte]] !=
			    PATTERN_DEAD)
				set->first[byte] |= (uint32_t)1 << i;
	}
}

/* ---- what it may cost */

static uint32_t
cost_over(const struct pattern *p, const uint8_t *text)
{
	struct pattern_set *set = calloc(1, sizeof(*set));
	struct pattern one = *p;
	struct pattern_match m;
	struct pattern_scan s;
	uint64_t steps;

	if (set == NULL)
		return UINT32_MAX;
	*set = (struct pattern_set){ .at = &one, .n = 1 };
	pattern_set_index(set);
	s = pattern_scan_begin(set, text, TRIAL_BYTES);
	s.steps_left = UINT64_MAX;
	while (pattern_scan_next(&s, &m))
		continue;
	steps = UINT64_MAX - s.steps_left;
	free(set);
	return (uint32_t)(steps / TRIAL_BYTES);
}

/* The longest way through the program, last byte left out so that it fails, repeated; a byte that
 * can begin a match is taken wherever it can stand. */
static void
write_hostile(const struct program *p, const struct pattern *c,
    uint8_t ret_text[static TRIAL_BYTES])
{
	size_t n = 0, i = 0;

	while (i < p->n && n < TRIAL_BYTES) {
		const struct instruction *in = &p->at[i];
		const struct byte_set *set = &p->sets[in->set];
		unsigned int best = 256;

		if (in->op != OP_SET) {
			i += in->op == OP_JUMP ? in->to : 1;
			continue;
		}
		for (unsigned int b = 0; b < 256; b++)
			if (set_has(set, b) &&
			    (best == 256 ||
				c->next[PATTERN_START * c->n_classes + c->classes[b]] !=
				    PATTERN_DEAD))
				best = b;
		ret_text[n++] = (uint8_t)best;
		i++;
	}
	n = n > 1 ? n - 1 : n;
	for (size_t at = n; at < TRIAL_BYTES; at++)
		ret_text[at] = ret_text[at - n];
}

static enum err
try_cost(const struct program *program, struct pattern *p, struct pattern_fault *fault)
{
	CLEANUP_MEM uint8_t *text = calloc(1, TRIAL_BYTES + LAYER_PADDING);
	uint32_t cost;

	if (text == NULL)
		return ERR_NOMEM;
	write_hostile(program, p, text);
	p->worst_cost = cost_over(p, text);
	for (unsigned int class = 0; class < p->n_classes; class ++) {
		unsigned int byte = 0;

		while (p->classes[byte] != class)
			byte++;
		memset(text, (int)byte, TRIAL_BYTES);
		cost = cost_over(p, text);
		p->worst_cost = cost > p->worst_cost ? cost : p->worst_cost;
	}
	if (p->worst_cost <= PATTERN_STEPS_PER_BYTE / 2)
		return ERR_OK;
	*fault = (struct pattern_fault){ 0, "the pattern is too costly on a text made against it",
		"begin it with \\b or with something that seldom occurs, and use smaller repeats" };
	return ERR_MALFORMED;
}

enum err
pattern_compile(struct arena *a, struct str text, bool is_case_ignored, struct pattern *ret_pattern,
    struct pattern_fault *ret_fault)
{
	CLEANUP_MEM struct program *program = calloc(1, sizeof(*program));
	enum err e = program == NULL ? ERR_NOMEM : ERR_OK;

	if (e == ERR_OK)
		e = pattern_parse(text, is_case_ignored, program, ret_fault);
	if (e == ERR_OK)
		e = pattern_build(a, program, ret_pattern, ret_fault);
	return e == ERR_OK ? try_cost(program, ret_pattern, ret_fault) : e;
}
