/* SPDX-License-Identifier: Apache-2.0 */
/* person - what each kind of phrase demands of the name behind it. */
#include <strings.h>

#include "redact/cue.h"
#include "redact/layer.h"
#include "redact/words.h"

#define SURE 950
#define LIKELY 880
#define BY_CONTEXT 780
#define BEST_EFFORT 680
#define MAX_COPULA 32 /* bytes between "name" and "is" */
#define MAX_UNKNOWN_SMALL 3
#define MIN_UNKNOWN 3
#define MAX_ABBREVIATION 3 /* letters of its last word */
#define MAX_NAME 64        /* bytes */

#define TITLES LEXICON_ROLE(CUE_TITLE)

/* Skips titles: "Dr.", "Sr. Dr.", "the", "o". */
static size_t
skip_titles(const struct scan *s, size_t at, bool *ret_has_title)
{
	struct cue title;

	*ret_has_title = false;
	at = cue_skip_marks(s, at);
	for (int i = 0;
	     i < 2 && at < s->len && cue_may_begin(s->text + at) && cue_read(s, at, TITLES, &title);
	     i++) {
		size_t next = cue_skip_marks(s, cue_skip(s, title.end, "."));

		/* "DON'T", "sr_YU" */
		if (next == title.end || next >= s->len ||
		    (s->text[title.end] != '.' && s->text[title.end] != ' '))
			break;
		*ret_has_title = true;
		at = next;
	}
	return at;
}

/* "o João", "a Maria", "der Peter" */
static size_t
skip_article(const struct scan *s, size_t at)
{
	static const char *const articles[] = { "o ", "a ", "os ", "as ", "el ", "la ", "der ",
		"die ", "do ", "da ", "de ", "il ", "lo ", "the ", "meu nome é " };

	for (size_t i = 0; i < sizeof(articles) / sizeof(articles[0]); i++) {
		size_t n;

		if (s->text[at] != (uint8_t)articles[i][0] ||
		    s->text[at + 1] != (uint8_t)articles[i][1])
			continue;
		n = strlen(articles[i]);
		if (s->len - at > n && memcmp(s->text + at, articles[i], n) == 0)
			return at + n;
	}
	return at;
}

/* "Thanks", "Best": a small word of the language that begins a sentence is no name; one that the
 * list has is. */
static bool
is_plain_word(const struct name_run *run)
{
	return run->n_words == 1 && run->is_ambiguous;
}

/* "se llama X", "on appelle X", "chiama X", "chama X": things are called and functions call too;
 * "je m'appelle" is said of oneself. */
static bool
calls_anything(const struct scan *s, const struct cue *cue)
{
	static const char *const verbs[] = { "llama", "chiama", "chama", "appelle" };
	const uint8_t *word = s->text + cue->start;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (lower(*word) == (uint8_t)verbs[i][0] &&
		    cue->end - cue->start == strlen(verbs[i]) &&
		    strncasecmp((const char *)word, verbs[i], strlen(verbs[i])) == 0)
			return !(cue->start >= 2 && word[-1] == '\'' && lower(word[-2]) == 'm');
	return false;
}

/* "my name is X": in any case; small letters that the list does not have only up to the end of the
 * clause or to a word that begins the next one. */
static bool
match_named(struct scan *s, const struct cue *cue)
{
	bool has_title;
	struct name_run run;
	size_t at = skip_titles(s, cue_skip(s, cue->end, " :"), &has_title);

	run = name_run_read(s, at, NAME_TRUST_FULL);
	if (run.n_words == 0)
		run = name_run_read(s, skip_article(s, at), NAME_TRUST_FULL);
	if (run.n_words == 0 || run.end - run.start < 2)
		return false;
	if (run.how == CASE_SMALL && run.n_first + run.n_last == 0 &&
	    (run.n_words > MAX_UNKNOWN_SMALL || run.end - run.start < MIN_UNKNOWN ||
		calls_anything(s, cue)))
		return false;
	name_add(s, &run, run.n_first > 0 ? SURE : LIKELY);
	return true;
}

