/* SPDX-License-Identifier: Apache-2.0 */
/* prefix - the table of keys with fixed prefixes. */
#include <string.h>

#include "redact/prefix.h"
#include "redact/scan.h"

/* Sorted by the first byte. */
static const struct prefix prefixes[] = {
	{ "ABIA", PREFIX_CAPITALS, 16, 16, false }, /* AWS */
	{ "ACCA", PREFIX_CAPITALS, 16, 16, false },
	{ "AIza", PREFIX_URL, 35, 0, false }, /* Google */
	{ "AKIA", PREFIX_CAPITALS, 16, 16, false },
	{ "APP_USR-", PREFIX_URL, 24, 0, true }, /* Mercado Pago */
	{ "ASIA", PREFIX_CAPITALS, 16, 16, false },
	{ "ATATT3", PREFIX_URL, 60, 0, false }, /* Atlassian */
	{ "GOCSPX-", PREFIX_URL, 20, 0, false },
	{ "NRAK-", PREFIX_CAPITALS, 27, 27, false }, /* New Relic */
	{ "PMAK-", PREFIX_URL, 40, 0, true },        /* Postman */
	{ "SG.", PREFIX_DOTTED, 60, 0, true },       /* SendGrid */
	{ "SK", PREFIX_HEX, 32, 32, true },          /* Twilio */
	{ "dapi", PREFIX_HEX, 32, 32, true },        /* Databricks */
	{ "dckr_pat_", PREFIX_URL, 20, 0, false },   /* Docker */
	{ "doo_v1_", PREFIX_HEX, 64, 0, false },     /* DigitalOcean */
	{ "dop_v1_", PREFIX_HEX, 64, 0, false }, { "dor_v1_", PREFIX_HEX, 64, 0, false },
	{ "dp.pt.", PREFIX_ALNUM, 40, 0, false }, /* Doppler */
	{ "figd_", PREFIX_URL, 38, 0, true },     /* Figma */
	{ "gho_", PREFIX_ALNUM, 30, 0, false },   /* GitHub */
	{ "ghp_", PREFIX_ALNUM, 30, 0, false }, { "ghr_", PREFIX_ALNUM, 30, 0, false },
	{ "ghs_", PREFIX_ALNUM, 30, 0, false }, { "ghu_", PREFIX_ALNUM, 30, 0, false },
	{ "github_pat_", PREFIX_WORD, 22, 0, false },
	{ "glagent-", PREFIX_URL, 20, 0, true }, /* GitLab */
	{ "glc_", PREFIX_WORD, 32, 0, true },    /* Grafana */
	{ "glcbt-", PREFIX_URL, 20, 0, true }, { "gldt-", PREFIX_URL, 20, 0, true },
	{ "glft-", PREFIX_URL, 20, 0, true }, { "gloas-", PREFIX_URL, 20, 0, true },
	{ "glpat-", PREFIX_DOTTED, 18, 0, false }, { "glptt-", PREFIX_URL, 20, 0, true },
	{ "glrt-", PREFIX_URL, 20, 0, true }, { "glsa_", PREFIX_WORD, 32, 0, true },
	{ "glsoat-", PREFIX_URL, 20, 0, true }, { "gsk_", PREFIX_ALNUM, 40, 0, false }, /* Groq */
	{ "hf_", PREFIX_ALNUM, 30, 0, false }, /* Hugging Face */
	{ "hvb.", PREFIX_URL, 24, 0, true },   /* Vault */
	{ "hvs.", PREFIX_URL, 24, 0, true }, { "key-", PREFIX_HEX, 32, 32, true }, /* Mailgun */
	{ "lin_api_", PREFIX_ALNUM, 32, 0, false },                                /* Linear */
	{ "npm_", PREFIX_ALNUM, 36, 0, false }, { "ntn_", PREFIX_ALNUM, 40, 0, false }, /* Notion */
	{ "nvapi-", PREFIX_URL, 50, 0, true },
	{ "pk_live_", PREFIX_WORD, 16, 0, false }, /* Stripe, and ours */
	{ "pk_test_", PREFIX_WORD, 16, 0, false }, { "pplx-", PREFIX_ALNUM, 40, 0, false },
	{ "pypi-", PREFIX_URL, 50, 0, false },
	{ "r8_", PREFIX_ALNUM, 37, 0, false }, /* Replicate */
	{ "rk_live_", PREFIX_WORD, 16, 0, false }, { "rk_test_", PREFIX_WORD, 16, 0, false },
	{ "rubygems_", PREFIX_HEX, 48, 0, false },
	{ "sbp_", PREFIX_HEX, 40, 0, false }, /* Supabase */
	{ "secret_", PREFIX_ALNUM, 43, 0, true },
	{ "shpat_", PREFIX_HEX, 32, 0, false }, /* Shopify */
	{ "shpca_", PREFIX_HEX, 32, 0, false }, { "shppa_", PREFIX_HEX, 32, 0, false },
	{ "shpss_", PREFIX_HEX, 32, 0, false },
	{ "sk-", PREFIX_URL, 20, 0, true }, /* OpenAI, Anthropic, OpenRouter */
	{ "sk_live_", PREFIX_WORD, 16, 0, false }, { "sk_test_", PREFIX_WORD, 16, 0, false },
	{ "sntrys_", PREFIX_URL, 60, 0, true }, /* Sentry */
	{ "sntryu_", PREFIX_HEX, 64, 0, false },
	{ "sq0atp-", PREFIX_URL, 22, 0, false }, /* Square */
	{ "sq0csp-", PREFIX_URL, 40, 0, false }, { "tvly-", PREFIX_URL, 20, 0, true },
	{ "whsec_", PREFIX_ALNUM, 24, 0, false }, { "xai-", PREFIX_ALNUM, 60, 0, false },
	{ "xapp-", PREFIX_URL, 20, 0, true }, /* Slack */
	{ "xoxa-", PREFIX_URL, 10, 0, true }, { "xoxb-", PREFIX_URL, 10, 0, true },
	{ "xoxc-", PREFIX_URL, 10, 0, true }, { "xoxd-", PREFIX_URL, 10, 0, true },
	{ "xoxe-", PREFIX_URL, 10, 0, true }, { "xoxe.", PREFIX_DOTTED, 10, 0, true },
	{ "xoxp-", PREFIX_URL, 10, 0, true }, { "xoxr-", PREFIX_URL, 10, 0, true },
	{ "xoxs-", PREFIX_URL, 10, 0, true }, { "ya29.", PREFIX_URL, 20, 0, true }, /* Google */
};

