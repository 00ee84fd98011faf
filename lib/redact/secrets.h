/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets - the matchers that begin where keys.h says that something of the kind begins; `behind`
 * is where the lexer stopped.
 */
#pragma once

#include "redact/keys.h"
#include "redact/scan.h"

void match_web_token(struct scan *s, size_t start);                 /* "eyJ…" */
void match_key_block(struct scan *s, size_t start, size_t behind);  /* "BEGIN … PRIVATE KEY" */
void match_scheme(struct scan *s, size_t start, size_t behind);     /* "Bearer …" */
void match_named_key(struct scan *s, const struct key_match *name); /* "heroku_key = …" */
void match_curl(struct scan *s, size_t behind);                     /* "curl -u user:password" */
void match_cookie(struct scan *s, size_t behind);                   /* "Cookie: session=…" */

/* "my password is …" */
void match_secret_phrase(struct scan *s, size_t start, const struct key_match *m);

/* Decodes base64 or base64url of at most len bytes and room for `room` bytes; stops at the first
 * other sign.  Returns how many bytes came out. */
size_t base64_peek(const uint8_t *text, size_t len, uint8_t *ret_bytes, size_t room);
