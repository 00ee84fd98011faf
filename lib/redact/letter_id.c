/* SPDX-License-Identifier: Apache-2.0 */
/* letter_id - identity numbers that hold letters, each by its pattern and its check: "12345678Z",
 * "AB 12 34 56 C", "RSSMRA85T10A562S". */
#include <string.h>

#include "redact/checks.h"
#include "redact/number.h"
#include "redact/token.h"
#include "redact/wishes.h"

#define SURE 990
#define LIKELY 900
#define BY_FORM 800
#define BY_CONTEXT 750
#define TYPING_ERROR 650
#define MAX_ID 20
#define NAMED 1000

static bool
check_rfc_person(const uint8_t *id)
{
	return check_rfc(id, 13);
}

static bool
check_rfc_company(const uint8_t *id)
{
	return check_rfc(id, 12);
}

/* "12.345.678-X": the X alone makes it sure enough. */
static bool
check_rg_with_x(const uint8_t *id)
{
	return id[8] == 'X';
}

static bool
check_rut_with_k(const uint8_t *id)
{
	return id[8] == 'K' && check_rut(id);
}

static bool
check_rut_short(const uint8_t *id)
{
	uint8_t padded[9] = { '0' };

	memcpy(padded + 1, id, 8);
	return check_rut_with_k(padded);
}

static bool
check_nir_corsica(const uint8_t *id)
{
	return id[5] == '2' && (id[6] == 'A' || id[6] == 'B') && check_nir(id);
}

/* Half of it digits: words of fourteen letters are none. */
static bool
check_cnpj_letters(const uint8_t *id)
{
	size_t n_digits = 0;

	for (size_t i = 0; i < 14; i++)
		n_digits += id[i] <= '9';
	return n_digits >= 6 && check_cnpj(id);
}

/* In a pattern '9' is a digit, 'L' a letter, 'A' either, 'S' the sign or letter of a century (not
 * part of what is checked), ' ' a separator that may be missing, '~' the same but no space ("was
 * 123456789") and '-' a point or hyphen that may not. */

#define LEAD(n) (1u << (n))
#define ANY_LEAD 0xFFFFu
#define FROM_LEAD(n) (ANY_LEAD << (n)&ANY_LEAD)

