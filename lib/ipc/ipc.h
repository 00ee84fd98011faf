/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipc - messages between our processes, and who may send them.
 *
 * A channel is a SOCK_SEQPACKET socketpair that the supervisor made; one message is one packet:
 *
 *   version u8 (1) | type u8 | is_reply u8 | error u8 (enum err, replies) | request id u32 | body
 *
 * Numbers are big-endian; bytes and text are a u32 length and the bytes.  A packet over
 * IPC_MAX_BYTES, of an unknown type, from a role that the table does not allow, with bytes missing
 * or left over, ends the peer: the receiver shuts the channel and logs it.
 *
 * Descriptors are at fixed places after the supervisor's exec: IPC_FD_*.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

#define IPC_MAX_BYTES (160u << 10)

enum ipc_fd {
	IPC_FD_KEYD = 3,       /* the channel to keyd; in keyd itself: to the supervisor */
	IPC_FD_LISTEN = 4,     /* collector: capture.sock; api: api.sock (listening) */
	IPC_FD_SUPERVISOR = 5, /* steward: the channel to the supervisor */
};

enum ipc_role {
	ROLE_SUPERVISOR,
	ROLE_EDGE,
	ROLE_COLLECTOR,
	ROLE_API,
	ROLE_JUDGE,
	ROLE_STEWARD,
	ROLE_KEYD,
	ROLE_SETUP,    /* one-shot: migrations, first workspace, `rendfly prove` probes */
	ROLE_OPERATOR, /* root at the machine, through run/keys.sock: `rendfly keys` */
	ROLE_VAULT,    /* speaks with Vault for keyd, which starts it */
	IPC_N_ROLES
};

const char *ipc_role_name(enum ipc_role role);

#define ROLE_BIT(role) (1u << (role))

