/* SPDX-License-Identifier: Apache-2.0 */
/* words - reads the words around a value and asks the lexicon. */
#include <string.h>

#include "redact/layer.h"
#include "redact/letters.h"
#include "redact/lexicon.h"
#include "redact/words.h"

#define MAX_KEY 64

/* What the words found so far say, as prose and as keys. */
struct said {
	uint64_t prose;
	uint64_t key;
	uint64_t last; /* what the last word says as a key */
};

/* What parts the words of a phrase, and what ends it. */
static bool
ends_phrase(uint8_t c)
{
	return c == '.' || c == ';' || c == '!' || c == '?' || c == '\n' || c == LAYER_BREAK;
}

/* One reading of words from left to right. */
struct reading {
	struct lexicon_walk walk;
	struct said said;
	size_t n_words;
};

/* Punctuation ends the phrases that a word may go on with. */
static void
pass_gap(struct reading *r, const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len && r->walk.n > 0; i++)
		if (ends_phrase(text[i]))
			lexicon_break(&r->walk);
}

static void
add_word(struct reading *r, const uint8_t *text, size_t len)
{
	lexicon_add_word(&r->walk, text, len);
	r->said.last = 0;
	for (size_t f = 0; f < r->walk.n_found; f++) {
		const struct lexicon_entry *e = r->walk.found[f];

		r->said.prose |= e->prose;
		r->said.key |= e->key;
		r->said.last |= e->key | e->prose;
	}
}

/* May the word say something, if no phrase goes on with it?  Eight bytes can be read. */
static inline bool
may_say(const uint8_t *text, size_t len)
{
	uint64_t key,
	    kept = len < sizeof(key) ? UINT64_MAX >> (8 * (sizeof(key) - len)) : UINT64_MAX;

	memcpy(&key, text, sizeof(key));
	key = (key | 0x2020202020202020u) & kept;
	return (key & 0x8080808080808080u) != 0 || lexicon_may_know(key);
}

/* Capitals that begin a word inside letters, as in "phoneNumber"; not behind a capital with an
 * accent, whose second byte is 80 to 9E: "ENDEREÇO". */
static uint64_t
inner_starts(const uint8_t *block, const struct letters *l)
{
	uint64_t inner = l->capitals & ~(l->capitals << 1) & l->all << 1, kept = inner;

	for (; inner != 0; inner &= inner - 1) {
		unsigned int at = (unsigned int)__builtin_ctzll(inner);

		if ((uint8_t)(block[at - 1] - 0x80) <= 0x1E)
			kept &= ~(UINT64_C(1) << at);
	}
	return kept;
}

/* A word ends with its letters, or where a capital follows a small letter ("phoneNumber").  Reads
 * the words that end in the first `len` bytes of the block; returns how far it came: to their end
 * or to the word that they cut. */
static size_t
read_block(struct reading *r, const uint8_t *block, size_t len, bool is_last)
{
	uint64_t inside = UINT64_MAX >> (LETTERS_BLOCK - len);
	struct letters l = letters_of(block);
	uint64_t starts = (l.all & ~(l.all << 1)) | inner_starts(block, &l);
	uint64_t ends = starts | ~l.all;
	size_t done = 0;

	starts &= inside;
	ends &= inside;
	for (; starts != 0; starts &= starts - 1) {
		size_t at = (size_t)__builtin_ctzll(starts), end;
		uint64_t behind = ends & ~(UINT64_MAX >> (LETTERS_BLOCK - 1 - at));

		end = behind == 0 ? len : (size_t)__builtin_ctzll(behind);
		pass_gap(r, block + done, at - done);
		if (behind == 0 && !is_last && at > 0)
			return at;
		r->n_words++;
		r->said.last = 0;
		if (r->walk.n > 0 || may_say(block + at, end - at))
			add_word(r, block + at, end - at);
		done = end;
	}
	pass_gap(r, block + done, len - done);
	return len;
}