static const struct pattern {
	uint16_t leads; /* how many digits, or how many letters, it may begin with, as bits */
	const char *text;
	check_function *check; /* NULL: the words nearby decide */
	enum redact_type type;
	uint16_t if_right; /* without such words; 0: they are needed */
	uint16_t if_wrong; /* with them */
} patterns[] = {
	{ LEAD(8), "99999999 L", check_dni, REDACT_DNI, LIKELY, TYPING_ERROR },
	{ LEAD(2), "99-999-999 L", check_dni, REDACT_DNI, LIKELY, TYPING_ERROR },
	{ LEAD(2), "99-999-999-L", check_rg_with_x, REDACT_RG, BY_FORM, TYPING_ERROR },
	{ LEAD(8), "99999999 L", check_rg_with_x, REDACT_RG, 0, TYPING_ERROR },
	{ LEAD(1), "9-999-999-L", check_rut_short, REDACT_RUT, LIKELY, TYPING_ERROR },
	{ LEAD(7), "9999999-L", check_rut_short, REDACT_RUT, LIKELY, TYPING_ERROR },
	{ LEAD(2), "99-999-999-L", check_rut_with_k, REDACT_RUT, LIKELY, TYPING_ERROR },
	{ LEAD(8), "99999999 L", check_rut_with_k, REDACT_RUT, BY_FORM, TYPING_ERROR },
	{ LEAD(6), "999999S999A", check_hetu, REDACT_HETU, LIKELY, TYPING_ERROR },
	{ LEAD(1) | LEAD(6), "9 99 99 9L 999 999 99", check_nir_corsica, REDACT_NIR, SURE,
	    TYPING_ERROR },
	{ LEAD(8) | LEAD(9), "99999999 9 AA9", check_cartao_cidadao, REDACT_NIF, 0, TYPING_ERROR },
	{ LEAD(2), "LL 99 99 99 L", check_nino, REDACT_NINO, LIKELY, TYPING_ERROR },
	{ LEAD(1), "L~9999999~L", check_nie, REDACT_NIE, SURE, TYPING_ERROR },
	{ LEAD(1), "L 9999999 L", check_nie, REDACT_NIE, 0, TYPING_ERROR },
	{ LEAD(1), "L~9999999~A", check_cif, REDACT_CIF, BY_FORM, TYPING_ERROR },
	{ LEAD(1), "L 9999999 A", check_cif, REDACT_CIF, 0, TYPING_ERROR },
	{ LEAD(3) | FROM_LEAD(6), "LLL LLL AALAA LAAAL", check_codice_fiscale,
	    REDACT_CODICE_FISCALE, SURE, TYPING_ERROR },
	{ LEAD(4), "LLLL999999LLLLLLA9", check_curp, REDACT_CURP, SURE, TYPING_ERROR },
	{ LEAD(4), "LLLL~999999~AAA", check_rfc_person, REDACT_RFC, LIKELY, TYPING_ERROR },
	{ LEAD(4), "LLLL 999999 AAA", check_rfc_person, REDACT_RFC, 0, TYPING_ERROR },
	{ LEAD(3), "LLL~999999~AAA", check_rfc_company, REDACT_RFC, LIKELY, TYPING_ERROR },
	{ LEAD(3), "LLL 999999 AAA", check_rfc_company, REDACT_RFC, 0, TYPING_ERROR },
	{ LEAD(2), "LL 999999999", check_brazilian_state, REDACT_CNH, 0, 0 },
	{ LEAD(2), "LL 99 999 999", check_brazilian_state, REDACT_RG, 0, 0 },
	{ LEAD(2), "LL-99-999-999", check_brazilian_state, REDACT_RG, BY_FORM, 0 },
	{ ANY_LEAD, "AAAAAAAAAAAA99", check_cnpj_letters, REDACT_CNPJ, LIKELY, TYPING_ERROR },
};

#define N_PATTERNS (sizeof(patterns) / sizeof(patterns[0]))
#define CNPJ (N_PATTERNS - 1) /* the last one: any fourteen */
#define CNPJ_LEN 14
#define N_WITH_DIGITS 11 /* patterns that begin with a digit stand first */

struct id {
	uint8_t text[MAX_ID]; /* capitals, without separators */
	size_t n;
	size_t end;
};

static bool
is_separator(uint8_t c)
{
	return c == ' ' || c == '-' || c == '.' || c == '/' || c == '\n';
}

static bool
fits(uint8_t c, char wanted)
{
	if (wanted == '9')
		return is_digit(c);
	if (wanted == 'L')
		return is_letter(c);
	if (wanted == 'A')
		return is_alnum(c);
	return c == '-' || c == '+' ||
	    (is_letter(c) && strchr("GHIJKLMNOPQRSTZ", c & 0xDF) == NULL);
}

/* The first `lead` signs are known to fit. */
static bool
read_pattern(const struct scan *s, size_t start, const char *pattern, size_t lead,
    struct id *ret_id)
{
	size_t at = start;

	for (; at < start + lead; at++)
		ret_id->text[at - start] = s->text[at] & (s->text[at] > '9' ? 0xDF : 0xFF);
	ret_id->n = lead;
	for (pattern += lead; *pattern != '\0'; pattern++) {
		uint8_t c = s->text[at];

		if (*pattern == '~') {
			at += c == '-' || c == '.';
			continue;
		}
		if (*pattern == ' ' || *pattern == '-') {
			at += is_separator(c);
			if (*pattern == '-' && c != '-' && c != '.')
				return false;
			continue;
		}
		if (!fits(c, *pattern))
			return false;
		if (*pattern != 'S')
			ret_id->text[ret_id->n++] = c > '9' ? c & 0xDF : c;
		at++;
	}
	ret_id->end = at;
	return at <= s->len && !is_alnum(s->text[at]);
}

