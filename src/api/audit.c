/* SPDX-License-Identifier: Apache-2.0 */
#include "api/audit.h"

#include "api/api.h"
#include "base/log.h"
#include "queries.h"

#define MAX_SOURCE_BYTES 512
#define MAX_ADDRESS_BYTES 64

/* For a person under that person's own key, so that it can be erased and the log stays whole.  One
 * who was erased and acts all the same leaves no address any more; with more people than may have
 * keys of their own it is the workspace's key. */
static enum err
seal_address(struct request *r, const struct keyd_place *place, const struct uuid *user,
    struct str address, struct buf *out)
{
	struct api *api = r->worker->api;
	enum err e = ERR_TOO_LARGE;

	(void)pthread_mutex_lock(&api->keyd_lock);
	if (!uuid_is_zero(user))
		e = keyd_seal_for(api->keyd, place, user, address, out);
	if (e == ERR_TOO_LARGE)
		e = keyd_seal(api->keyd, place, address, out);
	(void)pthread_mutex_unlock(&api->keyd_lock);
	return e == ERR_GONE ? ERR_OK : e;
}

/* Where the request came from is personal: it stands in the event as a sealed record only. */
static enum err
seal_source(struct request *r, const struct audit_own *own, const struct uuid *event,
    struct buf *out)
{
	struct str address = request_header(r, "X-Forwarded-For");
	const struct keyd_place place = { "events", "source", own->workspace, *event };

	if (uuid_is_zero(&own->workspace) || address.at == NULL)
		return ERR_OK; /* the installation has no workspace's key */
	return seal_address(r, &place, &own->user, str_slice(address, 0, MAX_ADDRESS_BYTES), out);
}

static enum err
add(struct request *r, const struct audit_own *own, const struct uuid *object)
{
	CLEANUP(buf) struct buf *source = NULL;
	const struct uuid id = uuid_new();
	char user[UUID_TEXT_BYTES] = "", request[UUID_TEXT_BYTES], object_id[UUID_TEXT_BYTES] = "";
	bool is_somebody = !uuid_is_zero(&own->user);
	enum err e = audit_may_emit(own->name, AUDIT_BY_API) ? ERR_OK : ERR_BUG;

	if (e == ERR_OK)
		e = buf_new(MAX_SOURCE_BYTES, &source);
	if (e == ERR_OK)
		e = seal_source(r, own, &id, source);
	if (e != ERR_OK)
		return e;
	uuid_format(&r->id, request);
	if (is_somebody)
		uuid_format(&own->user, user);
	if (object != NULL)
		uuid_format(object, object_id);
	return store_run(r->worker->store, SQL_ADD_EVENT,
	    (struct store_param[]){ P_UUID(&own->workspace), P_UUID(&id), P_INT(own->name),
		P_INT(own->outcome), P_TEXT(is_somebody ? STR("user") : STR("nobody")),
		P_TEXT(str_from(user)), P_BYTEA(buf_str(source)), P_TEXT(str_from(request)),
		P_TEXT(str_from(r->route->object_kind)), P_TEXT(str_from(object_id)),
		P_TEXT(str_from(r->route->pattern)) },
	    11, NULL);
}

enum err
audit_commit(struct request *r, const struct uuid *object)
{
	const struct audit_own own = { r->session.workspace, (enum audit_name)r->route->event,
		AUDIT_SUCCESS, r->session.user };
	enum err e = ERR_OK;

	if (r->route->event != AUDIT_NOT_AUDITED)
		e = add(r, &own, object);
	if (e == ERR_OK)
		e = store_commit(r->worker->store);
	r->is_audited = e == ERR_OK;
	return e;
}

enum err
audit_alone(struct request *r, const struct audit_own *own)
{
	enum err e = uuid_is_zero(&own->workspace) ? worker_begin_plain(r->worker)
						   : worker_begin(r->worker, &own->workspace);

	if (e == ERR_OK)
		e = add(r, own, NULL);
	if (e == ERR_OK)
		e = store_commit(r->worker->store);
	if (e != ERR_OK)
		store_rollback(r->worker->store);
	r->is_audited = e == ERR_OK;
	return e;
}

void
audit_refusal(struct request *r, enum audit_name name)
{
	const struct audit_own own = { r->session.workspace, name, AUDIT_DENIED, r->session.user };
	enum err e = audit_alone(r, &own);

	if (e != ERR_OK)
		log_error("audit_failed", LOG_STR("event", audit_name_text(name)), LOG_ERR(e),
		    LOG_STR("store", store_last_error(r->worker->store)));
}
