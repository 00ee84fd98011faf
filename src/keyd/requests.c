/* SPDX-License-Identifier: Apache-2.0 */
/* requests - see requests.h. */
#include "keyd/requests.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "ipc/keyd_client.h"
#include "seal/seal.h"

#define GLOBAL_BYTES 32
#define REASON_MAX_BYTES 200
#define TOKEN_MAX_BYTES 1024
#define REFUSAL_LOG_EVERY_MS 1000

static const char *const global_names[KEY_N_GLOBALS] = { [KEY_CONTEXT] = "rendfly rls context 1",
	[KEY_TOKEN] = "rendfly access token 1",
	[KEY_INGEST] = "rendfly ingest key 1",
	[KEY_PASSWORD] = "rendfly password 1",
	[KEY_AUDIT] = "rendfly audit checkpoint 1",
	[KEY_AUDIT_MEMORY] = "rendfly audit memory 1" };

enum err
keyd_derive_globals(struct keyd *k, const struct secret *root)
{
	enum err e = secret_new((size_t)KEY_N_GLOBALS * GLOBAL_BYTES, &k->globals);

	for (size_t i = 0; e == ERR_OK && i < KEY_N_GLOBALS; i++)
		e = seal_hkdf((struct str){ (const char *)secret_view(root), secret_len(root) },
		    STR(""), str_from(global_names[i]), secret_bytes(k->globals) + i * GLOBAL_BYTES,
		    GLOBAL_BYTES);
	return e;
}

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

/* What a handler knows of its request. */
struct request {
	struct keyd *k;
	enum ipc_role from;
	struct ipc_reader body;
	struct buf *reply;
};

