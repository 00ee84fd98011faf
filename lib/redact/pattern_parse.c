/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern_parse - from a pattern's text to a program.  Groups are kept on a stack of frames, and a
 * fragment of a program is whole in itself (its jumps are relative and end behind it), so that a
 * repeat is a copy.
 */
#include "redact/fold.h"
#include "redact/pattern_class.h"
#include "redact/utf8.h"

#define MAX_DEPTH 16

/* A group that is open. */
struct frame {
	size_t alternative; /* where the one being read begins */
	size_t jumps;       /* the last jump to the group's end, 0: none; they are a chain */
	size_t first;       /* where the group begins */
};

struct parser {
	struct program *p;
	struct pattern_fault *fault;
	const uint8_t *text;
	size_t len;
	size_t at;
	bool is_case_ignored;
	struct frame frames[MAX_DEPTH];
	size_t depth;
	size_t atom; /* what a repeat would repeat begins here */
	bool has_atom;
};

static enum err
fail(struct parser *r, const char *what, const char *remedy)
{
	*r->fault = (struct pattern_fault){ r->at + 1, what, remedy };
	return ERR_MALFORMED;
}

static enum err
fail_size(struct parser *r)
{
	return fail(r, "the pattern is too large when its repeats are written out",
	    "use smaller numbers in {m,n}, or two custom entities");
}

static enum err
emit(struct parser *r, enum op op, uint8_t set)
{
	if (r->p->n == PROGRAM_MAX)
		return fail_size(r);
	r->p->at[r->p->n++] = (struct instruction){ (uint8_t)op, set, 0 };
	return ERR_OK;
}

static enum err
emit_set(struct parser *r, const struct byte_set *set)
{
	size_t i = 0;

	while (i < r->p->n_sets && memcmp(&r->p->sets[i], set, sizeof(*set)) != 0)
		i++;
	if (i == PROGRAM_MAX_SETS)
		return fail_size(r);
	r->p->sets[i] = *set;
	r->p->n_sets += i == r->p->n_sets;
	return emit(r, OP_SET, (uint8_t)i);
}

/* A split before what begins at `at`, which jumps behind it and `more` further. */
static enum err
insert_split(struct parser *r, size_t at, size_t more)
{
	struct program *p = r->p;
	size_t len = p->n - at;

	if (p->n == PROGRAM_MAX)
		return fail_size(r);
	memmove(&p->at[at + 1], &p->at[at], len * sizeof(p->at[0]));
	p->at[at] = (struct instruction){ OP_SPLIT, 0, (uint16_t)(1 + len + more) };
	p->n++;
	return ERR_OK;
}

static void
begin_atom(struct parser *r)
{
	r->atom = r->p->n;
	r->has_atom = true;
}

/* ---- groups */

static enum err
open_group(struct parser *r)
{
	if (r->depth == MAX_DEPTH)
		return fail(r, "groups are nested too deep", "use at most 15 levels");
	r->at++;
	if (r->depth > 0 && r->at < r->len && r->text[r->at] == '?') {
		if (r->at + 1 >= r->len || r->text[r->at + 1] != ':')
			return fail(r, "there is no look-around, naming or flag of a group",
			    "write (…) or (?:…)");
		r->at += 2;
	}
	r->frames[r->depth++] = (struct frame){ r->p->n, 0, r->p->n };
	r->has_atom = false;
	return ERR_OK;
}

/* A "|": what was read becomes one side of a split. */
static enum err
end_alternative(struct parser *r)
{
	struct frame *f = &r->frames[r->depth - 1];
	enum err e = insert_split(r, f->alternative, 1);

	if (e == ERR_OK)
		e = emit(r, OP_JUMP, 0);
	if (e != ERR_OK)
		return e;
	r->p->at[r->p->n - 1].to = (uint16_t)f->jumps;
	f->jumps = r->p->n - 1;
	f->alternative = r->p->n;
	r->has_atom = false;
	r->at++;
	return ERR_OK;
}

/* The group becomes an atom. */
static void
close_frame(struct parser *r)
{
	const struct frame *f = &r->frames[--r->depth];
	size_t jump = f->jumps;

	while (jump != 0) {
		size_t before = r->p->at[jump].to;

		r->p->at[jump].to = (uint16_t)(r->p->n - jump);
		jump = before;
	}
	r->atom = f->first;
	r->has_atom = true;
}

static enum err
close_group(struct parser *r)
{
	if (r->depth == 1)
		return fail(r, "this ) closes nothing", "write \\) for the character itself");
	close_frame(r);
	r->at++;
	return ERR_OK;
}

