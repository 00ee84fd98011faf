/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agreement - whether a user's message says yes to what was put before it.  Private to lib/rules.
 *
 * The reading, sentence by sentence (en pt es de fr it):
 *   - a sentence that opens with a word of assent ("yes", "sure", "sim", "ja") agrees, also when it
 *     then asks for something ("Yes, could you use my card?");
 *   - a weak opener ("okay", "fine") agrees unless it only acknowledges ("okay, I see") or opens a
 *     question;
 *   - a go-ahead ("please proceed", "go ahead", "sounds good", "I confirm") agrees, unless it is
 *     negated ("don't proceed"), conditional ("before you proceed") or itself a question ("can we
 *     proceed?"): a request is not a yes;
 *   - an order ("please book it") agrees when the agent had asked for a yes;
 *   - what only hands out or looks up ("Sure, my user ID is …", "Yes, please check the price") does
 *     not agree; the first of the two does where the agent had asked for a yes;
 *   - a hold ("wait", "not yet", "don't book") takes a yes back.
 * The last sentence that does either decides.  What does neither, such as choosing an option or
 * asking for a change, is no explicit yes.
 */
#pragma once

#include "rules/text.h"

enum agreement {
	AGREEMENT_NONE, /* neither agrees nor holds */
	AGREEMENT_YES,
	AGREEMENT_HELD, /* holds off, or takes a yes back */
};

/* question is what the agent said last before the message; empty when nothing. */
MUST_CHECK enum err agreement_read(struct str message, struct str question,
    enum agreement *ret_agreement);
