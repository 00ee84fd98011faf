/* SPDX-License-Identifier: Apache-2.0 */
/* write - makes the file of a key table and puts it in place in one step. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "base/file.h"
#include "keytable/format.h"

/* Readable by every process of the machine: it holds no key, only MACs of random ones. */
#define KEYTABLE_FILE_MODE 0644

bool
keytable_hash(const uint8_t pepper[static KEYTABLE_PEPPER_BYTES], struct str key,
    uint8_t ret_hash[static KEYTABLE_CHECKSUM_BYTES])
{
	unsigned int len = 0;

	return HMAC(EVP_sha256(), pepper, KEYTABLE_PEPPER_BYTES, (const unsigned char *)key.at,
		   key.len, ret_hash, &len) != NULL &&
	    len == KEYTABLE_CHECKSUM_BYTES;
}

static int
compare_entries(const void *a, const void *b)
{
	return memcmp(((const struct keytable_entry *)a)->hash,
	    ((const struct keytable_entry *)b)->hash, KEYTABLE_CHECKSUM_BYTES);
}

static enum err
append_all(struct buf *b, const struct keytable_head *head, const struct keytable_entry *entries)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	enum err e;

	e = buf_append(b, head, sizeof(*head));
	if (e == ERR_OK && head->count > 0)
		e = buf_append(b, entries, head->count * sizeof(*entries));
	if (e != ERR_OK)
		return e;
	(void)SHA256((const unsigned char *)buf_str(b).at, buf_len(b), digest);
	return buf_append(b, digest, sizeof(digest));
}

enum err
keytable_write(const char *path, int64_t published_at_ms,
    const uint8_t pepper[static KEYTABLE_PEPPER_BYTES], struct keytable_entry *entries, size_t n,
    struct err_detail *reterr)
{
	struct keytable_head head = { .published_at_ms = published_at_ms };
	CLEANUP(buf) struct buf *b = NULL;
	enum err e;

	if (n > KEYTABLE_MAX_ENTRIES)
		return err_set(reterr, ERR_TOO_LARGE, "%s: more than %d keys", path,
		    KEYTABLE_MAX_ENTRIES);
	if (n > 0)
		qsort(entries, n, sizeof(*entries), compare_entries);
	for (size_t i = 1; i < n; i++)
		if (compare_entries(&entries[i - 1], &entries[i]) == 0)
			return err_set(reterr, ERR_CONFLICT, "%s: a key is there twice", path);
	memcpy(head.magic, KEYTABLE_MAGIC, sizeof(head.magic));
	memcpy(head.pepper, pepper, sizeof(head.pepper));
	head.count = (uint32_t)n;

	e = buf_new(keytable_file_bytes(n), &b);
	if (e == ERR_OK)
		e = append_all(b, &head, entries);
	if (e != ERR_OK)
		return err_set(reterr, e, "%s: %s", path, err_text(e));
	return file_replace(path, buf_str(b), KEYTABLE_FILE_MODE, reterr);
}
