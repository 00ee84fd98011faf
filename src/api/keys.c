/* SPDX-License-Identifier: Apache-2.0 */
/* keys - a project's ingest keys: listed, made, revoked.  The key's text leaves once. */
#include "api/api.h"
#include "api/audit.h"
#include "api/parts.h"
#include "auth/auth.h"
#include "queries.h"

#define MAX_NAME_BYTES 100
#define HASH_BYTES 32

static void
write_key(struct json_out *j, const char *name, const struct store_rows *rows, size_t i)
{
	struct uuid id = store_uuid(rows, i, 0);

	json_open_object(j, name);
	json_put_uuid(j, "key_id", &id);
	json_put_text(j, "name", store_text(rows, i, 1));
	json_put_text(j, "last_four", store_text(rows, i, 2));
	json_put_time(j, "created_at", store_int(rows, i, 3));
	if (store_is_null(rows, i, 4))
		json_put_null(j, "revoked_at");
	else
		json_put_time(j, "revoked_at", store_int(rows, i, 4));
	json_close_object(j);
}

enum err
keys_get(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct json_out j = request_answer(r, MHD_HTTP_OK);
	struct store *s = r->worker->store;
	struct uuid project;
	enum err e = worker_begin(r->worker, &r->session.workspace);

	if (e == ERR_OK)
		e = part_find_project(r, &project);
	if (e == ERR_OK)
		e = store_run(s, SQL_LIST_INGEST_KEYS, (struct store_param[]){ P_UUID(&project) },
		    1, &rows);
	if (e == ERR_OK)
		e = audit_commit(r, &project);
	if (e != ERR_OK)
		return e;
	json_open_object(&j, NULL);
	json_open_array(&j, "keys");
	for (size_t i = 0; i < store_row_count(rows); i++)
		write_key(&j, NULL, rows, i);
	json_close_array(&j);
	json_close_object(&j);
	return json_out_end(&j);
}

static enum err
hash_key(struct api *api, struct str key, uint8_t ret_hash[static HASH_BYTES])
{
	enum err e;

	(void)pthread_mutex_lock(&api->keyd_lock);
	e = keyd_ingest_hash(api->keyd, key, ret_hash);
	(void)pthread_mutex_unlock(&api->keyd_lock);
	return e;
}

static enum err
insert_key(struct request *r, struct str key, struct str name, struct store_rows **ret_rows)
{
	const struct uuid id = uuid_new();
	uint8_t hash[HASH_BYTES];
	struct uuid project;
	enum err e = hash_key(r->worker->api, key, hash);

	if (e == ERR_OK)
		e = worker_begin(r->worker, &r->session.workspace);
	if (e == ERR_OK)
		e = part_find_project(r, &project);
	if (e == ERR_OK)
		e = store_run(r->worker->store, SQL_INSERT_INGEST_KEY,
		    (struct store_param[]){ P_UUID(&id), P_UUID(&project),
			P_BYTEA(((struct str){ (const char *)hash, sizeof(hash) })),
			P_TEXT(str_slice(key, key.len - 4, key.len)), P_TEXT(name) },
		    5, ret_rows);
	if (e == ERR_OK && store_row_count(*ret_rows) != 1)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		e = audit_commit(r, &id);
	return e;
}

enum err
keys_post(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	char key[AUTH_INGEST_KEY_BYTES];
	struct str name;
	const struct body_field fields[] = { { "name", 1, MAX_NAME_BYTES, &name } };
	struct json_out j;
	enum err e;

	if (!request_read_body(r, fields, 1))
		return ERR_OK;
	e = auth_ingest_key_new(key);
	if (e == ERR_OK)
		e = insert_key(r, str_from(key), name, &rows);
	if (e == ERR_OK) {
		j = request_answer(r, MHD_HTTP_CREATED);
		json_open_object(&j, NULL);
		write_key(&j, "key", rows, 0);
		json_put_text(&j, "secret", str_from(key));
		json_close_object(&j);
		e = json_out_end(&j);
	}
	explicit_bzero(key, sizeof(key));
	return e;
}

enum err
keys_delete(struct request *r)
{
	CLEANUP(store_rows) struct store_rows *rows = NULL;
	struct store *s = r->worker->store;
	struct uuid project, key;
	enum err e = request_capture_uuid(r, 1, &key);

	if (e == ERR_OK)
		e = worker_begin(r->worker, &r->session.workspace);
	if (e == ERR_OK)
		e = part_find_project(r, &project);
	if (e == ERR_OK)
		e = store_run(s, SQL_REVOKE_INGEST_KEY,
		    (struct store_param[]){ P_UUID(&project), P_UUID(&key) }, 2, &rows);
	if (e == ERR_OK && store_row_count(rows) == 0)
		e = ERR_NOT_FOUND;
	if (e == ERR_OK)
		e = audit_commit(r, &key);
	if (e == ERR_OK)
		(void)request_answer(r, MHD_HTTP_NO_CONTENT);
	return e;
}
