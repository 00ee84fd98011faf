/* SPDX-License-Identifier: Apache-2.0 */
/* prompt - what rendering and parsing must agree on.  Private to lib/judge. */
#pragma once

#include "judge/judge.h"

#define PROMPT_CANARY_BYTES 40

/* A word of the instructions that no honest answer repeats; follows from the prompt's nonce. */
MUST_CHECK enum err prompt_canary(const struct judge_prompt *prompt,
    char ret_canary[static PROMPT_CANARY_BYTES]);

/* Boundary and nonce that do not stand in the content: random, or (seed not NULL) derived. */
MUST_CHECK enum err prompt_draw(const struct str *seed, struct str content,
    struct judge_prompt *prompt);

/* prompt->messages_json: the two chat messages. */
MUST_CHECK enum err prompt_write(struct arena *a, struct str system, struct str user,
    struct judge_prompt *prompt);

/* Whether the prompt asks about this rule. */
bool prompt_asks(const struct judge_prompt *prompt, const struct rule *rule);
