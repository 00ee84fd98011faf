/* SPDX-License-Identifier: Apache-2.0 */
/* keyd_client - see keyd_client.h: a request is sent again until its own answer comes. */
#include "ipc/keyd_client.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"

#define RESEND_MS 300
#define MACS_A_PACKET 512

struct keyd_client {
	int fd;
	uint32_t last_id;
	bool is_told_busy; /* by keyd itself, not by its silence */
	struct buf *request;
	struct buf *reply;
};

enum err
keyd_client_new(int fd, struct keyd_client **ret_client)
{
	CLEANUP(keyd_client) struct keyd_client *k = calloc(1, sizeof(*k));
	enum err e;

	if (k == NULL)
		return ERR_NOMEM;
	k->fd = -1;
	e = buf_new(IPC_MAX_BYTES, &k->request);
	if (e == ERR_OK)
		e = buf_new(IPC_MAX_BYTES, &k->reply);
	if (e != ERR_OK)
		return e;
	k->fd = fd;
	*ret_client = TAKE(k);
	return ERR_OK;
}

void
keyd_client_free(struct keyd_client *k)
{
	if (k == NULL)
		return;
	buf_free(k->request);
	buf_free(k->reply);
	if (k->fd >= 0)
		(void)close(k->fd);
	free(k);
}

/* Waits until the next sending is due; answers to requests that were given up are passed over. */
static enum err
await_reply(struct keyd_client *k, enum ipc_type type, int64_t until_ms)
{
	k->is_told_busy = false;
	for (;;) {
		int64_t left = until_ms - clock_monotonic_ms();
		struct pollfd waiting = { .fd = k->fd, .events = POLLIN };
		struct ipc_head head;
		enum err e;

		if (left <= 0)
			return ERR_BUSY;
		/* A signal or the time's end: nothing to receive, which would wait without end. */
		if (poll(&waiting, 1, (int)left) <= 0)
			continue;
		e = ipc_receive(k->fd, &head, k->reply, NULL);
		if (e != ERR_OK)
			return ERR_IO;
		if (head.is_reply && head.type == type && head.request_id == k->last_id) {
			k->is_told_busy = head.error == ERR_BUSY;
			return head.error;
		}
	}
}

bool
keyd_put_it_off(const struct keyd_client *k)
{
	return k->is_told_busy;
}

/* Sends k->request and leaves the answer's body in k->reply. */
static enum err
call(struct keyd_client *k, enum ipc_type type)
{
	struct ipc_head head = { .type = type, .request_id = ++k->last_id };
	int64_t give_up_ms = clock_monotonic_ms() + KEYD_PATIENCE_MS;

	k->is_told_busy = false;
	while (clock_monotonic_ms() < give_up_ms) {
		enum err e = ipc_send(k->fd, &head, buf_str(k->request), -1);

		/* Busy: earlier sendings still wait for keyd, one of them will do. */
		if (e != ERR_OK && e != ERR_BUSY)
			return e == ERR_NOT_FOUND ? ERR_IO : e;
		e = await_reply(k, type, clock_monotonic_ms() + RESEND_MS);
		/* Silence: ask again.  A spent budget fills by time, which is not to be waited for
		 * here: others than this workspace have something to do meanwhile. */
		if (e != ERR_BUSY || k->is_told_busy)
			return e;
	}
	return ERR_BUSY;
}

/* For answers of a fixed size. */
static enum err
call_for_bytes(struct keyd_client *k, enum ipc_type type, uint8_t *ret_bytes, size_t len)
{
	enum err e = call(k, type);

	if (e != ERR_OK)
		return e;
	if (buf_len(k->reply) != len)
		return ERR_MALFORMED;
	memcpy(ret_bytes, buf_str(k->reply).at, len);
	buf_clear(k->reply);
	return ERR_OK;
}

/* Every request about a workspace begins with its id. */
static enum err
begin_with(struct keyd_client *k, const struct uuid *id)
{
	buf_clear(k->request);
	return ipc_put_uuid(k->request, id);
}

