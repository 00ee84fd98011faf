/* SPDX-License-Identifier: Apache-2.0 */
/* worker - a thread's transactions: connected again when needed, keyd asked under its lock. */
#include "api/api.h"

static enum err
connect_again(struct worker *w)
{
	if (store_is_up(w->store))
		return ERR_OK;
	return store_reconnect(w->store, NULL) == ERR_OK ? ERR_OK : ERR_BUSY;
}

enum err
worker_begin(struct worker *w, const struct uuid *workspace)
{
	enum err e = connect_again(w);

	if (e != ERR_OK)
		return e;
	(void)pthread_mutex_lock(&w->api->keyd_lock);
	e = store_begin(w->store, workspace);
	(void)pthread_mutex_unlock(&w->api->keyd_lock);
	return e;
}

enum err
worker_begin_plain(struct worker *w)
{
	enum err e = connect_again(w);

	return e != ERR_OK ? e : store_begin_plain(w->store);
}
