/* SPDX-License-Identifier: Apache-2.0 */
/* money - amounts of money in a text.  Private to lib/rules. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* The first amount: a view of the text. */
bool money_find(struct str text, struct str *ret_amount);

/* The text holds a number with the same digits as the amount. */
bool money_repeats(struct str text, struct str amount);
