/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret_phrase - "my password is hunter2", "| senha | abc123 |", "Passwort auf … geändert": a word
 * for a secret, perhaps a few words about it, a verb or a sign, and a value that no prose has
 * there.
 */
#include <string.h>
#include <strings.h>

#include "redact/assignment.h"
#include "redact/secret_value.h"
#include "redact/secrets.h"
#include "redact/words.h"

#define SCORE 800
#define MAX_WORDS 6 /* between the word and its value */
#define MAX_BYTES 64
#define MAX_WORD 16
#define MAX_JOINT 6 /* bytes of the longest of these words */
#define MIN_ALONE 6 /* "password hunter2", nothing between */
#define MIN_CASES 8 /* told by its capitals alone */
#define LOOK_BACK 16

enum joint {
	JOINT_NONE,
	JOINT_NEXT, /* nothing: the next word */
	JOINT_SIGN,
	JOINT_CELL,
	JOINT_PAIR, /* ("password", "…") */
	JOINT_LINE, /* the word has its line to itself */
	JOINT_VERB,
	JOINT_TO,
};

static const struct joint_word {
	const char *text;
	enum joint joint;
} joint_words[] = {
	{ "is", JOINT_VERB },
	{ "was", JOINT_VERB },
	{ "are", JOINT_VERB },
	{ "será", JOINT_VERB },
	{ "sera", JOINT_VERB },
	{ "é", JOINT_VERB },
	{ "eh", JOINT_VERB },
	{ "e", JOINT_VERB },
	{ "era", JOINT_VERB },
	{ "foi", JOINT_VERB },
	{ "ficou", JOINT_VERB },
	{ "es", JOINT_VERB },
	{ "fue", JOINT_VERB },
	{ "ist", JOINT_VERB },
	{ "war", JOINT_VERB },
	{ "lautet", JOINT_VERB },
	{ "est", JOINT_VERB },
	{ "était", JOINT_VERB },
	{ "è", JOINT_VERB },
	{ "luidt", JOINT_VERB },
	{ "equals", JOINT_VERB },
	{ "to", JOINT_TO },
	{ "para", JOINT_TO },
	{ "pra", JOINT_TO },
	{ "a", JOINT_TO },
	{ "por", JOINT_TO },
	{ "auf", JOINT_TO },
	{ "zu", JOINT_TO },
	{ "in", JOINT_TO },
	{ "en", JOINT_TO },
	{ "par", JOINT_TO },
	{ "pour", JOINT_TO },
	{ "à", JOINT_TO },
	{ "naar", JOINT_TO },
	{ "with", JOINT_TO },
	{ "as", JOINT_TO },
};

static bool
is_word_byte(uint8_t c)
{
	return is_letter(c) || (c >= 0x80 && c != LAYER_BREAK);
}

static enum joint
joint_of_word(const uint8_t *word, size_t len)
{
	if (len > MAX_JOINT)
		return JOINT_NONE;
	for (size_t i = 0; i < sizeof(joint_words) / sizeof(joint_words[0]); i++)
		if ((word[0] | 0x20) == ((uint8_t)joint_words[i].text[0] | 0x20) &&
		    strlen(joint_words[i].text) == len &&
		    strncasecmp(joint_words[i].text, (const char *)word, len) == 0)
			return joint_words[i].joint;
	return JOINT_NONE;
}

/* A sign that a value stands behind; *ret_len: of the sign. */
static enum joint
joint_of_sign(const uint8_t *at, size_t *ret_len)
{
	static const struct {
		const char *text;
		enum joint joint;
	} signs[] = {
		{ ":", JOINT_SIGN },
		{ "=", JOINT_SIGN },
		{ "|", JOINT_CELL },
		{ ">", JOINT_CELL },
		{ "\",", JOINT_PAIR },
		{ "',", JOINT_PAIR },
		{ "- ", JOINT_CELL },
		{ "\xe2\x80\x93 ", JOINT_CELL },
		{ "\xe2\x80\x94 ", JOINT_CELL },
		{ "\xe2\x86\x92", JOINT_CELL },
		{ "\t", JOINT_CELL },
		{ "\n", JOINT_LINE },
	};

	if (is_letter(*at) || *at == ' ')
		return JOINT_NONE;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		*ret_len = strlen(signs[i].text);
		if (memcmp(at, signs[i].text, *ret_len) == 0)
			return signs[i].joint;
	}
	return JOINT_NONE;
}

