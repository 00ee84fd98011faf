/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layer - text that was made from other text (unescaped, folded), with the way back: each piece
 * says where its bytes stood in the text that the caller gave.
 *
 * The bytes of a layer are followed by LAYER_PADDING zero bytes, so that a scanner may look a few
 * bytes ahead without a check.  A layer grows and is used again; what it held is wiped when it
 * moves and when it is emptied.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

#define LAYER_PADDING 80

/* Stands between strings that do not belong together; it is in no valid UTF-8. */
#define LAYER_BREAK 0xFFu

struct piece {
	uint32_t at;   /* where the piece begins in the layer */
	uint32_t from; /* where it came from */
	uint32_t len;  /* 0: byte for byte; else the whole piece stands for len bytes there */
};

struct layer {
	uint8_t *text;
	size_t len;
	size_t cap;
	struct piece *pieces;
	size_t n_pieces;
	size_t cap_pieces;
};

/* A view of a layer, or of the caller's text (no pieces: every byte stands for itself). */
struct source {
	const uint8_t *text;
	size_t len;
	const struct piece *pieces;
	size_t n_pieces;
	size_t cursor; /* the piece of the last look-up; look-ups mostly go forward */
};

/* Makes room for need elements, at least doubling; what the old memory held is wiped. */
MUST_CHECK enum err grow_now(void **at, size_t *cap, size_t need, size_t element_bytes);

static inline MUST_CHECK enum err
grow(void **at, size_t *cap, size_t need, size_t element_bytes)
{
	return need <= *cap ? ERR_OK : grow_now(at, cap, need, element_bytes);
}

void layer_done(struct layer *l);
void layer_clear(struct layer *l);

struct source source_of_text(const uint8_t *text, size_t len);
struct source source_of_layer(const struct layer *l);

uint32_t source_start(struct source *s, size_t at); /* of the byte at */
uint32_t source_end(struct source *s, size_t end);  /* behind the byte end - 1 */

/* Appends the bytes [from, to) of the source as they are. */
MUST_CHECK enum err layer_copy(struct layer *l, struct source *s, size_t from, size_t to);

/* Appends len (1 to 4) bytes that stand for the bytes [from, to) of the source. */
MUST_CHECK enum err layer_put(struct layer *l, struct source *s, size_t from, size_t to,
    const uint8_t *bytes, size_t len);

/* Appends the bytes [from, to) as they are, and one byte that stands for [to, end). */
MUST_CHECK enum err layer_copy_and_put(struct layer *l, struct source *s, size_t from, size_t to,
    size_t end, uint8_t byte);

/* Appends a LAYER_BREAK that stands where at is in the source. */
MUST_CHECK enum err layer_break(struct layer *l, struct source *s, size_t at);
