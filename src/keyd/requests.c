/* SPDX-License-Identifier: Apache-2.0 */
/* requests - see requests.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "ipc/keyd_client.h"
#include "keyd/request_parts.h"
#include "seal/seal.h"

#define TOKEN_MAX_BYTES 1024

static const uint8_t *
global_key(const struct keyd *k, enum global_key which)
{
	return secret_view(k->globals) + (size_t)which * GLOBAL_BYTES;
}

static struct str
global_view(const struct keyd *k, enum global_key which)
{
	return (struct str){ (const char *)global_key(k, which), GLOBAL_BYTES };
}

enum err
keyd_open_audit(struct keyd *k, const char *dir, struct err_detail *reterr)
{
	/* The seed and, behind it, the key of what is remembered. */
	return audit_signer_open(dir, global_key(k, KEY_AUDIT), &k->audit, reterr);
}

enum err
keyd_open_tokens(struct keyd *k, const char *dir, const struct secret *root,
    struct err_detail *reterr)
{
	return token_keys_open(dir, root, global_key(k, KEY_TOKEN), &k->tokens, reterr);
}

static enum err
answer_context(struct request *r)
{
	struct uuid workspace;
	char id[UUID_TEXT_BYTES], text[KEYD_CONTEXT_BYTES], hex[65];
	uint8_t mac[32];
	uint32_t pid;
	int64_t expiry_s = clock_wall_ms() / 1000 + KEYD_CONTEXT_TTL_S;
	size_t at;
	int len;

	if (ipc_get_uuid(&r->body, &workspace) != ERR_OK || ipc_get_u32(&r->body, &pid) != ERR_OK ||
	    ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
	/* Nobody sees a row of a destroyed workspace any more. */
	if (keyring_newest(r->k->keyring, &workspace, &at) == ERR_GONE)
		return ERR_GONE;
	uuid_format(&workspace, id);
	len = snprintf(text, sizeof(text), "%s|rendfly_%s|%" PRIu32 "|%" PRId64, id,
	    ipc_role_name(r->from), pid, expiry_s);
	if (len < 0 || (size_t)len >= sizeof(text))
		return ERR_BUG;
	if (seal_hmac_sha256(global_view(r->k, KEY_CONTEXT), (struct str){ text, (size_t)len },
		mac) != ERR_OK)
		return ERR_IO;
	hex_encode(mac, sizeof(mac), hex);
	return buf_printf(r->reply, "%s|%s", text, hex);
}

/* Two base64url parts and the dot between them: the key signs nothing else. */
static bool
is_token_input(struct str input)
{
	size_t dots = 0;

	for (size_t i = 0; i < input.len; i++) {
		char c = input.at[i];
		bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!is_letter && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.')
			return false;
		dots += c == '.';
	}
	return input.len <= TOKEN_MAX_BYTES && dots == 1;
}

static enum err
answer_token_sign(struct request *r)
{
	uint8_t signature[64];
	struct str input;
	enum err e;

	if (ipc_get_bytes(&r->body, &input) != ERR_OK || ipc_end(&r->body) != ERR_OK ||
	    !is_token_input(input))
		return ERR_MALFORMED;
	e = token_keys_sign(r->k->tokens, input, signature);
	return e == ERR_OK ? buf_append(r->reply, signature, sizeof(signature)) : e;
}

static enum err
answer_token_key(struct request *r)
{
	struct keyd_token_keys keys = { 0 };
	enum err e = ipc_end(&r->body);

	if (e == ERR_OK)
		e = token_keys_public(r->k->tokens, clock_wall_ms(), &keys);
	if (e == ERR_OK)
		e = ipc_put_bytes(r->reply, (struct str){ (const char *)keys.newest, 32 });
	if (e == ERR_OK)
		e = ipc_put_bytes(r->reply, (struct str){ (const char *)keys.before, 32 });
	return e == ERR_OK ? ipc_put_u64(r->reply, (uint64_t)keys.before_until_ms) : e;
}

static enum err
answer_audit_sign(struct request *r)
{
	struct str origin, root, proof;
	struct merkle_checkpoint at;
	struct merkle_proof hashes = { 0 };
	uint8_t signature[AUDIT_SIGNATURE_BYTES];
	enum err e;

	if (ipc_get_bytes(&r->body, &origin) != ERR_OK ||
	    ipc_get_u64(&r->body, &at.size) != ERR_OK || ipc_get_bytes(&r->body, &root) != ERR_OK ||
	    ipc_get_bytes(&r->body, &proof) != ERR_OK || ipc_end(&r->body) != ERR_OK ||
	    root.len != MERKLE_HASH_BYTES || proof.len % MERKLE_HASH_BYTES != 0 ||
	    proof.len > sizeof(hashes.hashes) || at.size > INT64_MAX)
		return ERR_MALFORMED;
	memcpy(at.root.bytes, root.at, MERKLE_HASH_BYTES);
	hashes.n = proof.len / MERKLE_HASH_BYTES;
	if (hashes.n > 0)
		memcpy(hashes.hashes, proof.at, proof.len);
	e = r->k->audit == NULL ? ERR_BUSY
				: audit_signer_sign(r->k->audit, origin, &at, &hashes, signature);
	if (e == ERR_DENIED)
		log_error("audit_checkpoint_refused", LOG_INT("size", (int64_t)at.size),
		    LOG_INT("signed_before", (int64_t)audit_signer_size(r->k->audit)));
	return e == ERR_OK ? buf_append(r->reply, signature, sizeof(signature)) : e;
}

static enum err
answer_audit_key(struct request *r)
{
	uint8_t public_key[32];
	enum err e = ipc_end(&r->body);

	if (e == ERR_OK)
		e = seal_public_key(global_key(r->k, KEY_AUDIT), public_key);
	return e == ERR_OK ? buf_append(r->reply, public_key, sizeof(public_key)) : e;
}

static enum err
answer_with_mac(struct request *r, enum global_key which, struct str message)
{
	uint8_t mac[32];
	enum err e = seal_hmac_sha256(global_view(r->k, which), message, mac);

	return e == ERR_OK ? buf_append(r->reply, mac, sizeof(mac)) : e;
}

static enum err
answer_ingest_hash(struct request *r)
{
	struct str text;

	if (ipc_get_bytes(&r->body, &text) != ERR_OK || ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
	return answer_with_mac(r, KEY_INGEST, text);
}

static enum err
answer_password_pepper(struct request *r)
{
	struct str hash = r->body.left;

	return hash.len == 32 ? answer_with_mac(r, KEY_PASSWORD, hash) : ERR_MALFORMED;
}

static enum err
answer_with_key(struct request *r, enum global_key which)
{
	enum err e = ipc_end(&r->body);

	return e == ERR_OK ? buf_append(r->reply, global_key(r->k, which), GLOBAL_BYTES) : e;
}

static enum err
answer_ingest_pepper(struct request *r)
{
	return answer_with_key(r, KEY_INGEST);
}

static enum err
answer_context_key(struct request *r)
{
	return answer_with_key(r, KEY_CONTEXT);
}

/* What is wanted of the root key is done at a start, which has files and no sandbox. */
static enum err
answer_restart(struct request *r)
{
	enum err e = ipc_end(&r->body);

	if (e == ERR_OK)
		r->k->is_ending = true;
	return e;
}

static const struct {
	enum ipc_type type;
	enum err (*answer)(struct request *r);
} handlers[] = {
	{ IPC_KEYD_CONTEXT, answer_context },
	{ IPC_KEYD_SEAL, answer_seal },
	{ IPC_KEYD_SEAL_SUBJECT, answer_seal_subject },
	{ IPC_KEYD_SUBJECT_DESTROY, answer_destroy_subject },
	{ IPC_KEYD_UNSEAL, answer_unseal },
	{ IPC_KEYD_UNSEAL_POLICY, answer_unseal_policy },
	{ IPC_KEYD_PSEUDONYMS, answer_pseudonyms },
	{ IPC_KEYD_TOKEN_SIGN, answer_token_sign },
	{ IPC_KEYD_TOKEN_KEY, answer_token_key },
	{ IPC_KEYD_INGEST_HASH, answer_ingest_hash },
	{ IPC_KEYD_INGEST_PEPPER, answer_ingest_pepper },
	{ IPC_KEYD_CONTEXT_KEY, answer_context_key },
	{ IPC_KEYD_WORKSPACE_CREATE, answer_workspace_create },
	{ IPC_KEYD_REWRAP, answer_rewrap },
	{ IPC_KEYD_REWRAP_DUE, answer_rewrap_due },
	{ IPC_KEYD_DESTROYED, answer_destroyed },
	{ IPC_KEY_ROTATE, answer_rotate },
	{ IPC_KEY_RETIRE, answer_retire },
	{ IPC_KEY_DESTROY, answer_destroy },
	{ IPC_KEY_RESTART, answer_restart },
	{ IPC_KEY_ROTATE_TOKENS, answer_rotate_tokens },
	{ IPC_KEYD_PASSWORD_PEPPER, answer_password_pepper },
	{ IPC_KEYD_AUDIT_SIGN, answer_audit_sign },
	{ IPC_KEYD_AUDIT_KEY, answer_audit_key },
};

enum err
keyd_handle(struct keyd *k, enum ipc_role from, enum ipc_type type, struct str body,
    struct buf *reply)
{
	struct request r = { k, from, { body }, reply };

	if (!ipc_is_allowed(type, from, ROLE_KEYD))
		return ERR_MALFORMED;
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].type == type)
			return handlers[i].answer(&r);
	return ERR_MALFORMED;
}