#define N_PREFIXES (sizeof(prefixes) / sizeof(prefixes[0]))

void
prefix_index_init(struct prefix_index *index)
{
	memset(index, 0, sizeof(*index));
	for (size_t i = N_PREFIXES; i-- > 0;)
		index->begin[(uint8_t)prefixes[i].text[0]] = (uint8_t)i;
}

void
prefix_wish(struct wishes *w)
{
	for (size_t i = 0; i < N_PREFIXES; i++)
		wish_for(w, prefixes[i].text, WISH_PREFIX);
}

const struct prefix *
prefix_find(const struct prefix_index *index, const uint8_t *text, size_t len)
{
	for (size_t i = index->begin[text[0]]; i < N_PREFIXES; i++) {
		const char *p = prefixes[i].text;
		size_t n = strlen(p);

		if ((uint8_t)p[0] != text[0])
			return NULL;
		if (len > n && memcmp(p, text, n) == 0)
			return &prefixes[i];
	}
	return NULL;
}

bool
prefix_has_byte(enum prefix_alphabet alphabet, uint8_t c)
{
	if (alphabet == PREFIX_HEX)
		return is_hex(c);
	if (is_digit(c) || (c >= 'A' && c <= 'Z'))
		return true;
	if (alphabet == PREFIX_CAPITALS)
		return false;
	if (is_letter(c))
		return true;
	if (c == '_')
		return alphabet >= PREFIX_WORD && alphabet <= PREFIX_DOTTED;
	if (c == '-')
		return alphabet >= PREFIX_URL && alphabet <= PREFIX_DOTTED;
	return c == '.' && alphabet == PREFIX_DOTTED;
}
