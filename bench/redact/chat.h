/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chat - a corpus of conversations in memory, the same in every run: JSON lines of about 3 KB with
 * prose (en 40 %, pt 30 %, es, de, fr 10 % each), code blocks, tool calls and log lines, and one
 * planted item for each 400 bytes.
 */
#pragma once

#include "base/buf.h"

struct chat_corpus {
	struct buf *lines; /* one conversation a line */
	size_t n_lines;
	size_t n_items;
};

/* bytes_each: about the size of one conversation. */
MUST_CHECK enum err chat_corpus_make(uint64_t seed, size_t bytes, size_t bytes_each,
    struct chat_corpus *ret_corpus);
void chat_corpus_done(struct chat_corpus *c);

/* The next line of a corpus; false behind the last one. */
bool chat_corpus_next(struct str *rest, struct str *ret_line);
