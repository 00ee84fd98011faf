/* SPDX-License-Identifier: Apache-2.0 */
/* number - reads a run of digit groups and asks the rules, longest stretch first. */
#include <string.h>
#include <strings.h>

#include "redact/number.h"

#define MAX_STRETCH 8   /* groups of one value */
#define MAX_SEPARATOR 3 /* bytes between two groups */
#define MIN_DIGITS 7
#define MAX_SINGLE 3     /* groups of one digit in one value, but for an address of the net */
#define MIN_SLIP_GROUP 5 /* a payment slip begins with a group of at least this size */
#define ARMED 48         /* bytes behind a card where its code and expiry may stand */
#define TWO_VALUES 17    /* fewer digits are of one value */
#define SURE 980
#define NAMED 1000
#define NAMED_NEAR 2000

bool
number_has_sizes(const struct number *n, const char *sizes)
{
	size_t i = 0;

	while (i < n->n_groups && sizes[i] == n->sizes[i])
		i++;
	return i == n->n_groups && sizes[i] == '\0';
}

bool
number_has_sizes_of(const struct number *n, const char *list)
{
	for (;; list++) {
		size_t i = 0;

		while (i < n->n_groups && *list == n->sizes[i]) {
			i++;
			list++;
		}
		if (i == n->n_groups && (*list == ' ' || *list == '\0'))
			return true;
		while (*list != ' ' && *list != '\0')
			list++;
		if (*list == '\0')
			return false;
	}
}

bool
number_has_seps(const struct number *n, const char *seps)
{
	return n->n_groups > 1 && strlen(seps) == n->n_groups - 1 &&
	    memcmp(n->seps, seps, n->n_groups - 1) == 0;
}

bool
number_has_only_seps(const struct number *n, const char *allowed)
{
	for (size_t i = 0; i + 1 < n->n_groups; i++)
		if (strchr(allowed, n->seps[i] == '\n' ? ' ' : n->seps[i]) == NULL)
			return false;
	return true;
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

/* " dot ", " traço ": a separator that was spelled, and digits behind it; its length or 0.  text
 * has LAYER_PADDING zeros behind it. */
static size_t
spelled_separator(const uint8_t *text, char *ret_kind)
{
	static const struct {
		const char *word;
		char kind;
	} words[] = { { " dot ", '.' }, { " dash ", '-' }, { " hyphen ", '-' }, { " ponto ", '.' },
		{ " traço ", '-' }, { " traco ", '-' }, { " hífen ", '-' }, { " hifen ", '-' },
		{ " punto ", '.' }, { " guion ", '-' }, { " guión ", '-' }, { " punkt ", '.' },
		{ " strich ", '-' }, { " bindestrich ", '-' }, { " point ", '.' },
		{ " tiret ", '-' }, { " trattino ", '-' }, { " punt ", '.' }, { " streepje ", '-' },
		{ " barra ", '/' }, { " slash ", '/' } };

	/* The first letters of the words below. */
	if (text[0] != ' ' || !is_letter(text[1]) || strchr("bdghpst", lower(text[1])) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len;

		if (lower(text[1]) != (uint8_t)words[i].word[1])
			continue;
		len = strlen(words[i].word);
		if (strncasecmp((const char *)text, words[i].word, len) == 0) {
			*ret_kind = words[i].kind;
			return is_digit(text[len]) ? len : 0;
		}
	}
	return 0;
}

bool
number_goes_on_in_words(const uint8_t *text)
{
	char kind;

	return spelled_separator(text, &kind) > 0;
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

		if (c == ' ' || c == '(' || c == '\n')
			is_loose = true;
		else if (c != '-' && c != '.' && c != '/' && c != ')' &&
		    (c != '+' || n > 0 || strchr("68", run->sizes[run->n - 1]) == NULL))
			break;
		if (c == ')' || (kind != ')' && c != ' '))
			kind = c;
	}
	if (n == 1 && kind == ' ' && is_letter(s->text[at + 1]))
		n = spelled_separator(s->text + at, &kind);
	if (n == 0 || at + n >= s->len || !is_digit(s->text[at + n]))
		return 0;
	run->seps[run->n - 1] = kind;
	run->gaps[run->n - 1] = (uint8_t)n;
	run->is_loose[run->n - 1] = is_loose && n <= MAX_SEPARATOR;
	return n;
}