/* The trust graph: who may send which message to whom.  X(type, number, senders, receiver, body) */
/* clang-format off */
#define IPC_TABLE(X)                                                                                \
	X(KEYD_PEER, 1, ROLE_BIT(ROLE_SUPERVISOR), ROLE_KEYD,                                           \
	    "role u8; the channel's descriptor comes as SCM_RIGHTS")                                    \
	X(KEYD_CONTEXT, 2, ROLE_BIT(ROLE_COLLECTOR) | ROLE_BIT(ROLE_API) | ROLE_BIT(ROLE_JUDGE) |       \
	    ROLE_BIT(ROLE_STEWARD) | ROLE_BIT(ROLE_SETUP), ROLE_KEYD,                                   \
	    "workspace uuid, backend pid u32 -> context text")                                          \
	X(KEYD_SEAL, 3, ROLE_BIT(ROLE_COLLECTOR) | ROLE_BIT(ROLE_API) | ROLE_BIT(ROLE_SETUP), ROLE_KEYD, \
	    "workspace uuid, table text, column text, row uuid, plaintext -> record")                   \
	X(KEYD_UNSEAL, 4, ROLE_BIT(ROLE_API) | ROLE_BIT(ROLE_JUDGE) | ROLE_BIT(ROLE_SETUP), ROLE_KEYD,  \
	    "workspace uuid, table text, column text, row uuid, record, reason text -> plaintext")      \
	X(KEYD_UNSEAL_POLICY, 13, ROLE_BIT(ROLE_COLLECTOR), ROLE_KEYD,                                  \
	    "the body of KEYD_UNSEAL, for redaction_policies.sealed only -> plaintext")                 \
	X(KEYD_PSEUDONYMS, 5, ROLE_BIT(ROLE_COLLECTOR) | ROLE_BIT(ROLE_API), ROLE_KEYD,                 \
	    "workspace uuid, purpose u8 (enum keyd_mac), count u32, count x bytes -> count x 32 bytes") \
	X(KEYD_TOKEN_SIGN, 6, ROLE_BIT(ROLE_API), ROLE_KEYD, "signing input -> Ed25519 signature")      \
	X(KEYD_TOKEN_KEY, 7, ROLE_BIT(ROLE_API) | ROLE_BIT(ROLE_SETUP), ROLE_KEYD,                      \
	    "-> public key bytes, the one before it bytes, Unix ms until that one verifies u64 (0: none)") \
	X(KEYD_INGEST_HASH, 8, ROLE_BIT(ROLE_API) | ROLE_BIT(ROLE_SETUP), ROLE_KEYD,                    \
	    "ingest key text -> 32 bytes HMAC-SHA-256 under the ingest pepper")                         \
	X(KEYD_INGEST_PEPPER, 9, ROLE_BIT(ROLE_STEWARD), ROLE_KEYD, "-> 32 bytes, for the key table")   \
	X(KEYD_CONTEXT_KEY, 10, ROLE_BIT(ROLE_SETUP), ROLE_KEYD, "-> 32 bytes, for app.ws()")           \
	X(KEYD_WORKSPACE_CREATE, 11, ROLE_BIT(ROLE_SETUP) | ROLE_BIT(ROLE_API) | ROLE_BIT(ROLE_OPERATOR), \
	    ROLE_KEYD,                                                                                  \
	    "workspace uuid -> (makes its key; ERR_CONFLICT when it has one)")                          \
	X(KEYD_PASSWORD_PEPPER, 12, ROLE_BIT(ROLE_API) | ROLE_BIT(ROLE_SETUP), ROLE_KEYD,               \
	    "Argon2id output 32 bytes -> 32 bytes HMAC under the password pepper")                      \
	X(KEYD_REWRAP, 14, ROLE_BIT(ROLE_STEWARD), ROLE_KEYD,                                           \
	    "workspace uuid, table text, column text, row uuid, record -> record under the newest key") \
	X(KEYD_REWRAP_DUE, 15, ROLE_BIT(ROLE_STEWARD) | ROLE_BIT(ROLE_OPERATOR), ROLE_KEYD,             \
	    "after workspace uuid -> workspaces with several versions: n x (workspace, newest key id)") \
	X(KEYD_SEAL_SUBJECT, 16, ROLE_BIT(ROLE_API), ROLE_KEYD,                                         \
	    "the body of KEYD_SEAL, subject uuid -> record under the subject's own key")                \
	X(KEYD_SUBJECT_DESTROY, 17, ROLE_BIT(ROLE_OPERATOR), ROLE_KEYD,                                 \
	    "workspace uuid, subject uuid -> (nothing sealed for it opens any more)")                   \
	X(KEYD_DESTROYED, 18, ROLE_BIT(ROLE_STEWARD), ROLE_KEYD,                                        \
	    "after workspace uuid -> destroyed workspaces behind it, in their order: n x uuid")         \
	X(KEY_ROTATE, 40, ROLE_BIT(ROLE_OPERATOR), ROLE_KEYD, "workspace uuid -> key id uuid")          \
	X(KEY_RETIRE, 41, ROLE_BIT(ROLE_OPERATOR), ROLE_KEYD, "workspace uuid, key id uuid ->")         \
	X(KEY_DESTROY, 42, ROLE_BIT(ROLE_OPERATOR), ROLE_KEYD, "workspace uuid ->")                     \
	X(KEY_RESTART, 43, ROLE_BIT(ROLE_OPERATOR), ROLE_KEYD, "-> (keyd ends; what is wanted of the root key is done at its start)") \
	X(KEY_ROTATE_TOKENS, 44, ROLE_BIT(ROLE_OPERATOR), ROLE_KEYD,                                    \
	    "at once u8 -> (another key signs log-in tokens; ERR_BUSY while the one before verifies)")  \
	X(VAULT_LOGIN, 50, ROLE_BIT(ROLE_KEYD), ROLE_VAULT, "secret id bytes -> secret id")             \
	X(VAULT_UNWRAP, 53, ROLE_BIT(ROLE_KEYD), ROLE_VAULT, "token that wraps a secret id bytes -> secret id") \
	X(VAULT_SEAL, 51, ROLE_BIT(ROLE_KEYD), ROLE_VAULT, "bytes -> transit ciphertext text")          \
	X(VAULT_OPEN, 52, ROLE_BIT(ROLE_KEYD), ROLE_VAULT, "transit ciphertext text -> bytes")          \
	X(KEYD_AUDIT_SIGN, 30, ROLE_BIT(ROLE_STEWARD), ROLE_KEYD,                                       \
	    "origin text, size u64, root bytes, consistency proof bytes (hashes of 32) -> Ed25519 signature") \
	X(KEYD_AUDIT_KEY, 31, ROLE_BIT(ROLE_STEWARD) | ROLE_BIT(ROLE_API) | ROLE_BIT(ROLE_SETUP), ROLE_KEYD, \
	    "-> 32 bytes public key of the audit log's checkpoints")                                    \
	X(SUPERVISOR_EDGE_RELOAD, 20, ROLE_BIT(ROLE_STEWARD), ROLE_SUPERVISOR,                          \
	    "(the providers' addresses changed)")

