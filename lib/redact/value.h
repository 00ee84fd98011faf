/* SPDX-License-Identifier: Apache-2.0 */
/* value - what is personal only behind words that say so: user names, plates, devices, births. */
#pragma once

#include "redact/cue.h"

/* How a word or a sign before the value binds it to the words that say what it is. */
enum binding { BINDING_WORDS, BINDING_COPULA, BINDING_SIGN };

/* How a value stands behind its phrase. */
struct value_place {
	const struct cue *cue;
	enum binding binding;
	size_t words; /* between them */
};

/* Where the name of a user that stands there ends, or 0: behind "user name"; behind "user"; behind
 * the name of a site. */
size_t user_end(const struct scan *s, size_t at, const struct value_place *place);
size_t login_end(const struct scan *s, size_t at, const struct value_place *place);
size_t social_end(const struct scan *s, size_t at, const struct value_place *place);

/* Where a plate ends, or 0: two or three groups of letters and digits of one case; or one of the
 * forms that a country has. */
size_t plate_end(const struct scan *s, size_t at);
size_t plate_form_end(const struct scan *s, size_t at, bool may_be_small);

bool match_value_cue(struct scan *s, const struct cue *cue);
bool match_born(struct scan *s, const struct cue *cue);

/* Where a date of the calendar that a living person can have been born on ends; 0 when there is
 * none at `at`. */
size_t date_end(const struct scan *s, size_t at);

/* The start of a number. */
void match_place(struct scan *s, size_t at);               /* "-23.5505, -46.6333" */
void match_asked_date(struct scan *s, size_t at);          /* the text before asked for it */
void match_handle(struct scan *s, size_t at);              /* "@" */
bool match_profile(struct scan *s, const struct cue *cue); /* "linkedin.com/in/name" */
bool match_home(struct scan *s, const struct cue *cue);    /* "/home/name/…" */
bool match_special(struct scan *s, const struct cue *cue); /* health, belief, … of a person */
bool match_spoken_email(struct scan *s, const struct cue *cue);
