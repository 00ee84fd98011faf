/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which language a message is in; see language.h.
 *
 * Latin script: the small words that every sentence of a language uses and its neighbours do not
 * are counted.  Other scripts name their language by themselves.  A message is called foreign only
 * on clear evidence: a wrong `fail` costs trust, a short greeting proves nothing.
 */
#include "rules/language.h"

#define MIN_HITS 3           /* small words of the foreign language */
#define MIN_LEAD 2           /* times as many as of any allowed one */
#define MAX_READ_BYTES 32768 /* of the message's beginning: enough to tell */
#define MIN_HITS_ALONE 2     /* when there is no other */
#define MIN_WORDS 4          /* a message of fewer may be a saying */
#define MIN_LETTERS 8        /* letters of a foreign script */
#define MIN_DENSE_LETTERS 4  /* of one in which a letter is a word or syllable */

struct language {
	const char *code;
	const char *small_words;            /* parted and enclosed by blanks; NULL: by script */
	uint32_t first_letter, last_letter; /* of the script */
	uint32_t first_letter_2, last_letter_2;
};

/* Words that two of the languages share with the same spelling are left out where they would
 * decide alone; see the tests for pairs. */
static const struct language languages[] = {
	{ "en",
	    " the and is are was were you your i'm i've it's this that with for of to have has will "
	    "would can't don't from what which please my we our not be been if there their they it "
	    "how can i help hello thanks thank yes sure here today order ",
	    0, 0, 0, 0 },
	{ "pt",
	    " não você vocês o os e é uma um do da dos das em no na nos nas para com que seu sua "
	    "está são pelo pela mas também obrigado obrigada sim isso ao à como mais já foi eu olá "
	    "posso ajudar hoje pedido vou tudo bem meu minha ontem amanhã por qual ",
	    0, 0, 0, 0 },
	{ "es",
	    " el la los las y es una un del de en para con que su está son por pero también gracias "
	    "sí usted como más ya fue yo lo se nuestro nuestra puede hola qué puedo ayudarte ayudarle "
	    "hoy pedido muchas cómo mi mañana cuál le te tu ",
	    0, 0, 0, 0 },
	{ "de",
	    " der die das und ist sind ein eine einen nicht mit für auf von zu den dem des sie ich "
	    "wir ihr ihre ihnen haben hat kann können bitte danke auch wie wird oder aber im guten "
	    "tag helfen bestellung heute ihrer unterwegs wurde gerne ",
	    0, 0, 0, 0 },
	{ "fr",
	    " le la les et est sont un une des du de en pour avec que vous votre vos nous pas ne je "
	    "c'est n'est ce cette mais aussi merci oui sur dans au aux plus bonjour être avez a été "
	    "comment puis aider commande hier demain aujourd'hui ",
	    0, 0, 0, 0 },
	{ "it",
	    " il lo la gli le e è sono un una di del della che per con non mi si ma anche grazie sì "
	    "suo sua come più questo questa nel nella ho può ciao posso aiutarti aiutarla oggi ordine "
	    "buongiorno ieri domani ",
	    0, 0, 0, 0 },
	{ "nl",
	    " de het een en is zijn niet met voor op van te dat die ik wij we u uw jij je heeft kan "
	    "ook maar bedankt graag naar bij hallo hoe helpen bestelling vandaag ",
	    0, 0, 0, 0 },
	{ "sv",
	    " och att det är som för på med jag du vi inte har kan den ett av till hej hur hjälpa dig "
	    "din idag beställning tack ",
	    0, 0, 0, 0 },
	{ "pl",
	    " nie jest się że na do jak mogę pomóc w sprawie zamówienia czy dziękuję cześć dzień dobry "
	    "twoje pan pani proszę przez oraz tak ",
	    0, 0, 0, 0 },
	{ "tr",
	    " bir ve bu için ile nasıl size siz ben bugün merhaba teşekkür ederim sipariş siparişiniz "
	    "yardımcı olabilirim değil çok var yok ",
	    0, 0, 0, 0 },
	{ "ro",
	    " și este sunt nu cu pentru care o să în din la ați vă puteți mulțumesc bună comanda dumneavoastră ",
	    0, 0, 0, 0 },
	{ "vi",
	    " tôi bạn là có thể giúp gì cho và của không được xin chào đơn hàng cảm ơn các này ", 0,
	    0, 0, 0 },
	{ "ru", NULL, 0x0400, 0x04ff, 0, 0 },
	{ "el", NULL, 0x0370, 0x03ff, 0, 0 },
	{ "he", NULL, 0x0590, 0x05ff, 0, 0 },
	{ "ar", NULL, 0x0600, 0x06ff, 0, 0 },
	{ "hi", NULL, 0x0900, 0x097f, 0, 0 },
	{ "th", NULL, 0x0e00, 0x0e7f, 0, 0 },
	{ "zh", NULL, 0x4e00, 0x9fff, 0, 0 },
	{ "ja", NULL, 0x3040, 0x30ff, 0x4e00, 0x9fff },
	{ "ko", NULL, 0xac00, 0xd7af, 0, 0 },
};

