/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle - PCRE2 and the plainest validators beside lib/redact, over texts that are made and
 * damaged from a seed.  What a pattern matches between clear edges, and its validator accepts, must
 * lie in findings; what lib/redact is sure of by its check digit must be accepted by the validator.
 *
 * Three kinds of difference are explained, and counted apart:
 *   beside    only spaces and punctuation part the number from another one, and nothing says where
 *             the one ends ("... 9350 1508. 4557 8106 ...")
 *   sample    a key with a word of samples in it by chance ("your", "xxx"), or of few characters
 *   version   four octets, and the word "version" stands near
 *
 * usage: redact_oracle BYTES [SEED]    prints the differences and counts; 1 when there are others
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdio.h>

#include "redact/dice.h"
#include "redact/items.h"
#include "redact/prose.h"
#include "redact/redact.h"
#include "validators.h"

#define TEXT_BYTES 3000
#define LEFT "(?:^|(?<=[ (\"\\n]))"
#define RIGHT "(?=$|[ )\",;!\\n]|\\.(?:[ \\n]|$))"
#define SURE 850
#define SHOWN 20
#define MATCHES_TO_EXPLAINED 300 /* so few may be explained away */

struct row {
	const char *pattern;
	validator *is_valid; /* NULL: the shape says it all */
	enum redact_type type;
	size_t n_matches;
	size_t n_other; /* masked under another name */
	pcre2_code *code;
};

#define ROW(type, pattern, validator)                                    \
	{                                                                \
		LEFT pattern RIGHT, validator, REDACT_##type, 0, 0, NULL \
	}

static struct row rows[] = {
	ROW(EMAIL,
	    "[a-z0-9]{2,20}(?:[._+][a-z0-9]{2,20}){0,2}@(?:[a-z0-9]{3,20}\\.){1,3}(?:com|net|org|br)",
	    NULL),
	ROW(PHONE, "\\+55 ?1[1-9] 9[0-9]{4}[ -][0-9]{4}", NULL),
	ROW(CARD, "4[0-9]{3}([ -])[0-9]{4}\\1[0-9]{4}\\1[0-9]{4}", is_luhn),
	ROW(CARD, "(?:4[0-9]{3}|5[1-5][0-9]{2})[0-9]{12}", is_luhn),
	ROW(CPF, "[0-9]{3}\\.[0-9]{3}\\.[0-9]{3}-[0-9]{2}", is_cpf),
	ROW(CNPJ, "[0-9]{2}\\.[0-9]{3}\\.[0-9]{3}/[0-9]{4}-[0-9]{2}", is_cnpj),
	ROW(IBAN, "DE[0-9]{20}", is_iban),
	ROW(IBAN, "DE[0-9]{2}(?: [0-9]{4}){4} [0-9]{2}", is_iban),
	ROW(IP, "(?:1[1-9]|[2-9][0-9]|1[013-9][0-9])(?:\\.(?:[1-9][0-9]|1[0-9]{2}|2[0-4][0-9])){3}",
	    NULL),
	ROW(MAC, "[0-9a-f]{2}(?::[0-9a-f]{2}){4}:[1-9a-e][0-9a-f]", NULL),
	ROW(SSN, "[0-7][0-9]{2}-[0-9]{2}-[0-9]{4}", is_ssn),
	ROW(SECRET, "ghp_[A-Za-z0-9]{36}", has_three_classes),
	ROW(SECRET, "AKIA[A-Z2-7]{16}", NULL),
	ROW(SECRET, "sk_live_[A-Za-z0-9]{24}", has_three_classes),
	ROW(SECRET, "AIza[A-Za-z0-9]{35}", has_three_classes),
	ROW(SECRET, "sk-ant-api03-[A-Za-z0-9]{93}AA", has_three_classes),
	ROW(SECRET, "sk-proj-[A-Za-z0-9]{48}", has_three_classes),
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	enum redact_type type;
	validator *is_valid;
} checked_types[] = {
	{ REDACT_CARD, is_luhn },
	{ REDACT_CPF, is_cpf },
	{ REDACT_CNPJ, is_cnpj },
	{ REDACT_IBAN, is_iban },
	{ REDACT_SSN, is_ssn },
};

