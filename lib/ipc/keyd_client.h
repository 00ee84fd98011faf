/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyd_client - typed requests to keyd, one call each, over the channel that the supervisor gave.
 *
 * A call waits for its answer; while keyd is being restarted the request is sent again every
 * 300 ms, up to KEYD_PATIENCE_MS, then ERR_BUSY: the caller refuses the sensitive act.  ERR_DENIED
 * is keyd's refusal (wrong AAD, flipped bit, spent budget of unseals), ERR_GONE a workspace whose
 * keys were destroyed.  A closed channel is ERR_IO: exit.  A spent budget of other requests is
 * ERR_BUSY at once, and keyd_put_it_off() tells it from silence.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"
#include "ipc/ipc.h"

#define KEYD_PATIENCE_MS 5000
#define KEYD_CHANGE_PATIENCE_MS 60000 /* taking a key away writes the whole keyring anew */
#define KEYD_MAC_BYTES 32
#define KEYD_CONTEXT_BYTES 256
/* Of a value: its record must fit an answer, and a request with its place and a reason. */
#define KEYD_SEAL_MAX_BYTES (IPC_MAX_BYTES - 1024)
#define KEYD_CONTEXT_TTL_S 30
#define KEYD_MAX_MACS 4096

struct keyd_client;

MUST_CHECK enum err keyd_client_new(int fd, struct keyd_client **ret_client);
void keyd_client_free(struct keyd_client *k); /* closes the channel */
CLEANUP_DEFINE(keyd_client);

/* After ERR_BUSY: keyd itself said so, of one workspace; it is there for others. */
bool keyd_put_it_off(const struct keyd_client *k);

/* Where a sealed value lives; bound into it as associated data. */
struct keyd_place {
	const char *table;
	const char *column;
	struct uuid workspace;
	struct uuid row;
};

/* "workspace|role|pid|expiry|mac" for set_config('app.context', …, true); good for
 * KEYD_CONTEXT_TTL_S seconds and this backend only.  The role is the channel's own. */
MUST_CHECK enum err keyd_context(struct keyd_client *k, const struct uuid *workspace,
    uint32_t backend_pid, char ret_context[static KEYD_CONTEXT_BYTES]);

MUST_CHECK enum err keyd_seal(struct keyd_client *k, const struct keyd_place *place,
    struct str plaintext, struct buf *record);
MUST_CHECK enum err keyd_unseal(struct keyd_client *k, const struct keyd_place *place,
    struct str record, const char *reason, struct buf *plaintext);

/* Under a key of the subject's own, which its destroying takes away for good: keyd_unseal gives
 * ERR_GONE then, and so does sealing.  ERR_TOO_LARGE: the workspace has too many subjects. */
MUST_CHECK enum err keyd_seal_for(struct keyd_client *k, const struct keyd_place *place,
    const struct uuid *subject, struct str plaintext, struct buf *record);
MUST_CHECK enum err keyd_destroy_subject(struct keyd_client *k, const struct uuid *workspace,
    const struct uuid *subject);

/* The same for the collector, which may open redaction policies and nothing else. */
MUST_CHECK enum err keyd_unseal_policy(struct keyd_client *k, const struct keyd_place *place,
    struct str record, struct buf *plaintext);

/* n MACs of 32 bytes into ret_macs (n * KEYD_MAC_BYTES); cuts large batches into packets. */
MUST_CHECK enum err keyd_macs(struct keyd_client *k, const struct uuid *workspace,
    enum keyd_mac purpose, const struct str *values, size_t n, uint8_t *ret_macs);

MUST_CHECK enum err keyd_token_sign(struct keyd_client *k, struct str input,
    uint8_t ret_signature[static 64]);

/* What verifies log-in tokens: the key that signs, and the one before it until its time. */
struct keyd_token_keys {
	uint8_t newest[32], before[32];
	int64_t before_until_ms; /* Unix time; 0: there is none before */
};

MUST_CHECK enum err keyd_token_keys(struct keyd_client *k, struct keyd_token_keys *ret_keys);
MUST_CHECK enum err keyd_ingest_hash(struct keyd_client *k, struct str key,
    uint8_t ret_hash[static 32]);
MUST_CHECK enum err keyd_ingest_pepper(struct keyd_client *k, uint8_t ret_pepper[static 32]);
MUST_CHECK enum err keyd_context_key(struct keyd_client *k, uint8_t ret_key[static 32]);
MUST_CHECK enum err keyd_workspace_create(struct keyd_client *k, const struct uuid *workspace);

/* The record of the same value under the workspace's newest key; ERR_CONFLICT when it is that. */
MUST_CHECK enum err keyd_rewrap(struct keyd_client *k, const struct keyd_place *place,
    struct str old, struct buf *record);

/* The next workspaces, behind `after`, that have keys besides the newest; at most room of them. */
struct keyd_due {
	struct uuid workspace;
	struct uuid newest_key;
};

MUST_CHECK enum err keyd_rewrap_due(struct keyd_client *k, const struct uuid *after,
    struct keyd_due *ret_due, size_t room, size_t *ret_n);

/* The next destroyed workspaces behind `after`, in their order; at most room of them. */
MUST_CHECK enum err keyd_destroyed(struct keyd_client *k, const struct uuid *after,
    struct uuid *ret_workspaces, size_t room, size_t *ret_n);

/* For the operator.  ERR_GONE: destroyed.  Rotate: ERR_TOO_LARGE with too many versions.  Retire:
 * ERR_CONFLICT for the newest, ERR_BUSY too soon after its successor.  None of them is sent again
 * by itself: an answer that is lost is ERR_BUSY, and `rendfly keys list` tells. */
MUST_CHECK enum err keyd_rotate(struct keyd_client *k, const struct uuid *workspace,
    struct uuid *ret_key_id);
MUST_CHECK enum err keyd_retire(struct keyd_client *k, const struct uuid *workspace,
    const struct uuid *key_id);
MUST_CHECK enum err keyd_destroy(struct keyd_client *k, const struct uuid *workspace);

/* ERR_BUSY: the key before the newest still verifies.  is_at_once: it verifies no more, nor does
 * the newest until now. */
MUST_CHECK enum err keyd_rotate_tokens(struct keyd_client *k, bool is_at_once);

/* keyd ends and is started again; its answer comes before. */
MUST_CHECK enum err keyd_restart(struct keyd_client *k);

/* A checkpoint of the audit log.  proof: the consistency proof from the one signed last, hashes of
 * 32 bytes one behind the other.  ERR_DENIED: the log does not go on from it. */
struct keyd_checkpoint {
	const char *origin;
	uint64_t size;
	struct str root;
	struct str proof;
};

MUST_CHECK enum err keyd_audit_sign(struct keyd_client *k, const struct keyd_checkpoint *at,
    uint8_t ret_signature[static 64]);
MUST_CHECK enum err keyd_audit_key(struct keyd_client *k, uint8_t ret_public_key[static 32]);

MUST_CHECK enum err keyd_password_pepper(struct keyd_client *k, const uint8_t hash[static 32],
    uint8_t ret_mac[static 32]);
