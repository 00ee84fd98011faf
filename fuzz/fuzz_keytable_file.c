/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_keytable_file - any bytes are a key table or are refused.  The property: the bytes with
 * their checksum made right are accepted only when they say themselves how long they are, and then
 * every entry can be read and lookups answer.
 */
#include <assert.h>
#include <openssl/sha.h>
#include <sys/mman.h>

#include "base/file.h"
#include "keytable/keytable.h"

#define HEAD_BYTES 56

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_table(const struct keytable *t, size_t size)
{
	assert(keytable_count(t) * sizeof(struct keytable_entry) + HEAD_BYTES + 32 == size);
	assert(keytable_count(t) <= KEYTABLE_MAX_ENTRIES);
	(void)keytable_find(t, STR("pk_live_fuzz"));
	assert(keytable_find(t, STR("")) == NULL);
}

static void
try_bytes(const uint8_t *bytes, size_t size)
{
	CLEANUP(keytable) struct keytable *t = NULL;
	CLEANUP_FD int fd = memfd_create("keytable", MFD_CLOEXEC);
	char path[64];

	assert(fd >= 0 && file_write_all(fd, (struct str){ (const char *)bytes, size }) == ERR_OK);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (keytable_map(path, &t, NULL) == ERR_OK)
		check_table(t, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_MEM uint8_t *fixed = NULL;

	if (size == 0 || size > (1 << 20))
		return 0;
	try_bytes(data, size);
	if (size < HEAD_BYTES + SHA256_DIGEST_LENGTH)
		return 0;
	fixed = malloc(size);
	assert(fixed != NULL);
	memcpy(fixed, data, size);
	(void)SHA256(fixed, size - SHA256_DIGEST_LENGTH, fixed + size - SHA256_DIGEST_LENGTH);
	try_bytes(fixed, size);
	return 0;
}