/* Reads up to NUMBER_MAX_GROUPS groups; returns where it stopped. */
static size_t
read_run(const struct scan *s, size_t at, struct number_run *run)
{
	run->text = s->text;
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

static size_t
number_end(const struct number *n)
{
	return n->run->ends[n->first + n->n_groups - 1];
}

static void
add_number(struct scan *s, const struct number *n, const struct number_rule *rule, struct verdict v)
{
	size_t start = n->run->starts[n->first] - n->has_plus;
	size_t end = number_end(n), whole_end = end;

	/* "(11) 98765-4321" is whole with its bracket. */
	if (n->is_bracketed && memchr(n->seps, ')', n->n_groups - 1) != NULL)
		start--;
	if (rule->type == REDACT_PHONE)
		whole_end = phone_extension_end(s, end);
	if (rule->type == REDACT_CARD)
		s->armed_until = end + ARMED;
	if (rule->look == rule_card)
		s->card_end = end;
	if (whole_end > s->number_resume)
		s->number_resume = whole_end;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)whole_end,
		.type = (uint16_t)rule->type,
		.score = v.score,
		.how = rule->how,
		.n_drop = v.n_drop,
		.skip_digit = v.skip_digit,
		.n_tail = (uint8_t)(whole_end - end),
		.country = v.country,
	    });
}

void
number_rules_of_digits(uint64_t ret_rules[static NUMBER_MAX_DIGITS + 1])
{
	for (size_t r = 0; r < number_n_rules; r++)
		for (size_t n = number_rules[r].min_digits; n <= number_rules[r].max_digits; n++)
			ret_rules[n] |= UINT64_C(1) << r;
}

/* The rule that takes the whole stretch and is surest, or NULL. */
static const struct number_rule *
best_rule(const struct wishes *w, const struct number *n, struct verdict *ret_verdict)
{
	const struct number_rule *best = NULL;
	unsigned int best_rank = 0;

	for (uint64_t rules = w->rules_of_digits[n->n_digits]; rules != 0; rules &= rules - 1) {
		const struct number_rule *rule = &number_rules[__builtin_ctzll(rules)];
		uint64_t type = UINT64_C(1) << rule->type;
		struct verdict v = rule->look(n, rule);
		unsigned int rank;

		if (v.score == 0)
			continue;
		rank = v.score;
		if ((n->near & type) != 0)
			rank += NAMED_NEAR;
		else if ((n->context & type) != 0)
			rank += NAMED;
		if (rank > best_rank) {
			best = rule;
			*ret_verdict = v;
			best_rank = rank;
		}
	}
	return best;
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
	/* An address of the net may have the length of its prefix behind it. */
	if (i + 1 < run->n)
		return run->is_loose[i] ||
		    (run->seps[i] == '/' && i >= 3 && run->seps[i - 1] == '.');
	return !is_letter(s->text[end]);
}

/* Too short without a label before it, or a list of single digits: no rule is asked. */
static bool
is_hopeless(const struct scan *s, const struct number *n)
{
	bool is_address = n->n_groups > 1 && n->seps[0] == '.';
	size_t n_single = 0;

	if (n->n_digits < MIN_DIGITS && !is_address && n->run->starts[n->first] >= s->armed_until)
		return true;
	/* Among groups that spaces part, only a card is sure without a word that names it. */
	if (n->is_partial && n->n_groups > 1 && n->sizes[0] < '4' && !n->has_plus &&
	    !n->is_bracketed && (n->context & WORD_ANY_TYPE) == 0 && number_has_only_seps(n, " "))
		return true;
	for (size_t i = 0; i < n->n_groups; i++)
		n_single += n->sizes[i] == '1';
	return n_single > MAX_SINGLE && !is_address;
}

/* One line break may stand inside a value. */
static bool
has_many_lines(const struct number *n)
{
	int lines = 0;

	for (size_t i = 0; i + 1 < n->n_groups; i++)
		lines += n->seps[i] == '\n';
	return lines > 1;
}

static bool
is_near_group(const struct number_run *run, size_t i)
{
	return run->gaps[i] == 1 && run->seps[i] == ' ';
}

/* No letter stands between the last finding and `at`. */
static bool
is_wordless(const struct scan *s, size_t at)
{
	for (size_t i = s->context_floor; i < at; i++)
		if (is_letter(s->text[i]) || s->text[i] >= 0x80 || s->text[i] == '_')
			return false;
	return true;
}

/* Groups [i, end) as one number; false when no value can stand just there.  context holds what the
 * words say. */
static bool
make_stretch(const struct scan *s, const struct number *context, size_t i, size_t end,
    struct number *ret_stretch)
{
	const struct number_run *run = context->run;
	struct number *n = ret_stretch;

	*n = *context;
	if (!may_begin(s, run, i, n))
		return false;
	n->first = i;
	n->digits = run->digits + run->offsets[i];
	n->sizes = run->sizes + i;
	n->seps = run->seps + i;
	n->n_groups = end - i;
	n->n_digits = (size_t)(run->offsets[end] - run->offsets[i]);
	n->is_near_card = s->card_end != 0 && run->starts[i] < s->card_end + ARMED;
	n->is_behind_card = n->is_near_card && is_wordless(s, run->starts[i]);
	n->is_partial = end < run->n && is_near_group(run, end - 1);
	return n->n_digits <= NUMBER_MAX_DIGITS && may_end(s, run, end - 1) && !is_hopeless(s, n) &&
	    !has_many_lines(n) && !is_in_uuid(s, n);
}

