/* SPDX-License-Identifier: Apache-2.0 */
/* items - forms filled by chance; the check digits are put in afterwards. */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "items.h"

#define MAX_DIGITS 40

/* The last n digits of an item, where they stand in its text. */
struct digits {
	char *at[MAX_DIGITS];
	size_t n;
};

static unsigned int
digit(const struct digits *g, size_t i)
{
	return (unsigned int)(*g->at[i] - '0');
}

static void
set(const struct digits *g, size_t i, unsigned int value)
{
	*g->at[i] = (char)('0' + value);
}

/* Sum of weights[i] * digit i. */
static unsigned int
weigh(const struct digits *g, const char *weights)
{
	unsigned int sum = 0;

	for (size_t i = 0; weights[i] != '\0'; i++)
		sum += digit(g, i) *
		    (unsigned int)(weights[i] > '9' ? weights[i] - 'a' + 10 : weights[i] - '0');
	return sum;
}

static unsigned int
eleven(unsigned int sum)
{
	return sum % 11 < 2 ? 0 : 11 - sum % 11;
}

static void
fix_cpf(const struct digits *g)
{
	set(g, 9, eleven(weigh(g, "a98765432")));
	set(g, 10, eleven(weigh(g, "ba98765432")));
}

static void
fix_cnpj(const struct digits *g)
{
	set(g, 12, eleven(weigh(g, "543298765432")));
	set(g, 13, eleven(weigh(g, "6543298765432")));
}

static void
fix_luhn(const struct digits *g)
{
	unsigned int sum = 0;

	for (size_t i = 0; i + 1 < g->n; i++) {
		unsigned int v = digit(g, g->n - 2 - i) * (i % 2 == 0 ? 2 : 1);

		sum += v > 9 ? v - 9 : v;
	}
	set(g, g->n - 1, (10 - sum % 10) % 10);
}

static void
fix_nif(const struct digits *g)
{
	set(g, 8, eleven(weigh(g, "98765432")));
}

/* Moves the last digit but one until some last digit fits. */
static void
fix_mod_11_last(const struct digits *g, const char *weights, bool is_sum)
{
	unsigned int rest = weigh(g, weights) % 11;

	while ((is_sum ? rest : (11 - rest) % 11) > 9) {
		set(g, g->n - 2, (digit(g, g->n - 2) + 1) % 10);
		rest = weigh(g, weights) % 11;
	}
	set(g, g->n - 1, is_sum ? rest : (11 - rest) % 11);
}

static void
fix_bsn(const struct digits *g)
{
	fix_mod_11_last(g, "98765432", true);
}

static void
fix_nhs(const struct digits *g)
{
	fix_mod_11_last(g, "a98765432", false);
}

static void
fix_pesel(const struct digits *g)
{
	set(g, 10, (10 - weigh(g, "1379137913") % 10) % 10);
}

/* German form of 20 digits behind DE: check = 98 - (bban + "131400") mod 97. */
static void
fix_iban_de(const struct digits *g)
{
	unsigned int rest = 0, check;

	for (size_t i = 2; i < g->n; i++)
		rest = (rest * 10 + digit(g, i)) % 97;
	rest = (rest * 1000000 + 131400) % 97;
	check = 98 - rest;
	set(g, 0, check / 10);
	set(g, 1, check % 10);
}

struct kind {
	const char *form;
	void (*fix)(const struct digits *);
	uint8_t n_digits; /* the last so many digits of the form are given to fix */
};