struct oracle {
	struct redactor *redactor;
	struct redact_findings *findings;
	struct dice dice;
	pcre2_match_data *match;
	size_t n_differences;
	size_t n_beside;
	size_t n_versions;
	size_t n_samples;
	size_t n_sure;
};

static const char separators[] = " .,()\n-/+:";

static bool
is_separator(char c)
{
	return memchr(separators, c, sizeof(separators) - 1) != NULL;
}

/* Only separators and then a digit, on one of the sides. */
static bool
is_beside_a_number(struct str text, size_t start, size_t end)
{
	while (start > 0 && is_separator(text.at[start - 1]))
		start--;
	while (end < text.len && is_separator(text.at[end]))
		end++;
	return (start > 0 && isdigit((unsigned char)text.at[start - 1])) ||
	    (end < text.len && isdigit((unsigned char)text.at[end]));
}

/* A part of the finding is valid, and the rest a number beside it. */
static bool
has_valid_part(struct str value, validator *is_valid)
{
	for (size_t i = 1; i + 1 < value.len; i++)
		if (is_separator(value.at[i]) &&
		    (is_valid(str_slice(value, 0, i)) ||
			is_valid(str_slice(value, i + 1, value.len))))
			return true;
	return false;
}

static bool
is_called_a_version(struct str text, size_t at)
{
	return str_contains_ignoring_case(str_slice(text, at > 60 ? at - 60 : 0, at + 60),
	    STR("ver"));
}

static void
tell(struct oracle *o, const char *what, enum redact_type type, struct str value, struct str text,
    size_t at)
{
	struct str near = str_slice(text, at > 40 ? at - 40 : 0, at + value.len + 20);

	if (is_beside_a_number(text, at, at + value.len))
		o->n_beside++;
	else if (type == REDACT_IP && is_called_a_version(text, at))
		o->n_versions++;
	else if (type == REDACT_SECRET && is_like_a_sample(value))
		o->n_samples++;
	else if (o->n_differences++ < SHOWN)
		(void)printf("%s %s \"%.*s\" in \"...%.*s...\"\n", what, redact_type_name(type),
		    STR_ARG(value), STR_ARG(near));
}

/* Is every byte of the match in findings, and one of them of the type? */
static bool
is_masked(const struct oracle *o, size_t start, size_t end, enum redact_type type, bool *ret_typed)
{
	const struct redact_span *spans = redact_spans(o->findings);
	size_t at = start;

	*ret_typed = false;
	for (size_t i = 0; i < redact_count(o->findings); i++) {
		if (spans[i].end <= start || spans[i].start >= end)
			continue;
		if (spans[i].start > at)
			return false;
		at = spans[i].end;
		*ret_typed = *ret_typed || spans[i].type == type;
	}
	return at >= end;
}

static void
hold_row_against(struct oracle *o, struct row *row, struct str text)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(o->match);
	size_t from = 0;

	while (pcre2_match(row->code, (PCRE2_SPTR)text.at, text.len, from, 0, o->match, NULL) >=
	    0) {
		struct str value = str_slice(text, at[0], at[1]);
		bool is_typed;

		from = at[1];
		if (row->is_valid != NULL && !row->is_valid(value))
			continue;
		row->n_matches++;
		if (!is_masked(o, at[0], at[1], row->type, &is_typed))
			tell(o, "not found:", row->type, value, text, at[0]);
		row->n_other += !is_typed;
	}
}

static void
hold_findings_against(struct oracle *o, struct str text)
{
	for (size_t i = 0; i < redact_count(o->findings); i++) {
		const struct redact_span *span = &redact_spans(o->findings)[i];
		struct redact_value value = redact_value(o->findings, i);

		for (size_t c = 0; c < sizeof(checked_types) / sizeof(checked_types[0]); c++) {
			if (span->type != checked_types[c].type || span->score < SURE)
				continue;
			o->n_sure++;
			if (checked_types[c].is_valid(value.canonical))
				continue;
			if (has_valid_part(str_slice(text, span->start, span->end),
				checked_types[c].is_valid))
				o->n_beside++;
			else
				tell(o, "too sure:", value.type,
				    str_slice(text, span->start, span->end), text, span->start);
		}
	}
}

