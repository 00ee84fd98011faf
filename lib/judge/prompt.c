/* SPDX-License-Identifier: Apache-2.0 */
/* prompt - what every prompt has: boundary, nonce, canary, and two chat messages; see prompt.h. */
#include "judge/prompt.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include "base/hex.h"
#include "judge/escape.h"

#define MAX_TRIES 8
#define ID_BYTES (JUDGE_BOUNDARY_CHARS / 2)

/* The first 16 bytes of SHA-256(label || 0 || text) as hexadecimal. */
static enum err
derive(const char *label, struct str text, char ret_hex[static JUDGE_NONCE_CHARS + 1])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(context, label, strlen(label) + 1) == 1 &&
	    EVP_DigestUpdate(context, text.at, text.len) == 1 &&
	    EVP_DigestFinal_ex(context, digest, NULL) == 1;

	EVP_MD_CTX_free(context);
	if (!is_done)
		return ERR_IO;
	hex_encode(digest, ID_BYTES, ret_hex);
	return ERR_OK;
}

enum err
prompt_canary(const struct judge_prompt *prompt, char ret_canary[static PROMPT_CANARY_BYTES])
{
	char hex[JUDGE_NONCE_CHARS + 1];
	enum err e = derive("canary", str_from(prompt->nonce), hex);

	if (e == ERR_OK)
		(void)snprintf(ret_canary, PROMPT_CANARY_BYTES, "canary-%.20s", hex);
	return e;
}

/* One try at boundary and nonce: random, or from seed and try number. */
static enum err
draw_ids(const struct str *seed, unsigned int number, struct judge_prompt *prompt)
{
	uint8_t random[2 * ID_BYTES];
	char label[32];
	enum err e;

	if (seed == NULL) {
		if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
			return ERR_IO;
		hex_encode(random, ID_BYTES, prompt->boundary);
		hex_encode(random + ID_BYTES, ID_BYTES, prompt->nonce);
		return ERR_OK;
	}
	(void)snprintf(label, sizeof(label), "boundary %u", number);
	e = derive(label, *seed, prompt->boundary);
	(void)snprintf(label, sizeof(label), "nonce %u", number);
	return e == ERR_OK ? derive(label, *seed, prompt->nonce) : e;
}

enum err
prompt_draw(const struct str *seed, struct str content, struct judge_prompt *prompt)
{
	for (unsigned int number = 0; number < MAX_TRIES; number++) {
		enum err e = draw_ids(seed, number, prompt);

		if (e != ERR_OK)
			return e;
		if (!str_contains(content, str_from(prompt->boundary)) &&
		    !str_contains(content, str_from(prompt->nonce)))
			return ERR_OK;
	}
	return ERR_BUG;
}

/* Their contents are JSON strings of the plain kind. */
enum err
prompt_write(struct arena *a, struct str system, struct str user, struct judge_prompt *prompt)
{
	CLEANUP(buf) struct buf *all = NULL;
	enum err e = buf_new((size_t)2 * JUDGE_MAX_PROMPT_BYTES, &all);

	if (e == ERR_OK)
		e = buf_append_str(all, STR("[{\"role\":\"system\",\"content\":"));
	if (e == ERR_OK)
		e = escape_append(all, system);
	if (e == ERR_OK)
		e = buf_append_str(all, STR("},{\"role\":\"user\",\"content\":"));
	if (e == ERR_OK)
		e = escape_append(all, user);
	if (e == ERR_OK)
		e = buf_append_str(all, STR("}]"));
	if (e != ERR_OK)
		return e;
	prompt->messages_json = arena_copy(a, buf_str(all));
	return prompt->messages_json.at == NULL ? ERR_NOMEM : ERR_OK;
}