/* The next word at or behind *at that joins; moves *at behind it. */
static enum joint
next_word(const struct scan *s, size_t *at, size_t n_words)
{
	size_t end = *at;
	enum joint joint;

	while (end < s->len && end - *at < MAX_WORD && is_word_byte(s->text[end]))
		end++;
	joint = joint_of_word(s->text + *at, end - *at);
	/* "password to the house", "clave de la casa a 3 km": only the verb may stand far off. */
	if ((joint == JOINT_TO && n_words > 0) || is_digit(s->text[end]))
		joint = JOINT_NONE;
	*at = end;
	return joint;
}

/* What joins the word that ends at *at to a value; moves *at behind it. */
static enum joint
find_joint(const struct scan *s, size_t *at)
{
	size_t from = *at, len;

	for (size_t n_words = 0; n_words < MAX_WORDS && *at < s->len && *at - from < MAX_BYTES;) {
		uint8_t c = s->text[*at];
		enum joint joint = joint_of_sign(s->text + *at, &len);

		if (joint != JOINT_NONE) {
			*at += len;
			return c == '\n' && n_words > 0 ? JOINT_NONE : joint;
		}
		if (is_word_byte(c)) {
			joint = next_word(s, at, n_words++);
			if (joint != JOINT_NONE)
				return joint;
		} else if (c == ' ' || c == '*' || c == '"' || c == '\'' || c == '`' ||
		    (c == '-' && n_words > 0)) {
			++*at;
		} else {
			break;
		}
		if (n_words == 0 && *at > from && is_digit(s->text[*at]))
			break;
	}
	return JOINT_NONE;
}

/* "still", "now": may stand between the verb and the value. */
static size_t
skip_filler(const struct scan *s, size_t at)
{
	static const char *const fillers[] = { "now ", "still ", "just ", "agora ", "ahora ",
		"jetzt ", "maintenant ", "ora ", "nu ", "this: ", "esta: ", "the following: " };

	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
		if (strncasecmp((const char *)s->text + at, fillers[i], strlen(fillers[i])) == 0)
			return at + strlen(fillers[i]);
	return at;
}

static size_t
skip_to_value(const struct scan *s, size_t at, enum joint joint)
{
	size_t limit = at + MAX_WORD;
	bool may_break = joint == JOINT_SIGN || joint == JOINT_CELL;

	while (at < limit && at < s->len) {
		bool is_break = s->text[at] == '\n' && may_break;
		size_t n = is_break ? 1 : assignment_mark_len(s->text + at);

		if (n == 0)
			break;
		may_break = may_break && !is_break;
		at += n;
	}
	return skip_filler(s, at);
}

static bool
has_sign_of_passwords(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (text[i] != 0 && strchr("@#$%&!^*+=~", text[i]) != NULL)
			return true;
	return false;
}

/* Names of algorithms and units stand behind such words too: "password sha256". */
static bool
is_name_with_number(const uint8_t *text, size_t len)
{
	static const char *const names[] = { "sha", "md5", "base64", "utf", "pbkdf2", "oauth",
		"rfc", "aes", "rsa", "v", "x509", "int", "uint", "float", "char", "ipv", "http",
		"p256", "ed25519", "bcrypt", "argon2" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (len >= n && strncasecmp(names[i], (const char *)text, n) == 0 &&
		    (n > 1 || is_digit(text[1])))
			return true;
	}
	return false;
}

