/* SPDX-License-Identifier: Apache-2.0 */
/* validators - check digits as their standards write them, sharing nothing with lib/redact. */
#pragma once

#include "base/str.h"

typedef bool validator(struct str value); /* separators may be inside */

bool is_luhn(struct str value);
bool is_cpf(struct str value);
bool is_cnpj(struct str value);
bool is_iban(struct str value);
bool is_ssn(struct str value);

/* Small letters, capitals and digits, as a token drawn at random has them. */
bool has_three_classes(struct str value);

/* A key that somebody made up to show its form, or that looks like it by chance. */
bool is_like_a_sample(struct str value);
