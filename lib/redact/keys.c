/* SPDX-License-Identifier: Apache-2.0 */
/* keys - the prefilter, the lexer made by re2c, and what must hold behind the head of a key. */
#include <string.h>
#include <strings.h>

#include "redact/key_check.h"
#include "redact/keys.h"
#include "redact/scan.h"
#include "redact/secret_value.h"

#define WINDOW 96 /* of a long key: what must hold is looked for here */
#define MIN_FOR_ENTROPY 16
#define CHECKED_SCORE 990

enum { KEY_DIGIT = 1, KEY_MIXED = 2, KEY_CRC = 4, KEY_LEAD_OPTIONAL = 8, KEY_RANDOM = 16 };

#define NEEDS_DIGIT (KEY_DIGIT | KEY_MIXED | KEY_RANDOM)

/* The kinds from first on, count of them, that a provider's keys are of. */
struct key_name {
	uint16_t kind;
	uint16_t first;
	uint16_t count;
};

#include "redact/keys_table.inc"

#include "redact/keys_lexer.inc"

static bool
is_in(const struct key_run *run, uint8_t c)
{
	return (key_classes[c] >> run->in_class & 1) != 0;
}

unsigned int
key_entropy(const uint8_t *text, size_t len, size_t alphabet)
{
	uint8_t counts[256] = { 0 };
	uint32_t sum = 0, n = (uint32_t)(len < WINDOW ? len : WINDOW), most;

	if (n < 2 || alphabet < 2)
		return 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = counts[text[i]]++;

		sum += key_n_log_n[c + 1] - key_n_log_n[c];
	}
	most = key_log[n < alphabet ? n : alphabet];
	return (key_n_log_n[n] - sum) * 100 / n / most;
}

static bool
has_digit(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len && i < WINDOW; i++)
		if (is_digit(text[i]))
			return true;
	return false;
}

/* A digit, a capital and a small letter. */
static bool
is_mixed(const uint8_t *text, size_t len)
{
	bool has_capital = false, has_small = false;

	for (size_t i = 0; i < len && i < WINDOW; i++) {
		has_capital = has_capital || (text[i] >= 'A' && text[i] <= 'Z');
		has_small = has_small || (text[i] >= 'a' && text[i] <= 'z');
	}
	return has_capital && has_small && has_digit(text, len);
}

/* "your" between signs, or at the start of words in one case: "sk-your-key", "sk_yourkeyhere". */
#define WORDS_LEN 7

static bool
is_word_your(const uint8_t *text, size_t i, size_t len)
{
	bool is_small = text[i] == 'y';
	size_t n = 0;

	if ((i > 0 && is_alnum(text[i - 1])) || strncasecmp((const char *)text + i, "your", 4) != 0)
		return false;
	while (i + n < len && is_letter(text[i + n]) && (text[i + n] >= 'a') == is_small)
		n++;
	return n >= WORDS_LEN || i + 4 >= len || !is_alnum(text[i + 4]);
}

/* "sk-your-key-here", "ghp_xxxxxxxx", but not what random letters spell: "Q7yOuR2…", "XxxXx" */
static bool
is_to_be_filled_in(const uint8_t *text, size_t len)
{
	size_t n = len < WINDOW ? len : WINDOW;

	for (size_t i = 0; i + 4 < n; i++)
		if ((text[i] | 0x20) == 'x'
			? memcmp(text + i, "xxxxx", 5) == 0 || memcmp(text + i, "XXXXX", 5) == 0
			: (text[i] | 0x20) == 'y' && is_word_your(text, i, n))
			return true;
	return false;
}

/* Where the tail at `at` ends; 0 when it is none. */
static size_t
tail_end(const struct key_kind *kind, const uint8_t *text, size_t len, size_t at)
{
	const struct key_run *run = &kind->tail;
	size_t end = at;

	if (run->low == 0)
		return is_alnum(text[at]) ? 0 : at;
	while (end < len && end - at < run->low && is_in(run, text[end]))
		end++;
	if (end - at < run->low)
		return 0;
	if (run->high == 0)
		return end;
	while (end < len && end - at < run->high && is_in(run, text[end]))
		end++;
	return is_in(run, text[end]) || is_alnum(text[end]) ? 0 : end;
}

/* A run without end, past what has been checked; signs at its end belong to the sentence. */
static size_t
whole_tail(const struct key_run *run, const uint8_t *text, size_t len, size_t end)
{
	size_t least = end;

	while (end < len && is_in(run, text[end]))
		end++;
	while (end > least &&
	    (text[end - 1] == '.' || text[end - 1] == '-' || text[end - 1] == '/'))
		end--;
	return end;
}

/* Where the kind begins whose head stands at `at`; len + 1 when what must stand before does not. */
static size_t
lead_start(const struct key_kind *kind, const uint8_t *text, size_t len, size_t at)
{
	const struct key_run *run = &kind->lead.run;
	size_t n = strlen(kind->lead.text), start, floor;

	if (n > at || memcmp(text + at - n, kind->lead.text, n) != 0)
		return (kind->flags & KEY_LEAD_OPTIONAL) != 0 ? at : len + 1;
	start = at - n;
	if (run->low == 0)
		return start;
	floor = start > run->high ? start - run->high : 0;
	while (start > floor && is_in(run, text[start - 1]))
		start--;
	if (at - n - start < run->low || (start > 0 && is_alnum(text[start - 1])))
		return len + 1;
	return start;
}