enum err
keyd_context(struct keyd_client *k, const struct uuid *workspace, uint32_t backend_pid,
    char ret_context[static KEYD_CONTEXT_BYTES])
{
	enum err e = begin_with(k, workspace);

	if (e == ERR_OK)
		e = ipc_put_u32(k->request, backend_pid);
	if (e == ERR_OK)
		e = call(k, IPC_KEYD_CONTEXT);
	if (e != ERR_OK)
		return e;
	if (buf_len(k->reply) == 0 || buf_len(k->reply) >= KEYD_CONTEXT_BYTES)
		return ERR_MALFORMED;
	memcpy(ret_context, buf_c_string(k->reply), buf_len(k->reply) + 1);
	return ERR_OK;
}

static enum err
put_place(struct keyd_client *k, const struct keyd_place *place)
{
	enum err e = begin_with(k, &place->workspace);

	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, str_from(place->table));
	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, str_from(place->column));
	return e == ERR_OK ? ipc_put_uuid(k->request, &place->row) : e;
}

enum err
keyd_seal(struct keyd_client *k, const struct keyd_place *place, struct str plaintext,
    struct buf *record)
{
	enum err e = put_place(k, place);

	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, plaintext);
	if (e == ERR_OK)
		e = call(k, IPC_KEYD_SEAL);
	buf_clear(k->request);
	return e == ERR_OK ? buf_append_str(record, buf_str(k->reply)) : e;
}

enum err
keyd_seal_for(struct keyd_client *k, const struct keyd_place *place, const struct uuid *subject,
    struct str plaintext, struct buf *record)
{
	enum err e = put_place(k, place);

	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, plaintext);
	if (e == ERR_OK)
		e = ipc_put_uuid(k->request, subject);
	if (e == ERR_OK)
		e = call(k, IPC_KEYD_SEAL_SUBJECT);
	buf_clear(k->request);
	return e == ERR_OK ? buf_append_str(record, buf_str(k->reply)) : e;
}

struct sealed {
	const struct keyd_place *place;
	struct str record;
	const char *reason; /* why it is opened */
};

static enum err
unseal(struct keyd_client *k, enum ipc_type type, const struct sealed *s, struct buf *plaintext)
{
	enum err e = put_place(k, s->place);

	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, s->record);
	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, str_from(s->reason));
	if (e == ERR_OK)
		e = call(k, type);
	if (e == ERR_OK)
		e = buf_append_str(plaintext, buf_str(k->reply));
	buf_clear(k->reply);
	return e;
}

enum err
keyd_unseal(struct keyd_client *k, const struct keyd_place *place, struct str record,
    const char *reason, struct buf *plaintext)
{
	const struct sealed s = { place, record, reason };

	return unseal(k, IPC_KEYD_UNSEAL, &s, plaintext);
}

enum err
keyd_unseal_policy(struct keyd_client *k, const struct keyd_place *place, struct str record,
    struct buf *plaintext)
{
	const struct sealed s = { place, record, "redact by the workspace's policy" };

	return unseal(k, IPC_KEYD_UNSEAL_POLICY, &s, plaintext);
}

static enum err
macs_of_batch(struct keyd_client *k, const struct uuid *workspace, enum keyd_mac purpose,
    const struct str *values, size_t n, uint8_t *ret_macs)
{
	enum err e = begin_with(k, workspace);

	if (e == ERR_OK)
		e = ipc_put_u8(k->request, (uint8_t)purpose);
	if (e == ERR_OK)
		e = ipc_put_u32(k->request, (uint32_t)n);
	for (size_t i = 0; e == ERR_OK && i < n; i++)
		e = ipc_put_bytes(k->request, values[i]);
	if (e == ERR_OK)
		e = call_for_bytes(k, IPC_KEYD_PSEUDONYMS, ret_macs, n * KEYD_MAC_BYTES);
	buf_clear(k->request);
	return e;
}

/* As many values as fit a packet and its answer; 0 when even the first is too large. */
static size_t
batch_size(const struct str *values, size_t n)
{
	size_t bytes = 64, count = 0;

	while (count < n && count < MACS_A_PACKET &&
	    bytes + values[count].len + 4 < IPC_MAX_BYTES - 64)
		bytes += values[count++].len + 4;
	return count;
}