static const struct kind kinds[] = {
	{ "{l6}.{l7}@{l8}.com", NULL, 0 },
	{ "{l5}{d2}@mail.{l6}.com.br", NULL, 0 },
	{ "+55 11 9{d4}-{d4}", NULL, 0 },
	{ "telefone (21) 9{d4}-{d4}", NULL, 0 },
	{ "call me at (415) 6{d2}-{d4}", NULL, 0 },
	{ "+49 30 9{d7}", NULL, 0 },
	{ "tél. 06 {d2} {d2} {d2} {d2}", NULL, 0 },
	{ "4{d3} {d4} {d4} {d4}", fix_luhn, 16 },
	{ "5{d1}{d2}-{d4}-{d4}-{d4}", fix_luhn, 16 },
	{ "4{d15}", fix_luhn, 16 },
	{ "{d3}.{d3}.{d3}-{d2}", fix_cpf, 11 },
	{ "cpf {d11}", fix_cpf, 11 },
	{ "{d2}.{d3}.{d3}/0001-{d2}", fix_cnpj, 14 },
	{ "IBAN DE{d2} {d4} {d4} {d4} {d4} {d2}", fix_iban_de, 20 },
	{ "DE{d20}", fix_iban_de, 20 },
	{ "from 85.{d2}.1{d2}.7{d1}", NULL, 0 },
	{ "2a01:{h4}:{h4}:1{h3}::{h3}", NULL, 0 },
	{ "0{h1}:{h2}:{h2}:{h2}:{h2}:{h2}", NULL, 0 },
	{ "SSN 5{d2}-2{d1}-1{d3}", NULL, 0 },
	{ "NHS {d3} {d3} {d4}", fix_nhs, 10 },
	{ "nif {d9}", fix_nif, 9 },
	{ "bsn {d9}", fix_bsn, 9 },
	{ "pesel 8{d1}01{d7}", fix_pesel, 11 },
	{ "RENAVAM? não, CEP 0{d4}-{d3}", NULL, 0 },
	{ "Rua das {l9}, {d3}", NULL, 0 },
	{ "born 1{d1}/0{d1}/198{d1}", NULL, 0 },
	{ "-23.5{d4}, -46.6{d4}", NULL, 0 },
	{ "0x{h40}", NULL, 0 },
	{ "my name is {u1}{l5} {u1}{l7}", NULL, 0 },
	{ "me chamo {u1}{l5} da {u1}{l5}", NULL, 0 },
	{ "sk-proj-{x48}", NULL, 0 },
	{ "sk-ant-api03-{x93}AA", NULL, 0 },
	{ "AKIA{u16}", NULL, 0 },
	{ "ghp_{x36}", NULL, 0 },
	{ "xoxb-{d11}-{d11}-{x24}", NULL, 0 },
	{ "sk_live_{x24}", NULL, 0 },
	{ "AIza{x35}", NULL, 0 },
	{ "password={x12}", NULL, 0 },
	{ "Authorization: Bearer {x40}", NULL, 0 },
	{ "postgres://{l5}:{x10}@db.{l6}.net/app", NULL, 0 },
	{ "https://api.{l6}.com/v1?token={x24}", NULL, 0 },
};

static const char *const alphabets[UCHAR_MAX + 1] = {
	['d'] = "0123456789",
	['h'] = "0123456789abcdef",
	['l'] = "abcdefghijklmnopqrstuvwxyz",
	['u'] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	['x'] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
};

enum err
items_append_form(struct dice *d, const char *form, struct buf *out)
{
	enum err e = ERR_OK;

	while (*form != '\0' && e == ERR_OK) {
		const char *letters;
		char *end = NULL;
		size_t n_letters;

		if (*form != '{' || form[1] == '\0' || !isdigit((unsigned char)form[2]) ||
		    (letters = alphabets[(unsigned char)form[1]]) == NULL) {
			e = buf_append_byte(out, *form++);
			continue;
		}
		n_letters = strlen(letters);
		for (unsigned long n = strtoul(form + 2, &end, 10); n > 0 && e == ERR_OK; n--)
			e = buf_append_byte(out, letters[dice_below(d, n_letters)]);
		form = end + 1;
	}
	return e;
}

enum err
items_append(struct dice *d, struct buf *out)
{
	const struct kind *k = &kinds[dice_below(d, sizeof(kinds) / sizeof(kinds[0]))];
	char text[256];
	struct digits g = { .n = k->n_digits };
	CLEANUP(buf) struct buf *item = NULL;
	enum err e = buf_new(sizeof(text) - 1, &item);
	size_t left = k->n_digits;

	if (e == ERR_OK)
		e = items_append_form(d, k->form, item);
	if (e != ERR_OK)
		return e;
	memcpy(text, buf_c_string(item), buf_len(item) + 1);
	for (size_t i = strlen(text); left > 0 && i > 0; i--)
		if (isdigit((unsigned char)text[i - 1]))
			g.at[--left] = &text[i - 1];
	if (k->fix != NULL)
		k->fix(&g);
	return buf_append_str(out, str_from(text));
}
