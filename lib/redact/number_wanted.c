/* SPDX-License-Identifier: Apache-2.0 */
/* number_wanted - the tables of rules, and the look into them. */
#include <assert.h>
#include <string.h>

#include "redact/number.h"

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

/* The forms of a rule: what is written, and the list of others. */
static void
add_form(struct number_tables *t, const struct number_form *f, uint64_t rule)
{
	const char *list = f->others;

	if (*f->written != '\0')
		add_sizes(t, f->written, strlen(f->written), rule);
	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		add_sizes(t, list, n, rule);
		list += n + (list[n] == ' ');
	}
	if (f->if_written == 0 && f->if_grouped == 0 && f->if_bare == 0)
		t->needing_words |= rule;
	if (f->if_written >= SURE || f->if_grouped >= SURE || f->if_bare >= SURE)
		t->sure |= rule;
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
			t->of_any_sizes |= bit;
		if (rule->look == rule_document || rule->look == rule_account ||
		    rule->look == rule_branch)
			t->needing_words |= bit;
		if (rule->look == rule_card)
			t->sure |= bit;
		if (rule->look == rule_phone)
			t->phone = bit;
	}
}

uint64_t
number_rules_for(const struct number_tables *t, const struct number *n)
{
	uint64_t rules = t->of_digits[n->n_digits];

	/* Brackets are of telephone numbers only. */
	if ((n->sep_kinds & (SEP_OPEN | SEP_CLOSE)) != 0)
		return rules & t->phone;
	if (n->n_groups > 1)
		rules &= t->of_any_sizes | t->of_sizes[slot_of(t, n->packed)].rules;
	return (n->context | n->near) == 0 ? rules & ~t->needing_words : rules;
}

uint64_t
number_sure_rules(const struct number_tables *t, const struct number *n)
{
	bool has_country = n->has_plus || (n->digits[0] == '0' && n->digits[1] == '0');

	return has_country ? t->sure | t->phone : t->sure;
}
