/* SPDX-License-Identifier: Apache-2.0 */
/* number - reads a run of digit groups and asks the rules, longest stretch first. */
#include <string.h>
#include <strings.h>

#include "redact/number.h"

/* Of the two loops over all stretches of a run. */
#define NUMBER_INLINE __attribute__((always_inline)) static inline

#define MIN_DIGITS 7
#define MIN_CARD 12
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

/* The rule that takes the whole stretch and is surest, or NULL. */
static const struct number_rule *
best_rule(uint64_t rules, const struct number *n, struct verdict *ret_verdict)
{
	const struct number_rule *best = NULL;
	unsigned int best_rank = 0;

	for (; rules != 0; rules &= rules - 1) {
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
may_begin(const struct number_run *run, size_t i)
{
	return i == 0 || (run->loose >> (i - 1) & 1) != 0;
}

static bool
may_end(const struct scan *s, const struct number_run *run, size_t i)
{
	uint32_t end = run->ends[i];

	if (run->sizes[i] >= '0' + NUMBER_LONG_GROUP)
		return false;
	/* An address of the net may have the length of its prefix behind it. */
	if (i + 1 < run->n)
		return (run->loose >> i & 1) != 0 ||
		    (run->seps[i] == '/' && i >= 3 && run->seps[i - 1] == '.');
	return !is_letter(s->text[end]);
}

static bool
may_be_address(const struct number *n)
{
	return n->n_groups > 1 && n->seps[0] == '.';
}

/* Without a label before it. */
static bool
is_too_short(const struct scan *s, const struct number *n)
{
	return n->n_digits < MIN_DIGITS && !may_be_address(n) &&
	    n->run->starts[n->first] >= s->armed_until;
}

/* More groups of one digit than a value has? */
static inline bool
has_many(uint32_t single)
{
	for (int i = 0; i < MAX_SINGLE; i++)
		single &= single - 1;
	return single != 0;
}

/* Too few digits for one, and no "00" for a country's code. */
static inline bool
is_no_card(const struct number *n)
{
	return n->n_digits < MIN_CARD && (n->digits[0] != '0' || n->digits[1] != '0');
}

/* A part of groups, or a list of single digits: no rule is asked. */
static bool
is_hopeless(const struct number *n)
{
	/* Among groups that spaces part, only a card is sure without a word that names it. */
	if (n->is_partial && n->n_groups > 1 && (n->sizes[0] < '4' || is_no_card(n)) &&
	    !n->has_plus && !n->is_bracketed && (n->context & WORD_ANY_TYPE) == 0 &&
	    number_has_only_seps(n, SEP_SPACE))
		return true;
	return has_many(n->run->single >> n->first & ((1u << n->n_groups) - 1)) &&
	    !may_be_address(n);
}

/* One line break may stand inside a value. */
static bool
has_many_lines(const struct number *n)
{
	int lines = 0;

	if ((n->sep_kinds & SEP_BREAK) == 0)
		return false;
	for (size_t i = 0; i + 1 < n->n_groups; i++)
		lines += n->seps[i] == '\n';
	return lines > 1;
}

static bool
is_near_group(const struct number_run *run, size_t i)
{
	return (run->near >> i & 1) != 0;
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

/* Groups from i on of which nothing can be made, told at a look: four single digits in a list, or
 * small groups up to `last` that spaces part from one another and from the next. */
static bool
is_list(const struct scan *s, const struct number *context, size_t i, size_t last)
{
	const struct number_run *run = context->run;
	uint8_t before = run->starts[i] > 0 ? s->text[run->starts[i] - 1] : ' ';

	if (run->starts[i] < s->armed_until || run->seps[i] == '.')
		return false;
	if ((~(run->single >> i) & ((2u << MAX_SINGLE) - 1)) == 0)
		return true;
	return last < run->n && run->sizes[i] < '4' && before != '+' && before != '(' &&
	    (context->context & WORD_ANY_TYPE) == 0 &&
	    (~(run->near >> i) & ((1u << (last - i)) - 1)) == 0;
}

/* The stretch that begins with group i; context holds what the words say. */
NUMBER_INLINE struct number
stretch_from(const struct scan *s, const struct number *context, size_t i)
{
	const struct number_run *run = context->run;
	size_t at = run->starts[i];
	uint8_t before = at > 0 ? s->text[at - 1] : ' ';
	uint8_t before2 = at > 1 ? s->text[at - 2] : ' ';
	struct number n = *context;

	n.has_plus = before == '+' && !is_alnum(before2) && before2 != ']';
	n.is_bracketed = before == '(';
	n.is_joined = i == 0 && (before == '-' || before == '.' || before == '/') &&
	    (is_alnum(before2) || before2 == ']');
	n.first = i;
	n.digits = run->digits + run->offsets[i];
	n.sizes = run->sizes + i;
	n.seps = run->seps + i;
	n.is_near_card = s->card_end != 0 && at < s->card_end + ARMED;
	n.is_behind_card = n.is_near_card && is_wordless(s, at);
	return n;
}

/* Lets it have so many groups. */
static void
set_groups(struct number *n, size_t n_groups)
{
	const struct number_run *run = n->run;

	n->n_groups = n_groups;
	n->n_digits = (size_t)(run->offsets[n->first + n_groups] - run->offsets[n->first]);
}

/* The longest stretch that ends at group `last` or before and has not too many digits. */
static void
set_longest(struct number *n, size_t last)
{
	set_groups(n, last - n->first);
	while (n->n_groups > 1 && n->n_digits > NUMBER_MAX_DIGITS)
		set_groups(n, n->n_groups - 1);
}

/* One group less; false when fewer digits are left than any value has. */
static bool
shorten(const struct scan *s, struct number *n)
{
	set_groups(n, n->n_groups - 1);
	return n->n_groups > 0 && !is_too_short(s, n);
}

/* The bits of up to eight bytes together. */
static inline uint8_t
join_kinds(uint64_t kinds)
{
	kinds |= kinds >> 32;
	kinds |= kinds >> 16;
	return (uint8_t)(kinds | kinds >> 8);
}

/* Can a value end where the stretch ends? */
NUMBER_INLINE bool
is_whole(const struct scan *s, struct number *n)
{
	const struct number_run *run = n->run;
	size_t end = n->first + n->n_groups;

	if (n->n_digits > NUMBER_MAX_DIGITS || is_too_short(s, n) || !may_end(s, run, end - 1))
		return false;
	n->packed = number_pack(n->sizes, n->n_groups);
	n->sep_kinds = join_kinds(number_pack(run->kinds + n->first, n->n_groups - 1));
	n->is_partial = end < run->n && is_near_group(run, end - 1);
	return !is_hopeless(n) && !has_many_lines(n) && !is_in_uuid(s, n);
}

/* Groups in brackets are a telephone number, and none without a country is that sure. */
static bool
is_never_sure(const struct scan *s, const struct number_run *run, size_t i)
{
	return (run->kinds[i] & (SEP_OPEN | SEP_CLOSE)) != 0 && run->sizes[i] < '0' + MIN_DIGITS &&
	    memcmp(run->digits + run->offsets[i], "00", 2) != 0 &&
	    (run->starts[i] == 0 || s->text[run->starts[i] - 1] != '+');
}

/* The values that need no context: a bit for the group that each begins with, and the group behind
 * it.  And of the stretches from each group, so many groups long, which are no card. */
struct sure {
	uint32_t begins;
	uint8_t end[NUMBER_MAX_GROUPS];
	uint8_t no_card[NUMBER_MAX_GROUPS];
};

static inline bool
is_sure_at(const struct sure *sure, size_t i)
{
	return (sure->begins >> i & 1) != 0;
}

static inline uint8_t
bit_of_stretch(const struct number *n)
{
	static_assert(NUMBER_MAX_STRETCH == 8, "a bit for each");
	return (uint8_t)(1u << (n->n_groups - 1));
}

/* The rules that can be sure are asked first: for most stretches there are none. */
static bool
is_sure(const struct number_tables *t, const struct number *n, struct sure *sure)
{
	uint64_t rules = number_rules_for(t, n);
	struct verdict v = { 0 };

	for (uint64_t rest = rules & number_sure_rules(t, n); rest != 0; rest &= rest - 1) {
		const struct number_rule *rule = &number_rules[__builtin_ctzll(rest)];

		v = rule->look(n, rule);
		if (v.score >= SURE)
			return best_rule(rules, n, &v) != NULL && v.score >= SURE;
		if (v.score == 0 && (rest & -rest) == t->card)
			sure->no_card[n->first] |= bit_of_stretch(n);
	}
	return false;
}

/* Finds them, so that no other value takes a part of them. */
static void
find_sure(const struct scan *s, const struct number *context, struct sure *sure)
{
	const struct number_run *run = context->run;

	if (run->offsets[run->n] < TWO_VALUES)
		return;
	for (size_t i = 0; i < run->n; i++) {
		size_t last = i + NUMBER_MAX_STRETCH < run->n ? i + NUMBER_MAX_STRETCH : run->n;
		struct number n;

		if (!may_begin(run, i) || is_list(s, context, i, last) || is_never_sure(s, run, i))
			continue;
		n = stretch_from(s, context, i);
		set_longest(&n, last);
		do {
			if (!number_may_be_sure(&s->wishes->numbers, &n) || !is_whole(s, &n))
				continue;
			n.is_partial = n.is_partial || (i > 0 && is_near_group(run, i - 1));
			if (!is_sure(&s->wishes->numbers, &n, sure))
				continue;
			sure->begins |= UINT32_C(1) << i;
			sure->end[i] = (uint8_t)(i + n.n_groups);
			i += n.n_groups - 1;
			break;
		} while (shorten(s, &n));
	}
}

/* Behind the last group of a stretch from group i: a sure value begins there, or the run ends. */
static inline size_t
last_before_sure(const struct number_run *run, const struct sure *sure, size_t i)
{
	uint32_t behind =
	    (uint32_t)(sure->begins >> i & ~UINT32_C(1)) | UINT32_C(1) << NUMBER_MAX_STRETCH;
	size_t last = i + (size_t)__builtin_ctz(behind);

	return last < run->n ? last : run->n;
}

/* Finds the longest stretch from group i that a rule takes; the group behind it, or i + 1. */
static size_t
take_stretch(struct scan *s, const struct number *context, size_t i, const struct sure *sure,
    size_t *taken)
{
	const struct number_tables *tables = &s->wishes->numbers;
	const struct number_run *run = context->run;
	size_t last;
	bool is_partial = i > *taken && is_near_group(run, i - 1);
	struct number n;

	if (!may_begin(run, i))
		return i + 1;
	last = last_before_sure(run, sure, i);
	if (!is_sure_at(sure, i) && is_list(s, context, i, last))
		return i + 1;
	n = stretch_from(s, context, i);
	set_longest(&n, is_sure_at(sure, i) ? sure->end[i] : last);
	do {
		const struct number_rule *rule;
		struct verdict v;
		uint64_t rules;

		if (!is_whole(s, &n))
			continue;
		n.is_partial = n.is_partial || is_partial;
		rules = number_rules_for(tables, &n);
		if ((sure->no_card[i] & bit_of_stretch(&n)) != 0)
			rules &= ~tables->card;
		rule = rules == 0 ? NULL : best_rule(rules, &n, &v);
		if (rule != NULL) {
			add_number(s, &n, rule, v);
			*taken = i + n.n_groups;
			return *taken;
		}
	} while (shorten(s, &n));
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
	size_t end, i = 0, stop, taken = 0;
	struct sure sure = { 0 };
	struct number_run *run = s->numbers;

	if (start < s->number_resume)
		return;
	if (s->text[start] == '0' && match_br_code(s, start))
		return;
	end = number_run_read(s, start, run);
	s->number_resume = end;
	if (is_dismissed(run) && start >= s->armed_until && !is_corsican(s, run, end))
		return;
	if (run->sizes[0] >= '0' + MIN_SLIP_GROUP && match_boleto(s, start, &s->number_resume))
		return;
	if (run->n < NUMBER_MAX_GROUPS && match_number_with_letter(s, run, end))
		return;
	n.run = run;
	read_context(s, run, end, &n);
	/* A run that was cut goes on with its second half. */
	stop = run->n < NUMBER_MAX_GROUPS ? run->n : NUMBER_MAX_GROUPS - NUMBER_MAX_STRETCH;
	find_sure(s, &n, &sure);
	while (i < stop)
		i = take_stretch(s, &n, i, &sure, &taken);
	if (i < run->n)
		s->number_resume = run->starts[i];
}
