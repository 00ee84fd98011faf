/* SPDX-License-Identifier: Apache-2.0 */
/* worker - the state of one nginx worker: its key table, its captures, its counters. */
#pragma once

#include "edge/ngx/counters.h"
#include "edge/ngx/link.h"
#include "edge/ngx/module.h"

#define EDGE_ID_RANDOM_BYTES 10

struct edge_keys {
	const char *path;
	struct keytable *table; /* NULL: none was ever read */
	int64_t mapped_at_ms;   /* monotonic */
	struct timespec changed;
	ino_t inode;
	off_t size;
	ngx_event_t timer;
};

struct edge_worker {
	struct edge_main_conf *conf;
	struct edge_keys keys;
	struct edge_link link;
	struct edge_slot *counters;
	struct edge_counters_map map;
	ngx_queue_t open; /* captures of requests still running */
	struct buf *text; /* for START and END, one after the other */
	uint8_t random[64 * EDGE_ID_RANDOM_BYTES];
	size_t random_left;
	size_t memory_bytes;
	size_t share_bytes[EDGE_SHARES];
};

ngx_int_t edge_worker_init(ngx_cycle_t *cycle);
void edge_worker_exit(ngx_cycle_t *cycle);

/* keys.c */
void edge_keys_start(struct edge_keys *k, ngx_cycle_t *cycle, const char *path);
/* Looks for the first table at once, when a request comes before the timer has seen it. */
bool edge_keys_are_there(struct edge_keys *k, ngx_log_t *log);
void edge_keys_stop(struct edge_keys *k);
/* The greater of the age by the wall clock and the time since this version was read, so that a
 * clock set back does not keep an old table young. */
int64_t edge_keys_age_ms(const struct edge_keys *k);