#define N_LANGUAGES (sizeof(languages) / sizeof(languages[0]))

uint32_t
language_bit(struct str code)
{
	for (size_t i = 0; i < N_LANGUAGES; i++)
		if (str_equals_ignoring_case(code, str_from(languages[i].code)))
			return 1u << i;
	return 0;
}

static bool
is_small_word(const char *small_words, struct str word)
{
	struct str all = str_from(small_words);

	for (size_t i = 1; i + word.len < all.len; i++)
		if (all.at[i - 1] == ' ' && all.at[i + word.len] == ' ' &&
		    str_equals(str_slice(all, i, i + word.len), word))
			return true;
	return false;
}

static bool
is_letter_of(const struct language *l, uint32_t c)
{
	return l->small_words == NULL &&
	    ((c >= l->first_letter && c <= l->last_letter) ||
		(l->last_letter_2 > 0 && c >= l->first_letter_2 && c <= l->last_letter_2));
}

static bool
is_capital(struct str message, const struct text *t, size_t at)
{
	uint32_t c;

	if (at >= t->n || t->tokens[at].mark != 0)
		return false;
	(void)text_read_char(message, t->tokens[at].from, &c);
	return text_fold(c) != c;
}

/* "Rua das Flores", "Ana da Silva": part of a name, which says nothing of the language around. */
static bool
is_in_name(struct str message, const struct text *t, size_t at)
{
	bool is_named = is_capital(message, t, at);
	bool opens = at == 0 || t->tokens[at - 1].mark != 0;

	if (is_named && !opens)
		return true;
	for (size_t k = 1; k <= 2 && at >= k && !is_named; k++)
		if (is_capital(message, t, at - k))
			return is_capital(message, t, at + 1) || is_capital(message, t, at + 2);
	return false;
}

/* Returns how many words there are beside names. */
static size_t
count_words(struct str message, const struct text *t, size_t *hits)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->tokens[i].mark != 0 || is_in_name(message, t, i))
			continue;
		n++;
		for (size_t l = 0; l < N_LANGUAGES; l++)
			hits[l] += languages[l].small_words != NULL &&
			    is_small_word(languages[l].small_words, t->tokens[i].word);
	}
	return n;
}

static size_t
count_letters(struct str message, size_t *letters)
{
	size_t n = 0;

	for (size_t at = 0; at < message.len;) {
		uint32_t c;

		at += text_read_char(message, at, &c);
		n += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xc0;
		for (size_t l = 0; l < N_LANGUAGES; l++)
			letters[l] += is_letter_of(&languages[l], c);
	}
	return n;
}

/* The best counted language among those whose bit is in the set. */
static size_t
best_of(const size_t *counts, uint32_t set)
{
	size_t best = N_LANGUAGES;

	for (size_t l = 0; l < N_LANGUAGES; l++)
		if ((set & 1u << l) != 0 && (best == N_LANGUAGES || counts[l] > counts[best]))
			best = l;
	return best;
}

