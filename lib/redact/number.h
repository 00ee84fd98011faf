/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number - a run of digit groups as it was written ("4111 1111-…"), and the rules that say what a
 * stretch of its groups is.
 *
 * Every rule looks at the whole stretch and gives it a score.  Of the rules that take a stretch,
 * one whose type the words nearby name comes first, then the highest score, then the order of the
 * table.
 */
#pragma once

#include <assert.h>
#include <string.h>

#include "redact/checks.h"
#include "redact/scan.h"
#include "redact/wishes.h"
#include "redact/words.h"

#define NUMBER_MAX_GROUPS 32
#define NUMBER_MAX_STRETCH 8 /* groups of one value */
#define NUMBER_LONG_GROUP 20 /* a group of this length or more is no part of anything */

struct number_run {
	const uint8_t *text; /* of the whole layer */
	size_t n;
	uint32_t starts[NUMBER_MAX_GROUPS];
	uint32_t ends[NUMBER_MAX_GROUPS];
	/* '1' to '9', then ':' for 10 and so on; a stretch of them is read as one number. */
	char sizes[NUMBER_MAX_GROUPS + NUMBER_MAX_STRETCH];
	char seps[NUMBER_MAX_GROUPS]; /* behind each group: one of " -./()+\n" */
	uint8_t kinds[NUMBER_MAX_GROUPS + NUMBER_MAX_STRETCH]; /* SEP_ bits of those */
	uint8_t gaps[NUMBER_MAX_GROUPS];                       /* the length of that separator */
	uint32_t near;                           /* a bit for each of those that is one space */
	uint32_t loose;                          /* and that can also part two numbers */
	uint32_t single;                         /* a bit for each group of one digit */
	uint16_t offsets[NUMBER_MAX_GROUPS + 1]; /* of each group's digits below */
	uint8_t digits[NUMBER_MAX_GROUPS * NUMBER_LONG_GROUP];
};

/* The stretch of groups that a rule looks at. */
struct number {
	const struct number_run *run;
	size_t first;
	size_t n_groups;
	const uint8_t *digits;
	size_t n_digits;
	const char *sizes;
	const char *seps;    /* n_groups - 1 of them count */
	uint8_t sep_kinds;   /* SEP_ bits of those */
	uint64_t packed;     /* sizes, as number_pack has them */
	uint64_t context;    /* bits of words.h: what the words around it and its field say */
	uint64_t near;       /* the same of the few words before it */
	bool has_plus;       /* "+" before it */
	bool is_bracketed;   /* "(" before it */
	bool is_joined;      /* glued to letters by "-", "." or "/" */
	bool is_partial;     /* a space away from groups that are no part of it */
	bool is_near_card;   /* a card stands a few words before */
	bool is_behind_card; /* no words between */
};

static_assert(NUMBER_MAX_GROUPS <= 32, "a bit for each group");

/* What a rule found. */
struct verdict {
	uint16_t score; /* 0: nothing */
	uint8_t n_drop;
	uint8_t skip_digit; /* as in struct candidate */
	uint16_t country;
};

struct number_rule;
typedef struct verdict number_function(const struct number *n, const struct number_rule *rule);

/* How a number with a check is written, and what it takes to be sure; scores are for a right check
 * digit and no word that names the type, 0: such a word is needed. */
struct number_form {
	const char *written; /* sizes of the groups as the authority writes them */
	const char *seps;    /* and its separators; NULL: any one of " -." */
	const char *others;  /* other groupings, parted by spaces */
	uint16_t if_written;
	uint16_t if_grouped;
	uint16_t if_bare;
	uint16_t if_wrong; /* with such a word, and a wrong check digit */
};

struct number_rule {
	enum redact_type type;
	uint8_t min_digits;
	uint8_t max_digits;
	uint8_t how; /* enum canonical */
	number_function *look;
	check_function *check;
	struct number_form form;
};

