/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread - what the texts of one conversation say about each other: the edges of each, so that a
 * value cut by the end of a message is found in both halves, and what a text asks for, so that the
 * short answer behind it is understood ("What is your CPF?", "39053344705").
 */
#pragma once

#include "redact/scan.h"

#define THREAD_MAX_TEXTS 16384
#define THREAD_EDGE_BYTES 160
#define THREAD_MAX_ANSWER 200 /* bytes of a text that answers the one before */
#define THREAD_NO_TEXT SIZE_MAX

struct redactor;

/* Folded: the first bytes of a text and the last ones, spaces and full stops left out. */
struct thread_edge {
	uint8_t text[THREAD_EDGE_BYTES];
	size_t len;
	size_t skipped; /* bytes between the edge of the text and this */
};

struct thread_text {
	struct thread_edge head;
	struct thread_edge tail;
	uint64_t asks; /* what the words of its end say: bits of words.h */
	unsigned int speaker;
};

struct thread {
	struct thread_text *texts;
	size_t n;
	size_t cap;
	size_t at; /* the text that is being searched; THREAD_NO_TEXT for one that stands alone */
};

void thread_clear(struct thread *t); /* wipes */
void thread_done(struct thread *t);

/* Adds a text that was laid out; one that is JSON has no edges. */
MUST_CHECK enum err thread_add(struct thread *t, const struct layer *folded, bool is_json,
    unsigned int speaker);

/* What the text before asks for; 0 when there is none or the text is no short answer. */
uint64_t thread_asked(const struct thread *t, size_t len);

/* Adds the halves of values that cross the edges of the text. */
MUST_CHECK enum err thread_scan(struct redactor *r, struct scan *s);
