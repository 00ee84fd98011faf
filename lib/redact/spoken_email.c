/* SPDX-License-Identifier: Apache-2.0 */
/* spoken_email - an address that is spelled out: "joao arroba exemplo ponto com", "name (at)
 * example (dot) com", "name [at] example.com"; its value is the plain address. */
#include "redact/value.h"

#define MAX_LABELS 6
#define MAX_LABEL 63
#define MAX_VALUE 200
#define MIN_TOP 2
#define MAX_TOP 10
#define SCORE 900

struct spelled {
	uint8_t text[MAX_VALUE];
	size_t len;
};

static void
put(struct spelled *v, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len && v->len < MAX_VALUE; i++)
		v->text[v->len++] = lower(at[i]);
}

static bool
is_opening(uint8_t c)
{
	return c == ' ' || c == '(' || c == '[' || c == '{' || c == '<';
}

static size_t
skip_closing(const struct scan *s, size_t at)
{
	return cue_skip(s, at, " )]}>");
}

static size_t
label_end(const struct scan *s, size_t at)
{
	size_t i = at;

	while (i < s->len && i - at < MAX_LABEL &&
	    (is_alnum(s->text[i]) || s->text[i] == '-' || s->text[i] == '_'))
		i++;
	return i;
}

/* Behind a point, spelled or not; at when there is none. */
static size_t
point_end(const struct scan *s, size_t at, bool *ret_is_spelled)
{
	struct cue dot;
	size_t word = cue_skip(s, at, " ([{<");

	if (s->text[at] == '.' && is_alnum(s->text[at + 1]))
		return at + 1;
	if (word == at || !is_letter(s->text[word]) ||
	    !cue_read(s, word, LEXICON_ROLE(SPOKEN_DOT), &dot))
		return at;
	*ret_is_spelled = true;
	word = skip_closing(s, dot.end);
	return word == dot.end ? at : word;
}

/* The domain behind the sign; where it ends, or 0. */
static size_t
read_domain(const struct scan *s, size_t at, struct spelled *v, bool *ret_is_spelled)
{
	size_t end = 0, top = 0;

	for (int n = 0; n < MAX_LABELS; n++) {
		size_t to = label_end(s, at), next;

		if (to == at)
			break;
		if (n > 0)
			put(v, (const uint8_t *)".", 1);
		put(v, s->text + at, to - at);
		top = to - at;
		if (n > 0)
			end = to;
		next = point_end(s, to, ret_is_spelled);
		if (next == to)
			break;
		at = next;
	}
	return top >= MIN_TOP && top <= MAX_TOP ? end : 0;
}

/* The local part before the sign, with points spelled; where it begins, or 0 bytes of it. */
static size_t
local_start(const struct scan *s, size_t at)
{
	size_t end = at, start;

	for (int n = 0; n < 3; n++) {
		struct cue dot;
		size_t word;

		start = end;
		while (start > 0 && end - start < MAX_LABEL &&
		    (is_alnum(s->text[start - 1]) || s->text[start - 1] == '_' ||
			s->text[start - 1] == '.' || s->text[start - 1] == '-' ||
			s->text[start - 1] == '+'))
			start--;
		if (start == end || start < 3 || s->text[start - 1] != ' ')
			return start;
		/* "joao ponto silva" */
		word = start - 1;
		while (word > 0 && is_letter(s->text[word - 1]) && start - word < 12)
			word--;
		if (word < 2 || s->text[word - 1] != ' ' || !is_alnum(s->text[word - 2]) ||
		    !cue_read(s, word, LEXICON_ROLE(SPOKEN_DOT), &dot) || dot.end != start - 1)
			return start;
		end = word - 1;
	}
	return start;
}

static void
put_local(const struct scan *s, size_t start, size_t end, struct spelled *v)
{
	while (start < end) {
		size_t to = start;
		bool is_spelled;

		while (to < end && s->text[to] != ' ')
			to++;
		put(v, s->text + start, to - start);
		if (to == end)
			return;
		put(v, (const uint8_t *)".", 1);
		start = point_end(s, to, &is_spelled);
		if (start == to)
			return;
	}
}

bool
match_spoken_email(struct scan *s, const struct cue *cue)
{
	struct spelled value = { .len = 0 };
	size_t end = cue->start, start, at = skip_closing(s, cue->end), domain;
	bool is_english = cue->end - cue->start == 2, is_spelled = false;
	bool is_bracketed = end > 0 && is_opening(s->text[end - 1]) && s->text[end - 1] != ' ';

	while (end > 0 && cue->start - end < 3 && is_opening(s->text[end - 1]))
		end--;
	if (at == cue->end || end == cue->start)
		return false;
	start = local_start(s, end);
	if (start == end)
		return false;
	put_local(s, start, end, &value);
	put(&value, (const uint8_t *)"@", 1);
	domain = read_domain(s, at, &value, &is_spelled);
	if (domain == 0 || (is_english && !is_bracketed && !is_spelled) || value.len == MAX_VALUE)
		return false;
	scan_add_meaning(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)domain,
		.type = REDACT_EMAIL,
		.score = SCORE,
		.how = CANONICAL_LOWER,
	    },
	    value.text, value.len);
	s->cue_resume = domain;
	return true;
}
