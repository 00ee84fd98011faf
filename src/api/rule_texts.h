/* SPDX-License-Identifier: Apache-2.0 */
/* rule_texts - a rule's name and description, from its sealed record. */
#pragma once

#include "api/request.h"
#include "api/rule_cache.h"

/* Text lives in the request's arena. */
MUST_CHECK enum err rule_text_unseal(struct request *r, const struct uuid *rule, struct str sealed,
    struct rule_text *ret_text);