static bool
is_capital(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

/* A word that fills its block goes on; it is no word of the lexicon, and ends all phrases. */
static size_t
skip_rest_of_word(struct reading *r, const uint8_t *text, size_t i, size_t len)
{
	lexicon_break(&r->walk);
	r->said.last = 0;
	while (i < len && lexicon_is_letter(text[i]) &&
	    !(is_capital(text[i]) && !is_capital(text[i - 1])))
		i++;
	return i;
}

/* Text that LAYER_PADDING bytes follow, as everywhere in a layer. */
static struct said
words_in(const uint8_t *text, size_t len, size_t *ret_n)
{
	struct reading r;
	size_t i = 0;

	r.walk.n = 0;
	r.said = (struct said){ 0 };
	r.n_words = 0;
	while (i < len) {
		size_t n = len - i < LETTERS_BLOCK ? len - i : LETTERS_BLOCK, read;
		bool is_last = n == len - i;

		read = read_block(&r, text + i, n, is_last);
		i += read;
		if (!is_last && read == LETTERS_BLOCK && lexicon_is_letter(text[i - 1]))
			i = skip_rest_of_word(&r, text, i, len);
	}
	*ret_n = r.n_words;
	return r.said;
}

/* Where the line above the one that ends at `at` begins, or what stands behind a break or floor. */
static size_t
line_above(const uint8_t *text, size_t floor, size_t at)
{
	size_t from = at - floor > WORDS_BEFORE ? at - WORDS_BEFORE : floor;
	const uint8_t *stop = memrchr(text + from, LAYER_BREAK, at - from);

	if (stop != NULL)
		from = (size_t)(stop - text) + 1;
	stop = memrchr(text + from, '\n', at - from);
	if (stop != NULL)
		stop = memrchr(text + from, '\n', (size_t)(stop - text) - from);
	return stop == NULL ? from : (size_t)(stop - text) + 1;
}

uint64_t
words_before(const uint8_t *text, size_t floor, size_t at)
{
	size_t from = line_above(text, floor, at);
	size_t n;

	/* Not the tail of a word that was cut. */
	if (from > floor && lexicon_is_letter(text[from - 1]))
		while (from < at && lexicon_is_letter(text[from]))
			from++;
	return words_in(text + from, at - from, &n).prose;
}

uint64_t
words_after(const uint8_t *text, size_t end, size_t len)
{
	size_t n, to = end, limit = len - end > WORDS_AFTER ? end + WORDS_AFTER : len;

	while (to < limit && !ends_phrase(text[to]) && text[to] != ':' && text[to] != '=' &&
	    !(text[to] >= '0' && text[to] <= '9'))
		to++;
	/* What stands before a colon or a number speaks of what follows; a word that was cut says
	 * nothing. */
	if (to < len && (text[to] == ':' || text[to] == '='))
		return 0;
	if (to == limit && limit < len)
		while (to > end && lexicon_is_letter(text[to - 1]))
			to--;
	return words_in(text + end, to - end, &n).prose;
}

uint64_t
words_between(const uint8_t *text, size_t len)
{
	size_t n;

	return words_in(text, len, &n).prose;
}

uint64_t
words_at(const uint8_t *text, size_t at, size_t len)
{
	size_t to = at, limit = len - at > WORDS_AFTER ? at + WORDS_AFTER : len;

	while (to < limit && !ends_phrase(text[to]) &&
	    (lexicon_is_letter(text[to]) || text[to] <= '/'))
		to++;
	return words_between(text + at, to - at);
}

static const struct lexicon_entry *
find_word(const uint8_t *text, size_t len)
{
	uint64_t hash = len == 0 || !may_say(text, len) ? 0 : lexicon_hash_in_layer(text, len);

	return hash == 0 ? NULL : lexicon_of(hash);
}

/* The letters of a key as one word. */
static const struct lexicon_entry *
find_squeezed(const uint8_t *key, size_t len)
{
	uint8_t letters[MAX_KEY];
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (lexicon_is_letter(key[i]))
			letters[n++] = key[i];
	return find_word(letters, n);
}

/* How many bytes from the start on are in the range of so many from `low` on. */
static inline size_t
run_of(const uint8_t *text, size_t len, uint8_t low, uint8_t width)
{
	size_t n = 0;

	while (n < len && (uint8_t)(text[n] - low) < width)
		n++;
	return n;
}

/* What the words of a key and its letters as one word, which may be NULL, say together. */
static uint64_t
said_by_key(struct said *said, size_t n_words, const struct lexicon_entry *squeezed,
    bool *ret_is_bland)
{
	if (squeezed != NULL) {
		*ret_is_bland = (squeezed->roles & LEXICON_ROLE(BLAND)) != 0;
		said->prose |= squeezed->prose;
		said->key |= squeezed->key;
		if (n_words == 1)
			said->last |= squeezed->key | squeezed->prose;
	}
	if ((said->last & WORD_ABOUT_SECRET) != 0)
		return (said->prose | said->key) & ~(WORD_TYPE(SECRET) | WORD_MAYBE_SECRET);
	return said->prose | said->key;
}

__attribute__((noinline)) static uint64_t
words_of_joined_key(const uint8_t *key, size_t len, bool *ret_is_bland)
{
	struct said said;
	size_t n;

	if (run_of(key, len, '0', 10) == len)
		return 0;
	said = words_in(key, len, &n);
	return said_by_key(&said, n, find_squeezed(key, len), ret_is_bland);
}

uint64_t
words_of_key_in_layer(const uint8_t *key, size_t len, bool *ret_is_bland)
{
	const struct lexicon_entry *word;
	struct said said = { 0 };

	*ret_is_bland = false;
	if (len == 0 || len > MAX_KEY)
		return 0;
	if (run_of(key, len, 'a', 26) < len)
		return words_of_joined_key(key, len, ret_is_bland);
	/* Small letters of ASCII only are one word, and few say anything. */
	word = find_word(key, len);
	return word == NULL ? 0 : said_by_key(&said, 1, word, ret_is_bland);
}

uint64_t
words_of_key(const uint8_t *key, size_t len, bool *ret_is_bland)
{
	uint8_t padded[MAX_KEY + LAYER_PADDING];

	*ret_is_bland = false;
	if (len > MAX_KEY)
		return 0;
	memcpy(padded, key, len);
	memset(padded + len, 0, LAYER_PADDING);
	return words_of_key_in_layer(padded, len, ret_is_bland);
}