/* Enough letters of a script to tell: fewer where one letter is a word or a syllable. */
static bool
is_enough(size_t language, size_t n)
{
	bool is_dense = languages[language].first_letter >= 0x3040;

	return n >= (is_dense ? MIN_DENSE_LETTERS : MIN_LETTERS);
}

struct finding {
	enum language_finding finding;
	size_t foreign;
};

static struct finding
judge_script(const size_t *letters, size_t n_letters, uint32_t allowed)
{
	size_t foreign = best_of(letters, ~allowed), good = best_of(letters, allowed);

	if (foreign < N_LANGUAGES && is_enough(foreign, letters[foreign]) &&
	    letters[foreign] * 2 > n_letters && letters[foreign] > letters[good])
		return (struct finding){ LANGUAGE_OTHER, foreign };
	return (struct finding){
		is_enough(good, letters[good]) ? LANGUAGE_ALLOWED : LANGUAGE_UNCLEAR, foreign
	};
}

/* A short message counts when it has nothing of an allowed language. */
static struct finding
judge_words(const size_t *hits, size_t n_words, uint32_t allowed)
{
	size_t foreign = best_of(hits, ~allowed), good = hits[best_of(hits, allowed)];
	size_t bad = foreign < N_LANGUAGES ? hits[foreign] : 0;
	bool is_clear = bad >= MIN_HITS && bad >= good * MIN_LEAD && bad > good;
	bool is_short =
	    good == 0 && bad >= MIN_HITS_ALONE && bad * 3 >= n_words && n_words >= MIN_WORDS;

	if (is_clear || is_short)
		return (struct finding){ LANGUAGE_OTHER, foreign };
	return (struct finding){ good >= MIN_HITS_ALONE ? LANGUAGE_ALLOWED : LANGUAGE_UNCLEAR,
		foreign };
}

/* Where the code fence or address that begins at the given place ends; 0 when none does. */
static size_t
end_of_code(struct str s, size_t at)
{
	struct str rest = str_slice(s, at, s.len);
	const char *close;

	if (str_starts_with(rest, STR("```"))) {
		close = memmem(rest.at + 3, rest.len - 3, "```", 3);
		return close == NULL ? s.len : (size_t)(close - s.at) + 3;
	}
	if (!str_starts_with(rest, STR("http://")) && !str_starts_with(rest, STR("https://")) &&
	    !str_starts_with(rest, STR("www.")))
		return 0;
	while (at < s.len && (unsigned char)s.at[at] > ' ')
		at++;
	return at;
}

/* A copy with blanks for code and addresses. */
static enum err
read_prose(struct arena *a, struct str message, struct str *ret_prose)
{
	char *copy = arena_alloc(a, message.len + 1);

	if (copy == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < message.len;) {
		size_t end = end_of_code(message, i);

		if (end == 0) {
			copy[i] = message.at[i];
			i++;
		}
		for (; i < end; i++)
			copy[i] = ' ';
	}
	*ret_prose = (struct str){ copy, message.len };
	return ERR_OK;
}

enum err
language_read(struct str message, uint32_t allowed, enum language_finding *ret_finding,
    const char **ret_name)
{
	size_t hits[N_LANGUAGES] = { 0 }, letters[N_LANGUAGES] = { 0 };
	CLEANUP(arena) struct arena *scratch = NULL;
	struct finding found;
	struct str prose;
	struct text t;
	enum err e;

	message = text_cut(message, MAX_READ_BYTES);
	e = arena_new(TEXT_ARENA_BYTES(message.len) + message.len, &scratch);
	if (e == ERR_OK)
		e = read_prose(scratch, message, &prose);
	if (e == ERR_OK)
		e = text_read(scratch, prose, &t);
	if (e != ERR_OK)
		return e;
	found = judge_script(letters, count_letters(prose, letters), allowed);
	if (found.finding == LANGUAGE_UNCLEAR)
		found = judge_words(hits, count_words(prose, &t, hits), allowed);
	*ret_finding = found.finding;
	if (found.finding == LANGUAGE_OTHER)
		*ret_name = languages[found.foreign].code;
	return ERR_OK;
}
