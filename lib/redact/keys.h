/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - keys and tokens that tell what they are by their form; all kinds stand in
 * entities/secrets.toml, from which the lexer and the tables are made.
 *
 * A look at four bytes dismisses nearly every word (wishes.h); the lexer
 * reads how a key begins, a table says how it must go on.  Reads a bounded way back and forth,
 * whatever stands there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key_role {
	KEY_ROLE_KEY,
	KEY_ROLE_NAMED,  /* the name of a provider, whose keys are letters and digits only */
	KEY_ROLE_TOKEN,  /* a JSON web token may begin here */
	KEY_ROLE_BLOCK,  /* "BEGIN " of a private key */
	KEY_ROLE_SCHEME, /* "Bearer " */
	KEY_ROLE_CURL,
	KEY_ROLE_COOKIE,
	KEY_ROLE_PHRASE, /* "password" */
	KEY_ROLE_MAYBE,  /* "token" */
	KEY_ROLE_TAIL,   /* "passe" of "mot de passe" */
};

/* Bytes of one class, low to high of them; high 0: without end. */
struct key_run {
	uint8_t in_class;
	uint8_t low;
	uint8_t high;
};

struct key_lead {
	const char *text;
	struct key_run run; /* in front of the text; low 0: nothing */
};

struct key_kind {
	const char *name;
	struct key_run tail; /* low 0: the lexer has read all of it */
	struct key_lead lead;
	int16_t fallback; /* the next kind that begins like this one, or -1 */
	uint8_t head_len; /* 0: it varies */
	uint16_t score;
	uint8_t entropy; /* of a long tail, in hundredths of what it could have */
	uint8_t role;    /* enum key_role */
	uint8_t flags;
};

/* What was found, as offsets into the text. */
struct key_match {
	const struct key_kind *kind;
	size_t start;
	size_t end;
	uint16_t score;
};

/* By the first four bytes of a key, letters of either case alike: what begins with no such four is
 * none. */
#define KEY_PREFILTER_BITS 17
#define KEY_PREFILTER_FACTOR 0x9E3779B1u
extern const uint64_t key_prefilter[(1u << KEY_PREFILTER_BITS) / 64];

/* What begins at `at`, the start of a word: a key, or a role with `end` behind what the lexer read.
 * text has LAYER_PADDING zeros behind len. */
bool key_find(const uint8_t *text, size_t len, size_t at, struct key_match *ret_match);

/* For a match of KEY_ROLE_NAMED: is text[start, end) a key of that provider? */
bool key_is_of(const struct key_match *name, const uint8_t *text, size_t len);

/* How random text is: its entropy in hundredths of what as many bytes of an alphabet of so many
 * signs could have.  Looks at no more than 96 bytes. */
unsigned int key_entropy(const uint8_t *text, size_t len, size_t alphabet);