/* "I am X": the list must have the first word, or two capitalised ones end the clause.  "im" is a
 * careless "I'm", and German for "in the", with a noun in capitals behind it. */
static bool
match_self(struct scan *s, const struct cue *cue)
{
	bool has_title, is_im = cue->end - cue->start == 2 && s->text[cue->end - 1] == 'm';
	size_t at = skip_titles(s, cue_skip(s, cue->end, " ,"), &has_title);
	struct name_run run = name_run_read(s, skip_article(s, at), NAME_TRUST_SOME);

	if (run.n_words == 0 ||
	    (is_im && (!run.begins_with_first || (run.is_word && run.how != CASE_SMALL))))
		return false;
	if (!has_title && !run.begins_with_first &&
	    (run.how == CASE_SMALL || run.n_words < 2 || run.n_unknown > run.n_words - run.n_last))
		return false;
	if (!run.begins_with_first && run.n_last == 0 && !name_run_ends_clause(&run))
		return false;
	if (run.how == CASE_CAPITALS && run.n_words == 1)
		return false;
	name_add(s, &run, run.begins_with_first ? LIKELY : BEST_EFFORT);
	return true;
}

/* "on behalf of X", "customer X": the list must have the first word or the last. */
static bool
is_mention(const struct name_run *run, bool has_title)
{
	if (run->n_words == 0)
		return false;
	if (run->how == CASE_SMALL)
		return run->begins_with_first && (run->ends_with_last || !run->is_word);
	if (!has_title && (is_plain_word(run) || (run->is_ambiguous && !run->ends_with_last)))
		return false;
	if (!has_title && !run->begins_with_first && (run->n_words < 2 || !run->ends_with_last))
		return false;
	return run->how != CASE_CAPITALS || (run->begins_with_first && run->ends_with_last);
}

static bool
match_mention(struct scan *s, size_t at, size_t floor)
{
	bool has_title;
	struct name_run run;

	if (at == floor || at >= s->len)
		return false;
	at = skip_titles(s, at, &has_title);
	run = name_run_read(s, skip_article(s, at), NAME_TRUST_SOME);
	if (!is_mention(&run, has_title))
		return false;
	name_add(s, &run, run.begins_with_first ? BY_CONTEXT : BEST_EFFORT);
	return true;
}

/* "passenger 1:", "name (as on card):" - where the value begins; 0 when there is no sign. */
static size_t
behind_sign(const struct scan *s, size_t at)
{
	size_t i = cue_skip(s, at, " #*_\"'`"), from = i;

	while (i < s->len && i - from < 3 && is_digit(s->text[i]))
		i++;
	if (s->text[i] == '(') {
		while (i < s->len && i - from < MAX_COPULA && s->text[i] != ')' &&
		    s->text[i] != '\n')
			i++;
		i += s->text[i] == ')';
	}
	i = cue_skip(s, i, " *_\"'`)");
	/* "Kunde - Anna Weber" */
	if (s->text[i] == '-' && i > at && s->text[i - 1] == ' ' && s->text[i + 1] == ' ')
		return cue_skip_marks(s, i + 1);
	if (i >= s->len || s->text[i] == 0 || strchr(":=|\t", s->text[i]) == NULL ||
	    (s->text[i] == '=' && s->text[i + 1] == '='))
		return 0;
	return cue_skip_marks(s, cue_skip(s, i + 1, " \t=>"));
}

/* Where the line, the cell or the quotation ends that begins at `at`, without what closes it; at
 * when it is longer than a name. */
static size_t
value_end(const struct scan *s, size_t at)
{
	size_t end = at;

	while (end < s->len && end - at < MAX_NAME && s->text[end] != LAYER_BREAK &&
	    (s->text[end] == 0 || strchr("\n\r\t|<>\";", s->text[end]) == NULL))
		end++;
	if (end - at == MAX_NAME)
		return at;
	while (end > at && s->text[end - 1] != 0 && strchr(" .,*_`')", s->text[end - 1]) != NULL)
		end--;
	return end;
}

