/* SPDX-License-Identifier: Apache-2.0 */
/* name_run - reads words that can be a name: capitals or not, particles, initials, apostrophes. */
#include "redact/cue.h"
#include "redact/layer.h"
#include "redact/letters.h"

#define MAX_WORD 32
#define MAX_WORDS 6
#define MAX_SMALL_WORDS 4
#define MAX_PARTICLES 3
#define MIN_CAPITALS 2
#define MIN_SURNAME 4

/* Latin letters with accents: C3 80 to 9E are capitals, and the even ones of C4 and C5. */
static bool
is_capital_at(const uint8_t *at)
{
	if (at[0] < 0x80)
		return at[0] >= 'A' && at[0] <= 'Z';
	if (at[0] == 0xC3)
		return at[1] < 0x9F;
	if (at[0] == 0xC4 || at[0] == 0xC5)
		return (at[1] & 1) == 0;
	return false;
}

/* The bytes of letters, and hyphens and apostrophes between letters; "'s" belongs to no name. */
static size_t
word_end(const struct scan *s, size_t at)
{
	size_t i = at;

	for (;;) {
		uint8_t c;

		i += letters_len(s->text + i);
		c = s->text[i];
		if (i - at >= MAX_WORD)
			return at + MAX_WORD;
		if ((c != '\'' && c != '-') || i == at || !lexicon_is_letter(s->text[i + 1]))
			return i;
		if (c == '\'' && lower(s->text[i + 1]) == 's' && !lexicon_is_letter(s->text[i + 2]))
			return i;
		i++;
	}
}

/* What is said of the parts of "Jean-Pierre" together; an apostrophe parts nothing.  Apart, so that
 * plain words need no room for it. */
__attribute__((noinline)) static unsigned int
classes_of_parts(const struct scan *s, size_t start, size_t end)
{
	uint8_t folded[LEXICON_MAX_BYTES], word[LEXICON_MAX_BYTES];
	unsigned int classes = 0;
	size_t len = 0, n = lexicon_fold(s->text + start, end - start, folded);

	for (size_t i = 0; i <= n; i++) {
		/* Folding makes 0x2D and 0x27 of themselves: they have the bit of small letters. */
		if (i < n && folded[i] != '-') {
			if (folded[i] != '\'')
				word[len++] = folded[i];
			continue;
		}
		classes |= names_class(word, len);
		len = 0;
	}
	return classes;
}

static unsigned int
classes_of(const struct scan *s, size_t start, size_t end)
{
	if (letters_len(s->text + start) == end - start)
		return names_class_of(lexicon_hash_in_layer(s->text + start, end - start));
	return classes_of_parts(s, start, end);
}

static inline enum letter_case
case_of(const struct scan *s, size_t start, size_t end)
{
	size_t n = 0;

	if (!is_capital_at(s->text + start))
		return s->text[start] < 0xC6 ? CASE_SMALL : CASE_CAPITAL;
	/* Mostly a small letter follows. */
	if ((uint8_t)(s->text[start + 1] - 'a') < 26)
		return CASE_CAPITAL;
	for (size_t i = start; i < end; i++) {
		if ((s->text[i] & 0xC0) == 0x80 || s->text[i] == '-' || s->text[i] == '\'')
			continue;
		if (!is_capital_at(s->text + i))
			return CASE_CAPITAL;
		n++;
	}
	return n >= MIN_CAPITALS ? CASE_CAPITALS : CASE_CAPITAL;
}