/* ---- repeats */

/* least copies of the atom, and up to most - least more. */
static enum err
repeat(struct parser *r, size_t least, size_t most)
{
	struct program *p = r->p;
	size_t first = r->atom + (least == 0), len = p->n - r->atom;
	size_t splits[PATTERN_MAX_REPEAT], n_splits = 0;

	if (p->n + most * (len + 1) > PROGRAM_MAX)
		return fail_size(r);
	if (least == 0) {
		enum err e = insert_split(r, r->atom, 0);

		if (e != ERR_OK)
			return e;
		splits[n_splits++] = r->atom;
	}
	for (size_t i = 1; i < most; i++) {
		if (i >= least) {
			splits[n_splits++] = p->n;
			p->at[p->n++] = (struct instruction){ OP_SPLIT, 0, 0 };
		}
		memcpy(&p->at[p->n], &p->at[first], len * sizeof(p->at[0]));
		p->n += len;
	}
	for (size_t i = 0; i < n_splits; i++)
		p->at[splits[i]].to = (uint16_t)(p->n - splits[i]);
	r->has_atom = false;
	return ERR_OK;
}

static bool
read_number(struct parser *r, size_t *ret_n)
{
	size_t n = 0, from = r->at;

	while (r->at < r->len && is_digit(r->text[r->at]) && r->at - from < 4)
		n = n * 10 + (size_t)(r->text[r->at++] - '0');
	*ret_n = n;
	return r->at > from;
}

/* "{m}", "{m,n}", "{m,}"; at stands behind the brace. */
static enum err
read_bounds(struct parser *r, size_t *ret_least, size_t *ret_most)
{
	static const char remedy[] =
	    "write {m}, {m,n} or {m,} with numbers up to 64, m <= n, n > 0; "
	    "\\{ for the character itself";
	bool is_open = false;

	if (!read_number(r, ret_least))
		return fail(r, "this is no repeat", remedy);
	*ret_most = *ret_least;
	if (r->at < r->len && r->text[r->at] == ',') {
		r->at++;
		is_open = !read_number(r, ret_most);
	}
	if (is_open)
		*ret_most = PATTERN_MAX_REPEAT;
	if (r->at >= r->len || r->text[r->at] != '}' || *ret_least > *ret_most ||
	    *ret_most > PATTERN_MAX_REPEAT || *ret_most == 0)
		return fail(r, "this is no repeat", remedy);
	return ERR_OK;
}

static enum err
read_repeat(struct parser *r)
{
	uint8_t c = r->text[r->at];
	size_t least = c == '+', most = c == '?' ? 1 : PATTERN_MAX_REPEAT;
	enum err e = ERR_OK;

	if (!r->has_atom)
		return fail(r, "there is nothing before this to repeat",
		    "a repeat follows a character, a class or a group, and only one of them; there are "
		    "no lazy or possessive ones");
	r->at++;
	if (c == '{')
		e = read_bounds(r, &least, &most);
	if (e == ERR_OK)
		e = repeat(r, least, most);
	r->at += c == '{';
	return e;
}

/* ---- characters */

/* Any character but a line break (and, for a negated class, those of the set). */
static enum err
emit_others(struct parser *r, const struct byte_set *ascii)
{
	static const uint8_t leads[][2] = { { 0xC2, 0xDF }, { 0xE0, 0xEF }, { 0xF0, 0xF4 } };
	const struct byte_set rest = { { 0, 0, UINT64_MAX, 0 } };
	size_t alternative = r->p->n, jumps[3], n_jumps = 0;
	enum err e = emit_set(r, ascii);

	/* A|B|C|D, each of one lead byte more */
	for (size_t n = 0; n < 3 && e == ERR_OK; n++) {
		struct byte_set lead = { { 0 } };

		e = insert_split(r, alternative, 1);
		if (e == ERR_OK)
			e = emit(r, OP_JUMP, 0);
		jumps[n_jumps++] = r->p->n - 1;
		alternative = r->p->n;
		for (unsigned int b = leads[n][0]; b <= leads[n][1]; b++)
			set_add(&lead, b);
		if (e == ERR_OK)
			e = emit_set(r, &lead);
		for (size_t i = 0; i <= n && e == ERR_OK; i++)
			e = emit_set(r, &rest);
	}
	for (size_t i = 0; i < n_jumps && e == ERR_OK; i++)
		r->p->at[jumps[i]].to = (uint16_t)(r->p->n - jumps[i]);
	return e;
}

