/* SPDX-License-Identifier: Apache-2.0 */
/* counters - finds this worker a slot: an empty one, or that of a worker that is dead. */
#include "edge/ngx/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static bool
is_dead(uint32_t pid)
{
	return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* Two starting workers may want the same slot: the exchange decides. */
static bool
is_won(struct edge_slot *slot, uint32_t seen)
{
	return __atomic_compare_exchange_n(&slot->pid, &seen, (uint32_t)getpid(), false,
	    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static struct edge_slot *
take_slot(struct edge_slot *slots)
{
	for (unsigned int i = 0; i < EDGE_SLOTS; i++) {
		uint32_t seen = __atomic_load_n(&slots[i].pid, __ATOMIC_ACQUIRE);

		if (seen != 0 && !is_dead(seen))
			continue;
		if (!is_won(&slots[i], seen))
			continue;
		/* What the dead worker had in flight died with its memory. */
		slots[i].dropped += slots[i].in_flight;
		slots[i].in_flight = 0;
		return &slots[i];
	}
	return NULL;
}

static void *
map_file(const char *path, size_t bytes)
{
	CLEANUP_FD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	if ((size_t)st.st_size < bytes && ftruncate(fd, (off_t)bytes) != 0)
		return NULL;
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return at == MAP_FAILED ? NULL : at;
}

struct edge_slot *
edge_counters_open(struct edge_counters_map *map, const char *path, ngx_log_t *log)
{
	struct edge_slot *slot;

	map->bytes = EDGE_SLOTS * sizeof(struct edge_slot);
	map->slots = map_file(path, map->bytes);
	slot = map->slots == NULL ? NULL : take_slot(map->slots);
	if (slot != NULL)
		return slot;
	ngx_log_error(NGX_LOG_CRIT, log, map->slots == NULL ? ngx_errno : 0,
	    "rendfly: no capture counters: %s cannot be mapped or has no free slot", path);
	return &map->private;
}

void
edge_counters_close(struct edge_counters_map *map)
{
	if (map->slots != NULL)
		(void)munmap(map->slots, map->bytes);
	map->slots = NULL;
}
