/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan - one pass over folded text.  The masks say where something may begin or stand; each
 * matcher looks from there, a bounded way back and forth, and adds the spans that it is sure of.
 *
 * Every matcher is linear over the whole text: it either looks at a bounded number of bytes, or
 * notes how far it has read, so that it never reads a byte a second time.
 */
#pragma once

#include "redact/json_text.h"
#include "redact/layer.h"
#include "redact/masks.h"
#include "redact/redact.h"

/* How the canonical value is made from the folded text of a span. */
enum canonical {
	CANONICAL_RAW,
	CANONICAL_LOWER,
	CANONICAL_UPPER_ALNUM,
	CANONICAL_DIGITS,
	CANONICAL_WORDS, /* lower case, one space between words */
};

struct candidate {
	uint32_t start;
	uint32_t end;
	uint16_t type;
	uint16_t score;
	uint8_t how;          /* enum canonical */
	uint8_t n_drop;       /* leading digits that are not part of the value: a trunk prefix */
	uint8_t skip_digit;   /* this digit, counted from 1, is not: "+44 (0)20"; 0 for none */
	uint8_t n_tail;       /* bytes at the end that are not: an extension */
	uint16_t country;     /* put before the digits; 0 for none */
	uint8_t quote_levels; /* for a number of JSON: how deep its quotation marks are escaped */
	uint16_t value_len;   /* 0: the value is what stands in the text; else it is written */
	uint32_t value_at;    /* out in candidates.values, because the text hides it */
	uint8_t action;       /* enum redact_action; the policy sets it */
	uint8_t custom;       /* which of the policy's own entities, for REDACT_CUSTOM */
};

struct candidates {
	struct candidate *at;
	size_t n;
	size_t cap;
	uint8_t *values;
	size_t n_values;
	size_t cap_values;
};

struct encoded_words;
struct name_words;
struct number_run;
struct wishes;

struct scan {
	const uint8_t *text; /* LAYER_PADDING zeros behind it */
	size_t len;
	const struct masks *masks; /* of all of it */
	struct candidates *found;
	const struct fields *fields;
	const struct wishes *wishes;
	struct number_run *numbers;    /* scratch memory of match_number */
	struct name_words *names;      /* the same of name_word_read; NULL: nothing is kept */
	struct encoded_words *encoded; /* NULL in what was encoded itself */
	uint64_t asked;                /* what the text before asks for */
	size_t field;                  /* the first field that ends behind the last look-up */
	size_t number_resume;          /* where numbers have been read up to */
	size_t at_resume;              /* @ before this belongs to a URL's credentials */
	size_t colon_resume;           /* : before this belongs to an address that was read */
	size_t block_resume;           /* a placeholder or a key block was read up to here */
	size_t word_resume;            /* a key was read up to here */
	size_t token_resume;           /* no web token begins before this */
	size_t line_resume;            /* a command or a line of cookies was read up to here */
	size_t date_resume;            /* no date of birth begins before this, but those found */
	size_t street_resume;          /* house numbers before this were read */
	size_t place_resume;           /* pairs before this were read */
	size_t cue_resume;             /* a name or an address was read up to here */
	size_t tail;                   /* letters and digits at the end of the last block */
	size_t context_floor;          /* words before this belong to another value */
	size_t armed_until; /* short numbers and codes count before this: a label stands there */
	size_t code_resume; /* a code to copy and paste, or a seed, was sought up to here */
	size_t card_end;    /* of the last card number; 0 before the first */
	enum err error;
};

MUST_CHECK enum err scan_run(struct scan *s);

/* Adds a candidate; they are kept in order of their starts. */
void scan_add(struct scan *s, struct candidate c);

/* The same for a value that the text hides ("joao arroba exemplo ponto com"): value is what it
 * means, at most SCAN_MAX_VALUE bytes. */
#define SCAN_MAX_VALUE 1024
void scan_add_meaning(struct scan *s, struct candidate c, const uint8_t *value, size_t len);

void candidates_clear(struct candidates *c); /* wipes the values */
void candidates_done(struct candidates *c);

/* What the key of the field around `at` says. */
uint64_t scan_field_types(struct scan *s, size_t at);

/* What the field around `at` and the words before it say; see words.h. */
uint64_t scan_context(struct scan *s, size_t at);

/* The same of the few words right before it. */
uint64_t scan_context_near(struct scan *s, size_t at);

/* The matchers, each called at the byte that its name says. */
void match_email(struct scan *s, size_t at, size_t at_len); /* "@" or "%40" */
void match_url_credentials(struct scan *s, size_t colon);
void match_assignment(struct scan *s, size_t sign);     /* ":" or "=" */
void match_colon_address(struct scan *s, size_t colon); /* IPv6 and MAC */
void match_placeholder(struct scan *s, size_t bracket);
void match_slash(struct scan *s, size_t slash);          /* CNPJ */
void match_element(struct scan *s, size_t slash);        /* "</email>" */
void match_key_behind_sign(struct scan *s, size_t sign); /* "1//0…", "123456:A…" */
void match_number(struct scan *s, size_t start);
/* Digits go on behind a separator that is spelled: " ponto 5"; text stands at the space. */
bool number_goes_on_in_words(const uint8_t *text);

void match_key_word(struct scan *s, size_t start); /* a key, or what keys stand behind */

/* Letters and digits in one token, or letters that a number follows: identity numbers with letters,
 * IBAN, wallets.  True when it was one. */
bool match_token(struct scan *s, size_t start, size_t len);

/* A word that says what short number or code follows: "CVV", "sort code", "seed phrase". */
void match_code_label(struct scan *s, size_t start, size_t len);
bool match_br_code(struct scan *s, size_t start); /* Pix to copy and paste */

/* A value of JSON whose key says what it is. */
void match_field(struct scan *s, const struct field *f);

/* One whose label says "name", or what people only are ("passenger"): only what is a name. */
bool match_name_field(struct scan *s, size_t start, size_t end, bool is_of_people);

void scan_add_secret(struct scan *s, size_t start, size_t end, uint16_t score);

/* The length of the placeholder at the start of text; 0 when there is none. */
size_t placeholder_len(const uint8_t *text, size_t len);

/* ASCII classes; without branches, which nobody could foretell. */
static inline bool
is_digit(uint8_t c)
{
	return (uint8_t)(c - '0') < 10;
}

static inline bool
is_letter(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

static inline bool
is_alnum(uint8_t c)
{
	unsigned int digit = c - (unsigned int)'0' < 10, letter = (c | 0x20u) - 'a' < 26;

	return (digit | letter) != 0;
}

static inline bool
is_hex(uint8_t c)
{
	unsigned int digit = c - (unsigned int)'0' < 10, letter = (c | 0x20u) - 'a' < 6;

	return (digit | letter) != 0;
}

static inline uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}
