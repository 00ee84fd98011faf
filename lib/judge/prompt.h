/* SPDX-License-Identifier: Apache-2.0 */
/* prompt - what rendering and parsing must agree on.  Private to lib/judge. */
#pragma once

#include "judge/judge.h"

#define PROMPT_CANARY_BYTES 40

/* A word of the instructions that no honest answer repeats; follows from the prompt's nonce. */
MUST_CHECK enum err prompt_canary(const struct judge_prompt *prompt,
    char ret_canary[static PROMPT_CANARY_BYTES]);

/* Whether the prompt asks about this rule. */
bool prompt_asks(const struct judge_prompt *prompt, const struct rule *rule);