static enum err
answer_context(struct request *r)
{
	struct uuid workspace;
	char id[UUID_TEXT_BYTES], text[KEYD_CONTEXT_BYTES], hex[65];
	uint8_t mac[32];
	uint32_t pid;
	int64_t expiry_s = clock_wall_ms() / 1000 + KEYD_CONTEXT_TTL_S;
	int len;

	if (ipc_get_uuid(&r->body, &workspace) != ERR_OK || ipc_get_u32(&r->body, &pid) != ERR_OK ||
	    ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
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

static enum err
get_place(struct ipc_reader *body, struct seal_place *ret_place)
{
	if (ipc_get_uuid(body, &ret_place->workspace) != ERR_OK ||
	    ipc_get_bytes(body, &ret_place->table) != ERR_OK ||
	    ipc_get_bytes(body, &ret_place->column) != ERR_OK ||
	    ipc_get_uuid(body, &ret_place->row) != ERR_OK)
		return ERR_MALFORMED;
	return ERR_OK;
}

static enum err
answer_seal(struct request *r)
{
	struct seal_place place;
	struct str plaintext;
	struct uuid key_id;
	const uint8_t *key;
	enum err e;

	if (get_place(&r->body, &place) != ERR_OK ||
	    ipc_get_bytes(&r->body, &plaintext) != ERR_OK || ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
	e = keyring_key(r->k->keyring, &place.workspace, KEY_SEAL, &key, &key_id);
	return e == ERR_OK ? seal_record(key, &key_id, &place, plaintext, r->reply) : e;
}

/* At most one line a second for each caller, with how many it stands for: a peer that asks in bulk
 * must not flood the log either. */
static void
log_refusal(const struct request *r, const char *why, const struct uuid *workspace)
{
	struct refusals *refusals = &r->k->refusals[r->from];
	int64_t now_ms = clock_monotonic_ms();
	char id[UUID_TEXT_BYTES];

	refusals->count++;
	if (refusals->count > 1 && now_ms - refusals->logged_ms < REFUSAL_LOG_EVERY_MS)
		return;
	uuid_format(workspace, id);
	log_warn("unseal_refused", LOG_STR("why", why), LOG_STR("caller", ipc_role_name(r->from)),
	    LOG_STR("workspace", id), LOG_INT("refused", refusals->count));
	refusals->logged_ms = now_ms;
}

/* By the caller's own rights: `only` is the table whose "sealed" it may open, NULL for any place.
 */
static enum err
unseal(struct request *r, const char *only)
{
	struct seal_place place;
	struct str record, reason;
	struct uuid key_id, named;
	const uint8_t *key;
	enum err e;

	if (get_place(&r->body, &place) != ERR_OK || ipc_get_bytes(&r->body, &record) != ERR_OK ||
	    ipc_get_bytes(&r->body, &reason) != ERR_OK || ipc_end(&r->body) != ERR_OK ||
	    reason.len == 0 || reason.len > REASON_MAX_BYTES)
		return ERR_MALFORMED;
	if (only != NULL &&
	    (!str_equals(place.table, str_from(only)) ||
		!str_equals(place.column, STR("sealed")))) {
		log_refusal(r, "place", &place.workspace);
		return ERR_DENIED;
	}
	e = keyring_key(r->k->keyring, &place.workspace, KEY_SEAL, &key, &key_id);
	if (e != ERR_OK)
		return e;
	if (!budget_take(r->k->budget, r->from, &place.workspace, clock_monotonic_ms())) {
		log_refusal(r, "budget", &place.workspace);
		return ERR_DENIED;
	}
	if (seal_record_key_id(record, &named) && uuid_equals(&named, &key_id))
		e = seal_open(key, &place, record, r->reply);
	else
		e = ERR_DENIED;
	if (e == ERR_DENIED)
		log_refusal(r, "record", &place.workspace);
	return e;
}

static enum err
answer_unseal(struct request *r)
{
	return unseal(r, NULL);
}

static enum err
answer_unseal_policy(struct request *r)
{
	return unseal(r, "redaction_policies");
}

static enum err
purpose_of(uint8_t number, enum key_purpose *ret_purpose)
{
	switch (number) {
	case KEYD_MAC_PLACEHOLDER:
		*ret_purpose = KEY_PLACEHOLDER;
		return ERR_OK;
	case KEYD_MAC_CHAIN:
		*ret_purpose = KEY_CHAIN;
		return ERR_OK;
	case KEYD_MAC_SYSTEM:
		*ret_purpose = KEY_SYSTEM;
		return ERR_OK;
	default:
		return ERR_MALFORMED;
	}
}

static enum err
answer_pseudonyms(struct request *r)
{
	struct uuid workspace, key_id;
	enum key_purpose purpose;
	const uint8_t *key;
	uint8_t number;
	uint32_t count;
	enum err e;

	if (ipc_get_uuid(&r->body, &workspace) != ERR_OK ||
	    ipc_get_u8(&r->body, &number) != ERR_OK || ipc_get_u32(&r->body, &count) != ERR_OK ||
	    count > KEYD_MAX_MACS || purpose_of(number, &purpose) != ERR_OK)
		return ERR_MALFORMED;
	e = keyring_key(r->k->keyring, &workspace, purpose, &key, &key_id);
	if (e != ERR_OK)
		return e;
	for (uint32_t i = 0; i < count; i++) {
		uint8_t mac[KEYD_MAC_BYTES];
		struct str value;

		if (ipc_get_bytes(&r->body, &value) != ERR_OK)
			return ERR_MALFORMED;
		e = seal_hmac_sha256((struct str){ (const char *)key, SEAL_KEY_BYTES }, value, mac);
		if (e == ERR_OK)
			e = buf_append(r->reply, mac, sizeof(mac));
		if (e != ERR_OK)
			return e;
	}
	return ipc_end(&r->body);
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
	e = seal_sign(global_key(r->k, KEY_TOKEN), input, signature);
	return e == ERR_OK ? buf_append(r->reply, signature, sizeof(signature)) : e;
}

static enum err
answer_token_key(struct request *r)
{
	uint8_t public_key[32];
	enum err e = ipc_end(&r->body);

	if (e == ERR_OK)
		e = seal_public_key(global_key(r->k, KEY_TOKEN), public_key);
	return e == ERR_OK ? buf_append(r->reply, public_key, sizeof(public_key)) : e;
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

static enum err
answer_workspace_create(struct request *r)
{
	struct uuid workspace;

	if (ipc_get_uuid(&r->body, &workspace) != ERR_OK || ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
	return keyring_create(r->k->keyring, &workspace);
}

static const struct {
	enum ipc_type type;
	enum err (*answer)(struct request *r);
} handlers[] = {
	{ IPC_KEYD_CONTEXT, answer_context },
	{ IPC_KEYD_SEAL, answer_seal },
	{ IPC_KEYD_UNSEAL, answer_unseal },
	{ IPC_KEYD_UNSEAL_POLICY, answer_unseal_policy },
	{ IPC_KEYD_PSEUDONYMS, answer_pseudonyms },
	{ IPC_KEYD_TOKEN_SIGN, answer_token_sign },
	{ IPC_KEYD_TOKEN_KEY, answer_token_key },
	{ IPC_KEYD_INGEST_HASH, answer_ingest_hash },
	{ IPC_KEYD_INGEST_PEPPER, answer_ingest_pepper },
	{ IPC_KEYD_CONTEXT_KEY, answer_context_key },
	{ IPC_KEYD_WORKSPACE_CREATE, answer_workspace_create },
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
