/* SPDX-License-Identifier: Apache-2.0 */
/* address - the parts of a postal address; cue.h and the scan call what reads them. */
#pragma once

#include "redact/cue.h"

/* Where the postal code at `at` ends; 0 when there is none.  is_sure: its form alone says so (a
 * hyphen, letters), not five digits. */
size_t postal_code_end(const struct scan *s, size_t at, bool *ret_is_sure);

void postal_add(struct scan *s, size_t start, size_t end, uint16_t score);

/* A code at a digit or a capital that no word names, by its form and by what stands beside it. */
bool match_postal_form(struct scan *s, size_t at);

/* Where what follows a street and its number on the line ends: part of the house, postal code,
 * city, state.  *ret_has_code: a postal code or a state was among it. */
size_t address_tail_end(const struct scan *s, size_t at, bool *ret_has_code);

/* A house number: "12", "12-A", "12 bis", "1234"; where it ends, or 0. */
size_t house_number_end(const struct scan *s, size_t at);

void address_add(struct scan *s, size_t start, size_t end, uint16_t score);

/* The start of a number: a street may stand before it or behind it. */
void match_house_number(struct scan *s, size_t at);

/* The words before speak of where somebody lives. */
bool street_has_context(struct scan *s, size_t at);

/* "Hauptstraße 12": at the number. */
bool match_street_first(struct scan *s, size_t at);

/* May a word that ends at `end` be a street's, as in "Hauptstraße"?  Looks at its last letters. */
bool street_may_end(const uint8_t *text, size_t end);

bool match_street(struct scan *s, const struct cue *cue);
/* "Address: …": all of the line behind it. */
bool match_address_label(struct scan *s, const struct cue *cue);
bool match_box(struct scan *s, const struct cue *cue);
bool match_postal(struct scan *s, const struct cue *cue);
