/* SPDX-License-Identifier: Apache-2.0 */
/* cue - finds phrases, and calls what reads on from them. */
#include "redact/cue.h"
#include "redact/address.h"
#include "redact/letters.h"
#include "redact/value.h"

#define MAX_GAP 2     /* bytes between the words of a phrase */
#define MAX_ORDINAL 4 /* the same with a sign among them: "n.º de" */
#define MAX_SKIP 8
#define MAX_WORD_BACK 40

static const struct {
	uint64_t roles;
	bool (*match)(struct scan *s, const struct cue *cue);
} readers[] = {
	{ LEXICON_ROLE(CUE_NAMED) | LEXICON_ROLE(CUE_SELF) | LEXICON_ROLE(CUE_THIS) |
		LEXICON_ROLE(CUE_GREETING) | LEXICON_ROLE(CUE_TITLE) | LEXICON_ROLE(CUE_ROLE) |
		LEXICON_ROLE(CUE_LABEL) | LEXICON_ROLE(CUE_NAME) | LEXICON_ROLE(CUE_SIGNOFF) |
		LEXICON_ROLE(CUE_BEHALF),
	    match_person },
	{ LEXICON_ROLE(CUE_STREET), match_street },
	{ LEXICON_ROLE(CUE_ADDRESS), match_address_label },
	{ LEXICON_ROLE(CUE_SITE), match_profile },
	{ LEXICON_ROLE(CUE_USER) | LEXICON_ROLE(CUE_LOGIN) | LEXICON_ROLE(CUE_SOCIAL) |
		LEXICON_ROLE(CUE_PLATE) | LEXICON_ROLE(CUE_VEHICLE) | LEXICON_ROLE(CUE_DEVICE) |
		LEXICON_ROLE(CUE_GADGET),
	    match_value_cue },
	{ LEXICON_ROLE(CUE_HOME), match_home },
	{ LEXICON_ROLE(CUE_BORN), match_born },
	{ LEXICON_ROLE(CUE_AT), match_spoken_email },
	{ LEXICON_ROLE(CUE_BOX), match_box },
	{ LEXICON_ROLE(CUE_POSTAL), match_postal },
	{ LEXICON_ROLE(CUE_HEALTH) | LEXICON_ROLE(CUE_RELIGION) | LEXICON_ROLE(CUE_UNION) |
		LEXICON_ROLE(CUE_ORIENTATION) | LEXICON_ROLE(CUE_BIOMETRIC),
	    match_special },
};

static uint64_t
all_roles(void)
{
	uint64_t roles = 0;

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		roles |= readers[i].roles;
	return roles;
}

/* Where the next word of a phrase begins; at itself when the phrase ends.  A full stop joins only
 * what is short: "c.o.", "sig.ra". */
static size_t
next_word(const struct scan *s, size_t at, size_t word_len)
{
	size_t i = at, most = MAX_GAP;

	while (i < s->len && i - at < most) {
		uint8_t c = s->text[i];

		/* "nº", "n°" */
		if (cue_is_ordinal(s->text + i)) {
			most = MAX_ORDINAL;
			i += 2;
			continue;
		}
		if (c != ' ' && c != '\'' && c != '-' && c != '_' && c != '/' &&
		    !(c == '.' && word_len <= 4))
			break;
		i++;
	}
	return i > at && i < s->len && lexicon_is_letter(s->text[i]) ? i : at;
}

bool
cue_read(const struct scan *s, size_t at, uint64_t roles, struct cue *ret_cue)
{
	uint64_t phrase = 0;
	size_t from = at;
	bool is_found = false;

	for (size_t words = 0; words < LEXICON_MAX_WORDS; words++) {
		size_t end = from + letters_len(s->text + from);
		uint64_t word = lexicon_hash_in_layer(s->text + from, end - from);
		const struct lexicon_entry *e;

		if (word == 0)
			break;
		phrase = words == 0 ? word : lexicon_join(phrase, word);
		e = lexicon_of(phrase);
		if (e == NULL)
			break;
		if ((e->roles & roles) != 0) {
			*ret_cue = (struct cue){ at, end, e->roles };
			is_found = true;
		}
		from = next_word(s, end, end - from);
		if (!e->begins || from == end)
			break;
	}
	return is_found;
}

bool
cue_is_one_of(const struct scan *s, size_t start, size_t end, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == end - start &&
		    strncasecmp((const char *)s->text + start, words[i], end - start) == 0)
			return true;
	return false;
}

size_t
cue_word_before(const struct scan *s, size_t at, uint8_t ret_folded[static LEXICON_MAX_BYTES])
{
	size_t end = at, start;

	if (end == 0 ||
	    (s->text[end - 1] != ' ' && s->text[end - 1] != '-' && s->text[end - 1] != '_'))
		return 0;
	end--;
	start = end;
	while (start > 0 && end - start < MAX_WORD_BACK && lexicon_is_letter(s->text[start - 1]))
		start--;
	return lexicon_fold(s->text + start, end - start, ret_folded);
}

static inline bool
is_one_of(uint8_t c, const char *signs)
{
	while (*signs != '\0' && c != (uint8_t)*signs)
		signs++;
	return *signs != '\0';
}

size_t
cue_skip(const struct scan *s, size_t at, const char *signs)
{
	size_t i = at;

	while (i < s->len && i - at < MAX_SKIP && is_one_of(s->text[i], signs))
		i++;
	return i;
}

size_t
cue_skip_marks(const struct scan *s, size_t at)
{
	static const bool is_mark[UINT8_MAX + 1] = { [' '] = true,
		['"'] = true,
		['\''] = true,
		['*'] = true,
		['`'] = true,
		['_'] = true,
		['<'] = true,
		['|'] = true,
		['('] = true,
		['['] = true };
	size_t i = at;

	while (i < s->len && i - at < MAX_SKIP) {
		if (s->text[i] == 0xC2 && (s->text[i + 1] == 0xAB || s->text[i + 1] == 0xBB))
			i += 2;
		else if (is_mark[s->text[i]])
			i++;
		else
			break;
	}
	return i;
}

static bool
read_on(struct scan *s, size_t at)
{
	struct cue cue;

	if (!cue_read(s, at, all_roles(), &cue))
		return false;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if ((cue.roles & readers[i].roles) != 0 && readers[i].match(s, &cue))
			return true;
	return false;
}

void
match_cue_at(struct scan *s, size_t at, unsigned int wishes)
{
	if ((wishes & WISH_CUE) != 0 && read_on(s, at))
		return;
	if ((wishes & WISH_NAME) != 0)
		(void)match_bare_name(s, at);
}
