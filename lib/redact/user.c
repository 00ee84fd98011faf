/* SPDX-License-Identifier: Apache-2.0 */
/* user - which word behind "user name", "login", "instagram" is a user's name. */
#include <strings.h>

#include "redact/layer.h"
#include "redact/value.h"

#define MIN_USER 3
#define MAX_USER 40
#define MIN_SURNAME 5
#define TAG_DIGITS 4 /* "name#1234" */

/* What a name of a user may be made of. */
struct user {
	size_t start; /* behind "@" */
	size_t end;
	size_t n_digits;
	size_t n_letters;
	size_t n_signs;
};

static bool
is_user_byte(uint8_t c)
{
	return is_alnum(c) || c == '_' || c == '.' || c == '-';
}

static bool
user_read(const struct scan *s, size_t at, struct user *ret_user)
{
	struct user u = { .start = at + (s->text[at] == '@') };
	size_t i = u.start;

	for (; i < s->len && i - u.start < MAX_USER; i++) {
		uint8_t c = s->text[i];

		if (!is_user_byte(c) && !lexicon_is_letter(c))
			break;
		u.n_digits += is_digit(c);
		u.n_letters += lexicon_is_letter(c);
		u.n_signs += c == '_' || (c == '.' && is_alnum(s->text[i + 1]));
	}
	while (i > u.start && (s->text[i - 1] == '.' || s->text[i - 1] == '-'))
		i--;
	u.end = i;
	if (u.end - u.start < MIN_USER || s->text[u.start] == '_' || u.n_letters == 0 ||
	    s->text[i] == '@' || lexicon_is_letter(s->text[i]) || s->text[i] == '(')
		return false;
	if (s->text[i] == '#') {
		size_t tag = i + 1;

		while (is_digit(s->text[tag]))
			tag++;
		if (tag - i - 1 == TAG_DIGITS) {
			u.end = tag;
			u.n_signs++;
		}
	}
	*ret_user = u;
	return true;
}

/* Names of no person that systems give, and words that stand where a name would. */
static bool
is_nobody(const struct scan *s, const struct user *u)
{
	static const char *const words[] = { "root", "admin", "administrator", "nobody", "daemon",
		"postgres", "mysql", "guest", "system", "anonymous", "user", "username", "default",
		"test", "null", "none", "true", "false", "string", "www-data", "ubuntu", "nginx",
		"undefined", "unknown", "yes", "no" };

	return cue_is_one_of(s, u->start, u->end, words, sizeof(words) / sizeof(words[0]));
}

/* "jsmith", "arodriguez" */
static bool
is_initial_and_surname(const struct scan *s, const struct user *u)
{
	uint8_t folded[LEXICON_MAX_BYTES];
	size_t n;

	if (u->n_digits + u->n_signs > 0 || s->text[u->start] < 'a')
		return false;
	n = lexicon_fold(s->text + u->start, u->end - u->start, folded);
	if (n == 0 || (names_class(folded, n) & ~NAME_LAST) != 0)
		return false;
	return n > MIN_SURNAME &&
	    (names_class(folded + 1, n - 1) & (NAME_LAST | NAME_STOP)) == NAME_LAST;
}

/* "meu usuário é joao e": whose it is is said. */
static bool
is_owned(const struct scan *s, size_t at)
{
	static const char *const owners[] = { "my", "meu", "minha", "mi", "mon", "mein", "mio",
		"mijn", "seu", "su", "votre", "ihr", "your", "suo", "her", "his", "their", "sua",
		"tu", "ton", "sein", "dein", "tuo", "zijn", "haar", "jouw", "son", "meine", "mia" };
	uint8_t word[LEXICON_MAX_BYTES];
	size_t n = cue_word_before(s, at, word);

	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
		if (n == strlen(owners[i]) && memcmp(word, owners[i], n) == 0)
			return true;
	return false;
}

/* "l'utente è impostato": the word means who it is as often as what they are called. */
static bool
speaks_of_users(const struct scan *s, const struct cue *cue)
{
	static const char *const words[] = { "login", "utente", "usuario", "usu\xC3\xA1rio",
		"utilizador", "utilisateur", "benutzer", "gebruiker", "identifiant" };

	return cue_is_one_of(s, cue->start, cue->end, words, sizeof(words) / sizeof(words[0]));
}

static bool
has_ascii_only(const struct scan *s, const struct user *u)
{
	for (size_t i = u->start; i < u->end; i++)
		if (s->text[i] >= 0x80)
			return false;
	return true;
}

/* A user name of letters alone is a word like any other: "o usuário é avisado por", "user: User".
 * It stands at once behind its label, at the end of the clause, unless it is somebody's. */
static bool
is_plain_user(const struct scan *s, const struct user *u, const struct value_place *place)
{
	const struct cue *cue = place->cue;
	struct name_word w;

	if (place->binding == BINDING_WORDS || place->words > 0 || s->text[u->end] == ':' ||
	    s->text[u->end] == ']' || !has_ascii_only(s, u) ||
	    (place->binding == BINDING_COPULA && speaks_of_users(s, cue) &&
		!is_owned(s, cue->start)) ||
	    s->text[cue->end] == '(' ||
	    strncasecmp((const char *)s->text + u->start, (const char *)s->text + cue->start, 4) ==
		0)
		return false;
	if (!name_word_read(s, u->start, &w) || (w.classes & NAME_STOP) != 0)
		return false;
	return s->text[u->end] != ' ' || !lexicon_is_letter(s->text[u->end + 1]) ||
	    is_owned(s, cue->start);
}

