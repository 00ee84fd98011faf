/* SPDX-License-Identifier: Apache-2.0 */
/* value - what is personal only behind words that say so: user names, plates, devices, births. */
#pragma once

#include "redact/cue.h"

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
bool match_special(struct scan *s, const struct cue *cue); /* health, belief, … of a person */
bool match_spoken_email(struct scan *s, const struct cue *cue);