/* The label means people only: "passenger", "nom et prénom". */
static bool
is_label_of_people(const struct scan *s, const struct cue *cue, bool is_sure)
{
	bool is_bland;

	return is_sure ||
	    (words_of_key_in_layer(s->text + cue->start, cue->end - cue->start, &is_bland) &
		WORD_PEOPLE) != 0;
}

/* Behind the colon of a form; is_sure: the label speaks of nothing but people. */
static bool
match_value(struct scan *s, const struct cue *cue, size_t at, bool is_sure)
{
	bool has_title;
	struct name_run run;
	size_t name, end;
	bool is_known;

	/* The value of a form may stand in the next line, a placeholder or nothing too. */
	if (at < s->len && s->text[at] == '\n')
		at++;
	end = value_end(s, at);
	name = skip_titles(s, at, &has_title);
	run = name_run_read(s, name, is_sure ? NAME_TRUST_FULL : NAME_TRUST_SOME);
	if (run.end <= end && match_name_field(s, at, end, is_label_of_people(s, cue, is_sure)))
		return true;
	if (run.n_words == 0 || run.end - run.start < 2)
		return false;
	is_known = run.begins_with_first || run.ends_with_last || has_title;
	if (!is_sure && !is_known &&
	    (run.n_words < 2 || run.how != CASE_CAPITAL || run.n_last == 0))
		return false;
	if (is_sure && !is_known && !name_run_ends_clause(&run))
		return false;
	/* "Silva, Maria" */
	if (run.after == ',' && s->text[run.end] == ',' && s->text[run.end + 1] == ' ') {
		struct name_run given = name_run_read(s, run.end + 2, NAME_TRUST_LITTLE);

		if (given.begins_with_first && run.n_last > 0)
			run.end = given.end;
	}
	name_add(s, &run, is_known ? LIKELY : BEST_EFFORT);
	return true;
}

/* "Dear X,", "Thank you, X." */
static bool
match_greeting(struct scan *s, const struct cue *cue)
{
	size_t at = cue_skip_marks(s, cue_skip(s, cue->end, " ,"));
	bool has_title;
	struct name_run run;

	if (at == cue->end || at >= s->len)
		return false;
	at = skip_titles(s, at, &has_title);
	run = name_run_read(s, at, NAME_TRUST_SOME);
	if (run.n_words == 0 || (run.how == CASE_CAPITALS && !run.begins_with_first))
		return false;
	if (!has_title && !run.begins_with_first) {
		/* What the list does not have stands alone between the greeting and a comma. */
		if (run.how != CASE_CAPITAL || run.n_words > 3 || s->text[cue->start] > 'Z' ||
		    run.after == 0 || strchr(",!\n:", run.after) == NULL ||
		    s->text[cue->end] == ',')
			return false;
	}
	if (!has_title && (run.is_ambiguous || run.how == CASE_SMALL) &&
	    !name_run_ends_clause(&run) && run.n_words == 1)
		return false;
	name_add(s, &run, run.begins_with_first || has_title ? LIKELY : BEST_EFFORT);
	return true;
}

/* A title that begins with a capital says enough; a small one, one of a letter ("M.") or one in
 * capitals ("MS") needs its point or a name of the list. */
static bool
is_titled(const struct scan *s, const struct cue *cue, const struct name_run *run)
{
	bool has_point = s->text[cue->end] == '.', is_small = s->text[cue->start] >= 'a';
	bool is_capitals = !is_small && s->text[cue->start + 1] <= 'Z';
	size_t len = cue->end - cue->start;

	if (run->n_words == 0 || run->end - run->start < 2)
		return false;
	if (run->how == CASE_SMALL)
		return run->begins_with_first && (!run->is_word || run->ends_with_last);
	if (run->n_first + run->n_last > 0)
		return len > 1 || (has_point && !is_small);
	if (len == 1 || is_capitals || run->how == CASE_CAPITALS)
		return has_point && len > 1;
	return !is_small || (has_point && len <= 4);
}

