/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rate - GCRA per workspace: one time a bucket, "when it would be full again", in shared memory
 * of all workers.  A request moves it one interval on; past the burst it is refused and moves
 * nothing.  Time is the monotonic clock's, which all processes of a machine share.
 */
#include "edge/ngx/module.h"

#include "base/clock.h"

#define PROBES 16
#define US_PER_MINUTE ((int64_t)60000000)
#define ZONE_NAME "rendfly_rate"

struct bucket {
	struct uuid workspace; /* zero: free */
	int64_t full_at_us;
};

struct buckets {
	ngx_uint_t count;
	struct bucket at[];
};

static ngx_int_t
init_zone(ngx_shm_zone_t *zone, void *old)
{
	ngx_slab_pool_t *pool = (ngx_slab_pool_t *)(void *)zone->shm.addr;
	struct buckets *buckets;
	size_t count;

	if (old != NULL) { /* a reload keeps every bucket */
		zone->data = old;
		return NGX_OK;
	}
	count = zone->shm.size / 2 / sizeof(struct bucket);
	buckets = ngx_slab_calloc(pool, sizeof(*buckets) + count * sizeof(struct bucket));
	if (buckets == NULL)
		return NGX_ERROR;
	buckets->count = count;
	zone->data = buckets;
	return NGX_OK;
}

char *
edge_rate_zone_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
	struct edge_main_conf *main_conf = conf;
	ngx_str_t name = ngx_string(ZONE_NAME);
	ngx_str_t *values = cf->args->elts;
	ssize_t size = ngx_parse_size(&values[1]);

	(void)cmd;
	if (size < (ssize_t)(64 * ngx_pagesize))
		return (char *)"is too small or not a size";
	main_conf->rate_zone =
	    ngx_shared_memory_add(cf, &name, (size_t)size, &ngx_http_rendfly_module);
	if (main_conf->rate_zone == NULL)
		return NGX_CONF_ERROR;
	main_conf->rate_zone->init = init_zone;
	return NGX_CONF_OK;
}

/* The workspace's bucket, or the best place for a new one: a full bucket says no more than none. */
static struct bucket *
find_bucket(struct buckets *all, const struct uuid *workspace)
{
	struct bucket *oldest = NULL;
	ngx_uint_t start;

	start = ngx_murmur_hash2((u_char *)workspace->bytes, UUID_BYTES) % all->count;
	for (ngx_uint_t i = 0; i < PROBES; i++) {
		struct bucket *b = &all->at[(start + i) % all->count];

		if (uuid_equals(&b->workspace, workspace))
			return b;
		if (oldest == NULL || b->full_at_us < oldest->full_at_us)
			oldest = b;
	}
	oldest->workspace = *workspace;
	oldest->full_at_us = 0;
	return oldest;
}

static uint32_t
seconds_up(int64_t us)
{
	return us <= 0 ? 0 : (uint32_t)((us + 999999) / 1000000);
}

ngx_int_t
edge_rate_take(ngx_shm_zone_t *zone, const struct keytable_entry *entry, struct edge_rate *ret_rate)
{
	ngx_slab_pool_t *pool = (ngx_slab_pool_t *)(void *)zone->shm.addr;
	int64_t burst = entry->burst > 0 ? entry->burst : 1;
	int64_t interval =
	    US_PER_MINUTE / (entry->rate_per_minute > 0 ? entry->rate_per_minute : 1);
	int64_t room = burst * interval, now = clock_monotonic_us(), ahead;
	struct bucket *b;
	ngx_int_t taken;

	ngx_shmtx_lock(&pool->mutex);
	b = find_bucket(zone->data, &entry->workspace);
	ahead = b->full_at_us > now ? b->full_at_us - now : 0;
	taken = ahead + interval <= room;
	if (taken) {
		ahead += interval;
		b->full_at_us = now + ahead;
	}
	ngx_shmtx_unlock(&pool->mutex);

	ret_rate->limit = (uint32_t)burst;
	ret_rate->window_s = seconds_up(room);
	ret_rate->remaining = ahead >= room ? 0 : (uint32_t)((room - ahead) / interval);
	ret_rate->reset_s = seconds_up(ahead);
	ret_rate->retry_after_s = taken ? 0 : seconds_up(ahead + interval - room);
	return taken ? NGX_OK : NGX_BUSY;
}
