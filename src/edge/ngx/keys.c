/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys - keeps the newest readable key table mapped.  A timer looks at the file's identity, so that
 * a new or a revoked key counts within a second and requests pay nothing for it.  A file that does
 * not check leaves the table of before in force, which then grows old.
 */
#include <sys/stat.h>

#include "base/clock.h"
#include "edge/ngx/worker.h"

#define LOOK_EVERY_MS 200

static ngx_int_t
is_same_file(const struct edge_keys *k, const struct stat *st)
{
	return k->table != NULL && k->inode == st->st_ino && k->size == st->st_size &&
	    k->changed.tv_sec == st->st_mtim.tv_sec && k->changed.tv_nsec == st->st_mtim.tv_nsec;
}

static void
look(struct edge_keys *k, ngx_log_t *log)
{
	struct keytable *fresh = NULL;
	struct err_detail why = { "" };
	struct stat st;

	if (stat(k->path, &st) != 0 || is_same_file(k, &st))
		return;
	if (keytable_map(k->path, &fresh, &why) != ERR_OK) {
		ngx_log_error(NGX_LOG_CRIT, log, 0, "rendfly: key table not taken: %s", why.text);
		return;
	}
	keytable_free(k->table);
	k->table = fresh;
	k->mapped_at_ms = clock_monotonic_ms();
	k->inode = st.st_ino;
	k->size = st.st_size;
	k->changed = st.st_mtim;
}

static void
on_timer(ngx_event_t *ev)
{
	struct edge_keys *k = ev->data;

	look(k, ev->log);
	ngx_add_timer(ev, LOOK_EVERY_MS);
}

bool
edge_keys_are_there(struct edge_keys *k, ngx_log_t *log)
{
	if (k->table == NULL)
		look(k, log);
	return k->table != NULL;
}

void
edge_keys_start(struct edge_keys *k, ngx_cycle_t *cycle, const char *path)
{
	k->path = path;
	k->timer.handler = on_timer;
	k->timer.data = k;
	k->timer.log = cycle->log;
	k->timer.cancelable = 1; /* must not keep an exiting worker */
	on_timer(&k->timer);
}

void
edge_keys_stop(struct edge_keys *k)
{
	if (k->timer.timer_set)
		ngx_del_timer(&k->timer);
	keytable_free(TAKE(k->table));
}

int64_t
edge_keys_age_ms(const struct edge_keys *k)
{
	int64_t by_wall = clock_wall_ms() - keytable_published_at_ms(k->table);
	int64_t by_monotonic = clock_monotonic_ms() - k->mapped_at_ms;

	return by_wall > by_monotonic ? by_wall : by_monotonic;
}