static enum err
emit_class(struct parser *r, const struct character_class *c)
{
	begin_atom(r);
	return c->has_others ? emit_others(r, &c->ascii) : emit_set(r, &c->ascii);
}

/* One character, in the plain form of the text that it is held against.  The letters of two bytes
 * that Western languages write (C3 80 to C3 BE) know their other case too. */
static enum err
emit_character(struct parser *r)
{
	uint8_t bytes[4];
	uint32_t code;
	size_t n;
	enum err e = ERR_OK;

	r->at += utf8_decode(r->text + r->at, &code);
	code = fold_character(code);
	n = code == 0 ? 0 : utf8_encode(code, bytes);
	begin_atom(r);
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		uint8_t b = bytes[i];
		struct byte_set set = { { 0 } };

		set_add(&set, b);
		if (r->is_case_ignored &&
		    (is_letter(b) ||
			(i == 1 && bytes[0] == 0xC3 && (b & 0x1F) != 0x17 && (b & 0x1F) != 0x1F)))
			set_add(&set, b ^ 0x20u);
		e = emit_set(r, &set);
	}
	return e;
}

static enum err
read_class(struct parser *r)
{
	struct character_class c;
	const char *what = NULL, *remedy = NULL;
	size_t n = class_read(r->text + r->at, r->len - r->at, r->is_case_ignored, &c,
	    &(struct class_fault){ &what, &remedy });

	if (n == 0)
		return fail(r, what, remedy);
	r->at += n;
	return emit_class(r, &c);
}

/* "\b": a word begins or ends here; only where the pattern does. */
static enum err
read_word_edge(struct parser *r)
{
	if (r->at == 0)
		r->p->is_word_start = true;
	else if (r->at + 2 == r->len)
		r->p->is_word_end = true;
	else
		return fail(r, "\\b may stand only at the beginning and at the end",
		    "move it there, or write the characters that part the words");
	r->at += 2;
	r->has_atom = false;
	return ERR_OK;
}

static enum err
read_escape(struct parser *r)
{
	uint8_t c = r->at + 1 < r->len ? r->text[r->at + 1] : 0;
	struct character_class class;

	if (c == 'b')
		return read_word_edge(r);
	if (class_of_escape(c, &class)) {
		r->at += 2;
		return emit_class(r, &class);
	}
	if (c >= '1' && c <= '9')
		return fail(r, "there are no back-references", "write out what should be repeated");
	if (c == 0 || is_alnum(c) || c >= 0x80)
		return fail(r, "this escape does not exist",
		    "known are \\d \\w \\s \\D \\W \\S \\b \\n \\t and a sign behind a backslash");
	r->at++;
	return emit_character(r);
}

static enum err
read_one(struct parser *r)
{
	struct character_class any;

	switch (r->text[r->at]) {
	case '(':
		return open_group(r);
	case ')':
		return close_group(r);
	case '|':
		return end_alternative(r);
	case '[':
		return read_class(r);
	case '\\':
		return read_escape(r);
	case '*':
	case '+':
	case '?':
	case '{':
		return read_repeat(r);
	case '^':
	case '$':
		return fail(r, "there is no beginning and no end of a text to anchor to",
		    "use \\b for the edge of a word; \\^ or \\$ for the character itself");
	case '.':
		class_any(&any);
		r->at++;
		return emit_class(r, &any);
	default:
		return emit_character(r);
	}
}

enum err
pattern_parse(struct str text, bool is_case_ignored, struct program *p,
    struct pattern_fault *ret_fault)
{
	struct parser r = { .p = p,
		.fault = ret_fault,
		.text = (const uint8_t *)text.at,
		.len = text.len,
		.is_case_ignored = is_case_ignored };
	enum err e = ERR_OK;

	p->n = p->n_sets = 0;
	p->is_word_start = p->is_word_end = false;
	r.frames[r.depth++] = (struct frame){ 0, 0, 0 };
	while (r.at < r.len && e == ERR_OK)
		e = read_one(&r);
	if (e != ERR_OK)
		return e;
	if (r.depth != 1)
		return fail(&r, "a group is not closed", "add the missing )");
	if ((p->is_word_start || p->is_word_end) && r.frames[0].jumps != 0)
		return fail(&r, "\\b beside | would belong to one side only",
		    "put the alternatives into a group: \\b(one|other)\\b");
	close_frame(&r);
	return ERR_OK;
}
