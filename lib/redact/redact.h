/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redact - finds personal data and secrets in text and puts typed, stable placeholders in their
 * place: "[EMAIL:k7f3qa]".
 *
 * Two steps, because the tokens are made elsewhere (keyd holds the workspace's key):
 *
 *   redact_find(r, text, f);                          spans with canonical values, or
 *   redact_find_under(r, policy, text, f);            the same by a workspace's policy (policy.h)
 *   tokens for redact_value(f, i) from the token source, in one batch
 *   redact_render(text, f, tokens, out);              text with placeholders
 *
 * Text that is itself JSON (tool arguments, tool results) is decoded before matching and stays
 * valid JSON; the spans are always byte offsets into the text as given.  Placeholders already in
 * the text are left alone, so redacting twice changes nothing more; a placeholder forged by a user
 * cannot be told from one of ours and carries no meaning.
 *
 * A span says what becomes of it (enum redact_action): a placeholder; a placeholder that keeps the
 * last four characters or the domain, "[CARD:k7f3qa:1111]"; "[removed]"; or nothing, when the span
 * is only flagged.  All three forms are left alone when they are met again.
 *
 * Fails closed: ERR_MALFORMED (invalid UTF-8), ERR_TOO_LARGE (REDACT_MAX_BYTES, REDACT_MAX_SPANS)
 * and ERR_NOMEM mean that the text must not be stored.  ERR_TOO_LARGE also says that a policy's own
 * patterns took more steps than PATTERN_STEPS_PER_BYTE allows.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Raised whenever another finding or another form comes out; kept with what is stored. */
#define REDACT_VERSION 4

#define REDACT_MAX_BYTES (8u << 20)
#define REDACT_MAX_SPANS 65536
#define REDACT_TOKEN_CHARS 6 /* of [a-z2-7] */

/* The stable names of placeholders and spans. */
/* clang-format off */
#define REDACT_TYPES(X)                                                                            \
	X(EMAIL) X(PHONE) X(PERSON) X(ADDRESS) X(POSTAL_CODE) X(DATE_OF_BIRTH) X(USERNAME) X(GEO)  \
	X(PLATE) X(CARD) X(IBAN) X(BANK_ACCOUNT) X(PIX_KEY) X(CRYPTO) X(CPF) X(CNPJ) X(RG) X(CNH)  \
	X(PIS) X(TITULO_ELEITOR) X(CNS) X(SSN) X(ITIN) X(EIN) X(PASSPORT) X(DRIVER_LICENCE)        \
	X(NINO) X(NHS) X(STEUER_ID) X(NIR) X(DNI) X(NIE) X(CIF) X(CODICE_FISCALE) X(NIF) X(BSN)    \
	X(BE_NRN) X(PESEL) X(PERSONNUMMER) X(HETU) X(CPR) X(CUIT) X(CURP) X(RFC) X(RUT) X(IP)      \
	X(MAC) X(IMEI) X(DEVICE_ID) X(SECRET) X(HEALTH) X(RELIGION) X(UNION_MEMBERSHIP)            \
	X(ORIENTATION) X(BIOMETRIC)

/* clang-format on */

enum redact_type {

#define REDACT_TYPE_ENUM(name) REDACT_##name,
	REDACT_TYPES(REDACT_TYPE_ENUM)
#undef REDACT_TYPE_ENUM
	    REDACT_N_TYPES,
	REDACT_CUSTOM = REDACT_N_TYPES /* a pattern of the workspace's own */
};

const char *redact_type_name(enum redact_type type);

/* What becomes of a finding. */
enum redact_action {
	REDACT_REPLACE, /* [CARD:k7f3qa] */
	REDACT_MASK, /* [CARD:k7f3qa:1111], or as REDACT_REPLACE where that would show too much */
	REDACT_DROP, /* [removed] */
	REDACT_FLAG, /* reported, the text stays */
};

struct redact_span {
	uint32_t start; /* byte offsets into the text: start <= at < end */
	uint32_t end;
	uint16_t type;  /* enum redact_type */
	uint16_t score; /* confidence, 0 to 1000 */
	uint8_t action; /* enum redact_action */
};

/* What the token is made of: the type and the value in its canonical form, so that the same value
 * written with other separators, case or country prefix gets the same token. */
struct redact_value {
	enum redact_type type;
	const char *label; /* the type's name, or CUSTOM_NAME; what the placeholder begins with */
	struct str canonical; /* valid until the findings change */
};

struct redact_token {
	char chars[REDACT_TOKEN_CHARS + 1];
};

struct redact_policy;
struct redactor; /* tables and scratch memory; not shared between threads */
struct redact_findings;

MUST_CHECK enum err redactor_new(struct redactor **ret_redactor);
void redactor_free(struct redactor *r);
CLEANUP_DEFINE(redactor);

MUST_CHECK enum err redact_findings_new(struct redact_findings **ret_findings);
void redact_findings_free(struct redact_findings *f);
CLEANUP_DEFINE(redact_findings);

/* Replaces what f held.  Spans come ordered and disjoint, on character boundaries. */
MUST_CHECK enum err redact_find(struct redactor *r, struct str text, struct redact_findings *f);

/* By a policy, which must live as long as the findings are used; NULL: the default. */
MUST_CHECK enum err redact_find_under(struct redactor *r, const struct redact_policy *policy,
    struct str text, struct redact_findings *f);

/* Texts of one conversation, in their order.  Each is learnt first; redactor_at then says which one
 * the next redact_find is given, so that values which cross the end of a message are found in both,
 * and short answers are understood by what was asked.  redactor_begin forgets the last
 * conversation; without it, or behind it, each text stands alone.  speaker: any number, the same
 * for texts of the same author. */
void redactor_begin(struct redactor *r);
MUST_CHECK enum err redactor_learn(struct redactor *r, struct str text, unsigned int speaker);
void redactor_at(struct redactor *r, size_t i);

size_t redact_count(const struct redact_findings *f);
const struct redact_span *redact_spans(const struct redact_findings *f);
struct redact_value redact_value(const struct redact_findings *f, size_t i);

/* Appends text with each span replaced; tokens has redact_count(f) entries. */
MUST_CHECK enum err redact_render(struct str text, const struct redact_findings *f,
    const struct redact_token *tokens, struct buf *out);

/* A token from the 32 bytes of a MAC over type and canonical value (HMAC-SHA-256 under the
 * workspace's pseudonym key): 30 bits in base 32. */
struct redact_token redact_token_from_mac(const uint8_t mac[static 32]);

/* The bytes that are MACed for a value: "LABEL\0canonical". */
MUST_CHECK enum err redact_value_message(struct redact_value value, struct buf *out);