static bool
read_word(const struct scan *s, size_t at, struct name_word *ret_word)
{
	size_t end = word_end(s, at);
	uint8_t after = end < s->len ? s->text[end] : ' ';

	if (end == at || end - at >= MAX_WORD || is_digit(after) || after == '_' || after == '@')
		return false;
	/* "thiago.dev" */
	if (after == '.' && end - at > 1 && s->text[end + 1] >= 'a' && s->text[end + 1] <= 'z')
		return false;
	*ret_word = (struct name_word){ .start = at, .end = end };
	ret_word->how = case_of(s, at, end);
	ret_word->is_initial = end - at == 1 && ret_word->how != CASE_SMALL && after == '.';
	ret_word->classes = ret_word->is_initial ? 0 : classes_of(s, at, end);
	/* "d'Estaing" */
	if (ret_word->how == CASE_SMALL && s->text[at] == 'd' && s->text[at + 1] == '\'' &&
	    is_capital_at(s->text + at + 2))
		ret_word->how = CASE_CAPITAL;
	/* "j'ai", "c'est", "it's"; "d'ávila" is a name. */
	if (ret_word->how == CASE_SMALL && s->text[at + 1] == '\'' && s->text[at] != 'd' &&
	    s->text[at] != 'o')
		ret_word->classes |= NAME_STOP;
	return true;
}

/* Words a few bytes apart have other places. */
static inline struct name_word *
place_of(const struct scan *s, size_t at)
{
	return &s->names->at[(at ^ at / NAME_WORDS_KEPT) % NAME_WORDS_KEPT];
}

bool
name_word_read(const struct scan *s, size_t at, struct name_word *ret_word)
{
	struct name_word *place;

	if (s->names == NULL)
		return read_word(s, at, ret_word);
	place = place_of(s, at);
	if ((place->start != at || place->end == 0) && !read_word(s, at, place))
		return false;
	*ret_word = *place;
	return true;
}

/* Where the next word can begin: behind one or two spaces, or behind the point of an initial. */
static size_t
next_start(const struct scan *s, const struct name_word *w)
{
	size_t i = w->end + (w->is_initial ? 1 : 0), from = i;

	while (i < s->len && i - from < 2 && (s->text[i] == ' ' || s->text[i] == '\n'))
		i++;
	if (i == from && !w->is_initial)
		return s->len;
	return i;
}

static bool
is_name_capital(const struct name_run *run, const struct name_word *w, enum name_trust trust)
{
	bool is_trusted = trust != NAME_TRUST_LITTLE;

	if ((w->classes & NAME_STOP) != 0)
		return is_trusted && w->end - w->start > 1 &&
		    (w->classes & (run->n_words == 0 ? NAME_FIRST : NAME_LAST)) != 0;
	if ((w->classes & NAME_HEAD) != 0)
		return run->n_words > 0 && is_trusted && (w->classes & NAME_LAST) != 0;
	/* "CUSTOMER MARIA SILVA CALLED" */
	if (run->how == CASE_CAPITALS && run->n_words > 0 && trust != NAME_TRUST_FULL)
		return (w->classes & NAME_KNOWN) != 0;
	/* "Maria Silva CPF": other capitals begin something else, unless they are a name. */
	if (w->how == CASE_CAPITALS && run->n_words > 0 && run->how != CASE_CAPITALS)
		return (w->classes & NAME_KNOWN) != 0;
	return true;
}

static bool
is_name_small(const struct name_run *run, const struct name_word *w, enum name_trust trust)
{
	bool is_known = (w->classes & NAME_KNOWN) != 0;
	bool is_word = (w->classes & NAME_WORD) != 0;

	if ((w->classes & (NAME_STOP | NAME_HEAD)) != 0 || w->end - w->start < 2)
		return false;
	if (run->n_words == 0)
		return trust == NAME_TRUST_FULL ||
		    (trust == NAME_TRUST_SOME && (w->classes & NAME_FIRST) != 0);
	/* "Maria silva": small letters go on only as a surname that is no word. */
	if (run->how != CASE_SMALL)
		return trust != NAME_TRUST_LITTLE && (w->classes & NAME_LAST) != 0 && !is_word;
	if (run->n_words >= MAX_SMALL_WORDS)
		return false;
	return is_known || trust == NAME_TRUST_FULL;
}

static bool
is_name(const struct name_run *run, const struct name_word *w, enum name_trust trust)
{
	if (w->is_initial)
		return true;
	return w->how == CASE_SMALL ? is_name_small(run, w, trust) : is_name_capital(run, w, trust);
}

