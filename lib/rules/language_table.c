/* SPDX-License-Identifier: Apache-2.0 */
/* The languages with their small words, found by hash, and their letters; see language_table.h. */
#include "rules/language_table.h"

#include <threads.h>

#define SLOTS 2048 /* a power of two, several times the number of words */

/* Words that two of the languages share with the same spelling are left out where they would
 * decide alone; see the tests for pairs. */
const struct language languages[N_LANGUAGES] = {
	{ "en",
	    " the and is are was were you your i'm i've it's this that with for of to have has will "
	    "would can't don't from what which please my we our not be been if there their they it "
	    "how can i help hello thanks thank yes sure here today order ",
	    false },
	{ "pt",
	    " não você vocês o os e é uma um do da dos das em no na nos nas para com que seu sua "
	    "está são pelo pela mas também obrigado obrigada sim isso ao à como mais já foi eu olá "
	    "posso ajudar hoje pedido vou tudo bem meu minha ontem amanhã por qual ",
	    false },
	{ "es",
	    " el la los las y es una un del de en para con que su está son por pero también gracias "
	    "sí usted como más ya fue yo lo se nuestro nuestra puede hola qué puedo ayudarte ayudarle "
	    "hoy pedido muchas cómo mi mañana cuál le te tu ",
	    false },
	{ "de",
	    " der die das und ist sind ein eine einen nicht mit für auf von zu den dem des sie ich "
	    "wir ihr ihre ihnen haben hat kann können bitte danke auch wie wird oder aber im guten "
	    "tag helfen bestellung heute ihrer unterwegs wurde gerne ",
	    false },
	{ "fr",
	    " le la les et est sont un une des du de en pour avec que vous votre vos nous pas ne je "
	    "c'est n'est ce cette mais aussi merci oui sur dans au aux plus bonjour être avez a été "
	    "comment puis aider commande hier demain aujourd'hui ",
	    false },
	{ "it",
	    " il lo la gli le e è sono un una di del della che per con non mi si ma anche grazie sì "
	    "suo sua come più questo questa nel nella ho può ciao posso aiutarti aiutarla oggi ordine "
	    "buongiorno ieri domani ",
	    false },
	{ "nl",
	    " de het een en is zijn niet met voor op van te dat die ik wij we u uw jij je heeft kan "
	    "ook maar bedankt graag naar bij hallo hoe helpen bestelling vandaag ",
	    false },
	{ "sv",
	    " och att det är som för på med jag du vi inte har kan den ett av till hej hur hjälpa dig "
	    "din idag beställning tack ",
	    false },
	{ "pl",
	    " nie jest się że na do jak mogę pomóc w sprawie zamówienia czy dziękuję cześć dzień dobry "
	    "twoje pan pani proszę przez oraz tak ",
	    false },
	{ "tr",
	    " bir ve bu için ile nasıl size siz ben bugün merhaba teşekkür ederim sipariş siparişiniz "
	    "yardımcı olabilirim değil çok var yok ",
	    false },
	{ "ro",
	    " și este sunt nu cu pentru care o să în din la ați vă puteți mulțumesc bună comanda dumneavoastră ",
	    false },
	{ "vi",
	    " tôi bạn là có thể giúp gì cho và của không được xin chào đơn hàng cảm ơn các này ",
	    false },
	{ "ru", NULL, false },
	{ "el", NULL, false },
	{ "he", NULL, false },
	{ "ar", NULL, false },
	{ "hi", NULL, false },
	{ "th", NULL, false },
	{ "zh", NULL, true },
	{ "ja", NULL, true },
	{ "ko", NULL, true },
};

enum { RU = 12, EL, HE, AR, HI, TH, ZH, JA, KO };

/* In the order of their letters. */
const struct script scripts[N_SCRIPTS] = {
	{ 0x0370, 0x03ff, 1u << EL },
	{ 0x0400, 0x04ff, 1u << RU },
	{ 0x0590, 0x05ff, 1u << HE },
	{ 0x0600, 0x06ff, 1u << AR },
	{ 0x0900, 0x097f, 1u << HI },
	{ 0x0e00, 0x0e7f, 1u << TH },
	{ 0x3040, 0x30ff, 1u << JA },
	{ 0x4e00, 0x9fff, 1u << ZH | 1u << JA },
	{ 0xac00, 0xd7af, 1u << KO },
};

/* The small words of all languages; made once, read only from then on. */
static struct slot {
	struct str word; /* .at is NULL: empty */
	uint32_t hash;
	uint32_t languages;
} slots[SLOTS];

static struct slot *
find_slot(struct str word, uint32_t hash)
{
	struct slot *s = &slots[hash & (SLOTS - 1)];

	while (s->word.at != NULL && (s->hash != hash || !str_equals(s->word, word)))
		s = s == &slots[SLOTS - 1] ? slots : s + 1;
	return s;
}

static void
add_words(size_t language)
{
	const char *at = languages[language].small_words;

	while (at != NULL && *(at += strspn(at, " ")) != '\0') {
		struct str word = { at, strcspn(at, " ") };
		uint32_t hash = LANGUAGE_HASH_START;
		struct slot *s;

		for (size_t i = 0; i < word.len; i++)
			hash = language_hash(hash, word.at[i]);
		s = find_slot(word, hash);
		*s = (struct slot){ word, hash, s->languages | 1u << language };
		at += word.len;
	}
}

static void
add_all_words(void)
{
	for (size_t l = 0; l < N_LANGUAGES; l++)
		add_words(l);
}

void
language_table_make(void)
{
	static once_flag is_made = ONCE_FLAG_INIT;

	call_once(&is_made, add_all_words);
}

uint32_t
language_of_word(struct str word, uint32_t hash)
{
	return find_slot(word, hash)->languages;
}