/* "Herr der Ringe", "Frau Holle": no name begins with "der" behind a title. */
static bool
is_of_tale(const struct scan *s, size_t at)
{
	static const char *const begins[] = { "der ", "des ", "Holle", "Gott" };
	size_t n;

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		n = strlen(begins[i]);
		if (memcmp(s->text + at, begins[i], n) == 0 &&
		    (begins[i][n - 1] == ' ' || !lexicon_is_letter(s->text[at + n])))
			return true;
	}
	return false;
}

/* "Jefferson Blvd": the last word says that it is a street. */
static bool
is_street(const struct scan *s, const struct name_run *run)
{
	size_t last = run->end;
	struct cue end;

	while (last > run->start && s->text[last - 1] != ' ')
		last--;
	return cue_read(s, last, LEXICON_ROLE(STREET_END), &end) && end.end == run->end;
}

/* "Mr. X" */
static bool
match_title(struct scan *s, const struct cue *cue)
{
	bool has_title;
	size_t at = skip_titles(s, cue->start, &has_title);
	struct name_run run;

	if (!has_title || at >= s->len)
		return false;
	run = name_run_read(s, at, NAME_TRUST_SOME);
	if (run.n_words == 0 && s->text[cue->end] == '.')
		run = name_run_read(s, at, NAME_TRUST_FULL);
	if (!is_titled(s, cue, &run) || is_of_tale(s, run.start))
		return false;
	name_add(s, &run, LIKELY);
	return true;
}

/* The name behind "Best regards," on the next line, or a first name on the same one. */
static bool
match_signoff(struct scan *s, const struct cue *cue)
{
	size_t at = cue_skip(s, cue->end, " ,.!-\r\n|>*_\"'`");
	bool is_next_line = memchr(s->text + cue->end, '\n', at - cue->end) != NULL, has_title;
	struct name_run run;

	if (at == cue->end || at >= s->len || s->text[at - 1] == '.' || s->text[cue->end] == '\'')
		return false;
	at = skip_titles(s, at, &has_title);
	run = name_run_read(s, at, NAME_TRUST_SOME);
	if (run.n_words == 0 ||
	    !(name_run_ends_clause(&run) || (run.begins_with_first && run.n_words > 1)))
		return false;
	if (!run.begins_with_first &&
	    !(is_next_line && run.how == CASE_CAPITAL && run.after != ':' && run.after != '(' &&
		s->text[cue->start] < 'a'))
		return false;
	name_add(s, &run, run.begins_with_first ? LIKELY : BEST_EFFORT);
	return true;
}

/* "the name on the account is X": where "is" ends, or 0. */
static size_t
behind_copula(const struct scan *s, size_t at)
{
	static const char *const copulas[] = { " is ", " is: ", " was ", " é ", " es ", " ist ",
		" est ", " è ", " e' ", " lautet ", " sera ", " será " };
	size_t limit = s->len - at > MAX_COPULA ? at + MAX_COPULA : s->len;

	for (size_t i = at; i < limit; i++) {
		if (s->text[i] != ' ') {
			if (!lexicon_is_letter(s->text[i]) && s->text[i] != '\'')
				return 0;
			continue;
		}
		for (size_t c = 0; c < sizeof(copulas) / sizeof(copulas[0]); c++) {
			size_t n;

			if (s->text[i + 1] != (uint8_t)copulas[c][1])
				continue;
			n = strlen(copulas[c]);
			if (s->len - i > n && memcmp(s->text + i, copulas[c], n) == 0)
				return i + n;
		}
	}
	return 0;
}

/* Something that is no person is named: "file name". */
static bool
names_a_thing(const struct scan *s, size_t at)
{
	uint8_t word[LEXICON_MAX_BYTES];
	size_t n = cue_word_before(s, at, word);
	const struct lexicon_entry *e = n == 0 ? NULL : lexicon_of(lexicon_hash_folded(word, n));

	return e != NULL && (e->roles & LEXICON_ROLE(NOT_PERSON)) != 0;
}

static bool
match_name_word(struct scan *s, const struct cue *cue)
{
	size_t at;

	if (names_a_thing(s, cue->start))
		return false;
	at = behind_sign(s, cue->end);
	if (at != 0)
		return match_value(s, cue, at, false);
	at = behind_copula(s, cue->end);
	return at != 0 && match_mention(s, at, cue->end);
}

