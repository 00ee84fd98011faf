/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest - everything that redact_find says about many texts, as one line for each hundred texts,
 * so that two ways to compute it can be compared.  The texts are conversations, the same with bytes
 * changed, and noise of the bytes that the scanner looks for.
 *
 * usage: redact_digest plain|sse2|avx2|best BYTES
 */
#include <stdio.h>

#include "redact/chat.h"
#include "redact/dice.h"
#include "redact/parts.h"

#define SEED 20261126
#define CONVERSATION_BYTES 1500
#define NOISE_BYTES 700
#define TEXTS_A_LINE 100

struct digest {
	struct redactor *redactor;
	struct redact_findings *findings;
	struct dice dice;
	uint64_t sum;
	size_t n;
};

static const char *const kind_names[] = {
	[MASKS_PLAIN] = "plain",
	[MASKS_SSE2] = "sse2",
	[MASKS_AVX2] = "avx2",
};

static void
mix(struct digest *d, uint64_t value)
{
	d->sum = (d->sum ^ value) * 0x100000001b3u;
}

static void
add(struct digest *d, struct str text)
{
	enum err e = redact_find(d->redactor, text, d->findings);
	size_t n = e == ERR_OK ? redact_count(d->findings) : 0;

	mix(d, (uint64_t)e);
	for (size_t i = 0; i < n; i++) {
		const struct redact_span *span = &redact_spans(d->findings)[i];
		struct str canonical = redact_value(d->findings, i).canonical;

		mix(d, (uint64_t)span->start << 32 | span->end);
		mix(d, (uint64_t)span->type << 16 | span->score);
		for (size_t c = 0; c < canonical.len; c++)
			mix(d, (uint8_t)canonical.at[c]);
	}
	if (++d->n % TEXTS_A_LINE == 0)
		(void)printf("%zu %016llx\n", d->n, (unsigned long long)d->sum);
}

/* Some bytes of the text become others that the scanner has a meaning for. */
static void
damage(struct dice *dice, char *text, size_t len)
{
	static const char bytes[] = "0123456789@:=[%/ .-_+()\"\\,;<>&#\naAzZ\0\x7f";

	for (size_t i = dice_below(dice, 64); i < len; i += 1 + dice_below(dice, 96))
		if ((text[i] & 0x80) == 0)
			text[i] = bytes[dice_below(dice, sizeof(bytes) - 1)];
}

static void
add_noise(struct digest *d)
{
	static const char bytes[] = "0123456789@:=[%/ .-11224455aeiounrst";
	char text[NOISE_BYTES];
	size_t len = dice_below(&d->dice, sizeof(text));

	for (size_t i = 0; i < len; i++)
		text[i] = bytes[dice_below(&d->dice, sizeof(bytes) - 1)];
	add(d, (struct str){ text, len });
}

static enum err
run(struct digest *d, size_t bytes)
{
	struct chat_corpus corpus;
	struct str rest, line;
	CLEANUP(buf) struct buf *damaged = NULL;
	enum err e = chat_corpus_make(SEED, bytes, CONVERSATION_BYTES, &corpus);

	if (e != ERR_OK)
		return e;
	e = buf_new(buf_len(corpus.lines), &damaged);
	rest = buf_str(corpus.lines);
	while (e == ERR_OK && chat_corpus_next(&rest, &line)) {
		char *copy;

		add(d, line);
		buf_clear(damaged);
		e = buf_reserve(damaged, line.len, &copy);
		if (e != ERR_OK)
			break;
		memcpy(copy, line.at, line.len);
		damage(&d->dice, copy, line.len);
		add(d, (struct str){ copy, line.len });
		add_noise(d);
	}
	(void)printf("%zu texts %016llx\n", d->n, (unsigned long long)d->sum);
	chat_corpus_done(&corpus);
	return e;
}

/* False: this processor or this build has no such masks. */
static bool
choose_masks(struct redactor *r, const char *name)
{
	for (int kind = 0; kind < MASKS_N_KINDS; kind++) {
		if (kind_names[kind] == NULL || strcmp(kind_names[kind], name) != 0)
			continue;
		if (!masks_is_supported((enum masks_kind)kind))
			return false;
		r->masks_of = masks_of_kind((enum masks_kind)kind);
		return true;
	}
	return strcmp(name, "best") == 0;
}

int
main(int argc, char **argv)
{
	CLEANUP(redactor) struct redactor *r = NULL;
	CLEANUP(redact_findings) struct redact_findings *f = NULL;
	struct digest d = { .dice = { SEED }, .sum = 0xcbf29ce484222325u };

	if (argc != 3 || redactor_new(&r) != ERR_OK || redact_findings_new(&f) != ERR_OK)
		return 2;
	if (!choose_masks(r, argv[1]))
		return 3;
	d.redactor = r;
	d.findings = f;
	return run(&d, strtoul(argv[2], NULL, 10)) == ERR_OK ? 0 : 1;
}