/* Where the values are that need no context, so that no other takes a part of them: sure_end[i] is
 * the group behind the one that begins with group i, 0 for none. */
static void
find_sure(const struct scan *s, const struct number *context, uint8_t *sure_end)
{
	const struct number_run *run = context->run;

	memset(sure_end, 0, NUMBER_MAX_GROUPS);
	if (run->offsets[run->n] < TWO_VALUES)
		return;
	for (size_t i = 0; i < run->n; i++) {
		size_t last = i + MAX_STRETCH < run->n ? i + MAX_STRETCH : run->n;

		for (size_t end = last; end > i; end--) {
			struct number n;
			struct verdict v;

			if (!make_stretch(s, context, i, end, &n))
				continue;
			n.is_partial = n.is_partial || (i > 0 && is_near_group(run, i - 1));
			if (best_rule(s->wishes, &n, &v) == NULL || v.score < SURE)
				continue;
			sure_end[i] = (uint8_t)end;
			i = end - 1;
			break;
		}
	}
}

/* Finds the longest stretch from group i that a rule takes; the group behind it, or i + 1. */
static size_t
take_stretch(struct scan *s, const struct number *context, size_t i, const uint8_t *sure_end,
    size_t *taken)
{
	const struct number_run *run = context->run;
	size_t last = i + 1;
	bool is_partial = i > *taken && is_near_group(run, i - 1);

	while (last < run->n && last < i + MAX_STRETCH && sure_end[last] == 0)
		last++;
	for (size_t end = sure_end[i] != 0 ? sure_end[i] : last; end > i; end--) {
		const struct number_rule *rule;
		struct verdict v;
		struct number n;

		if (!make_stretch(s, context, i, end, &n))
			continue;
		n.is_partial = n.is_partial || is_partial;
		rule = best_rule(s->wishes, &n, &v);
		if (rule != NULL) {
			add_number(s, &n, rule, v);
			*taken = end;
			return end;
		}
	}
	return i + 1;
}

/* "2024-05-20", "20.05.2024": a day. */
static bool
is_date(const struct number_run *run)
{
	return run->n == 3 && run->seps[0] == run->seps[1] && run->seps[0] != ' ' &&
	    (memcmp(run->sizes, "422", 3) == 0 || memcmp(run->sizes, "224", 3) == 0);
}

/* Years, prices and counts: too short for anything but an IPv4 address; and days. */
static bool
is_dismissed(const struct number_run *run)
{
	if (run->offsets[run->n] < MIN_DIGITS)
		return run->n < 4 || run->seps[0] != '.';
	return is_date(run);
}

/* "1 84 12 2A 451 …": born in Corsica, a letter stands in the number. */
static bool
is_corsican(const struct scan *s, const struct number_run *run, size_t end)
{
	return run->n == 4 && memcmp(run->sizes, "1221", 4) == 0 &&
	    (lower(s->text[end]) == 'a' || lower(s->text[end]) == 'b');
}

static void
read_context(struct scan *s, const struct number_run *run, size_t end, struct number *n)
{
	n->context = scan_context(s, run->starts[0]);
	n->near = n->context == 0 ? 0 : scan_context_near(s, run->starts[0]);
	if ((n->context & WORD_ANY_TYPE) == 0) {
		/* Words that follow a number often call something else: "4294967295 … portable". */
		n->near |= words_after(s->text, end, s->len) & ~WORD_TYPE(PHONE);
		n->context |= n->near;
	}
}

void
match_number(struct scan *s, size_t start)
{
	struct number n = { .n_groups = 0 };
	uint8_t sure_end[NUMBER_MAX_GROUPS];
	size_t end, i = 0, stop, taken = 0;
	struct number_run run;

	if (start < s->number_resume)
		return;
	if (s->text[start] == '0' && match_br_code(s, start))
		return;
	end = read_run(s, start, &run);
	s->number_resume = end;
	if (is_dismissed(&run) && start >= s->armed_until && !is_corsican(s, &run, end))
		return;
	if (run.sizes[0] >= '0' + MIN_SLIP_GROUP && match_boleto(s, start, &s->number_resume))
		return;
	if (run.n < NUMBER_MAX_GROUPS && match_number_with_letter(s, &run, end))
		return;
	n.run = &run;
	read_context(s, &run, end, &n);
	/* A run that was cut goes on with its second half. */
	stop = run.n < NUMBER_MAX_GROUPS ? run.n : NUMBER_MAX_GROUPS - MAX_STRETCH;
	find_sure(s, &n, sure_end);
	while (i < stop)
		i = take_stretch(s, &n, i, sure_end, &taken);
	if (i < run.n)
		s->number_resume = run.starts[i];
}
