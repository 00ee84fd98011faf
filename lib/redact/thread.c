/* SPDX-License-Identifier: Apache-2.0 */
/* thread - edges of texts, and what stands across them. */
#include <string.h>

#include "redact/parts.h"
#include "redact/thread.h"
#include "redact/words.h"

#define MIN_SCORE 800 /* a half is only found when the whole is likely */
#define MIN_KEY_HALF 8

/* Two edges as one text, and where the second begins. */
struct joint {
	uint8_t text[2 * THREAD_EDGE_BYTES + 1 + LAYER_PADDING];
	size_t len;
	size_t left_len;
	size_t right_at;
};

void
thread_clear(struct thread *t)
{
	if (t->n > 0)
		explicit_bzero(t->texts, t->n * sizeof(*t->texts));
	t->n = 0;
	t->at = THREAD_NO_TEXT;
}

void
thread_done(struct thread *t)
{
	thread_clear(t);
	free(t->texts);
	*t = (struct thread){ .at = THREAD_NO_TEXT };
}

static bool
is_dull(uint8_t c)
{
	return c <= ' ' || c == '.' || c == ',' || c == ';' || c == '!' || c == '?' || c == '"' ||
	    c == LAYER_BREAK;
}

static void
take_head(const struct layer *l, struct thread_edge *e)
{
	while (e->skipped < l->len && is_dull(l->text[e->skipped]))
		e->skipped++;
	e->len = l->len - e->skipped < THREAD_EDGE_BYTES ? l->len - e->skipped : THREAD_EDGE_BYTES;
	memcpy(e->text, l->text + e->skipped, e->len);
}

static void
take_tail(const struct layer *l, struct thread_edge *e)
{
	size_t end = l->len;

	while (end > 0 && is_dull(l->text[end - 1]))
		end--;
	e->skipped = l->len - end;
	e->len = end < THREAD_EDGE_BYTES ? end : THREAD_EDGE_BYTES;
	memcpy(e->text, l->text + end - e->len, e->len);
}

/* What the words of an edge say. */
static uint64_t
words_of_edge(const struct thread_edge *e)
{
	uint8_t padded[THREAD_EDGE_BYTES + LAYER_PADDING] = { 0 };
	uint64_t said;

	memcpy(padded, e->text, e->len);
	said = words_between(padded, e->len);
	explicit_bzero(padded, sizeof(padded));
	return said;
}

enum err
thread_add(struct thread *t, const struct layer *folded, bool is_json, unsigned int speaker)
{
	void *texts = t->texts;
	struct thread_text *text;
	enum err e;

	if (t->n == THREAD_MAX_TEXTS)
		return ERR_TOO_LARGE;
	e = grow(&texts, &t->cap, t->n + 1, sizeof(*t->texts));
	t->texts = texts;
	if (e != ERR_OK)
		return e;
	text = &t->texts[t->n++];
	memset(text, 0, sizeof(*text));
	text->speaker = speaker;
	if (is_json)
		return ERR_OK;
	take_head(folded, &text->head);
	take_tail(folded, &text->tail);
	text->asks = words_of_edge(&text->tail);
	return ERR_OK;
}

uint64_t
thread_asked(const struct thread *t, size_t len)
{
	if (t->at == THREAD_NO_TEXT || t->at == 0 || len > THREAD_MAX_ANSWER)
		return 0;
	return t->texts[t->at - 1].asks;
}

/* Halves of a key or an address are joined without a space. */
static bool
is_glued(const struct thread_edge *left, const struct thread_edge *right)
{
	uint8_t last = left->text[left->len - 1], first = right->text[0];
	size_t n = 0, m = 0;

	if (last == '@' || first == '@' || last == '_' || last == '-')
		return true;
	while (n < left->len && left->text[left->len - 1 - n] > ' ')
		n++;
	while (m < right->len && right->text[m] > ' ')
		m++;
	return n >= MIN_KEY_HALF && m >= MIN_KEY_HALF && !(is_digit(last) && is_digit(first));
}

static void
join(const struct thread_edge *left, const struct thread_edge *right, struct joint *j)
{
	memcpy(j->text, left->text, left->len);
	j->left_len = left->len;
	j->right_at = left->len;
	if (!is_glued(left, right))
		j->text[j->right_at++] = ' ';
	memcpy(j->text + j->right_at, right->text, right->len);
	j->len = j->right_at + right->len;
	memset(j->text + j->len, 0, LAYER_PADDING);
}

/* The half of a finding in the text of s: its end when that text is the left one. */
static void
add_half(struct scan *s, const struct joint *j, const struct candidate *c,
    const struct thread_edge *edge, bool is_left)
{
	struct candidate half = *c;
	size_t len = c->end - c->start;

	if (c->value_len > 0 || len > SCAN_MAX_VALUE)
		return;
	if (is_left) {
		half.start = (uint32_t)(s->len - edge->skipped - j->left_len + c->start);
		half.end = (uint32_t)(s->len - edge->skipped);
	} else {
		half.start = (uint32_t)edge->skipped;
		half.end = (uint32_t)(edge->skipped + c->end - j->right_at);
	}
	scan_add_meaning(s, half, j->text + c->start, len);
}

static enum err
scan_joint(struct redactor *r, struct scan *outer, const struct joint *j)
{
	struct scan s = { .text = j->text,
		.len = j->len,
		.found = &r->inner.found,
		.fields = &r->inner.fields,
		.wishes = outer->wishes,
		.numbers = outer->numbers };

	enum err e = masks_fill(&r->inner.masks, r->masks_of, s.text, s.len);

	s.masks = r->inner.masks.at;
	return e == ERR_OK ? scan_run(&s) : e;
}

static enum err
scan_edge(struct redactor *r, struct scan *outer, const struct thread_text *left,
    const struct thread_text *right)
{
	bool is_left = left == &r->thread.texts[r->thread.at];
	struct joint j;
	enum err e;

	if (left->tail.len == 0 || right->head.len == 0)
		return ERR_OK;
	join(&left->tail, &right->head, &j);
	e = scan_joint(r, outer, &j);
	for (size_t i = 0; i < r->inner.found.n && e == ERR_OK; i++) {
		const struct candidate *c = &r->inner.found.at[i];

		if (c->start < j.left_len && c->end > j.right_at && c->score >= MIN_SCORE)
			add_half(outer, &j, c, is_left ? &left->tail : &right->head, is_left);
	}
	candidates_clear(&r->inner.found);
	explicit_bzero(&j, sizeof(j));
	return e == ERR_OK ? outer->error : e;
}

/* The nearest text before (step -1) or behind (step 1) that the same speaker said. */
static const struct thread_text *
nearest_of_speaker(const struct thread *t, int step)
{
	const struct thread_text *here = &t->texts[t->at];

	for (size_t i = t->at; step < 0 ? i > 0 : i + 1 < t->n;) {
		i = step < 0 ? i - 1 : i + 1;
		if (t->texts[i].speaker == here->speaker)
			return &t->texts[i];
	}
	return NULL;
}

enum err
thread_scan(struct redactor *r, struct scan *s)
{
	const struct thread *t = &r->thread;
	const struct thread_text *here, *other;
	enum err e = ERR_OK;

	if (t->at == THREAD_NO_TEXT)
		return ERR_OK;
	here = &t->texts[t->at];
	other = nearest_of_speaker(t, -1);
	if (other != NULL)
		e = scan_edge(r, s, other, here);
	other = nearest_of_speaker(t, 1);
	if (other != NULL && e == ERR_OK)
		e = scan_edge(r, s, here, other);
	return e;
}
