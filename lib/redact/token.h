/* SPDX-License-Identifier: Apache-2.0 */
/* token - what match_token asks in turn; each says whether it added a finding. */
#pragma once

#include "redact/scan.h"

bool match_iban(struct scan *s, size_t start);
bool match_letter_id(struct scan *s, size_t start);
bool match_crypto(struct scan *s, size_t start, size_t len);
bool match_mac_groups(struct scan *s, size_t start, size_t len); /* "00-1A-…", "001a.2b3c.4d5e" */
bool match_pix_uuid(struct scan *s, size_t start);
bool match_named_token(struct scan *s, size_t start, size_t len);
bool match_odd_key(struct scan *s, size_t start, size_t len, bool is_number);
bool match_bic(struct scan *s, size_t start, size_t len);