void
name_run_take(struct name_run *run, const struct name_word *w)
{
	if (run->n_words == 0) {
		run->how = w->how;
		run->begins_with_first = (w->classes & NAME_FIRST) != 0;
		run->is_word = (w->classes & (NAME_WORD | NAME_STOP | NAME_THING)) != 0;
		run->is_ambiguous = w->how == CASE_CAPITAL
		    ? (w->classes & (NAME_STOP | NAME_THING)) != 0
		    : run->is_word;
	}
	run->n_words++;
	run->n_first += (w->classes & NAME_FIRST) != 0;
	run->n_last += (w->classes & NAME_LAST) != 0;
	run->n_unknown += (w->classes & NAME_KNOWN) == 0 && !w->is_initial;
	run->ends_with_last = run->n_words > 1 && (w->classes & NAME_LAST) != 0;
	run->end = w->end + (w->is_initial ? 1 : 0);
}

/* Reads the word at `at`, behind particles when there are any. */
static bool
read_behind_particles(const struct scan *s, size_t at, struct name_word *ret_word)
{
	for (int i = 0; i <= MAX_PARTICLES; i++) {
		if (at >= s->len || !name_word_read(s, at, ret_word))
			return false;
		if ((ret_word->classes & NAME_PARTICLE) == 0 || i == MAX_PARTICLES)
			return true;
		at = next_start(s, ret_word);
	}
	return false;
}

static void
set_after(const struct scan *s, struct name_run *run)
{
	size_t i = run->end;

	while (i < s->len && i - run->end < 2 && s->text[i] == ' ')
		i++;
	run->after = i < s->len ? s->text[i] : LAYER_BREAK;
}

/* "hablé con joaquín arribas.": behind a first name that is no word the clause ends with a word
 * that no list has. */
static bool
is_small_surname(const struct scan *s, const struct name_run *run, const struct name_word *w)
{
	uint8_t after = w->end < s->len ? s->text[w->end] : LAYER_BREAK;

	return run->how == CASE_SMALL && run->n_words > 0 && run->begins_with_first &&
	    !run->is_word && w->how == CASE_SMALL && w->classes == 0 &&
	    w->end - w->start >= MIN_SURNAME &&
	    (after == LAYER_BREAK || (after != 0 && strchr("\n,.;!?)|\"<", after) != NULL));
}

struct name_run
name_run_read(const struct scan *s, size_t at, enum name_trust trust)
{
	struct name_run run = { .start = at, .end = at };
	struct name_word w;

	while (run.n_words < MAX_WORDS && at < s->len && read_behind_particles(s, at, &w) &&
	    (is_name(&run, &w, trust) ||
		(trust == NAME_TRUST_SOME && is_small_surname(s, &run, &w)))) {
		/* Over the end of a line only a surname follows. */
		if (run.n_words > 0 && memchr(s->text + run.end, '\n', w.start - run.end) != NULL &&
		    ((w.classes & NAME_KNOWN) == 0 || run.ends_with_last || w.how != run.how))
			break;
		name_run_take(&run, &w);
		at = next_start(s, &w);
	}
	/* A word in small letters is a first name only before a surname. */
	if (run.how == CASE_SMALL && run.is_word && trust == NAME_TRUST_SOME && !run.ends_with_last)
		run = (struct name_run){ .start = run.start, .end = run.start };
	set_after(s, &run);
	return run;
}

bool
name_run_ends_clause(const struct name_run *run)
{
	return run->after == LAYER_BREAK ||
	    (run->after != 0 && strchr("\n\r,.;:!?)]}|\"'`<>*-(/\xC2", run->after) != NULL);
}

void
name_add(struct scan *s, const struct name_run *run, uint16_t score)
{
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)run->start,
		.end = (uint32_t)run->end,
		.type = REDACT_PERSON,
		.score = score,
		.how = CANONICAL_WORDS,
	    });
	s->cue_resume = run->end;
}