/* Without quotation marks: what prose has in this place it has not. */
static bool
is_password(const uint8_t *text, size_t len, enum joint joint)
{
	struct secret_signs c = secret_signs_of(text, len);
	size_t n_letters = c.n_small + c.n_capitals + (is_letter(text[0]) && c.n_small == 0);
	bool has_cases = c.n_capitals >= 3 && c.n_small > 0 && c.n_changes >= 2 && len >= MIN_CASES;

	if (memchr(text, '(', len) != NULL || memchr(text, '[', len) != NULL ||
	    memchr(text, '/', len) != NULL || is_name_with_number(text, len))
		return false;
	if (c.n_digits > 0 && n_letters > 0)
		return joint != JOINT_NEXT || len >= MIN_ALONE;
	if (joint == JOINT_NEXT)
		return false;
	if (c.n_digits > 0)
		return joint != JOINT_TO && (joint == JOINT_SIGN || c.n_signs == 0);
	return has_cases || has_sign_of_passwords(text, len);
}

static bool
is_value(const struct scan *s, const struct assignment *a, enum joint joint)
{
	const uint8_t *text = s->text + a->start;
	size_t len = a->end - a->start;

	if (!secret_is_plausible(text, len, a->is_strong))
		return false;
	if (!a->is_strong)
		return joint != JOINT_NEXT;
	if (joint == JOINT_PAIR || (joint == JOINT_NEXT && a->is_quoted))
		return a->is_quoted && secret_is_random(text, len);
	if (a->is_quoted && (joint == JOINT_SIGN || joint == JOINT_VERB || joint == JOINT_TO))
		return true;
	return s->text[a->end] != '=' && s->text[a->end] != ':' && is_password(text, len, joint);
}

/* "mot de passe", "parola d'ordine": the last word alone is an ordinary one. */
static bool
is_end_of_phrase(const struct scan *s, size_t start, size_t end)
{
	size_t from = start > LOOK_BACK ? start - LOOK_BACK : 0;

	if (from > 0 && is_word_byte(s->text[from - 1]))
		while (from < start && is_word_byte(s->text[from]))
			from++;
	return (words_between(s->text + from, end - from) & WORD_TYPE(SECRET)) != 0;
}

/* Nothing but marks stands before the word on its line. */
static bool
begins_line(const struct scan *s, size_t start)
{
	size_t at = start;

	while (at > 0 && start - at < MAX_WORD && s->text[at - 1] != 0 &&
	    strchr(" *#>-\t", s->text[at - 1]) != NULL)
		at--;
	return at == 0 || s->text[at - 1] == '\n' || s->text[at - 1] == LAYER_BREAK;
}

void
match_secret_phrase(struct scan *s, size_t start, const struct key_match *m)
{
	struct assignment a = { .is_strong = m->kind->role != KEY_ROLE_MAYBE };
	size_t at = m->end;
	enum joint joint;

	if (is_word_byte(s->text[at]) || is_digit(s->text[at]) || s->text[at] == '_' ||
	    s->text[at] == '(' || s->text[at] == '.')
		return;
	/* What stands at the sign itself reads the key whole. */
	if (m->kind->role != KEY_ROLE_TAIL && (s->text[at] == ':' || s->text[at] == '='))
		return;
	joint = find_joint(s, &at);
	if (joint == JOINT_LINE && !begins_line(s, start))
		return;
	if (joint == JOINT_NONE) {
		at = m->end + 1;
		joint = JOINT_NEXT;
		if (!a.is_strong || s->text[m->end] != ' ' || s->text[at] <= ' ' ||
		    s->text[at] == '/')
			return;
	}
	/* "| API key | … |", "a chave da API é …": the words around it make it sure. */
	if (!a.is_strong && joint != JOINT_NEXT && joint != JOINT_PAIR)
		a.is_strong = is_end_of_phrase(s, start, at);
	if (assignment_is_other_key(words_between(s->text + m->end, at - m->end), a.is_strong))
		return;
	at = skip_to_value(s, at, joint);
	if (at >= s->len)
		return;
	assignment_value(s, at, &a);
	while (a.end > a.start && !a.is_quoted &&
	    (s->text[a.end - 1] == '?' || (s->text[a.end - 1] == '!' && !a.is_strong)))
		a.end--;
	if (is_value(s, &a, joint) &&
	    (m->kind->role != KEY_ROLE_TAIL || is_end_of_phrase(s, start, m->end)))
		assignment_add(s, &a, SCORE);
}