static bool
is_plausible(const struct key_kind *kind, const uint8_t *text, size_t tail, size_t end, size_t head)
{
	size_t from = end > tail ? tail : head, n = end - from;

	if ((kind->flags & (KEY_DIGIT | KEY_RANDOM)) != 0 && !has_digit(text + from, n))
		return false;
	if ((kind->flags & KEY_MIXED) != 0 && !is_mixed(text + from, n))
		return false;
	if ((kind->flags & KEY_RANDOM) != 0 && !secret_is_random(text + from, n))
		return false;
	if (is_to_be_filled_in(text + from, n))
		return false;
	return end - tail < MIN_FOR_ENTROPY ||
	    key_entropy(text + tail, n, key_class_sizes[kind->tail.in_class]) >= kind->entropy;
}

/* Both compilers know how to work on all of them at once. */
typedef uint8_t bytes_16 __attribute__((vector_size(16)));

/* Some digit stands where the tail may be: a quick look that most words that begin like a key do
 * not survive.  Reads whole steps of 16 bytes, into the padding. */
static bool
has_digit_ahead(const uint8_t *text, size_t len, size_t tail)
{
	size_t n = len - tail < WINDOW ? len - tail : WINDOW;

	for (size_t i = 0; i < n; i += sizeof(bytes_16)) {
		bytes_16 bytes;
		uint64_t is_digit_at[2];

		memcpy(&bytes, text + tail + i, sizeof(bytes));
		bytes = (bytes_16)(bytes - '0' < 10);
		memcpy(is_digit_at, &bytes, sizeof(bytes));
		if ((is_digit_at[0] | is_digit_at[1]) != 0)
			return true;
	}
	return false;
}

/* Does the kind whose head is text[at, tail) go on as it must? */
static bool
goes_on(const struct key_kind *kind, const uint8_t *text, size_t len, size_t at, size_t tail,
    struct key_match *ret_match)
{
	size_t start = lead_start(kind, text, len, at), end, window;

	if (start > len ||
	    (kind->tail.low > 0 && (kind->flags & NEEDS_DIGIT) != 0 &&
		!has_digit_ahead(text, len, tail)))
		return false;
	end = tail_end(kind, text, len, tail);
	if (end == 0)
		return false;
	window = end;
	while (kind->tail.high == 0 && kind->tail.low > 0 && window < len &&
	    window - tail < WINDOW && is_in(&kind->tail, text[window]))
		window++;
	if (!is_plausible(kind, text, tail, window, at))
		return false;
	if (kind->tail.high == 0 && kind->tail.low > 0)
		end = whole_tail(&kind->tail, text, len, end);
	*ret_match = (struct key_match){ kind, start, end, kind->score };
	if ((kind->flags & KEY_CRC) != 0 && key_crc_is_right(text + start, end - start))
		ret_match->score = CHECKED_SCORE;
	return true;
}

/* From the kind that the lexer named, whose head ends at `tail`.  Apart: it names most words none.
 */
__attribute__((noinline)) static bool
find_from(int number, const uint8_t *text, size_t len, size_t at, size_t tail,
    struct key_match *ret_match)
{
	while (number >= 0 && tail <= len) {
		const struct key_kind *kind = &key_kinds[number];

		if (kind->role != KEY_ROLE_KEY) {
			*ret_match = (struct key_match){ kind, at, tail, kind->score };
			return true;
		}
		if (goes_on(kind, text, len, at, tail, ret_match))
			return true;
		number = kind->fallback;
		if (number >= 0)
			tail = at + key_kinds[number].head_len;
	}
	return false;
}

bool
key_find(const uint8_t *text, size_t len, size_t at, struct key_match *ret_match)
{
	const uint8_t *behind = text + at;
	int number = key_lex(text + at, &behind);

	return number >= 0 && find_from(number, text, len, at, (size_t)(behind - text), ret_match);
}

/* 8-4-4-4-12 */
static bool
is_uuid(const uint8_t *text, size_t len)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == '-' ? text[i] != '-' : !is_hex(text[i]))
			return false;
	return true;
}

static bool
is_run(const struct key_run *run, const uint8_t *text, size_t len)
{
	if (run->low == 0)
		return is_uuid(text, len);
	if (len < run->low || (run->high != 0 && len > run->high))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_in(run, text[i]))
			return false;
	return has_digit(text, len) && key_entropy(text, len, key_class_sizes[run->in_class]) >= 65;
}

bool
key_is_of(const struct key_match *name, const uint8_t *text, size_t len)
{
	size_t number = (size_t)(name->kind - key_kinds);

	for (size_t i = 0; i < sizeof(key_names) / sizeof(key_names[0]); i++) {
		if (key_names[i].kind != number)
			continue;
		for (size_t j = 0; j < key_names[i].count; j++)
			if (is_run(&key_named[key_names[i].first + j], text, len))
				return true;
	}
	return false;
}
