/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language - which language a message is in, as far as its small words or its script tell.
 * Private to lib/rules.
 */
#pragma once

#include "rules/text.h"

#define LANGUAGE_CODES "en pt es de fr it nl sv pl tr ro vi ru el he ar hi th zh ja ko"

enum language_finding {
	LANGUAGE_UNCLEAR, /* too short, or too mixed to say */
	LANGUAGE_ALLOWED,
	LANGUAGE_OTHER,
};

uint32_t language_bit(struct str code); /* 0 for a code that is not in LANGUAGE_CODES */

/* ret_name is the other language's code; written for LANGUAGE_OTHER only. */
MUST_CHECK enum err language_read(struct str message, uint32_t allowed,
    enum language_finding *ret_finding, const char **ret_name);