enum err
keyd_macs(struct keyd_client *k, const struct uuid *workspace, enum keyd_mac purpose,
    const struct str *values, size_t n, uint8_t *ret_macs)
{
	if (n > KEYD_MAX_MACS)
		return ERR_TOO_LARGE;
	for (size_t done = 0; done < n;) {
		size_t count = batch_size(values + done, n - done);
		enum err e;

		if (count == 0)
			return ERR_TOO_LARGE;
		e = macs_of_batch(k, workspace, purpose, values + done, count,
		    ret_macs + done * KEYD_MAC_BYTES);
		if (e != ERR_OK)
			return e;
		done += count;
	}
	return ERR_OK;
}

enum err
keyd_token_sign(struct keyd_client *k, struct str input, uint8_t ret_signature[static 64])
{
	enum err e;

	buf_clear(k->request);
	e = ipc_put_bytes(k->request, input);
	return e == ERR_OK ? call_for_bytes(k, IPC_KEYD_TOKEN_SIGN, ret_signature, 64) : e;
}

static enum err
ask_for_key(struct keyd_client *k, enum ipc_type type, uint8_t ret_key[static 32])
{
	buf_clear(k->request);
	return call_for_bytes(k, type, ret_key, 32);
}

enum err
keyd_token_keys(struct keyd_client *k, struct keyd_token_keys *ret_keys)
{
	struct keyd_token_keys keys;
	struct ipc_reader reply;
	struct str newest, before;
	uint64_t until_ms;
	enum err e;

	buf_clear(k->request);
	e = call(k, IPC_KEYD_TOKEN_KEY);
	if (e != ERR_OK)
		return e;
	reply = (struct ipc_reader){ buf_str(k->reply) };
	if (ipc_get_bytes(&reply, &newest) != ERR_OK || ipc_get_bytes(&reply, &before) != ERR_OK ||
	    ipc_get_u64(&reply, &until_ms) != ERR_OK || ipc_end(&reply) != ERR_OK ||
	    newest.len != sizeof(keys.newest) || before.len != sizeof(keys.before) ||
	    until_ms > INT64_MAX)
		return ERR_MALFORMED;
	memcpy(keys.newest, newest.at, sizeof(keys.newest));
	memcpy(keys.before, before.at, sizeof(keys.before));
	keys.before_until_ms = (int64_t)until_ms;
	*ret_keys = keys;
	return ERR_OK;
}

enum err
keyd_ingest_pepper(struct keyd_client *k, uint8_t ret_pepper[static 32])
{
	return ask_for_key(k, IPC_KEYD_INGEST_PEPPER, ret_pepper);
}

enum err
keyd_context_key(struct keyd_client *k, uint8_t ret_key[static 32])
{
	return ask_for_key(k, IPC_KEYD_CONTEXT_KEY, ret_key);
}

enum err
keyd_ingest_hash(struct keyd_client *k, struct str key, uint8_t ret_hash[static 32])
{
	enum err e;

	buf_clear(k->request);
	e = ipc_put_bytes(k->request, key);
	return e == ERR_OK ? call_for_bytes(k, IPC_KEYD_INGEST_HASH, ret_hash, 32) : e;
}

enum err
keyd_workspace_create(struct keyd_client *k, const struct uuid *workspace)
{
	enum err e = begin_with(k, workspace);

	return e == ERR_OK ? call(k, IPC_KEYD_WORKSPACE_CREATE) : e;
}

enum err
keyd_rewrap(struct keyd_client *k, const struct keyd_place *place, struct str old,
    struct buf *record)
{
	enum err e = put_place(k, place);

	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, old);
	if (e == ERR_OK)
		e = call(k, IPC_KEYD_REWRAP);
	return e == ERR_OK ? buf_append_str(record, buf_str(k->reply)) : e;
}

enum err
keyd_rewrap_due(struct keyd_client *k, const struct uuid *after, struct keyd_due *ret_due,
    size_t room, size_t *ret_n)
{
	struct ipc_reader reply;
	size_t n = 0;
	enum err e = begin_with(k, after);

	if (e == ERR_OK)
		e = call(k, IPC_KEYD_REWRAP_DUE);
	if (e != ERR_OK)
		return e;
	reply = (struct ipc_reader){ buf_str(k->reply) };
	for (; n < room && reply.left.len > 0; n++)
		if (ipc_get_uuid(&reply, &ret_due[n].workspace) != ERR_OK ||
		    ipc_get_uuid(&reply, &ret_due[n].newest_key) != ERR_OK)
			return ERR_MALFORMED;
	*ret_n = n;
	return ERR_OK;
}

