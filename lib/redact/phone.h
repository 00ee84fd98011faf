/* SPDX-License-Identifier: Apache-2.0 */
/* phone - the parts of rule_phone: numbers with a country's code, and national forms. */
#pragma once

#include "redact/number.h"

struct verdict phone_international(const struct number *n);
struct verdict phone_brazilian(const struct number *n);

/* Area code (67 are in use) and number: 11 digits with a 9 first, or 10 with 2 to 5 first. */
bool phone_is_brazilian(const uint8_t *digits, size_t n);
bool phone_is_north_american(const uint8_t *digits);

/* The sizes of groups that are one, as number_has_sizes_of has them: Brazil's in two lists, the
 * second behind what is dialled before them; NULL ends them. */
extern const char *const phone_brazilian_sizes[];
extern const char phone_north_american_sizes[];
const char *phone_national_sizes(size_t i);

/* The forms of the other countries, as groups and first digits. */
struct verdict phone_national(const struct number *n);
