/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counters - a worker's slot in the shared file of capture counters (docs/protocol.md, 2).
 * Each worker writes its own slot only; everyone may read.
 */
#pragma once

#include <ngx_config.h>
#include <ngx_core.h>
#include <stdbool.h>

#define EDGE_SLOTS 64

struct edge_slot {
	uint32_t pid;
	uint32_t zero;
	uint64_t forwarded;
	uint64_t stored;
	uint64_t dropped;
	uint64_t refused;
	uint64_t unparsed;
	uint64_t in_flight;
	uint64_t unauthorized;
	uint64_t limited;
	uint64_t reserved[7];
};

_Static_assert(sizeof(struct edge_slot) == 128, "a slot is 128 bytes");

struct edge_counters_map {
	struct edge_slot *slots; /* EDGE_SLOTS of them, or NULL */
	size_t bytes;
	struct edge_slot private; /* when the file is of no use */
};

/* Always gives a slot: when the file cannot be used it says so in the log and counts privately. */
struct edge_slot *edge_counters_open(struct edge_counters_map *map, const char *path,
    ngx_log_t *log);
void edge_counters_close(struct edge_counters_map *map);