/* "gez", "z. Hd": the point behind it ends no sentence. */
static bool
is_abbreviation(const struct scan *s, const struct cue *cue)
{
	size_t last = cue->end;

	while (last > cue->start && is_letter(s->text[last - 1]))
		last--;
	return cue->end - last <= MAX_ABBREVIATION;
}

static bool
match_role(struct scan *s, const struct cue *cue)
{
	size_t at = behind_sign(s, cue->end);

	if (at != 0)
		return match_value(s, cue, at, false);
	/* "gez. Anna Weber", "my father, Karl Weber" */
	at = cue->end;
	if ((s->text[at] == '.' && is_abbreviation(s, cue)) ||
	    (s->text[at] == ',' && s->text[at + 1] == ' '))
		at++;
	at = cue_skip_marks(s, at);
	return at > cue->end && match_mention(s, at, cue->end);
}

static bool
match_label(struct scan *s, const struct cue *cue)
{
	size_t at = behind_sign(s, cue->end);

	if (at != 0)
		return match_value(s, cue, at, true);
	at = behind_copula(s, cue->end);
	return at != 0 && match_mention(s, at, cue->end);
}

bool
match_person(struct scan *s, const struct cue *cue)
{
	uint64_t roles = cue->roles;

	/* "module_or_name = sys", "never_call_me(arg)", "ia_FR.UTF-8": the end of an identifier. */
	if (cue->start > 0 && s->text[cue->start - 1] == '_')
		roles &= LEXICON_ROLE(CUE_LABEL) | LEXICON_ROLE(CUE_ROLE);
	if ((roles & LEXICON_ROLE(CUE_NAMED)) != 0 && match_named(s, cue))
		return true;
	if ((roles & LEXICON_ROLE(CUE_SELF)) != 0 && match_self(s, cue))
		return true;
	if ((roles & LEXICON_ROLE(CUE_SIGNOFF)) != 0 && match_signoff(s, cue))
		return true;
	if ((roles & LEXICON_ROLE(CUE_GREETING)) != 0 && match_greeting(s, cue))
		return true;
	if ((roles & TITLES) != 0 && match_title(s, cue))
		return true;
	if ((roles & LEXICON_ROLE(CUE_LABEL)) != 0 && match_label(s, cue))
		return true;
	if ((roles & LEXICON_ROLE(CUE_ROLE)) != 0 && match_role(s, cue))
		return true;
	if ((roles & LEXICON_ROLE(CUE_NAME)) != 0 && match_name_word(s, cue))
		return true;
	return (roles & (LEXICON_ROLE(CUE_THIS) | LEXICON_ROLE(CUE_BEHALF))) != 0 &&
	    match_mention(s, cue_skip_marks(s, cue_skip(s, cue->end, " :")), cue->end);
}

/* A first name that is no word, and a surname or an unknown capitalised word. */
bool
match_bare_name(struct scan *s, size_t at)
{
	uint8_t before[LEXICON_MAX_BYTES];
	struct name_word first;
	struct name_run run;
	size_t n;

	if (s->text[at] < 'A' || s->text[at] > 'Z' ||
	    !word_filter_has(names_filter, word_key(s->text + at)))
		return false;
	if (!name_word_read(s, at, &first) || (first.classes & NAME_FIRST) == 0)
		return false;
	run = name_run_read(s, at, NAME_TRUST_LITTLE);
	if (run.n_words < 2 || !run.begins_with_first || run.n_first == run.n_words + 1)
		return false;
	if (run.is_word ? !run.ends_with_last : run.n_last == 0)
		return false;
	if (run.how == CASE_CAPITALS && !run.ends_with_last)
		return false;
	if (is_street(s, &run))
		return false;
	n = cue_word_before(s, at, before);
	if (n > 0 && (names_class(before, n) & NAME_HEAD) != 0)
		return false;
	name_add(s, &run, run.ends_with_last && !run.is_word ? BEST_EFFORT + 20 : BEST_EFFORT - 60);
	return true;
}
