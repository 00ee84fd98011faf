/* SPDX-License-Identifier: Apache-2.0 */
/* number_wanted - the tables of rules, and the look into them. */
#include <assert.h>
#include <string.h>

#include "redact/number.h"
#include "redact/phone.h"

#define SURE 980
#define FACTOR UINT64_C(0x9E3779B97F4A7C15)

static_assert(NUMBER_MAX_STRETCH == sizeof(uint64_t), "a byte for the size of each group");

static inline size_t
slot_of(const struct number_tables *t, uint64_t packed)
{
	size_t at = packed * FACTOR >> 32;

	while (t->of_sizes[at % NUMBER_SIZES_SLOTS].sizes != packed &&
	    t->of_sizes[at % NUMBER_SIZES_SLOTS].sizes != 0)
		at++;
	return at % NUMBER_SIZES_SLOTS;
}

static void
add_sizes(struct number_tables *t, const char *sizes, size_t n, uint64_t rule)
{
	char padded[NUMBER_MAX_STRETCH] = { 0 };
	uint64_t packed;
	size_t slot;

	memcpy(padded, sizes, n);
	packed = number_pack(padded, n);
	slot = slot_of(t, packed);

	t->of_sizes[slot].sizes = packed;
	t->of_sizes[slot].rules |= rule;
}

/* Sizes in a list that is parted by spaces, behind those of what is dialled before them. */
static void
add_list(struct number_tables *t, const char *lead, const char *list, uint64_t rule)
{
	char sizes[2 * NUMBER_MAX_STRETCH];
	size_t n_lead = strlen(lead);

	memcpy(sizes, lead, n_lead);
	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		memcpy(sizes + n_lead, list, n);
		if (n_lead + n <= NUMBER_MAX_STRETCH)
			add_sizes(t, sizes, n_lead + n, rule);
		list += n + (list[n] == ' ');
	}
}

/* All groups that are a telephone number without a word or a country's code. */
static void
add_phones(struct number_tables *t, uint64_t rule)
{
	static const char *const leads[] = { "", "1", "2", "3", "11", "12", "21", "111" };

	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
		for (size_t list = 0; phone_brazilian_sizes[list] != NULL; list++)
			add_list(t, leads[i], phone_brazilian_sizes[list], rule);
	add_list(t, "", phone_north_american_sizes, rule);
	for (size_t i = 0; phone_national_sizes(i) != NULL; i++)
		add_list(t, "", phone_national_sizes(i), rule);
}

/* The forms of a rule: what is written, and the list of others. */
static void
add_form(struct number_tables *t, const struct number_form *f, uint64_t rule)
{
	add_list(t, "", f->written, rule);
	add_list(t, "", f->others, rule);
	if (f->if_written == 0 && f->if_grouped == 0 && f->if_bare == 0)
		t->needing_words |= rule;
	if (f->if_bare == 0)
		t->needing_words_if_bare |= rule;
	if (f->if_written >= SURE || f->if_grouped >= SURE || f->if_bare >= SURE)
		t->sure |= rule;
}

/* The rules with a function of their own: the groups that they take, as far as they know them. */
static void
add_function(struct number_tables *t, number_function *look, uint64_t rule)
{
	if (look == rule_card) {
		t->card = rule;
		t->sure |= rule;
		t->of_any_sizes |= rule;
	} else if (look == rule_phone) {
		t->phone = rule;
		add_phones(t, rule);
	} else if (look == rule_rut) {
		t->rut = rule;
		add_list(t, "", number_rut_sizes, rule);
	} else if (look == rule_rg) {
		t->rg = rule;
		add_list(t, "", number_rg_sizes, rule);
	} else if (look == rule_card_expiry) {
		t->not_bare |= rule;
		add_list(t, "", number_expiry_sizes, rule);
	} else if (look == rule_ipv4) {
		t->not_bare |= rule;
		t->of_any_sizes |= rule;
	} else if (look != rule_card_code) {
		t->needing_words |= rule;
		t->needing_words_if_bare |= rule;
		t->of_any_sizes |= rule;
	}
}

void
number_tables_init(struct number_tables *t)
{
	for (size_t r = 0; r < number_n_rules; r++) {
		const struct number_rule *rule = &number_rules[r];
		uint64_t bit = UINT64_C(1) << r;

		for (size_t n = rule->min_digits; n <= rule->max_digits; n++)
			t->of_digits[n] |= bit;
		if (rule->look == rule_form)
			add_form(t, &rule->form, bit);
		else
			add_function(t, rule->look, bit);
	}
}

static inline bool
has_country(const struct number *n)
{
	return n->has_plus || (n->digits[0] == '0' && n->digits[1] == '0');
}

/* The rules that take any groups, because a word or a country's code says what they are. */
static inline uint64_t
rules_of_words(const struct number_tables *t, const struct number *n, uint64_t words)
{
	uint64_t rules = has_country(n) || (words & WORD_TYPE(PHONE)) != 0 ? t->phone : 0;

	rules |= (words & WORD_TYPE(RUT)) != 0 ? t->rut : 0;
	return rules | ((words & WORD_TYPE(RG)) != 0 ? t->rg : 0);
}

/* Spaces alone part the groups from one another and from others, and no word says anything: a card,
 * or a telephone number that is marked as one. */
static inline uint64_t
rules_of_part(const struct number_tables *t, const struct number *n)
{
	return t->card | (has_country(n) || n->is_bracketed ? t->phone : 0);
}

uint64_t
number_rules_for(const struct number_tables *t, const struct number *n)
{
	uint64_t rules = t->of_digits[n->n_digits], words = n->context | n->near, any;

	any = rules_of_words(t, n, words);
	if (n->n_groups == 1)
		return rules & ~t->not_bare & ~(words == 0 ? t->needing_words_if_bare : 0) &
		    ~((t->rut | t->rg) & ~any);
	if (n->is_partial && number_has_only_seps(n, SEP_SPACE) && (words & WORD_ANY_TYPE) == 0)
		rules &= rules_of_part(t, n);
	/* Brackets are of telephone numbers only. */
	if ((n->sep_kinds & (SEP_OPEN | SEP_CLOSE)) != 0)
		rules &= t->phone;
	rules &= any | t->of_any_sizes | t->of_sizes[slot_of(t, n->packed)].rules;
	return words == 0 ? rules & ~t->needing_words : rules;
}

uint64_t
number_sure_rules(const struct number_tables *t, const struct number *n)
{
	return has_country(n) ? t->sure | t->phone : t->sure;
}
