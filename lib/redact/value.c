/* SPDX-License-Identifier: Apache-2.0 */
/* value - the user name, plate or device behind the words that say so. */
#include <strings.h>

#include "redact/layer.h"
#include "redact/value.h"

#define MAX_AHEAD 64
#define MAX_BACK 40
#define MANY_WORDS 8 /* between the words that say so and the value */
#define SOME_WORDS 4
#define MIN_DEVICE 7
#define SURE_DEVICE 8 /* signs that digits alone must have */
#define LONG_DEVICE 16
#define MAX_DEVICE 64
#define MIN_SERIAL_DIGITS 3
#define MAX_SERIAL_GROUPS 3
#define BY_CONTEXT 780
#define BEST_EFFORT 700

/* What the letters and digits of a device's number are. */
struct device {
	size_t end;
	size_t n_digits;
	size_t n_capitals;
	size_t n_small;
	size_t n_not_hex;
	size_t n_groups;
};

static struct device
device_read(const struct scan *s, size_t at)
{
	struct device d = { .end = at, .n_groups = 1 };

	for (; d.end < s->len && d.end - at < MAX_DEVICE; d.end++) {
		uint8_t c = s->text[d.end];

		if (!is_alnum(c) && !((c == '-' || c == ':') && is_alnum(s->text[d.end + 1])))
			break;
		d.n_groups += !is_alnum(c);
		d.n_digits += is_digit(c);
		d.n_capitals += c >= 'A' && c <= 'Z';
		d.n_small += c >= 'a' && c <= 'z';
		d.n_not_hex += is_alnum(c) && !is_hex(c);
	}
	return d;
}

static size_t
device_end(const struct scan *s, size_t at, const struct value_place *place)
{
	struct device d = device_read(s, at);
	size_t len = d.end - at;

	(void)place;
	if (len >= MAX_DEVICE || d.n_digits < 2 || s->text[d.end] == '_')
		return 0;
	return len >= (d.n_capitals + d.n_small > 0 ? MIN_DEVICE : SURE_DEVICE) ? d.end : 0;
}

/* "serial F2LX9QZ3HG7F", "device 9f86d081884c7d65": letters and digits in one, of one case. */
static size_t
gadget_end(const struct scan *s, size_t at, const struct value_place *place)
{
	struct device d = device_read(s, at);
	size_t len = d.end - at, cue_len = place->cue->end - place->cue->start;
	bool is_serial = lower(s->text[place->cue->start]) == 's' && cue_len <= 6;

	if (len >= MAX_DEVICE || d.n_digits < 2 || d.n_capitals + d.n_small == 0 ||
	    (d.n_capitals > 0 && d.n_small > 0) || s->text[d.end] == '_' || s->text[d.end] == '.' ||
	    s->text[d.end] == '/' || memchr(s->text + at, ':', len) != NULL)
		return 0;
	if (d.n_not_hex == 0 && len >= LONG_DEVICE && d.n_capitals + d.n_small > 1)
		return d.end;
	if (!is_serial || place->words > 0 || len < SURE_DEVICE || d.n_digits < MIN_SERIAL_DIGITS)
		return 0;
	return d.n_groups <= (d.n_small == 0 ? MAX_SERIAL_GROUPS : 1u) ? d.end : 0;
}

/* Few words, or a sign, lead to any plate; many to one of a country's form. */
static size_t
any_plate_end(const struct scan *s, size_t at, const struct value_place *place)
{
	bool is_bound = place->binding != BINDING_WORDS;

	return place->words < SOME_WORDS || is_bound ? plate_end(s, at)
						     : plate_form_end(s, at, false);
}

static size_t
vehicle_plate_end(const struct scan *s, size_t at, const struct value_place *place)
{
	return plate_form_end(s, at, place->words == 0);
}

static const struct kind {
	uint64_t role;
	enum redact_type type;
	size_t (*end)(const struct scan *s, size_t at, const struct value_place *place);
	uint8_t how;
	uint8_t max_words;
	bool reads_on; /* over commas, and behind what a sign bound */
	uint16_t score;
} kinds[] = {
	{ LEXICON_ROLE(CUE_USER), REDACT_USERNAME, user_end, CANONICAL_LOWER, SOME_WORDS, false,
	    BY_CONTEXT },
	{ LEXICON_ROLE(CUE_LOGIN), REDACT_USERNAME, login_end, CANONICAL_LOWER, 1, false,
	    BEST_EFFORT },
	{ LEXICON_ROLE(CUE_SOCIAL), REDACT_USERNAME, social_end, CANONICAL_LOWER, SOME_WORDS, false,
	    BY_CONTEXT },
	{ LEXICON_ROLE(CUE_PLATE), REDACT_PLATE, any_plate_end, CANONICAL_UPPER_ALNUM, MANY_WORDS,
	    false, BY_CONTEXT },
	{ LEXICON_ROLE(CUE_VEHICLE) | LEXICON_ROLE(CUE_PLATE), REDACT_PLATE, vehicle_plate_end,
	    CANONICAL_UPPER_ALNUM, MANY_WORDS, true, BY_CONTEXT },
	{ LEXICON_ROLE(CUE_DEVICE), REDACT_DEVICE_ID, device_end, CANONICAL_LOWER, SOME_WORDS,
	    false, BY_CONTEXT },
	{ LEXICON_ROLE(CUE_GADGET), REDACT_DEVICE_ID, gadget_end, CANONICAL_LOWER, SOME_WORDS,
	    false, BY_CONTEXT },
};

