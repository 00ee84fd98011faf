/* SPDX-License-Identifier: Apache-2.0 */
#include "api/ready.h"

#include "queries.h"

static enum err
ask_keyd(struct api *api)
{
	struct keyd_token_keys keys;
	enum err e;

	(void)pthread_mutex_lock(&api->keyd_lock);
	e = keyd_token_keys(api->keyd, &keys);
	(void)pthread_mutex_unlock(&api->keyd_lock);
	return e;
}

enum err
ready_check(struct worker *w)
{
	enum err e = worker_begin_plain(w);

	if (e == ERR_OK)
		e = store_run(w->store, SQL_PING, NULL, 0, NULL);
	if (e == ERR_OK)
		e = store_commit(w->store);
	if (e != ERR_OK)
		store_rollback(w->store);
	return e != ERR_OK ? e : ask_keyd(w->api);
}

static enum err
write_ok(struct request *r)
{
	struct json_out j = request_answer(r, MHD_HTTP_OK);

	json_open_object(&j, NULL);
	json_put_text(&j, "status", STR("ok"));
	json_close_object(&j);
	return json_out_end(&j);
}

enum err
healthz_get(struct request *r)
{
	return write_ok(r);
}

enum err
readyz_get(struct request *r)
{
	enum err e = ready_check(r->worker);

	return e != ERR_OK ? ERR_BUSY : write_ok(r);
}