/* clang-format on */

enum ipc_type {

#define IPC_TYPE_ENUM(name, number, ...) IPC_##name = (number),
	IPC_TABLE(IPC_TYPE_ENUM)
#undef IPC_TYPE_ENUM
};

bool ipc_is_allowed(enum ipc_type type, enum ipc_role sender, enum ipc_role receiver);
const char *ipc_type_name(enum ipc_type type); /* NULL for an unknown number */

/* What a pseudonym MAC is for; each has a key of its own under the workspace's key. */
enum keyd_mac {
	KEYD_MAC_PLACEHOLDER = 1, /* redact_value_message() -> placeholder token */
	KEYD_MAC_CHAIN = 2,       /* message-chain digests and conversation header ids */
	KEYD_MAC_SYSTEM = 3,      /* digest of a system message -> its stable identity */
};

/* Writing a body */

MUST_CHECK enum err ipc_put_u8(struct buf *b, uint8_t v);
MUST_CHECK enum err ipc_put_u32(struct buf *b, uint32_t v);
MUST_CHECK enum err ipc_put_u64(struct buf *b, uint64_t v);
MUST_CHECK enum err ipc_put_bytes(struct buf *b, struct str bytes);
MUST_CHECK enum err ipc_put_uuid(struct buf *b, const struct uuid *id);

/* Reading a body: each get fails with ERR_MALFORMED when too little is left; ipc_end when bytes
 * are left over.  Views point into the packet. */

struct ipc_reader {
	struct str left;
};

MUST_CHECK enum err ipc_get_u8(struct ipc_reader *r, uint8_t *ret_v);
MUST_CHECK enum err ipc_get_u32(struct ipc_reader *r, uint32_t *ret_v);
MUST_CHECK enum err ipc_get_u64(struct ipc_reader *r, uint64_t *ret_v);
MUST_CHECK enum err ipc_get_bytes(struct ipc_reader *r, struct str *ret_bytes);
MUST_CHECK enum err ipc_get_uuid(struct ipc_reader *r, struct uuid *ret_id);
MUST_CHECK enum err ipc_end(const struct ipc_reader *r);

/* Packets */

struct ipc_head {
	enum ipc_type type;
	bool is_reply;
	enum err error;
	uint32_t request_id;
};

/* ret_fd, when not NULL, receives a passed descriptor or -1; a packet with more descriptors than
 * that is malformed.  A closed channel is ERR_NOT_FOUND, nothing to read on a non-blocking one
 * ERR_BUSY.  On failure no descriptor is left open. */
MUST_CHECK enum err ipc_receive(int fd, struct ipc_head *ret_head, struct buf *body, int *ret_fd);

/* Never waits: ERR_BUSY when the peer has not read enough of what was sent before. */
MUST_CHECK enum err ipc_send(int fd, const struct ipc_head *head, struct str body, int pass_fd);
