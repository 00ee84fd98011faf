/* SPDX-License-Identifier: Apache-2.0 */
/*
 * people - the names and user names that were found, so that every other mention of them is found
 * too: parts of a name, in any case, without a phrase before them.
 *
 * The set is filled from candidates and holds at most PEOPLE_MAX parts; more are not remembered.
 * People found while the texts of a conversation are learned stay until the next conversation.
 */
#pragma once

#include "redact/masks.h"
#include "redact/names.h"
#include "redact/scan.h"

#define PEOPLE_MAX 512
#define PEOPLE_SLOTS 2048
#define PEOPLE_PAIRS 1024
#define PEOPLE_MAX_BYTES 40

/* How a part must be written to be a mention by itself. */
enum people_kind {
	PEOPLE_ANY,     /* in any case */
	PEOPLE_CAPITAL, /* it is a word too: with a capital only */
	PEOPLE_JOINED,  /* beside another part only: "Will", "Li" */
	PEOPLE_TOKEN,   /* a whole user name */
};

struct people_part {
	uint8_t text[PEOPLE_MAX_BYTES]; /* folded */
	uint8_t len;
	uint8_t kind;
};

struct people {
	struct people_part parts[PEOPLE_MAX];
	size_t n;
	uint16_t slots[PEOPLE_SLOTS]; /* 1 + the index of a part */
	uint64_t filter[WORD_FILTER_WORDS];
	uint64_t pairs[PEOPLE_PAIRS / 64]; /* the same by two letters, see people_pair */
};

void people_clear(struct people *p); /* wipes */

/* Adds the parts of all names and user names among the candidates of a text. */
void people_add(struct people *p, const uint8_t *text, const struct candidates *found);

/* Looks for names and user names only. */
MUST_CHECK enum err people_find(struct scan *s);

/* Adds every mention of the people to the candidates of s; mentions is scratch memory. */
MUST_CHECK enum err people_mark(const struct people *p, struct scan *s,
    struct candidates *mentions);