/* "is", "é", "ist": what follows is the value. */
static bool
is_copula(const uint8_t *at, size_t len)
{
	static const char *const words[] = { "is", "\xC3\xA9", "es", "ist", "est", "\xC3\xA8",
		"lautet" };

	if (len < 2 || len > sizeof("lautet") - 1)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((uint8_t)words[i][0] == lower(*at) && strlen(words[i]) == len &&
		    strncasecmp((const char *)at, words[i], len) == 0)
			return at[len] != '-'; /* "ES-5520-8" */
	return false;
}

static void
add_value(struct scan *s, const struct kind *k, size_t start, size_t end)
{
	scan_add(s,
	    (struct candidate){
		.start = (uint32_t)start,
		.end = (uint32_t)end,
		.type = (uint16_t)k->type,
		.score = k->score,
		.how = k->how,
	    });
}

/* No value stands behind this byte. */
static bool
ends_search(const struct scan *s, size_t at, const struct value_place *place, const struct kind *k)
{
	uint8_t c = s->text[at], next = s->text[at + 1];

	if (c == '[' && placeholder_len(s->text + at, s->len - at) > 0)
		return true;
	if (c == LAYER_BREAK || (c == '\n' && place->binding == BINDING_WORDS) || c == ';' ||
	    c == '?' || (c == ',' && next <= ' ' && !k->reads_on))
		return true;
	/* "Reg. no.: AB12 CDE" */
	return c == '.' && next <= ' ' && at > place->cue->end;
}

/* Behind the letters and digits of a word. */
static size_t
word_end(const struct scan *s, size_t at, size_t limit)
{
	while (at < limit &&
	    (is_alnum(s->text[at]) || (s->text[at] >= 0x80 && s->text[at] != LAYER_BREAK)))
		at++;
	return at;
}

/* Over a sign between the phrase and the value, which may bind the two. */
static size_t
pass_sign(const struct scan *s, size_t at, struct value_place *place)
{
	uint8_t c = s->text[at];

	if (c == ':' || c == '=' || c == '|' || c == '#')
		place->binding = BINDING_SIGN;
	/* The other bytes of "«" and of the signs past U+2000. */
	return at + 1 + (c == 0xC2 ? 1 : c == 0xE2 ? 2 : 0);
}

static bool
begins_value(const struct scan *s, size_t at, const struct kind *k)
{
	return is_alnum(s->text[at]) || lexicon_is_letter(s->text[at]) ||
	    (s->text[at] == '@' && k->type == REDACT_USERNAME);
}

/* Over a word that is no value. */
static size_t
pass_word(const struct scan *s, size_t at, size_t next, struct value_place *place)
{
	if (is_copula(s->text + at, next - at)) {
		place->binding = BINDING_COPULA;
		return next;
	}
	/* "o usuario e mia36": "é" without its accent is no word of its own. */
	place->words += !(s->text[at] == 'e' && next - at == 1);
	return next > at ? next : at + 1;
}

/* Looks for the value behind the phrase: signs and a few words may stand between. */
static bool
find_value(struct scan *s, const struct cue *cue, const struct kind *k)
{
	size_t limit = s->len - cue->end > MAX_AHEAD ? cue->end + MAX_AHEAD : s->len, end;
	struct value_place place = { cue, BINDING_WORDS, 0 };

	/* The label has its line to itself. */
	if (s->text[cue->end] == '\n' && (cue->start == 0 || s->text[cue->start - 1] == '\n'))
		place.binding = BINDING_SIGN;

	for (size_t at = cue->end; at < limit && place.words < k->max_words;) {
		size_t next, words = place.words;

		if (ends_search(s, at, &place, k))
			return false;
		if (!begins_value(s, at, k)) {
			at = pass_sign(s, at, &place);
			continue;
		}
		next = word_end(s, at, limit);
		end = at == cue->end || is_copula(s->text + at, next - at) ? 0
									   : k->end(s, at, &place);
		if (end != 0) {
			add_value(s, k, at, end);
			/* Words between the two may speak of somebody. */
			if (place.words == 0)
				s->cue_resume = end;
			return true;
		}
		at = pass_word(s, at, next, &place);
		if (place.words > words && place.binding != BINDING_WORDS && !k->reads_on)
			return false;
	}
	return false;
}

/* What was redacted before stands behind the phrase: it needs no value before it. */
static bool
has_placeholder_behind(const struct scan *s, size_t at)
{
	size_t limit = s->len - at > MAX_AHEAD ? at + MAX_AHEAD : s->len;

	for (; at < limit && s->text[at] != LAYER_BREAK; at++)
		if (s->text[at] == '[' && placeholder_len(s->text + at, s->len - at) > 0)
			return true;
	return false;
}

/* "KX12 ABC is my reg" */
static bool
find_plate_before(struct scan *s, const struct cue *cue, const struct kind *k)
{
	size_t floor = cue->start > MAX_BACK ? cue->start - MAX_BACK : 0;

	if (floor < s->cue_resume)
		floor = s->cue_resume;
	if (has_placeholder_behind(s, cue->end))
		return false;
	for (size_t at = cue->start; at > floor; at--) {
		uint8_t before = s->text[at - 1];
		size_t end;

		if (before == '\n' || before == LAYER_BREAK || before == '.' || before == ';')
			return false;
		if (!is_alnum(before) || (at > 1 && is_alnum(s->text[at - 2])))
			continue;
		end = plate_form_end(s, at - 1, false);
		if (end == 0 || end > cue->start)
			continue;
		add_value(s, k, at - 1, end);
		return true;
	}
	return false;
}

bool
match_value_cue(struct scan *s, const struct cue *cue)
{
	/* "pseudo_member": part of another name. */
	if (s->text[cue->end] == '_')
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((cue->roles & kinds[i].role) != 0 &&
		    (find_value(s, cue, &kinds[i]) ||
			(kinds[i].type == REDACT_PLATE && find_plate_before(s, cue, &kinds[i]))))
			return true;
	return false;
}
