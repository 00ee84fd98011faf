/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECRET_MAX_BYTES (64 << 10)

/* Each secret has pages of its own: the mapping starts with this head. */
struct secret {
	size_t len;
	size_t mapped_bytes;
	uint8_t bytes[];
};

static void *
map_secret_pages(size_t bytes)
{
	CLEANUP_FD int fd = (int)syscall(SYS_memfd_secret, (unsigned int)O_CLOEXEC);
	void *at;

	if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0)
		return MAP_FAILED;
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return at;
}

static void *
map_locked_pages(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return MAP_FAILED;
	if (mlock(at, bytes) != 0) {
		(void)munmap(at, bytes);
		return MAP_FAILED;
	}
	(void)madvise(at, bytes, MADV_DONTDUMP);
	(void)madvise(at, bytes, MADV_WIPEONFORK);
	return at;
}

enum err
secret_new(size_t len, struct secret **ret_secret)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = (sizeof(struct secret) + len + page - 1) / page * page;
	struct secret *s;
	void *at;

	if (len == 0 || len > SECRET_MAX_BYTES)
		return ERR_TOO_LARGE;
	at = map_secret_pages(bytes);
	if (at == MAP_FAILED)
		at = map_locked_pages(bytes);
	if (at == MAP_FAILED)
		return ERR_NOMEM;
	s = at;
	s->len = len;
	s->mapped_bytes = bytes;
	*ret_secret = s;
	return ERR_OK;
}

void
secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	explicit_bzero(s->bytes, s->len);
	(void)munmap(s, s->mapped_bytes);
}

uint8_t *
secret_bytes(struct secret *s)
{
	return s->bytes;
}

const uint8_t *
secret_view(const struct secret *s)
{
	return s->bytes;
}

size_t
secret_len(const struct secret *s)
{
	return s->len;
}

bool
secret_bytes_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	volatile uint8_t difference = 0;

	for (size_t i = 0; i < len; i++)
		difference = (uint8_t)(difference | (a[i] ^ b[i]));
	return difference == 0;
}

bool
secret_equals(const struct secret *s, const uint8_t *bytes, size_t len)
{
	return s->len == len && secret_bytes_equal(s->bytes, bytes, len);
}

const char *
secret_memory_kind(void)
{
	CLEANUP_FD int fd = (int)syscall(SYS_memfd_secret, (unsigned int)O_CLOEXEC);

	return fd >= 0 ? "memfd_secret" : "mlock";
}