/* Without a sign before it: "rafa_mendes", "mia3668", "fatima.z"; "rpc.statd" is a program. */
static bool
is_told_by_form(const struct scan *s, const struct user *u)
{
	uint8_t folded[LEXICON_MAX_BYTES];
	size_t letters = 0;

	if (u->n_digits > 0 || memchr(s->text + u->start, '_', u->end - u->start) != NULL)
		return true;
	while (lexicon_is_letter(s->text[u->start + letters]))
		letters++;
	letters = lexicon_fold(s->text + u->start, letters, folded);
	return letters > 0 && (names_class(folded, letters) & NAME_FIRST) != 0;
}

/* "mia3668", "Mia_Li_36", "MIA_36"; "e2fsck", "NFSv4" and "X11" are no people. */
static bool
ends_with_number(const struct scan *s, const struct user *u)
{
	size_t digits = 0, letters = 0;

	while (is_digit(s->text[u->end - 1 - digits]))
		digits++;
	while (is_letter(s->text[u->start + letters]))
		letters++;
	return digits >= 2 && letters >= 3 && u->n_digits == digits;
}

size_t
user_end(const struct scan *s, size_t at, const struct value_place *place)
{
	struct user u;

	if (!user_read(s, at, &u) || is_nobody(s, &u))
		return 0;
	if (place->words == 0 && is_initial_and_surname(s, &u))
		return u.end;
	if (u.n_digits + u.n_signs == 0)
		return is_plain_user(s, &u, place) ? u.end : 0;
	if (place->binding != BINDING_WORDS)
		return u.end;
	/* "the user can run e2fsck": words part the two. */
	if (place->words > 0)
		return u.n_digits > 0 && (ends_with_number(s, &u) || is_owned(s, place->cue->start))
		    ? u.end
		    : 0;
	if (s->text[u.start] < 'a' ? !ends_with_number(s, &u) : !is_told_by_form(s, &u))
		return 0;
	return u.end;
}

/* "user=dkowalski action=login": among other fields of a line. */
static bool
is_log_field(const struct scan *s, const struct cue *cue, size_t end)
{
	size_t i = end + 1;

	if (s->text[cue->end] != '=' || s->text[end] != ' ')
		return false;
	while (is_alnum(s->text[i]) || s->text[i] == '_' || s->text[i] == '.')
		i++;
	return i > end + 1 && s->text[i] == '=';
}

/* "User: sven.olafsson", "| handle | tofu_lover |": alone behind its label, and no word. */
static bool
is_alone_behind_label(const struct scan *s, const struct value_place *place, const struct user *u)
{
	size_t at = place->cue->start, end = u->end;

	if (place->binding != BINDING_SIGN || u->n_digits + u->n_signs == 0 ||
	    s->text[place->cue->end] == '.' || s->text[place->cue->end] == '(')
		return false;
	while (at > 0 && s->text[at - 1] != 0 && strchr(" \t*_|>#\"'`-", s->text[at - 1]) != NULL)
		at--;
	while (end < s->len && s->text[end] != 0 && strchr(" *_`|\"'", s->text[end]) != NULL)
		end++;
	return (at == 0 || s->text[at - 1] == '\n' || s->text[at - 1] == LAYER_BREAK) &&
	    (end >= s->len || s->text[end] == '\n' || s->text[end] == LAYER_BREAK);
}

/* "user jsmith", "password for jsmith from 10.0.0.1", "user=dkowalski ip=…" */
size_t
login_end(const struct scan *s, size_t at, const struct value_place *place)
{
	struct user u;

	if (place->words > 0 || !user_read(s, at, &u) || is_nobody(s, &u))
		return 0;
	if (is_alone_behind_label(s, place, &u))
		return u.end;
	if (place->binding != BINDING_WORDS && at != place->cue->end + 1)
		return 0;
	if (is_initial_and_surname(s, &u) || is_log_field(s, place->cue, u.end))
		return u.end;
	return strncasecmp((const char *)s->text + u.end, " from ", 6) == 0 &&
		is_digit(s->text[u.end + 6])
	    ? u.end
	    : 0;
}

/* "insta: chloe.voyage", "my steam id is gabe_99", "snapchat bella.snaps" */
size_t
social_end(const struct scan *s, size_t at, const struct value_place *place)
{
	struct user u;

	if (s->text[at] == '@' || !user_read(s, at, &u) || place->words > 0 ||
	    u.n_digits + u.n_signs == 0 || s->text[u.end] == '/' || s->text[u.end] == ':' ||
	    s->text[u.end] == '=' || strncasecmp((const char *)s->text + u.start, "www", 3) == 0)
		return 0;
	if (place->binding != BINDING_SIGN &&
	    memchr(s->text + u.start, '_', u.end - u.start) == NULL)
		return 0;
	/* "twitter: example.com", "github: v1.2.3" */
	if (memchr(s->text + u.start, '_', u.end - u.start) == NULL &&
	    memchr(s->text + u.start, '#', u.end - u.start) == NULL &&
	    (s->text[u.end - 4] == '.' || s->text[u.end - 3] == '.' ||
		is_digit(s->text[u.end - 1])))
		return 0;
	return u.end;
}
