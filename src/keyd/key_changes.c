/* SPDX-License-Identifier: Apache-2.0 */
/* key_changes - requests that make, change and take away keys; each change is a line in the log. */
#include "base/clock.h"
#include "base/log.h"
#include "keyd/request_parts.h"

#define MAX_DUE 1000

static enum err
get_workspace(struct request *r, struct uuid *ret_workspace)
{
	enum err e = ipc_get_uuid(&r->body, ret_workspace);

	return e == ERR_OK ? ipc_end(&r->body) : e;
}

static void
log_change(const struct request *r, const char *what, const struct uuid *workspace)
{
	char id[UUID_TEXT_BYTES];

	uuid_format(workspace, id);
	log_info(what, LOG_STR("workspace", id), LOG_STR("by", ipc_role_name(r->from)),
	    LOG_INT("generation", (int64_t)keyring_generation(r->k->keyring)));
}

enum err
answer_workspace_create(struct request *r)
{
	struct uuid workspace;

	if (get_workspace(r, &workspace) != ERR_OK)
		return ERR_MALFORMED;
	return keyring_create(r->k->keyring, &workspace);
}

/* In the order of the workspaces, from behind the one that is given. */
enum err
answer_rewrap_due(struct request *r)
{
	const struct keyring *ring = r->k->keyring;
	struct uuid after;
	enum err e = ERR_OK;
	size_t n = 0;

	if (get_workspace(r, &after) != ERR_OK)
		return ERR_MALFORMED;
	for (size_t i = 1; i < keyring_count(ring) && n < MAX_DUE && e == ERR_OK; i++) {
		const struct key_record *one = keyring_at(ring, i);
		size_t newest;

		/* The second version of a workspace stands behind its first. */
		if (one->kind != KEY_OF_WORKSPACE ||
		    keyring_at(ring, i - 1)->kind != KEY_OF_WORKSPACE ||
		    !uuid_equals(&one->workspace, &keyring_at(ring, i - 1)->workspace) ||
		    memcmp(one->workspace.bytes, after.bytes, UUID_BYTES) <= 0)
			continue;
		e = keyring_newest(ring, &one->workspace, &newest);
		if (e == ERR_OK && newest == i) {
			e = ipc_put_uuid(r->reply, &one->workspace);
			if (e == ERR_OK)
				e = ipc_put_uuid(r->reply, &one->key_id);
			n++;
		}
	}
	return e;
}

enum err
answer_destroyed(struct request *r)
{
	const struct keyring *ring = r->k->keyring;
	struct uuid after;
	enum err e = ERR_OK;
	size_t n = 0;

	if (get_workspace(r, &after) != ERR_OK)
		return ERR_MALFORMED;
	for (size_t i = 0; i < keyring_count(ring) && n < MAX_DUE && e == ERR_OK; i++) {
		const struct key_record *one = keyring_at(ring, i);

		if (one->kind != KEY_GONE_WORKSPACE ||
		    memcmp(one->workspace.bytes, after.bytes, UUID_BYTES) <= 0)
			continue;
		e = ipc_put_uuid(r->reply, &one->workspace);
		n++;
	}
	return e;
}

enum err
answer_rotate(struct request *r)
{
	struct uuid workspace;
	size_t at;
	enum err e;

	if (get_workspace(r, &workspace) != ERR_OK)
		return ERR_MALFORMED;
	e = keyring_rotate(r->k->keyring, &workspace);
	if (e == ERR_OK)
		e = keyring_newest(r->k->keyring, &workspace, &at);
	if (e != ERR_OK)
		return e;
	log_change(r, "key_rotated", &workspace);
	return ipc_put_uuid(r->reply, &keyring_at(r->k->keyring, at)->key_id);
}

enum err
answer_retire(struct request *r)
{
	struct uuid workspace, key_id;
	enum err e;

	if (ipc_get_uuid(&r->body, &workspace) != ERR_OK ||
	    ipc_get_uuid(&r->body, &key_id) != ERR_OK || ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
	e = keyring_retire(r->k->keyring, &workspace, &key_id, clock_wall_ms());
	if (e == ERR_OK)
		log_change(r, "key_retired", &workspace);
	return e;
}

enum err
answer_destroy(struct request *r)
{
	struct uuid workspace;
	enum err e;

	if (get_workspace(r, &workspace) != ERR_OK)
		return ERR_MALFORMED;
	e = keyring_destroy(r->k->keyring, &workspace);
	if (e == ERR_OK)
		log_change(r, "workspace_keys_destroyed", &workspace);
	return e;
}

enum err
answer_destroy_subject(struct request *r)
{
	struct uuid workspace, subject;
	enum err e;

	if (ipc_get_uuid(&r->body, &workspace) != ERR_OK ||
	    ipc_get_uuid(&r->body, &subject) != ERR_OK || ipc_end(&r->body) != ERR_OK)
		return ERR_MALFORMED;
	e = keyring_destroy_subject(r->k->keyring, &workspace, &subject);
	if (e == ERR_OK)
		log_change(r, "subject_key_destroyed", &workspace);
	return e;
}

enum err
answer_rotate_tokens(struct request *r)
{
	uint8_t is_at_once;
	enum err e;

	if (ipc_get_u8(&r->body, &is_at_once) != ERR_OK || ipc_end(&r->body) != ERR_OK ||
	    is_at_once > 1)
		return ERR_MALFORMED;
	e = token_keys_rotate(r->k->tokens, is_at_once == 1, clock_wall_ms());
	if (e == ERR_OK)
		log_info("token_key_rotated", LOG_STR("by", ipc_role_name(r->from)),
		    LOG_INT("at_once", is_at_once));
	return e;
}
