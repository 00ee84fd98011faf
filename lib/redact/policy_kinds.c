/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_kinds - what a workspace may say of each type: the group under which it is shown, what
 * becomes of it by default, whether its last four characters may be shown.
 *
 * A type without a row is replaced, may be turned off and is shown under "other".
 */
#include "redact/policy_parts.h"

enum form {
	WHOLE, /* nothing of it is shown */
	SHOWS, /* the last four characters, or the domain */
	SECRET,
	SPECIAL, /* a special category: flagged */
};

static const struct {
	const char *group;
	enum form form;
} kinds[REDACT_N_TYPES] = {
	[REDACT_EMAIL] = { "contact", SHOWS },
	[REDACT_PHONE] = { "contact", SHOWS },
	[REDACT_USERNAME] = { "contact", WHOLE },
	[REDACT_PERSON] = { "people and places", WHOLE },
	[REDACT_ADDRESS] = { "people and places", WHOLE },
	[REDACT_POSTAL_CODE] = { "people and places", WHOLE },
	[REDACT_DATE_OF_BIRTH] = { "people and places", WHOLE },
	[REDACT_GEO] = { "people and places", WHOLE },
	[REDACT_PLATE] = { "people and places", WHOLE },
	[REDACT_CARD] = { "money", SHOWS },
	[REDACT_IBAN] = { "money", SHOWS },
	[REDACT_BANK_ACCOUNT] = { "money", SHOWS },
	[REDACT_PIX_KEY] = { "money", SHOWS },
	[REDACT_CRYPTO] = { "money", SHOWS },
	[REDACT_CPF] = { "Brazil", SHOWS },
	[REDACT_CNPJ] = { "Brazil", SHOWS },
	[REDACT_RG] = { "Brazil", SHOWS },
	[REDACT_CNH] = { "Brazil", SHOWS },
	[REDACT_PIS] = { "Brazil", SHOWS },
	[REDACT_TITULO_ELEITOR] = { "Brazil", SHOWS },
	[REDACT_CNS] = { "Brazil", SHOWS },
	[REDACT_SSN] = { "the Americas", SHOWS },
	[REDACT_ITIN] = { "the Americas", SHOWS },
	[REDACT_EIN] = { "the Americas", SHOWS },
	[REDACT_CUIT] = { "the Americas", SHOWS },
	[REDACT_CURP] = { "the Americas", SHOWS },
	[REDACT_RFC] = { "the Americas", SHOWS },
	[REDACT_RUT] = { "the Americas", SHOWS },
	[REDACT_PASSPORT] = { "papers of any country", SHOWS },
	[REDACT_DRIVER_LICENCE] = { "papers of any country", SHOWS },
	[REDACT_NINO] = { "Europe", SHOWS },
	[REDACT_NHS] = { "Europe", SHOWS },
	[REDACT_STEUER_ID] = { "Europe", SHOWS },
	[REDACT_NIR] = { "Europe", SHOWS },
	[REDACT_DNI] = { "Europe", SHOWS },
	[REDACT_NIE] = { "Europe", SHOWS },
	[REDACT_CIF] = { "Europe", SHOWS },
	[REDACT_CODICE_FISCALE] = { "Europe", SHOWS },
	[REDACT_NIF] = { "Europe", SHOWS },
	[REDACT_BSN] = { "Europe", SHOWS },
	[REDACT_BE_NRN] = { "Europe", SHOWS },
	[REDACT_PESEL] = { "Europe", SHOWS },
	[REDACT_PERSONNUMMER] = { "Europe", SHOWS },
	[REDACT_HETU] = { "Europe", SHOWS },
	[REDACT_CPR] = { "Europe", SHOWS },
	[REDACT_IP] = { "devices", WHOLE },
	[REDACT_MAC] = { "devices", SHOWS },
	[REDACT_IMEI] = { "devices", SHOWS },
	[REDACT_DEVICE_ID] = { "devices", SHOWS },
	[REDACT_SECRET] = { "secrets", SECRET },
	[REDACT_HEALTH] = { "special categories", SPECIAL },
	[REDACT_RELIGION] = { "special categories", SPECIAL },
	[REDACT_UNION_MEMBERSHIP] = { "special categories", SPECIAL },
	[REDACT_ORIENTATION] = { "special categories", SPECIAL },
	[REDACT_BIOMETRIC] = { "special categories", SPECIAL },
};

struct redact_kind
redact_kind(enum redact_type type)
{
	struct redact_kind kind = { .group = "other", .may_be_off = true };

	if ((unsigned int)type >= REDACT_N_TYPES || kinds[type].group == NULL)
		return kind;
	kind.group = kinds[type].group;
	kind.may_mask = kinds[type].form == SHOWS;
	kind.may_be_off = kinds[type].form != SECRET;
	kind.action = kinds[type].form == SPECIAL ? REDACT_FLAG : REDACT_REPLACE;
	return kind;
}

struct policy_rule
policy_default_rule(enum redact_type type)
{
	return (struct policy_rule){ 0, (uint8_t)redact_kind(type).action };
}
