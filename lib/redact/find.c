/* SPDX-License-Identifier: Apache-2.0 */
/* find - from text to findings: lay out and fold, scan, settle overlaps, map back. */
#include <string.h>

#include "redact/canonical.h"
#include "redact/findings.h"
#include "redact/fold.h"
#include "redact/json_syntax.h"
#include "redact/parts.h"
#include "redact/policy_parts.h"
#include "redact/utf8.h"

#define MAX_PREFIX 5 /* digits of a country code that canonical values begin with */

enum err
redactor_new(struct redactor **ret_redactor)
{
	struct redactor *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_NOMEM;
	r->masks_of = masks_best();
	r->thread.at = THREAD_NO_TEXT;
	wishes_init(&r->wishes);
	*ret_redactor = r;
	return ERR_OK;
}

void
redactor_free(struct redactor *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < JSON_MAX_NESTING; i++)
		layer_done(&r->scratch.levels[i]);
	layer_done(&r->folded);
	layer_done(&r->inner.folded);
	masks_done(&r->masks);
	masks_done(&r->inner.masks);
	free(r->fields.at);
	free(r->inner.fields.at);
	candidates_done(&r->found);
	candidates_done(&r->inner.found);
	thread_done(&r->thread);
	candidates_done(&r->own);
	candidates_done(&r->mentions);
	people_clear(&r->people);
	free(r);
}

/* Fills the layer that is scanned: the strings of JSON, or the whole text. */
static enum err
lay_out(struct redactor *r, const uint8_t *text, size_t len)
{
	struct source s = source_of_text(text, len);

	r->scratch.strings.n = 0;
	r->is_json = json_is_document(text, len, &r->scratch.strings);
	if (r->is_json)
		return json_lay_out(&r->scratch, text, len, &r->folded, &r->fields);
	return fold_append(&r->folded, &s, 0, len);
}

/* The earlier of two candidates that overlap takes the place of both: the longer one's type, and
 * everything that either covers.  What is only flagged gives way. */
static void
merge(struct candidate *kept, const struct candidate *other)
{
	bool is_of_two_kinds = kept->type != other->type || kept->custom != other->custom;
	uint32_t kept_len = kept->end - kept->start, other_len = other->end - other->start;
	uint32_t start = kept->start < other->start ? kept->start : other->start;
	uint32_t end = kept->end > other->end ? kept->end : other->end;

	if ((kept->action == REDACT_FLAG) != (other->action == REDACT_FLAG)) {
		*kept = kept->action == REDACT_FLAG ? *other : *kept;
		return;
	}
	if (other_len > kept_len || (other_len == kept_len && other->score > kept->score))
		*kept = *other;
	kept->n_tail = end == kept->end ? kept->n_tail : 0;
	kept->start = start;
	kept->end = end;
	/* The end of the whole may be of the one that was not to be shown. */
	if (is_of_two_kinds && kept->action == REDACT_MASK)
		kept->action = REDACT_REPLACE;
}

/* A bare number of JSON is replaced whole, or what is left would be no JSON. */
static void
settle_numbers(struct candidates *found, const struct fields *fields)
{
	size_t next = 0;

	for (size_t i = 0; i < found->n; i++) {
		struct candidate *c = &found->at[i];

		while (next < fields->n && fields->at[next].end <= c->start)
			next++;
		if (next == fields->n)
			return;
		if (!fields->at[next].is_number || fields->at[next].start > c->start)
			continue;
		c->start = fields->at[next].start;
		c->end = fields->at[next].end;
		c->quote_levels = fields->at[next].nesting;
	}
}

static void
settle_overlaps(struct candidates *found)
{
	size_t kept = 0;

	for (size_t i = 1; i < found->n; i++) {
		if (found->at[i].start < found->at[kept].end)
			merge(&found->at[kept], &found->at[i]);
		else
			found->at[++kept] = found->at[i];
	}
	found->n = found->n == 0 ? 0 : kept + 1;
}

/* Nothing but placeholders and what parts them. */
static bool
is_redacted_already(const uint8_t *text, const struct candidate *c)
{
	size_t i = c->start;

	if (memchr(text + i, '[', c->end - i) == NULL)
		return false;
	while (i < c->end) {
		size_t n = placeholder_len(text + i, c->end - i);

		if (n == 0 && (is_alnum(text[i]) || text[i] >= 0x80))
			return false;
		i += n > 0 ? n : 1;
	}
	return true;
}

/* Returns the length. */
static size_t
put_canonical(uint8_t *into, struct str value, const struct candidate *c)
{
	const uint8_t *text = (const uint8_t *)value.at;
	size_t n_digits = 0, len = 0;
	bool is_gap = true; /* no space at the start */

	if (c->country != 0) {
		char digits[MAX_PREFIX + 1];

		(void)snprintf(digits, sizeof(digits), "%u", (unsigned int)c->country);
		for (const char *d = digits; *d != '\0'; d++)
			into[len++] = (uint8_t)*d;
	}
	for (size_t i = 0; i < value.len; i++) {
		int byte = canonical_byte((enum canonical)c->how, text[i], &is_gap);

		if (byte == CANONICAL_NOTHING)
			continue;
		n_digits++;
		if (c->how == CANONICAL_DIGITS &&
		    (n_digits <= c->n_drop || n_digits == c->skip_digit))
			continue;
		into[len++] = (uint8_t)byte;
	}
	return len;
}

/* Where the value of a candidate is written. */
static struct str
value_of(const struct redactor *r, const struct candidate *c)
{
	if (c->value_len > 0)
		return (struct str){ (const char *)r->found.values + c->value_at, c->value_len };
	return (struct str){ (const char *)r->folded.text + c->start,
		c->end - c->start - c->n_tail };
}

