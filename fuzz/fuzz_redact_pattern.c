/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workspace's own patterns find just what PCRE2 finds (its leftmost, longest match), for
 * patterns of our syntax made from the input and texts of the characters that tell them apart.  The
 * texts are so short that * and + mean the same to both.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <assert.h>
#include <pcre2.h>
#include <stdint.h>

#include "redact/layer.h"
#include "redact/pattern.h"

#define MAX_TEXT_CHARS 56
#define WORKSPACE 4096
#define ARENA_BYTES (8u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

static unsigned int
take(struct input *in, unsigned int below)
{
	unsigned int value;

	if (in->size == 0)
		return 0;
	value = *in->data % below;
	in->data++;
	in->size--;
	return value;
}

static const char *const atoms[] = { "a", "b", "A", "0", "-", "\xC3\xA9", ".", "\\d", "\\w", "\\s",
	"\\D", "\\W", "\\S", "[ab]", "[^a]", "[a-c0-9]", "[^\\d-]", "\\.", "_", "\xC3\x89",
	"[\\w.]", "c" };
static const char *const repeats[] = { "", "", "", "", "?", "*", "+", "{2}", "{1,3}", "{0,2}",
	"{2,}" };
static const char *const characters[] = { "a", "b", "c", "A", "B", "0", "1", "-", ".", "_", " ",
	"\n", "\xC3\xA9", "\xC3\x89", "d", "9" };

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void
put(struct buf *out, const char *text)
{
	assert(buf_append_str(out, str_from(text)) == ERR_OK);
}

/* A random walk through the grammar, groups at most four deep. */
static void
write_pattern(struct input *in, struct buf *out)
{
	unsigned int depth = 0, n = 1 + take(in, 10), shape = take(in, 4);
	const char *close = (shape & 2) != 0 ? ")\\b" : ")";

	put(out, (shape & 1) != 0 ? "\\b(" : "(");
	for (unsigned int i = 0; i < n; i++) {
		unsigned int what = take(in, 12);

		if (what == 0 && depth < 3) {
			put(out, "(?:");
			depth++;
		} else if (what == 1) {
			put(out, "|");
		} else if (what == 2 && depth > 0) {
			put(out, ")");
			put(out, repeats[take(in, N(repeats))]);
			depth--;
		} else {
			put(out, atoms[take(in, N(atoms))]);
			put(out, repeats[take(in, N(repeats))]);
		}
	}
	while (depth-- > 0)
		put(out, ")");
	put(out, close);
}

static void
write_text(struct input *in, struct buf *out)
{
	for (size_t i = 0; i < MAX_TEXT_CHARS && in->size > 0; i++)
		put(out, characters[take(in, N(characters))]);
}

/* Next match of the oracle from `at` on; false when there is none. */
static bool
oracle_next(pcre2_code *code, pcre2_match_data *match, struct str text, size_t at,
    struct pattern_match *ret_match)
{
	static int workspace[WORKSPACE];
	int n = pcre2_dfa_match(code, (PCRE2_SPTR)text.at, text.len, at, 0, match, NULL, workspace,
	    WORKSPACE);
	const PCRE2_SIZE *where = pcre2_get_ovector_pointer(match);

	assert(n >= 0 || n == PCRE2_ERROR_NOMATCH);
	if (n < 0)
		return false;
	*ret_match = (struct pattern_match){ where[0], where[1], 0 };
	return true;
}

static void
assert_same(const struct pattern *p, pcre2_code *code, struct str text)
{
	pcre2_match_data *match = pcre2_match_data_create(64, NULL);
	struct pattern one = *p;
	struct pattern_set set = { .at = &one, .n = 1 };
	struct pattern_match ours, theirs;
	struct pattern_scan s;
	size_t at = 0;

	pattern_set_index(&set);
	s = pattern_scan_begin(&set, (const uint8_t *)text.at, text.len);
	while (pattern_scan_next(&s, &ours)) {
		assert(oracle_next(code, match, text, at, &theirs));
		assert(ours.start == theirs.start && ours.end == theirs.end);
		at = ours.end;
	}
	assert(!s.is_over_budget);
	assert(!oracle_next(code, match, text, at, &theirs));
	pcre2_match_data_free(match);
}

static void
compare(const struct pattern *p, struct str pattern, bool is_case_ignored, struct str text)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | (is_case_ignored ? PCRE2_CASELESS : 0);
	PCRE2_SIZE where;
	int error;
	pcre2_code *code =
	    pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, options, &error, &where, NULL);

	assert(code != NULL);
	assert_same(p, code, text);
	pcre2_code_free(code);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf) struct buf *pattern = NULL, *text = NULL;
	CLEANUP(arena) struct arena *a = NULL;
	struct input in = { data, size };
	bool is_case_ignored = take(&in, 2) == 1;
	struct pattern_fault fault;
	struct pattern p;

	assert(buf_new(4096, &pattern) == ERR_OK && buf_new(4096, &text) == ERR_OK &&
	    arena_new(ARENA_BYTES, &a) == ERR_OK);
	write_pattern(&in, pattern);
	write_text(&in, text);
	/* What is refused (nothing to match, too large) is no matter of the oracle's. */
	if (pattern_compile(a, buf_str(pattern), is_case_ignored, &p, &fault) == ERR_OK)
		compare(&p, buf_str(pattern), is_case_ignored, buf_str(text));
	return 0;
}
