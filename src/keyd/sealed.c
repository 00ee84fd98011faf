/* SPDX-License-Identifier: Apache-2.0 */
/* sealed - requests about values under a workspace's keys, each against a budget. */
#include "base/clock.h"
#include "base/log.h"
#include "ipc/keyd_client.h"
#include "keyd/request_parts.h"

#define REASON_MAX_BYTES 200
#define REFUSAL_LOG_EVERY_MS 1000

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
	log_warn("keyd_refused", LOG_STR("why", why), LOG_STR("caller", ipc_role_name(r->from)),
	    LOG_STR("workspace", id), LOG_INT("refused", refusals->count));
	refusals->logged_ms = now_ms;
}

/* What gives plaintext is denied once the budget is spent; what only gives new work is put off, so
 * that a burst of honest traffic waits and loses nothing. */
static enum err
take(const struct request *r, const struct uuid *workspace, enum budget_kind kind, uint32_t n)
{
	const struct budget_of of = { r->from, kind, *workspace };

	if (budget_take(r->k->budget, &of, n, clock_monotonic_ms()))
		return ERR_OK;
	log_refusal(r, "budget", workspace);
	return kind == BUDGET_UNSEAL ? ERR_DENIED : ERR_BUSY;
}

enum err
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
	if (plaintext.len > KEYD_SEAL_MAX_BYTES)
		return ERR_TOO_LARGE;
	e = keyring_key(r->k->keyring, &place.workspace, KEY_SEAL, &key, &key_id);
	if (e == ERR_OK)
		e = take(r, &place.workspace, BUDGET_SEAL, 1);
	return e == ERR_OK ? seal_record(key, &key_id, &place, plaintext, r->reply) : e;
}

/* A subject's first record makes its key. */
enum err
answer_seal_subject(struct request *r)
{
	struct seal_place place;
	struct str plaintext;
	struct uuid subject, key_id;
	const uint8_t *key;
	size_t at;
	enum err e;

	if (get_place(&r->body, &place) != ERR_OK ||
	    ipc_get_bytes(&r->body, &plaintext) != ERR_OK ||
	    ipc_get_uuid(&r->body, &subject) != ERR_OK || ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
	if (plaintext.len > KEYD_SEAL_MAX_BYTES)
		return ERR_TOO_LARGE;
	e = keyring_newest(r->k->keyring, &place.workspace, &at);
	if (e == ERR_OK)
		e = take(r, &place.workspace, BUDGET_SEAL, 1);
	if (e == ERR_OK)
		e = keyring_subject_key(r->k->keyring, &place.workspace, &subject, &key, &key_id);
	return e == ERR_OK ? seal_record(key, &key_id, &place, plaintext, r->reply) : e;
}

/* Opens under the version that the record names.  ERR_DENIED for every cause that lies in it, but
 * ERR_GONE when it was sealed for a subject that was erased. */
static enum err
open_record(struct request *r, const struct seal_place *place, struct str record, struct buf *out)
{
	struct uuid named;
	const uint8_t *key;
	enum err e = ERR_DENIED;

	if (seal_record_key_id(record, &named))
		e = keyring_key_of_version(r->k->keyring, &place->workspace, &named, &key);
	if (e == ERR_NOT_FOUND)
		e = ERR_DENIED;
	if (e == ERR_OK)
		e = seal_open(key, place, record, out);
	if (e == ERR_DENIED)
		log_refusal(r, "record", &place->workspace);
	return e;
}

/* By the caller's own rights: `only` is the table whose "sealed" it may open, NULL for any place.
 */
static enum err
unseal(struct request *r, const char *only)
{
	struct seal_place place;
	struct str record, reason;
	size_t at;
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
	e = keyring_newest(r->k->keyring, &place.workspace, &at);
	if (e == ERR_OK)
		e = take(r, &place.workspace, BUDGET_UNSEAL, 1);
	return e == ERR_OK ? open_record(r, &place, record, r->reply) : e;
}

enum err
answer_unseal(struct request *r)
{
	return unseal(r, NULL);
}

enum err
answer_unseal_policy(struct request *r)
{
	return unseal(r, "redaction_policies");
}

/* The plaintext goes no further than this function. */
enum err
answer_rewrap(struct request *r)
{
	CLEANUP(buf) struct buf *plaintext = NULL;
	struct seal_place place;
	struct str record;
	struct uuid newest, named;
	const uint8_t *key;
	enum err e;

	if (get_place(&r->body, &place) != ERR_OK || ipc_get_bytes(&r->body, &record) != ERR_OK ||
	    ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
	e = keyring_key(r->k->keyring, &place.workspace, KEY_SEAL, &key, &newest);
	/* What was sealed for a subject stays under the subject's key, which erasing it takes away.
	 */
	if (e == ERR_OK && seal_record_key_id(record, &named) &&
	    (uuid_equals(&named, &newest) ||
		keyring_is_of_subject(r->k->keyring, &place.workspace, &named)))
		e = ERR_CONFLICT;
	if (e == ERR_OK)
		e = take(r, &place.workspace, BUDGET_REWRAP, 1);
	if (e == ERR_OK)
		e = buf_new(IPC_MAX_BYTES, &plaintext);
	if (e == ERR_OK)
		e = open_record(r, &place, record, plaintext);
	/* The key's memory may have been taken for the older version meanwhile. */
	if (e == ERR_OK)
		e = keyring_key(r->k->keyring, &place.workspace, KEY_SEAL, &key, &newest);
	return e == ERR_OK ? seal_record(key, &newest, &place, buf_str(plaintext), r->reply) : e;
}

static const struct {
	enum keyd_mac number;
	enum key_purpose key;
	enum budget_kind budget;
} mac_kinds[] = {
	{ KEYD_MAC_PLACEHOLDER, KEY_PLACEHOLDER, BUDGET_PSEUDONYM },
	{ KEYD_MAC_CHAIN, KEY_CHAIN, BUDGET_DIGEST },
	{ KEYD_MAC_SYSTEM, KEY_SYSTEM, BUDGET_DIGEST },
};

#define N_MAC_KINDS (sizeof(mac_kinds) / sizeof(mac_kinds[0]))

static size_t
mac_kind_of(uint8_t number)
{
	size_t i = 0;

	while (i < N_MAC_KINDS && (uint8_t)mac_kinds[i].number != number)
		i++;
	return i;
}

static enum err
add_macs(struct request *r, const uint8_t *key, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint8_t mac[KEYD_MAC_BYTES];
		struct str value;
		enum err e;

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

enum err
answer_pseudonyms(struct request *r)
{
	struct uuid workspace, key_id;
	const uint8_t *key;
	uint8_t number;
	uint32_t count;
	size_t kind;
	enum err e;

	if (ipc_get_uuid(&r->body, &workspace) != ERR_OK ||
	    ipc_get_u8(&r->body, &number) != ERR_OK || ipc_get_u32(&r->body, &count) != ERR_OK ||
	    count > KEYD_MAX_MACS)
		return ERR_MALFORMED;
	kind = mac_kind_of(number);
	if (kind == N_MAC_KINDS)
		return ERR_MALFORMED;
	e = keyring_key(r->k->keyring, &workspace, mac_kinds[kind].key, &key, &key_id);
	if (e == ERR_OK)
		e = take(r, &workspace, mac_kinds[kind].budget, count);
	return e == ERR_OK ? add_macs(r, key, count) : e;
}