static enum err
report(struct redactor *r, const struct redact_policy *policy, struct redact_findings *f)
{
	const uint8_t *text = r->folded.text;
	struct source s = source_of_layer(&r->folded);
	uint32_t done = 0;

	for (size_t i = 0; i < r->found.n; i++) {
		const struct candidate *c = &r->found.at[i];
		struct redact_span span = {
			.type = c->type, .score = c->score, .action = c->action
		};
		uint8_t *value;
		enum err e;

		if (is_redacted_already(text, c))
			continue;
		span.start = source_start(&s, c->start);
		span.end = source_end(&s, c->end);
		/* Two spans in one character of the original: the first one covers it. */
		if (span.start < done)
			span.start = done;
		if (span.end <= span.start)
			continue;
		done = span.end;
		e = findings_add(f, span, c->quote_levels, value_of(r, c).len + MAX_PREFIX, &value);
		if (e != ERR_OK)
			return e;
		f->more[f->n - 1].label = policy_label(policy, c);
		findings_set_len(f, put_canonical(value, value_of(r, c), c));
		if (policy_allows(policy, c, redact_value(f, f->n - 1).canonical))
			findings_take_back(f);
	}
	return ERR_OK;
}

/* The text that was laid out is what is scanned. */
static enum err
set_text(struct redactor *r, struct scan *s)
{
	memset(r->folded.text + r->folded.len, 0, LAYER_PADDING);
	s->text = r->folded.text;
	s->len = r->folded.len;
	if (masks_fill(&r->masks, r->masks_of, s->text, s->len) != ERR_OK)
		return ERR_NOMEM;
	s->masks = r->masks.at;
	return ERR_OK;
}

/* A text of a conversation knows the people of all its texts. */
static enum err
mark_people(struct redactor *r, struct scan *s)
{
	bool is_alone = r->thread.at == THREAD_NO_TEXT;
	struct people *people = is_alone ? &r->alone : &r->people;
	enum err e;

	people_add(people, s->text, s->found);
	e = people_mark(people, s, &r->mentions);
	people_clear(&r->alone);
	return e;
}

/* What a text that was laid out says of people, for the others of its conversation. */
static enum err
learn_people(struct redactor *r)
{
	struct scan s = { .found = &r->found, .fields = &r->fields, .wishes = &r->wishes };
	enum err e;

	if (r->folded.len == 0)
		return ERR_OK;
	e = set_text(r, &s);
	if (e == ERR_OK)
		e = people_find(&s);
	if (e == ERR_OK)
		people_add(&r->people, s.text, s.found);
	return e;
}

static enum err
find(struct redactor *r, const struct redact_policy *policy, struct str whole,
    struct redact_findings *f)
{
	const uint8_t *text = (const uint8_t *)(whole.at == NULL ? "" : whole.at);
	struct scan s = { .found = &r->found,
		.fields = &r->fields,
		.wishes = &r->wishes,
		.numbers = &r->numbers,
		.names = &r->names,
		.encoded = &r->encoded };
	enum err e = lay_out(r, text, whole.len);

	if (e != ERR_OK || r->folded.len == 0)
		return e;
	e = set_text(r, &s);
	s.asked = thread_asked(&r->thread, s.len);
	r->encoded.n = 0;
	r->encoded.resume = 0;
	r->names = (struct name_words){ 0 };
	if (e == ERR_OK)
		e = scan_run(&s);
	if (e == ERR_OK)
		e = encoded_scan(r, &s);
	if (e == ERR_OK)
		e = thread_scan(r, &s);
	if (e == ERR_OK)
		e = mark_people(r, &s);
	if (e == ERR_OK)
		e = policy_scan(policy, &r->folded, &r->own, &r->found);
	if (e != ERR_OK)
		return e;
	policy_apply(policy, &r->found);
	settle_numbers(&r->found, &r->fields);
	settle_overlaps(&r->found);
	return report(r, policy, f);
}

static void
clear_scratch(struct redactor *r)
{
	layer_clear(&r->folded);
	for (size_t i = 0; i < JSON_MAX_NESTING; i++)
		layer_clear(&r->scratch.levels[i]);
	candidates_clear(&r->found);
	explicit_bzero(&r->numbers, sizeof(r->numbers));
	r->fields.n = 0;
}

static enum err
check_text(struct str text)
{
	if (text.len > REDACT_MAX_BYTES)
		return ERR_TOO_LARGE;
	return utf8_is_valid((const uint8_t *)text.at, text.len) ? ERR_OK : ERR_MALFORMED;
}

void
redactor_begin(struct redactor *r)
{
	thread_clear(&r->thread);
	people_clear(&r->people);
}

void
redactor_at(struct redactor *r, size_t i)
{
	r->thread.at = i < r->thread.n ? i : THREAD_NO_TEXT;
}

enum err
redactor_learn(struct redactor *r, struct str text, unsigned int speaker)
{
	enum err e = check_text(text);

	if (e == ERR_OK)
		e = lay_out(r, (const uint8_t *)text.at, text.len);
	if (e == ERR_OK)
		e = thread_add(&r->thread, &r->folded, r->is_json, speaker);
	if (e == ERR_OK)
		e = learn_people(r);
	clear_scratch(r);
	return e;
}

enum err
redact_find(struct redactor *r, struct str text, struct redact_findings *f)
{
	return redact_find_under(r, NULL, text, f);
}

enum err
redact_find_under(struct redactor *r, const struct redact_policy *policy, struct str text,
    struct redact_findings *f)
{
	enum err e = check_text(text);

	findings_clear(f);
	if (e == ERR_OK)
		e = find(r, policy, text, f);
	clear_scratch(r);
	if (e != ERR_OK)
		findings_clear(f);
	return e;
}