/* "Ab123456c" is no number that somebody typed: all letters are small or all are capitals. */
static bool
has_one_case(const uint8_t *text, size_t len)
{
	bool has_small = false, has_capital = false;

	for (size_t i = 0; i < len; i++) {
		has_small = has_small || (text[i] >= 'a' && text[i] <= 'z');
		has_capital = has_capital || (text[i] >= 'A' && text[i] <= 'Z');
	}
	return !has_small || !has_capital;
}

static uint64_t
context_around(struct scan *s, size_t start, size_t end)
{
	uint64_t types = scan_context(s, start);

	return (types & WORD_ANY_TYPE) != 0 ? types : types | words_after(s->text, end, s->len);
}

/* A number that the words name goes before all others. */
static unsigned int
score_of(struct scan *s, const struct pattern *p, size_t start, const struct id *id)
{
	bool is_right = p->check(id->text), is_named;
	uint64_t context;

	if (!is_right && p->if_wrong == 0)
		return 0;
	context = context_around(s, start, id->end);
	is_named = (context >> p->type & 1) != 0;
	if (is_named)
		return NAMED +
		    (is_right ? (p->if_right > LIKELY ? p->if_right : LIKELY) : p->if_wrong);
	if (!is_right || (p->if_right < LIKELY && (context & WORD_OTHER_NUMBER) != 0))
		return 0;
	return p->if_right;
}

static bool
is_joined(const struct scan *s, size_t start)
{
	return start > 1 && is_separator(s->text[start - 1]) && s->text[start - 1] != ' ' &&
	    s->text[start - 1] != '\n' && is_alnum(s->text[start - 2]);
}

/* The digits, or the letters, that stand first; nothing begins with more than nine. */
static unsigned int
lead_of(const struct scan *s, size_t start)
{
	const uint8_t *at = s->text + start;
	unsigned int n = 1;

	if (is_digit(*at)) {
		while (n < 15 && is_digit(at[n]))
			n++;
		return n;
	}
	while (n < 15 && is_letter(at[n]))
		n++;
	return n;
}

static bool
is_parting(char wanted)
{
	return wanted == ' ' || wanted == '-' || wanted == '~';
}

/* May this stand where the pattern goes on so? */
static bool
may_go_on(size_t behind, const char *pattern)
{
	size_t n_digits = strspn(pattern, "9");

	if (n_digits > 0)
		return behind >= (n_digits < LETTER_ID_DIGITS ? n_digits : LETTER_ID_DIGITS) &&
		    behind != LETTER_ID_LETTER;
	if (*pattern == 'L')
		return behind == LETTER_ID_LETTER;
	return *pattern != 'A' || behind != 0;
}

/* What the pattern wants behind its first `lead` signs and what may part them from the next. */
static const char *
behind_lead(const char *pattern, size_t lead)
{
	while (lead > 0 && *pattern != '\0')
		lead -= !is_parting(*pattern++);
	return pattern + is_parting(*pattern);
}

static void
add_pattern(struct letter_id_table *t, bool is_digit, size_t lead, size_t i)
{
	const char *pattern = behind_lead(patterns[i].text, i == CNPJ ? SIZE_MAX : lead);

	for (size_t behind = 0; behind < LETTER_ID_BEHIND; behind++)
		if (may_go_on(behind, pattern))
			t->patterns[is_digit][lead][behind] |= UINT32_C(1) << i;
}

void
letter_id_table_init(struct letter_id_table *t)
{
	static_assert(N_PATTERNS <= 32, "a bit for each");
	for (size_t i = 0; i < N_PATTERNS; i++)
		for (size_t lead = 0; lead < LETTER_ID_LEADS; lead++) {
			if ((patterns[i].leads >> lead & 1) == 0)
				continue;
			if (i < N_WITH_DIGITS || i == CNPJ)
				add_pattern(t, true, lead, i);
			if (i >= N_WITH_DIGITS)
				add_pattern(t, false, lead, i);
		}
}

/* As the table has it. */
static inline size_t
what_follows(const uint8_t *at)
{
	size_t n = 0;

	while (n < LETTER_ID_DIGITS && is_digit(at[n]))
		n++;
	return n == 0 && is_letter(*at) ? LETTER_ID_LETTER : n;
}