extern const struct number_rule number_rules[];
extern const size_t number_n_rules;

number_function rule_form; /* a check and a form */
number_function rule_ipv4, rule_card, rule_card_code, rule_card_expiry;
number_function rule_phone, rule_rut, rule_rg, rule_branch, rule_account, rule_document;

/* What the rules take that words do not call so, parted by spaces. */
extern const char number_expiry_sizes[], number_rut_sizes[], number_rg_sizes[];

/* The groups have these sizes, for example "3332". */
bool number_has_sizes(const struct number *n, const char *sizes);

/* The sizes stand in a list that is parted by spaces. */
bool number_has_sizes_of(const struct number *n, const char *list);

/* The separators are exactly these. */
bool number_has_seps(const struct number *n, const char *seps);

/* Separators as bits. */
enum number_sep {
	SEP_SPACE = 1,
	SEP_HYPHEN = 2,
	SEP_POINT = 4,
	SEP_SLASH = 8,
	SEP_OPEN = 16,
	SEP_CLOSE = 32,
	SEP_PLUS = 64,
	SEP_BREAK = 128,
};

/* 0: it is no separator. */
static inline uint8_t
number_sep_kind(uint8_t sep)
{
	static const uint8_t kinds[UINT8_MAX + 1] = {
		['\n'] = SEP_BREAK,
		[' '] = SEP_SPACE,
		['('] = SEP_OPEN,
		[')'] = SEP_CLOSE,
		['+'] = SEP_PLUS,
		['-'] = SEP_HYPHEN,
		['.'] = SEP_POINT,
		['/'] = SEP_SLASH,
	};

	return kinds[sep];
}

/* Each separator is one of these; a line break counts as a space. */
static inline bool
number_has_only_seps(const struct number *n, unsigned int allowed)
{
	allowed |= (allowed & SEP_SPACE) != 0 ? SEP_BREAK : 0;
	return (n->sep_kinds & ~allowed) == 0;
}

/* The first n of eight bytes as one number. */
static inline uint64_t
number_pack(const void *bytes, size_t n)
{
	uint64_t packed;

	memcpy(&packed, bytes, sizeof(packed));
	if (n >= sizeof(packed))
		return packed;
	return packed & ((UINT64_C(1) << 8 * n) - 1);
}

/* The rules that may take the number: it has their number of digits, its groups are of sizes that
 * they know, and what needs a word nearby has one.  Bits of number_rules. */
uint64_t number_rules_for(const struct number_tables *t, const struct number *n);

/* Is any rule sure of numbers with so many digits? */
static inline bool
number_may_be_sure(const struct number_tables *t, const struct number *n)
{
	bool has_country = n->has_plus || (n->digits[0] == '0' && n->digits[1] == '0');

	return n->n_digits <= NUMBER_MAX_DIGITS &&
	    (t->of_digits[n->n_digits] & (has_country ? t->sure | t->phone : t->sure)) != 0;
}

/* The rules that may be surer of it than anything else can be. */
uint64_t number_sure_rules(const struct number_tables *t, const struct number *n);

static inline bool
number_is_bare(const struct number *n)
{
	return n->n_groups == 1;
}

static inline bool
number_is_about(const struct number *n, uint64_t types)
{
	return (n->context & types) != 0;
}

/* Reads up to NUMBER_MAX_GROUPS groups; returns where it stopped. */
size_t number_run_read(const struct scan *s, size_t at, struct number_run *run);

/* Where the extension behind a telephone number that ends at `end` ends: ", ramal 12"; or end. */
size_t phone_extension_end(const struct scan *s, size_t end);

/* A payment slip's 47 or 48 digits from `start`. */
bool match_boleto(struct scan *s, size_t start, size_t *ret_end);

/* Numbers whose last sign is a letter: "12.345.678-K", "131052-308T". */
bool match_number_with_letter(struct scan *s, const struct number_run *run, size_t end);