enum err
keyd_destroyed(struct keyd_client *k, const struct uuid *after, struct uuid *ret_workspaces,
    size_t room, size_t *ret_n)
{
	struct ipc_reader reply;
	size_t n = 0;
	enum err e = begin_with(k, after);

	if (e == ERR_OK)
		e = call(k, IPC_KEYD_DESTROYED);
	if (e != ERR_OK)
		return e;
	reply = (struct ipc_reader){ buf_str(k->reply) };
	for (; n < room && reply.left.len > 0; n++)
		if (ipc_get_uuid(&reply, &ret_workspaces[n]) != ERR_OK)
			return ERR_MALFORMED;
	*ret_n = n;
	return ERR_OK;
}

/* Sent once: a second time would be a second change. */
static enum err
call_once(struct keyd_client *k, enum ipc_type type)
{
	struct ipc_head head = { .type = type, .request_id = ++k->last_id };
	enum err e = ipc_send(k->fd, &head, buf_str(k->request), -1);

	if (e != ERR_OK)
		return e == ERR_NOT_FOUND ? ERR_IO : e;
	return await_reply(k, type, clock_monotonic_ms() + KEYD_CHANGE_PATIENCE_MS);
}

enum err
keyd_rotate(struct keyd_client *k, const struct uuid *workspace, struct uuid *ret_key_id)
{
	struct ipc_reader reply;
	enum err e = begin_with(k, workspace);

	if (e == ERR_OK)
		e = call_once(k, IPC_KEY_ROTATE);
	if (e != ERR_OK)
		return e;
	reply = (struct ipc_reader){ buf_str(k->reply) };
	return ipc_get_uuid(&reply, ret_key_id);
}

enum err
keyd_retire(struct keyd_client *k, const struct uuid *workspace, const struct uuid *key_id)
{
	enum err e = begin_with(k, workspace);

	if (e == ERR_OK)
		e = ipc_put_uuid(k->request, key_id);
	return e == ERR_OK ? call_once(k, IPC_KEY_RETIRE) : e;
}

enum err
keyd_destroy(struct keyd_client *k, const struct uuid *workspace)
{
	enum err e = begin_with(k, workspace);

	return e == ERR_OK ? call_once(k, IPC_KEY_DESTROY) : e;
}

enum err
keyd_destroy_subject(struct keyd_client *k, const struct uuid *workspace,
    const struct uuid *subject)
{
	enum err e = begin_with(k, workspace);

	if (e == ERR_OK)
		e = ipc_put_uuid(k->request, subject);
	return e == ERR_OK ? call_once(k, IPC_KEYD_SUBJECT_DESTROY) : e;
}

enum err
keyd_rotate_tokens(struct keyd_client *k, bool is_at_once)
{
	enum err e;

	buf_clear(k->request);
	e = ipc_put_u8(k->request, is_at_once);
	return e == ERR_OK ? call_once(k, IPC_KEY_ROTATE_TOKENS) : e;
}

enum err
keyd_restart(struct keyd_client *k)
{
	buf_clear(k->request);
	return call_once(k, IPC_KEY_RESTART);
}

enum err
keyd_password_pepper(struct keyd_client *k, const uint8_t hash[static 32],
    uint8_t ret_mac[static 32])
{
	enum err e;

	buf_clear(k->request);
	e = buf_append(k->request, hash, 32);
	return e == ERR_OK ? call_for_bytes(k, IPC_KEYD_PASSWORD_PEPPER, ret_mac, 32) : e;
}

enum err
keyd_audit_sign(struct keyd_client *k, const struct keyd_checkpoint *at,
    uint8_t ret_signature[static 64])
{
	enum err e;

	buf_clear(k->request);
	e = ipc_put_bytes(k->request, str_from(at->origin));
	if (e == ERR_OK)
		e = ipc_put_u64(k->request, at->size);
	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, at->root);
	if (e == ERR_OK)
		e = ipc_put_bytes(k->request, at->proof);
	return e == ERR_OK ? call_for_bytes(k, IPC_KEYD_AUDIT_SIGN, ret_signature, 64) : e;
}

enum err
keyd_audit_key(struct keyd_client *k, uint8_t ret_public_key[static 32])
{
	return ask_for_key(k, IPC_KEYD_AUDIT_KEY, ret_public_key);
}