/* Bytes become others, and separators come and go, where a person or a program might do that. */
static void
damage(struct dice *dice, char *text, size_t len)
{
	static const char bytes[] = "0123456789 .-/@:,()\n";

	for (size_t i = dice_below(dice, 100); i < len; i += 1 + dice_below(dice, 200))
		if ((text[i] & 0x80) == 0)
			text[i] = bytes[dice_below(dice, sizeof(bytes) - 1)];
}

static enum err
make_text(struct dice *dice, struct buf *out)
{
	const struct prose *prose = &prose_languages[dice_below(dice, PROSE_LANGUAGES)];
	enum err e = ERR_OK;

	buf_clear(out);
	while (e == ERR_OK && buf_len(out) < TEXT_BYTES) {
		if (dice_below(dice, 3) == 0)
			e = items_append_form(dice, prose->forms[dice_below(dice, prose->n)], out);
		if (e == ERR_OK)
			e = items_append(dice, out);
		if (e == ERR_OK)
			e = buf_append_str(out,
			    (const struct str[]){
				STR("\n"), STR(". "), STR(", "), STR(" ") }[dice_below(dice, 4)]);
	}
	return e;
}

static enum err
compile_rows(void)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		int code;
		PCRE2_SIZE at;

		rows[i].code = pcre2_compile((PCRE2_SPTR)rows[i].pattern, PCRE2_ZERO_TERMINATED, 0,
		    &code, &at, NULL);
		if (rows[i].code == NULL)
			return ERR_MALFORMED;
		(void)pcre2_jit_compile(rows[i].code, PCRE2_JIT_COMPLETE);
	}
	return ERR_OK;
}

static enum err
run(struct oracle *o, size_t bytes)
{
	CLEANUP(buf) struct buf *text = NULL;
	char *copy = malloc(4 * TEXT_BYTES);
	enum err e = copy == NULL ? ERR_NOMEM : buf_new(4 * TEXT_BYTES, &text);

	for (size_t done = 0; e == ERR_OK && done < bytes; done += buf_len(text)) {
		struct str whole;

		e = make_text(&o->dice, text);
		whole = (struct str){ copy, buf_len(text) };
		memcpy(copy, buf_str(text).at, whole.len);
		if (dice_below(&o->dice, 3) > 0)
			damage(&o->dice, copy, whole.len);
		if (e == ERR_OK)
			e = redact_find(o->redactor, whole, o->findings);
		for (size_t i = 0; e == ERR_OK && i < N_ROWS; i++)
			hold_row_against(o, &rows[i], whole);
		if (e == ERR_OK)
			hold_findings_against(o, whole);
	}
	free(copy);
	return e;
}

int
main(int argc, char **argv)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	struct oracle o = { .dice = { argc > 2 ? strtoull(argv[2], NULL, 10) : 1 } };
	enum err e = argc < 2 ? ERR_MALFORMED : compile_rows();
	size_t n_idle = 0; /* rows that compared nothing */
	size_t n_matches = 0;

	if (e == ERR_OK)
		e = redactor_new(&r);
	if (e == ERR_OK)
		e = redact_findings_new(&f);
	o.redactor = r;
	o.findings = f;
	o.match = pcre2_match_data_create(1, NULL);
	if (e == ERR_OK)
		e = run(&o, strtoul(argv[1], NULL, 10));
	pcre2_match_data_free(o.match);
	for (size_t i = 0; i < N_ROWS; i++) {
		pcre2_code_free(rows[i].code);
		n_idle += rows[i].n_matches == 0;
		n_matches += rows[i].n_matches;
		(void)printf("%-8s %8zu matched, %zu of them masked under another name\n",
		    redact_type_name(rows[i].type), rows[i].n_matches, rows[i].n_other);
	}
	(void)printf(
	    "%zu findings by check digit; differences: %zu beside, %zu samples, %zu versions, %zu others\n",
	    o.n_sure, o.n_beside, o.n_samples, o.n_versions, o.n_differences);
	if (n_idle > 0 || (o.n_beside + o.n_samples) * MATCHES_TO_EXPLAINED > n_matches)
		(void)printf("rows without a match: %zu; too many explanations\n", n_idle);
	else if (e == ERR_OK && o.n_differences == 0)
		return 0;
	return 1;
}