/* The patterns that begin as the text does.  Most tokens have another length than a CNPJ. */
static uint32_t
patterns_at(const struct scan *s, size_t start, unsigned int lead)
{
	const uint8_t *at = s->text + start, *behind = at + lead + is_separator(at[lead]);
	uint32_t wanted = s->wishes->ids.patterns[is_digit(*at)][lead][what_follows(behind)];

	if (!is_digit(at[CNPJ_LEN - 1]) || is_alnum(at[CNPJ_LEN]))
		wanted &= ~(UINT32_C(1) << CNPJ);
	return wanted;
}

/* The surest of some patterns.  Apart: most tokens begin as none does. */
__attribute__((noinline)) static bool
match_patterns(struct scan *s, size_t start, unsigned int lead, uint32_t wanted)
{
	unsigned int best_score = 0;
	const struct pattern *best = NULL;
	size_t best_end = 0;
	struct id id;

	for (; wanted != 0; wanted &= wanted - 1) {
		size_t i = (size_t)__builtin_ctz(wanted);
		bool has_one_lead = (patterns[i].leads & (patterns[i].leads - 1)) == 0;
		unsigned int score;

		if (!read_pattern(s, start, patterns[i].text, has_one_lead ? lead : 0, &id) ||
		    !has_one_case(s->text + start, id.end - start))
			continue;
		score = score_of(s, &patterns[i], start, &id);
		if (score <= best_score || is_joined(s, start))
			continue;
		best = &patterns[i];
		best_score = score;
		best_end = id.end;
	}
	if (best == NULL)
		return false;
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)best_end,
		.type = (uint16_t)best->type,
		.score = (uint16_t)(best_score % NAMED),
		.how = CANONICAL_UPPER_ALNUM,
	    });
	if (best_end > s->number_resume)
		s->number_resume = best_end;
	if (best_end > s->word_resume)
		s->word_resume = best_end;
	return true;
}

bool
match_letter_id(struct scan *s, size_t start)
{
	unsigned int lead = lead_of(s, start);
	uint32_t wanted = patterns_at(s, start, lead);

	return wanted != 0 && match_patterns(s, start, lead, wanted);
}

/* A codice fiscale with spaces begins one token earlier: "RSS MRA 85T10 A562S". */
static bool
has_name_before(const struct scan *s, size_t start)
{
	return start >= 4 && is_separator(s->text[start - 1]) && is_letter(s->text[start - 2]) &&
	    is_letter(s->text[start - 3]) && is_letter(s->text[start - 4]) &&
	    (start == 4 || !is_alnum(s->text[start - 5]));
}

static bool
starts_iban(const struct scan *s, size_t start)
{
	return is_letter(s->text[start]) && is_letter(s->text[start + 1]) &&
	    is_digit(s->text[start + 2]) && is_digit(s->text[start + 3]);
}

bool
match_token(struct scan *s, size_t start, size_t len)
{
	if (start < s->word_resume || start < s->number_resume)
		return false;
	if (starts_iban(s, start) && match_iban(s, start))
		return true;
	if (len <= 18 && match_letter_id(s, start))
		return true;
	if (len == 3 && has_name_before(s, start) && match_letter_id(s, start - 4))
		return true;
	if (len >= 14 && match_crypto(s, start, len))
		return true;
	return len <= 16 && match_named_token(s, start, len);
}

bool
match_number_with_letter(struct scan *s, const struct number_run *run, size_t end)
{
	uint8_t c = s->text[end];

	if (!is_letter(c) &&
	    ((c != '-' && c != '.' && c != ' ' && c != '/') || !is_letter(s->text[end + 1])))
		return false;
	/* A word behind a space is a word, but for a single capital. */
	if (c == ' ' && (s->text[end + 1] > 'Z' || is_letter(s->text[end + 2])) &&
	    run->sizes[run->n - 1] != '1')
		return false;
	return match_letter_id(s, run->starts[0]);
}
