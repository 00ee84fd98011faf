/* SPDX-License-Identifier: Apache-2.0 */
/* number - reads a run of digit groups and asks the rules, longest stretch first. */
#include <string.h>

#include "redact/number.h"
#include "redact/words.h"

#define MAX_STRETCH 8   /* groups of one value */
#define MAX_SEPARATOR 3 /* bytes between two groups */
#define MIN_DIGITS 7

static const struct {
	enum redact_type type;
	number_rule *rule;
	uint8_t min_digits;
	uint8_t max_digits;
	uint8_t how;
} rules[] = {
	/* In order of how sure a match makes us. */
	{ REDACT_IP, rule_ipv4, 4, 12, CANONICAL_RAW },
	{ REDACT_CARD, rule_card, 12, 19, CANONICAL_DIGITS },
	{ REDACT_CNPJ, rule_cnpj, 14, 14, CANONICAL_DIGITS },
	{ REDACT_CPF, rule_cpf, 11, 11, CANONICAL_DIGITS },
	{ REDACT_SSN, rule_ssn, 9, 9, CANONICAL_DIGITS },
	{ REDACT_ITIN, rule_itin, 9, 9, CANONICAL_DIGITS },
	{ REDACT_PHONE, rule_phone, 7, 18, CANONICAL_DIGITS },
};

bool
number_has_sizes(const struct number *n, const char *sizes)
{
	return strlen(sizes) == n->n_groups && memcmp(n->sizes, sizes, n->n_groups) == 0;
}

bool
number_has_seps(const struct number *n, const char *seps)
{
	return n->n_groups > 1 && strlen(seps) == n->n_groups - 1 &&
	    memcmp(n->seps, seps, n->n_groups - 1) == 0;
}

static size_t
read_group(const struct scan *s, size_t at, struct number_run *run)
{
	size_t end = at, kept;

	while (end < s->len && is_digit(s->text[end]))
		end++;
	kept = end - at < NUMBER_LONG_GROUP ? end - at : NUMBER_LONG_GROUP;
	run->starts[run->n] = (uint32_t)at;
	run->ends[run->n] = (uint32_t)end;
	run->sizes[run->n] = (char)('0' + kept);
	memcpy(run->digits + run->offsets[run->n], s->text + at, kept);
	run->offsets[run->n + 1] = (uint16_t)(run->offsets[run->n] + kept);
	run->n++;
	return end;
}

/* The separator behind the last group, when another group follows it; its length or 0. */
static size_t
read_separator(const struct scan *s, size_t at, struct number_run *run)
{
	size_t n = 0;
	char kind = ' ';
	bool is_loose = false;

	for (; n < MAX_SEPARATOR && at + n < s->len; n++) {
		char c = (char)s->text[at + n];

		if (c == ' ' || c == '(')
			is_loose = true;
		else if (c != '-' && c != '.' && c != '/' && c != ')')
			break;
		if (c == ')' || (kind != ')' && c != ' '))
			kind = c;
	}
	if (n == 0 || at + n >= s->len || !is_digit(s->text[at + n]))
		return 0;
	run->seps[run->n - 1] = kind;
	run->is_loose[run->n - 1] = is_loose;
	return n;
}

/* Reads up to NUMBER_MAX_GROUPS groups; returns where it stopped. */
static size_t
read_run(const struct scan *s, size_t at, struct number_run *run)
{
	run->n = 0;
	run->offsets[0] = 0;
	for (;;) {
		size_t gap;

		at = read_group(s, at, run);
		gap = read_separator(s, at, run);
		if (gap == 0 || run->n == NUMBER_MAX_GROUPS)
			return at;
		/* Digits that go on as letters are a name, not a group. */
		at += gap;
	}
}

static bool
is_in_uuid(const struct scan *s, const struct number *n)
{
	size_t at = n->run->starts[n->first];

	return n->is_joined && number_has_sizes(n, "<") && at >= 24 && s->text[at - 1] == '-' &&
	    s->text[at - 6] == '-' && s->text[at - 11] == '-';
}

static bool
try_rules(struct scan *s, const struct number *n, uint64_t types)
{
	for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++) {
		struct verdict v;

		if (n->n_digits < rules[r].min_digits || n->n_digits > rules[r].max_digits ||
		    (types >> rules[r].type & 1) == 0)
			continue;
		v = rules[r].rule(n);
		if (v.score == 0)
			continue;
		scan_add(s,
		    (struct candidate){
			.start = n->run->starts[n->first] - n->has_plus,
			.end = n->run->ends[n->first + n->n_groups - 1],
			.type = (uint16_t)rules[r].type,
			.score = v.score,
			.how = rules[r].how,
			.n_drop = v.n_drop,
			.country = v.country,
		    });
		return true;
	}
	return false;
}

/* May a value begin with group i?  Only where what stands before can part two numbers. */
static bool
may_begin(const struct scan *s, const struct number_run *run, size_t i, struct number *n)
{
	size_t at = run->starts[i];
	uint8_t before = at > 0 ? s->text[at - 1] : ' ';
	uint8_t before2 = at > 1 ? s->text[at - 2] : ' ';

	n->has_plus = before == '+' && !is_alnum(before2) && before2 != ']';
	n->is_bracketed = before == '(';
	n->is_joined = i == 0 && (before == '-' || before == '.' || before == '/') &&
	    (is_alnum(before2) || before2 == ']');
	return i == 0 || run->is_loose[i - 1];
}

static bool
may_end(const struct scan *s, const struct number_run *run, size_t i)
{
	uint32_t end = run->ends[i];

	if (run->sizes[i] >= '0' + NUMBER_LONG_GROUP)
		return false;
	if (i + 1 < run->n)
		return run->is_loose[i];
	return !is_letter(s->text[end]);
}

/* Finds the longest stretch from group i that a rule takes; the group behind it, or i + 1. */
static size_t
take_stretch(struct scan *s, const struct number_run *run, size_t i, struct number *n)
{
	size_t last = i + MAX_STRETCH < run->n ? i + MAX_STRETCH : run->n;

	if (!may_begin(s, run, i, n))
		return i + 1;
	n->first = i;
	n->digits = run->digits + run->offsets[i];
	n->sizes = run->sizes + i;
	n->seps = run->seps + i;
	for (size_t end = last; end > i; end--) {
		n->n_groups = end - i;
		n->n_digits = (size_t)(run->offsets[end] - run->offsets[i]);
		if (n->n_digits > NUMBER_MAX_DIGITS || !may_end(s, run, end - 1) ||
		    is_in_uuid(s, n))
			continue;
		if ((n->context != 0 && try_rules(s, n, n->context)) || try_rules(s, n, UINT64_MAX))
			return end;
	}
	return i + 1;
}

/* Years, prices and counts: too short for anything but an IPv4 address. */
static bool
is_dismissed(const struct number_run *run)
{
	return run->offsets[run->n] < MIN_DIGITS && (run->n < 4 || run->seps[0] != '.');
}

void
match_number(struct scan *s, size_t start)
{
	struct number n;
	size_t end, i = 0, stop;
	struct number_run run;

	if (start < s->number_resume)
		return;
	end = read_run(s, start, &run);
	s->number_resume = end;
	if (is_dismissed(&run))
		return;
	n.run = &run;
	n.context = scan_context(s, start);
	/* A run that was cut goes on with its second half. */
	stop = run.n < NUMBER_MAX_GROUPS ? run.n : NUMBER_MAX_GROUPS - MAX_STRETCH;
	while (i < stop)
		i = take_stretch(s, &run, i, &n);
	if (i < run.n)
		s->number_resume = run.starts[i];
}
